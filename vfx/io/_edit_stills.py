"""Headers of PNG, JPEG and TIFF files made anew around pixels that are copied as they are stored.

Every chunk, segment and tag whose entries do not change is copied byte for byte, in its place; the others are
made by the format's writer.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vfx._atomic import replace_bytes
from vfx.errors import FormatError
from vfx.io import _exif, _exif_tags, _jpeg_markers, _png_chunks, _png_metadata, _tiff_pages
from vfx.io._exif_tags import Place, TagValue
from vfx.io._source import Source
from vfx.io._vocabulary import xmp_for_writing

__all__ = ["edit_jpeg", "edit_png", "edit_tiff"]

Entries = Mapping[str, Any]

#: Data of one segment besides its length (ITU-T T.81, B.1.1.4).
_MOST = 65533
_EXTENSION = "jpeg:xmp_extension"
#: The tag that leads to smaller versions of a page (Adobe PageMaker 6.0 TIFF Technical Notes, 1).
_SUB_PAGES = 330
_EXIF, _XMP, _ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"


def edit_png(opened: Source, target: Path, before: Entries, after: Entries) -> None:
    """Nothing; ``target`` then has the pixels of ``opened`` and the metadata ``after``.

    Parameters
    ----------
    opened : Source
        A PNG file.
    target : path
        A temporary file.
    before, after : mapping
        What the file says, and what it shall say; ``pixel_aspect`` is there when it shall change.
    """
    data, label = opened.data(), opened.label
    header = _png_chunks.header(data, label)
    list(_png_chunks.chunks(data, label, pixels=False))  # a damaged file is refused
    wanted = _with_blocks(before, after, _png_metadata.NATIVE)
    changed = _changed(before, wanted)
    changed |= {"png:srgb_intent"} if wanted.get("icc_profile") is not None and "icc_profile" in changed else set()
    changed |= {"png:density"} if "pixel_aspect" in wanted else set()
    kept: list[memoryview] = []
    position = 33
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if not _png_metadata.keys_of(bytes(data[position + 4 : position + 8]), data[position + 8 : end - 4]) & changed:
            kept.append(data[position:end])
        position = end
    fresh = {key: wanted[key] for key in changed if wanted.get(key) is not None and key != "png:srgb_intent"}
    aspect = fresh.pop("pixel_aspect", None)
    if aspect is not None:
        fresh.pop("png:density", None)
    elif "png:density" in fresh:
        aspect = _png_metadata.pixel_aspect(fresh)
    made = _png_metadata.metadata_chunks(fresh, aspect or 1.0, gray=header.samples <= 2 and header.color_type != 3)
    replace_bytes(target, data[:33], made, *kept, data[position:])


def _with_blocks(before: Entries, after: Entries, native: Collection[str]) -> dict[str, Any]:
    """The entries with the EXIF and XMP blocks that say them."""
    renewed = _changed(before, after)
    exif = _exif.for_writing(after, native=native, renewed=renewed)
    return {**after, "exif": exif, "xmp": xmp_for_writing(after, native=native, renewed=renewed)}


def _changed(before: Entries, after: Entries) -> set[str]:
    """The keys whose values differ."""
    return {key for key in {*before, *after} if not _equal(before.get(key), after.get(key))}


def _equal(one: Any, other: Any) -> bool:
    """Whether two values of metadata are the same, arrays too."""
    try:
        return type(one) is type(other) and bool(one == other)
    except ValueError:  # arrays
        return bool(one.shape == other.shape and (one == other).all())


def edit_jpeg(opened: Source, target: Path, before: Entries, after: Entries) -> None:
    """Nothing; ``target`` then has the pixels of ``opened`` and the metadata ``after``; see :func:`edit_png`.

    Raises
    ------
    ValueError
        If a value is longer than a segment, or the pixel aspect has no place.
    """
    data, label = opened.data(), opened.label
    found = _jpeg_markers.segments(data, label)
    wanted = _with_blocks(before, after, ("comments",))
    changed = _changed(before, wanted)
    starts = [segment.offset for segment in found] + [len(data)]
    pieces: list[bytes | memoryview] = []
    place = 0
    for index, segment in enumerate(found):
        raw: bytes | memoryview = data[starts[index] : starts[index + 1]]
        kind = _segment_key(segment.marker, bytes(segment.data[:40]))
        if kind == "jpeg:density":
            raw = _with_density(bytes(raw), wanted, changed)
            changed -= {"jpeg:density", "pixel_aspect"}
            place = place or len(pieces) + 1
        if kind not in changed and not (kind == _EXTENSION and wanted.get("xmp") is None):
            pieces.append(raw)
    if "pixel_aspect" in changed:
        raise ValueError(f"{label}: there is no JFIF segment to hold a pixel aspect")
    pieces[place:place] = [piece for key in sorted(changed) for piece in _segments_of(key, wanted.get(key), label)]
    replace_bytes(target, data[: starts[0]], *pieces)


def _segment_key(marker: int, head: bytes) -> str:
    """The metadata that a segment holds; nothing for other segments."""
    if marker == 0xE0 and head.startswith(b"JFIF\0") and len(head) >= 12:
        return "jpeg:density"
    if marker == 0xE1:
        starts = {"exif": _EXIF, "xmp": _XMP, _EXTENSION: b"http://ns.adobe.com/xmp/extension/\0"}
        return next((key for key, start in starts.items() if head.startswith(start)), "")
    return "icc_profile" if marker == 0xE2 and head.startswith(_ICC) else "comments" if marker == 0xFE else ""


def _with_density(segment: bytes, wanted: Entries, changed: set[str]) -> bytes:
    """The JFIF segment with another density."""
    if "pixel_aspect" in wanted:
        ratio = Fraction(wanted["pixel_aspect"]).limit_denominator(1000)
        x, y, unit = ratio.numerator, ratio.denominator, 0
    elif "jpeg:density" in changed and wanted.get("jpeg:density") is not None:
        x, y, unit = wanted["jpeg:density"]
    else:
        return segment
    return segment[:11] + bytes([unit]) + x.to_bytes(2, "big") + y.to_bytes(2, "big") + segment[16:]


def _segments_of(key: str, value: Any, label: str) -> list[bytes]:
    """The segments that hold a value."""
    if value is None or key not in ("exif", "xmp", "icc_profile", "comments"):
        return []
    if key == "icc_profile":
        size = _MOST - 14
        cuts = [value[at : at + size] for at in range(0, len(value), size)]
        if len(cuts) > 255:
            raise ValueError(f"{label}: metadata 'icc_profile' of {len(value)} bytes does not fit into a JPEG file")
        return [_segment(0xE2, _ICC + bytes([at, len(cuts)]) + cut) for at, cut in enumerate(cuts, 1)]
    marker, head = {"exif": (0xE1, _EXIF), "xmp": (0xE1, _XMP), "comments": (0xFE, b"")}[key]
    content = head + (value.encode("utf-8", "replace") if isinstance(value, str) else value)
    if len(content) > _MOST:
        reason = f"metadata {key!r} of {len(content) - len(head)} bytes does not fit into a JPEG file"
        raise ValueError(f"{label}: {reason} ({_MOST - len(head)} at most)")
    return [_segment(marker, content)]


def _segment(marker: int, content: bytes) -> bytes:
    """One segment."""
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def edit_tiff(opened: Source, target: Path, before: Entries, after: Entries, *, part: int = 0) -> None:
    """Nothing; ``target`` then has the pixels of ``opened`` and, in page ``part``, the metadata ``after``.

    New values stand behind the end of the file; strips and tiles stay where they are.
    """
    if opened.path is not None:
        shutil.copyfile(opened.path, target)
    else:
        replace_bytes(target, opened.data())
    with target.open("r+b") as stream:
        file = _exif_tags.FileBytes(stream)
        tags = _exif_tags.Tags(file, page=part)
        after = {**after, "xmp": _with_blocks(before, after, _tiff_pages.WORDS)["xmp"]}
        gone = dict.fromkeys(key for key in before if key not in after)
        changes = _exif.changes(tags, gone | after, native=_tiff_pages.WORDS)
        changes |= _block_changes(before.get("exif"), after.get("exif"))
        changed = _changed(before, after)
        names = _tiff_pages.channel_names(tags.value("image", 270))
        for code, key in _tiff_pages.TEXT_TAGS.items():
            if key in changed:
                text = after.get(key)
                if code == 270 and names:
                    text = _tiff_pages.description(names, text)
                changes["image", code] = None if text is None else TagValue(2, text.encode("utf-8", "replace") + b"\0")
        changes |= _other_tags(after, changed)
        edit = tags.edited(changes)
        _check_places(edit, tags, file, opened.label)
        edit.write(stream, len(file))


def _check_places(edit: _exif_tags.Edit, tags: _exif_tags.Tags, file: _exif_tags.FileBytes, label: str) -> None:
    """Raise where a change would write over pixels, other pages or the file's first bytes.

    Offsets in a damaged file may lead anywhere: what a tag calls its value may be the pixels.
    """
    taken = [(0, 4), (4, 16 if file[2:4] in (b"+\0", b"\0+") else 8)]
    mine = set(tags.spans())
    pixels: list[tuple[int, int]] = []
    waiting = list(_exif_tags.directories(file))
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        try:
            other = _exif_tags.Tags(file, directory=at)
        except ValueError:
            continue
        taken += [span for span in other.spans() if span not in mine]
        waiting += _numbers(other.stored("image", _SUB_PAGES))
        for places, sizes in ((273, 279), (324, 325)):
            starts, lengths = (_numbers(other.stored("image", number)) for number in (places, sizes))
            pixels += [(start, start + length) for start, length in zip(starts, lengths, strict=False)]
    allowed = set(tags.links())
    for place, data in edit.patches:
        span = (place, place + len(data))
        # The links between directories may change, but where even they lie in the pixels.
        others = pixels if span in allowed else [*taken, *pixels]
        if any(start < span[1] and place < end for start, end in others):
            raise FormatError("its tags lie over other parts of the file", path=label, offset=place)


def _numbers(value: TagValue | None) -> tuple[int, ...]:
    """The values of a tag, where they are whole numbers."""
    return (
        value.values if value is not None and value.kind in (3, 4, 16) and not isinstance(value.values, bytes) else ()
    )


def _other_tags(after: Entries, changed: set[str]) -> dict[Place, TagValue | None]:
    """The tags of what is neither text nor EXIF."""
    changes: dict[Place, TagValue | None] = {}
    for key, number, kind in (("icc_profile", 34675, 7), ("xmp", 700, 1)):
        if key in changed:
            changes["image", number] = TagValue(kind, after[key]) if after.get(key) is not None else None
    if "orientation" in changed:
        turned = after.get("orientation")
        changes["image", 274] = TagValue(3, (turned,)) if turned is not None else None
    if "pixel_aspect" in after or ("tiff:density" in changed and "tiff:density" in after):
        aspect = after.get("pixel_aspect")
        x, y, unit = (1, aspect, 1) if aspect is not None else after["tiff:density"]
        for number, value in ((282, x), (283, y)):
            changes["image", number] = TagValue(5, (Fraction(value).limit_denominator(10**6),))
        changes["image", 296] = TagValue(3, (int(unit),))
    return changes


def _block_changes(before: bytes | None, after: bytes | None) -> dict[Place, TagValue | None]:
    """The EXIF and GPS tags that differ between two blocks."""
    old, new = (_exif_tags.Tags(block or _exif_tags.EMPTY) for block in (before, after))
    values = {place: new.stored(*place) for place in new.places() if place[0] != "image"}
    gone = {place: None for place in old.places() if place[0] != "image" and place not in values}
    return gone | {place: value for place, value in values.items() if old.stored(*place) != value}
