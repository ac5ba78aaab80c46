"""Ways to read what stands in headers: blocks of metadata, and texts that people write.

========================  ======================================================================================
``exif``                  whatever a block of EXIF holds, what can be read is read and the rest is left
``id_manifest``           an ID manifest, written again, is the same
``frames``                a text is a frame range or a pattern of a sequence, or a SequenceError says why not
``words``                 a text is a value of an entry of metadata, or a ValueError says why not
========================  ======================================================================================
"""

from __future__ import annotations

import struct
import zlib

from tests.fuzz.openers import Finding
from vfx.errors import SequenceError

__all__ = ["exif", "frames", "id_manifest", "words"]


def exif(content: bytes) -> bool:
    """Whether a block says anything; it never raises."""
    from vfx.io import _exif

    said = _exif.words(content)
    others = _exif.other_tags(content)
    _exif.orientation(content)
    rest = _exif.without(content, lambda name: name in ("exif:Make", "camera_make", "capture_date"))
    if "capture_date" in _exif.words(rest):
        raise Finding("what was taken away is still there")
    again = _exif.for_writing(said)
    if again is not None and not isinstance(again, bytes):
        raise Finding("the block to write is no block")
    return bool(said or others)


def id_manifest(content: bytes) -> bool:
    """Whether the bytes, once packed, are an ID manifest; its groups have to survive being written and read again."""
    from vfx.io import idmanifest

    try:
        found = idmanifest.decode(struct.pack("<Q", len(content)) + zlib.compress(content, 1))
    except ValueError:
        return False
    again = idmanifest.decode(idmanifest.encode(idmanifest.IDManifest(found.groups)))
    if again != found:
        raise Finding("an ID manifest that was written again is not alike")
    return True


def frames(content: bytes) -> bool:
    """Whether a text is a frame range or a pattern."""
    from vfx.io import sequence

    text = content.decode("utf-8", "replace")[:200].replace("\0", "") or "1"  # what no path can be is another matter
    good = False
    for call in (sequence.parse_frames, sequence.Sequence):
        try:
            call(text)
            good = True
        except SequenceError:
            continue
    return good


def words(content: bytes) -> bool:
    """Whether a line ``key=value`` is an entry of metadata."""
    from vfx.io.header import from_text

    key, _, text = content.decode("utf-8", "replace").partition("=")
    text = text.lstrip("@")  # a file to take the value from
    try:
        from_text(key, text)
    except ValueError as error:
        if key.isidentifier() and key not in str(error):
            raise Finding(f"the message does not name {key}: {error}") from error
        return False
    return True
