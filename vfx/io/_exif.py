"""EXIF blocks: what they say in the words that all formats share, and the block that says what an image says.

A block is a small TIFF file. The orientation, the one fact in it that changes how a picture is shown, is tag
0x0112 of its first directory (CIPA DC-008-2023, Exif 3.0, 4.6.4)::

    1 upright       2 mirrored left to right    3 turned by half     4 mirrored top to bottom
    5 transposed    6 to be turned clockwise    7 transposed both    8 to be turned counter-clockwise

A block is kept as it is: unknown tags and makers' notes survive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, BinaryIO

import numpy as np

from vfx.io import _exif_words
from vfx.io._exif_tags import EMPTY, FileBytes, Place, Tags, TagValue
from vfx.io._limits import limits
from vfx.io._typed import typed

__all__ = [
    "changes",
    "for_writing",
    "into_tiff",
    "of_tiff",
    "orientation",
    "other_tags",
    "tag_names",
    "upright",
    "without",
    "words",
]

_ORIENTATION = 0x0112
_INTEROPERABILITY = 40965
#: What a directory must have: the version of the standard that it keeps (Exif 2.32, 4.6.5 and 4.6.6).
_VERSIONS: dict[Place, TagValue] = {("exif", 36864): TagValue(7, b"0232"), ("gps", 0): TagValue(1, b"\x02\x03\0\0")}
#: Tags of a picture's own directory that are words, but have no place in TIFF 6.0's baseline.
_TIFF_WORDS = frozenset(
    {("image", 318), ("image", 319), ("image", 51043), ("image", 51044), ("image", 51058), ("image", 51081)}
)


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


def for_writing(
    entries: Mapping[str, Any], *, native: Collection[str] = (), renewed: Collection[str] = ()
) -> bytes | None:
    """The EXIF block to write for an image's metadata; None for none.

    Where the block says what the image's words say it stays byte for byte. A word that differs is put into it,
    a word that is None is taken out; other tags and makers' notes survive.

    Parameters
    ----------
    entries : mapping
        An image's metadata: ``exif`` (bytes), ``orientation`` (int), and the words of ``vfx.metadata``.
    native : collection of str
        Words that the file has a place of its own for: their tags stay as they are.
    renewed : collection of str
        Those of them that were changed: a tag of theirs follows.

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
    wanted = changes(tags, entries, native=native, renewed=renewed) | _turned(base, entries.get("orientation"))
    if not wanted:
        return block if given else None
    return tags.edited(wanted).applied(base)


def _turned(block: bytes, wanted: Any) -> dict[Place, TagValue | None]:
    """The change of the orientation; upright is what no orientation means."""
    known, wanted = orientation(block), typed("orientation", wanted)
    if wanted is None or wanted == known or (known is None and wanted == 1):
        return {}
    return {("image", _ORIENTATION): TagValue(3, (wanted,))}


def changes(
    tags: Tags, entries: Mapping[str, Any], *, native: Collection[str], renewed: Collection[str] = ()
) -> dict[Place, TagValue | None]:
    """The tags that differ from an image's words, as :func:`for_writing` would write them."""
    known = _exif_words.words(tags)
    differing: dict[Place, TagValue | None] = {}
    for word, places in _exif_words.PLACES.items():
        if word not in entries:
            continue
        value = typed(word, entries[word])
        if value is None:
            differing |= {place: None for place in places if tags.entry(*place)}
        elif not _exif_words.same(known.get(word), value) and (
            word not in native or (word in known and word in renewed)
        ):
            differing |= _exif_words.tags_of(word, value)
    wanted = {place: value for place, value in differing.items() if value is not None or tags.entry(*place)}
    for place, version in _VERSIONS.items():
        if not tags.entry(*place) and any(value and directory == place[0] for (directory, _), value in wanted.items()):
            wanted[place] = version
    return wanted


def of_tiff(data: Any, directory: int, label: str) -> dict[str, Any]:
    """The words that a page of a TIFF file says in its EXIF tags, and its EXIF and GPS tags as a block ``exif``.

    Parameters
    ----------
    data : bytes-like
        The file from its first byte on.
    directory : int
        Where the page's directory is.
    label : str
        The file, for messages.

    Raises
    ------
    LimitError
        If a tag has more bytes than a metadata value may have.
    """
    try:
        tags = Tags(data, directory=directory)
    except ValueError:
        return {}
    found = _exif_words.words(tags)
    places = [place for place in tags.places() if _is_portable(*place)]
    for place in places:
        entry = tags.entry(*place)
        limits.check_attribute(f"EXIF tag {place[1]}", entry.size if entry else 0, label)
    if places:
        carried = {place: tags.stored(*place) for place in places}
        found["exif"] = Tags(EMPTY).edited(carried).applied(EMPTY)
    return found


def _is_portable(directory: str, number: int) -> bool:
    """Whether a tag is no part of the picture's storage, and no offset that would lead elsewhere in another file."""
    return directory != "image" and number != _INTEROPERABILITY


def into_tiff(stream: BinaryIO, entries: Mapping[str, Any], *, native: Collection[str]) -> None:
    """Nothing; the first page of a TIFF file then also has the EXIF tags of an image's metadata.

    Parameters
    ----------
    stream : binary stream
        The file, open for reading and writing.
    entries : mapping
        ``exif`` and the words of ``vfx.metadata``.
    native : collection of str
        Words that the file has already.
    """
    block = for_writing({**entries, "orientation": None}, native=native)
    tags = _tags(block) if block else None
    if tags is None:
        return
    file = FileBytes(stream)
    wanted = {place: tags.stored(*place) for place in tags.places()}
    held = Tags(file)
    change = held.edited(
        {place: value for place, value in wanted.items() if _is_portable(*place) or place in _TIFF_WORDS}
    )
    change.write(stream, len(file))


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


def other_tags(block: bytes) -> dict[str, Any]:
    """Every tag of a block that is no word, by its name: text, numbers, fractions, bytes; none where it is damaged."""
    tags = _tags(block)
    if tags is None:
        return {}
    said = {place for word in _exif_words.words(tags) for place in _exif_words.PLACES[word]}
    said.add(("image", _ORIENTATION))
    found = {name: tags.value(*place) for place, name in tag_names(tags).items() if place not in said}
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
