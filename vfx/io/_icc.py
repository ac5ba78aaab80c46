"""What an ICC profile says of itself: its name, its class, its colour space, its version.

::

    header    128 bytes: size u32, …, version u8.u4 at 8, class 4 letters at 12, colour space at 16, its partner at 20
    tags      count u32, then signature 4 letters, offset u32, size u32 of each             (all big-endian)
    "desc"    version 2: "desc", 0, count u32, ASCII;  version 4: "mluc", 0, count u32, record size u32, then
              language u16, country u16, length u32, offset u32 of each record's UTF-16 text

Source: ICC.1:2022, 7.2, 7.3, 9.2.46 and 10.15; ICC.1:2001-04, 6.5.17 for version 2.
"""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["facts"]

#: More tags than any profile has.
_MOST_TAGS = 1000


def facts(profile: bytes) -> dict[str, Any]:
    """``description``, ``class``, ``space`` and ``version`` of a profile; what is damaged in it is left out.

    Parameters
    ----------
    profile : bytes
        The whole profile.
    """
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return {}
    found = {"description": _description(profile)}
    found["version"] = f"{profile[8]}.{profile[9] >> 4}"
    for name, at in (("class", 12), ("space", 16)):
        found[name] = profile[at : at + 4].decode("latin-1").strip()
    return {name: value for name, value in found.items() if value}


def _description(profile: bytes) -> str:
    """The profile's name; nothing where it has none."""
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, min(132 + 12 * min(count, _MOST_TAGS), len(profile) - 11), 12):
        signature, offset, size = struct.unpack_from(">4sII", profile, at)
        if signature == b"desc" and offset + size <= len(profile):
            return _text(profile[offset : offset + size])
    return ""


def _text(tag: bytes) -> str:
    """The text of a tag."""
    if tag[:4] == b"desc" and len(tag) >= 12:
        (count,) = struct.unpack_from(">I", tag, 8)
        return tag[12 : 12 + count].split(b"\0")[0].decode("latin-1").strip()
    if tag[:4] == b"mluc" and len(tag) >= 28 and struct.unpack_from(">I", tag, 8)[0]:
        length, offset = struct.unpack_from(">II", tag, 20)
        return tag[offset : offset + length].decode("utf-16-be", "replace").rstrip("\0").strip()
    return ""
