"""EXIF blocks: what they say in the words that all formats share, and the block that says what an image says.

A block is a small TIFF file. The orientation, the one fact in it that changes how a picture is shown, is tag
0x0112 of its first directory (CIPA DC-008-2023, Exif 3.0, 4.6.4)::

    1 upright       2 mirrored left to right    3 turned by half     4 mirrored top to bottom
    5 transposed    6 to be turned clockwise    7 transposed both    8 to be turned counter-clockwise

A block is kept as it is: unknown tags and makers' notes survive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from vfx.io import _exif_words
from vfx.io._exif_tags import EMPTY, Place, Tags, TagValue
from vfx.io._typed import typed

__all__ = ["all_tags", "for_writing", "orientation", "tag_names", "upright", "without", "words"]

_ORIENTATION = 0x0112


def orientation(block: bytes) -> int | None:
    """The orientation, 1 to 8; None where the block does not say or is damaged."""
    tags = _tags(block)
    entry = tags.entry("image", _ORIENTATION) if tags else None
    if tags is None or entry is None or (entry.kind, entry.amount) != (3, 1):
        return None
    value = tags.value("image", _ORIENTATION)
    return value if 1 <= value <= 8 else None


def words(block: bytes) -> dict[str, Any]:
    r"""The shared words that the block says, ``orientation`` too; none where it is damaged.

    Parameters
    ----------
    block : bytes
        From its byte order on, without ``Exif\0\0``.
    """
    tags = _tags(block)
    if tags is None:
        return {}
    turned = orientation(block)
    return _exif_words.words(tags) | ({} if turned is None else {"orientation": turned})


def _tags(block: bytes) -> Tags | None:
    """The tags of a block; None where it is damaged."""
    try:
        return Tags(block)
    except ValueError:
        return None


def for_writing(entries: Mapping[str, Any], *, native: Collection[str] = ()) -> bytes | None:
    """The EXIF block to write for an image's metadata; None for none.

    Where the block says what the image's words say it stays byte for byte. A word that differs is put into it,
    a word that is None is taken out; other tags and makers' notes survive.

    Parameters
    ----------
    entries : mapping
        An image's metadata: ``exif`` (bytes), ``orientation`` (int), and the words of ``vfx.metadata``.
    native : collection of str
        Words that the file has a place of its own for: they are kept right where the block has them, but not
        added to it.

    Raises
    ------
    TypeError, ValueError
        If a word's value is not of its type.
    """
    block = entries.get("exif")
    given = isinstance(block, bytes)
    base = block if isinstance(block, bytes) and _tags(block) else EMPTY
    if given and base is EMPTY and block != EMPTY:
        return block  # damaged: it is not ours to repair
    tags = Tags(base)
    changes = _changes(tags, entries, native) | _turned(base, entries.get("orientation"))
    if not changes:
        return block if given else None
    return tags.edited(changes).applied(base)


def _turned(block: bytes, wanted: Any) -> dict[Place, TagValue | None]:
    """The change of the orientation; upright is what no orientation means."""
    known = orientation(block)
    if wanted is None or wanted == known or (known is None and wanted == 1):
        return {}
    return {("image", _ORIENTATION): TagValue(3, (wanted,))}


def _changes(tags: Tags, entries: Mapping[str, Any], native: Collection[str]) -> dict[Place, TagValue | None]:
    """The tags that differ from the image's words."""
    known = _exif_words.words(tags)
    changes: dict[Place, TagValue | None] = {}
    for word, places in _exif_words.PLACES.items():
        if word not in entries:
            continue
        value = typed(word, entries[word])
        if value is None:
            changes |= {place: None for place in places if tags.entry(*place)}
        elif not _exif_words.same(known.get(word), value) and (word in known or word not in native):
            changes |= _exif_words.tags_of(word, value)
    return {place: value for place, value in changes.items() if value is not None or tags.entry(*place)}


def without(block: bytes, gone: Callable[[str], bool]) -> bytes:
    """The block without the tags of the words and names that ``gone`` is true for.

    Parameters
    ----------
    block : bytes
        The block.
    gone : callable
        Called with words (``latitude``) and with names of tags (``exif:GPSDateStamp``).
    """
    tags = _tags(block)
    if tags is None:
        return block
    named = {place: f"exif:{name}" for place, name in tag_names(tags).items()}
    places = {place for word, known in _exif_words.PLACES.items() if gone(word) for place in known}
    places |= {place for place, name in named.items() if gone(name)}
    if gone("orientation"):
        places.add(("image", _ORIENTATION))
    held = {place for place in places if tags.entry(*place)}
    return tags.edited(dict.fromkeys(held)).applied(block) if held else block


def tag_names(tags: Tags) -> dict[Place, str]:
    """The standard's name of every tag, ``Tag37386`` for one that has none."""
    from PIL.ExifTags import GPSTAGS, TAGS

    return {
        (directory, number): (GPSTAGS if directory == "gps" else TAGS).get(number, f"Tag{number}")
        for directory, number in tags.places()
    }


def all_tags(block: bytes) -> dict[str, Any]:
    """Every tag of a block by its name: text, numbers, fractions, bytes; none where it is damaged."""
    tags = _tags(block)
    if tags is None:
        return {}
    found = {name: tags.value(*place) for place, name in tag_names(tags).items()}
    return {name: value for name, value in found.items() if value is not None}


def upright(pixels: np.ndarray[Any, Any], turned: int) -> np.ndarray[Any, Any]:
    """A view of ``pixels`` (H, W, C) as they are meant to be seen."""
    if turned >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if turned in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if turned in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
