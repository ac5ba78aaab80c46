"""Small good blocks of metadata and texts: where the fuzzers of headers begin."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

__all__ = ["exif", "frames", "id_manifest", "words"]


def exif() -> list[bytes]:
    """Blocks with the words of cameras, alone and all together."""
    from vfx.io import _exif

    said: dict[str, Any] = {
        "orientation": 6, "software": "a program", "copyright": "somebody", "capture_date": "2026:01:02 03:04:05",
        "exposure_time": 1 / 48, "aperture": 2.8, "iso": 800.0, "focal_length": 35.0, "lens_model": "a lens",
        "camera_make": "a maker", "camera_model": "a model", "latitude": 48.5, "longitude": -11.25, "altitude": 520.0,
        "utc_offset": 3600.0,
    }  # fmt: skip
    blocks = [_exif.for_writing({key: value}) for key, value in said.items()] + [_exif.for_writing(said)]
    return [block for block in blocks if block]


def id_manifest() -> list[bytes]:
    """A group of names, one of several texts, and one of nothing; without their zlib coat."""
    from vfx.io.idmanifest import IDGroup, IDManifest, encode

    names = IDGroup(["id"], ["name"], {7: "car", 9: "cart", 2**60: "tree/leaf"})
    pairs = IDGroup(["id", "material"], ["name", "material"], {1: ("a" * 300, "b"), 2: ("a" * 300 + "c", "steel")})
    return [
        zlib.decompress(encode(IDManifest(groups))[8:])
        for groups in ([names], [names, pairs], [IDGroup(["id"], ["name"], {})])
    ]


def frames() -> list[bytes]:
    """Ranges and patterns."""
    texts = [
        "1001-1100", "1-10x2,20,-5--1", "10-1x-3", "-5-5", "sh010.####.exr", "sh010.%04d.exr", "sh.@@@.dpx",
        "a.$F4.tif", "plates/sh010.1001-1010x2####.exr", "sh.####.exr 1-100,110", "sh.%V.####.exr", "sh.<UDIM>.tif",
        "u1_v1.tif",
    ]  # fmt: skip
    return [text.encode() for text in texts if _is_good(text)]


def _is_good(text: str) -> bool:
    from tests.fuzz.openers_headers import frames as open_frames

    return open_frames(text.encode())


def words() -> list[bytes]:
    """Entries of every type."""
    moment = datetime(2026, 1, 2, 3, 4, 5)
    return [
        text.encode()
        for text in (
            "timecode=01:02:03:04", "timecode=01:02:03;04", "keycode=02 34 567890 1234+56", "frame_rate=24000/1001",
            "frame_rate=23.976", "pixel_aspect=2", "orientation=6", "owner=somebody", f"capture_date={moment}",
            "chromaticities=0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329", "exr:gain=1 2.5 3", 'shot="sh010"',
            "exr:count=5",
        )
    ]  # fmt: skip
