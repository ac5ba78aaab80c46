"""EXR attributes as an image's metadata, and back.

Attributes that other formats know too have a common name; all others are ``"exr:<name>"``. What an image
says in its own properties (windows, channels, storage) is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vfx.io._exr_attributes import Attribute, decode_value, encode_value
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

    Entries of other formats (``"dpx:…"``) and those that EXR has no attribute for (``icc_profile``,
    ``exif``, ``xmp``, ``orientation``) are left out.

    Raises
    ------
    TypeError, ValueError
        If a value has no attribute type, or the name is one that the image itself decides.
    """
    found: dict[str, Attribute] = {}
    for key, value in metadata.items():
        if key.startswith(_PREFIX):
            name = key[len(_PREFIX) :]
            if name in STRUCTURAL:
                raise ValueError(f"metadata {key!r}: the image and the options of write decide it, not metadata")
            found[name] = encode_value(name, value)
        elif key in _NATIVE:
            name, kind = _NATIVE[key]
            if kind is Fraction and isinstance(value, (int, float)):
                value = Fraction(value).limit_denominator(1_000_000)
            if not isinstance(value, kind):
                raise TypeError(f"metadata {key!r} must be {kind.__name__}, got {type(value).__name__}: {value!r}")
            found[name] = encode_value(name, value)
    return found
