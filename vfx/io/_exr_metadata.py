"""EXR attributes as an image's metadata, and back.

Attributes that other formats know too have a common name; all others are ``"exr:<name>"``. What an image
says in its own properties (windows, channels, storage) is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vfx.io._exr_attributes import Attribute, decode_value, encode_value
from vfx.io._typed import WORDS, typed

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
#: Attribute → the word that all formats share for it. All but ``software``, ``copyright`` and ``title`` are
#: standard ("Standard Attributes" in OpenEXR's technical documentation).
_COMMON = {
    "altitude": "altitude",
    "aperture": "aperture",
    "cameraMake": "camera_make",
    "cameraModel": "camera_model",
    "cameraSerialNumber": "camera_serial",
    "capDate": "capture_date",
    "captureRate": "capture_rate",
    "chromaticities": "chromaticities",
    "colorInteropID": "color_interop_id",
    "comments": "comments",
    "copyright": "copyright",
    "expTime": "exposure_time",
    "focus": "focus_distance",
    "framesPerSecond": "frame_rate",
    "isoSpeed": "iso",
    "keyCode": "keycode",
    "latitude": "latitude",
    "lensMake": "lens_make",
    "lensModel": "lens_model",
    "lensSerialNumber": "lens_serial",
    "longitude": "longitude",
    "nominalFocalLength": "focal_length",
    "owner": "owner",
    "reelName": "reel_name",
    "shutterAngle": "shutter_angle",
    "software": "software",
    "tStop": "t_stop",
    "timeCode": "timecode",
    "title": "title",
    "utcOffset": "utc_offset",
    "whiteLuminance": "white_luminance",
}
_NATIVE = {word: name for name, word in _COMMON.items()}
_PREFIX = "exr:"
# EXR counts from the local time to UTC (capDate + utcOffset is UTC), all others from UTC to the local time.
_NEGATED = "utc_offset"
# Words shared by other formats that EXR has no standard attribute for.
_LEFT_OUT = frozenset(WORDS) - frozenset(_NATIVE)


def metadata_of(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """The metadata in a part's attributes."""
    found: dict[str, Any] = {}
    for name, stored in attributes.items():
        if name in STRUCTURAL:
            continue
        value = decode_value(name, stored)
        word = _COMMON.get(name, "")
        if not word or not isinstance(value, WORDS[word]):
            found[_PREFIX + name] = value
        else:
            found[word] = -value if word == _NEGATED else value
    return found


def attributes_of(metadata: Mapping[str, Any]) -> dict[str, Attribute]:
    """The attributes that carry an image's metadata.

    A name of the user's own, such as ``shot``, becomes the attribute of that name. Entries of other formats
    (``"dpx:…"``), shared ones that EXR has no attribute for (``icc_profile``, ``exif``, ``xmp``, ``orientation``,
    ``cicp``, ``alpha`` …) and those that are None are left out.

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
            told = typed(key, value)
            found[_NATIVE[key]] = encode_value(_NATIVE[key], -told if key == _NEGATED else told)
    return found
