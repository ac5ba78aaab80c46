"""EXR attributes as an image's metadata, and back.

Attributes that other formats know too have a common name; all others are ``"exr:<name>"``. What an image
says in its own properties (windows, channels, storage) is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vfx.io._exr_attributes import Attribute, decode_value, encode_value
from vfx.io._typed import exact_rate, keycode_of, timecode_of
from vfx.metadata import Chromaticities, KeyCode, TimeCode

__all__ = ["STRUCTURAL", "attributes_of", "metadata_of"]

#: Attributes that describe the storage ("OpenEXR File Layout", "Header Attributes (All Files)" and below).
STRUCTURAL = frozenset(
    {
        "channels",
        "chunkCount",
        "compression",
        "dataWindow",
        "displayWindow",
        "lineOrder",
        "maxSamplesPerPixel",
        "name",
        "pixelAspectRatio",
        "tiles",
        "type",
        "version",
    }
)
#: Standard attribute → common name and the type that it must have to go by that name.
_COMMON: dict[str, tuple[str, type[Any]]] = {
    "timeCode": ("timecode", TimeCode),
    "keyCode": ("keycode", KeyCode),
    "framesPerSecond": ("frame_rate", Fraction),
    "chromaticities": ("chromaticities", Chromaticities),
    "owner": ("owner", str),
    "comments": ("comments", str),
    "capDate": ("capture_date", str),
    "software": ("software", str),
    "copyright": ("copyright", str),
}
_NATIVE = {common: (native, kind) for native, (common, kind) in _COMMON.items()}
_PREFIX = "exr:"
# Words shared by other formats that EXR has no standard attribute for.
_LEFT_OUT = frozenset({"alpha", "exif", "icc_profile", "orientation", "xmp"})


def metadata_of(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """The metadata in a part's attributes."""
    found: dict[str, Any] = {}
    for name, stored in attributes.items():
        if name in STRUCTURAL:
            continue
        value = decode_value(name, stored)
        common, kind = _COMMON.get(name, (None, object))
        found[common if common and isinstance(value, kind) else _PREFIX + name] = value
    return found


def attributes_of(metadata: Mapping[str, Any]) -> dict[str, Attribute]:
    """The attributes that carry an image's metadata.

    A name of the user's own, such as ``shot``, becomes the attribute of that name. Entries of other formats
    (``"dpx:…"``), shared ones that EXR has no attribute for (``icc_profile``, ``exif``, ``xmp``, ``orientation``,
    ``alpha``) and those that are None are left out.

    Raises
    ------
    TypeError, ValueError
        If a value has no attribute type, or the name is one that the image itself decides.
    """
    found: dict[str, Attribute] = {}
    for key, value in metadata.items():
        if not isinstance(key, str):
            raise TypeError(f"metadata names must be text, got {key!r}")
        if value is None:
            continue
        own = ":" not in key and key not in _NATIVE and key not in _LEFT_OUT
        if own or key.startswith(_PREFIX):
            name = key.removeprefix(_PREFIX)
            if name in STRUCTURAL:
                raise ValueError(f"metadata {key!r}: the image and the options of write decide it, not metadata")
            found[name] = encode_value(name, value)
        elif key in _NATIVE:
            name, kind = _NATIVE[key]
            typed = _typed(key, value)
            if not isinstance(typed, kind):
                raise TypeError(f"metadata {key!r} must be {kind.__name__}, got {type(value).__name__}: {value!r}")
            found[name] = encode_value(name, typed)
    return found


def _typed(key: str, value: Any) -> Any:
    """The value in its own type, where it is told in a simpler way: text, a plain number, pairs of numbers."""
    if key == "timecode":
        return timecode_of(value)
    if key == "keycode":
        return keycode_of(value)
    if key == "frame_rate" and not isinstance(value, Fraction):
        return exact_rate(value)
    if key == "chromaticities" and not isinstance(value, Chromaticities):
        try:
            red, green, blue, white = ((float(x), float(y)) for x, y in value)
        except (TypeError, ValueError):
            raise TypeError(f"metadata {key!r} must be Chromaticities or four xy pairs, got {value!r}") from None
        return Chromaticities(red, green, blue, white)
    return value
