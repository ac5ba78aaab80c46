"""Headers changed without touching pixels: what ``vfx info --edit`` does.

========  ==================================================  ==========================================
format    what is made anew                                   what is copied as it is stored
========  ==================================================  ==========================================
OpenEXR   the header of every part                            every chunk of every part
DPX       the fields that change                              all other bytes
PNG       the chunks whose metadata changes                   all other chunks
JPEG      the segments whose metadata changes                 all other segments, and the scans
TIFF      the directory of the page; values behind the file   strips, tiles, other pages
========  ==================================================  ==========================================
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from vfx._atomic import atomic
from vfx.checks import integer, number
from vfx.checks import path as check_path
from vfx.errors import FormatError
from vfx.io import _exif, _icc, _xmp
from vfx.io._info import ImageInfo
from vfx.io._source import Source, open_source
from vfx.io._typed import WORDS, typed
from vfx.io._typed_text import from_text
from vfx.io._vocabulary import add_words, alike
from vfx.metadata import erase as without

__all__ = ["block_tags", "edit", "from_text"]

#: "OpenEXR File Layout", "Header Attributes (All Files)".
_EXR_NEEDS = ("exr:screenWindowCenter", "exr:screenWindowWidth")
#: Properties of an image that a header holds beside its metadata.
_PROPERTIES = ("display_window", "pixel_aspect")


def edit(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    *,
    changes: Mapping[str, Any] | None = None,
    erase: str | Iterable[str] = (),
    part: int = 0,
) -> None:
    """Nothing; the file then has another header around the same stored pixels. It appears whole or not at all.

    Parameters
    ----------
    source : path
        An OpenEXR, DPX, PNG, JPEG or TIFF file.
    target : path, optional
        Where the changed file goes, instead of in place.
    changes : mapping, optional
        Words of ``vfx.metadata``, native names (``"dpx:slate"``), ``pixel_aspect``, and of OpenEXR files
        ``display_window``, with the values they get; None takes an entry away.
    erase : str or iterable of str
        Entries to take away first: regular expressions for whole names, see :func:`vfx.metadata.erase`.
    part : int
        TIFF page or DPX element. The parts of an OpenEXR file all get the changes.

    Raises
    ------
    FormatError
        If the file is damaged or of another kind.
    OSError
        If it cannot be read or written.
    ValueError, TypeError
        If the format has no place for an entry, or a value is not of its type. The file is then as it was.

    Examples
    --------
    >>> from vfx.io import header
    >>> header.edit("plate.dpx", changes={"timecode": "01:00:00:00"}, erase="dpx:slate")  # doctest: +SKIP
    """
    path = check_path(source)
    final = path if target is None else check_path(target)
    with open_source(path) as opened:
        info = _probe(opened)
        editor = _editor(info, opened)
        index = integer("part", part, low=0, high=len(info.parts) - 1)
        before = info.parts[index].metadata
        wanted = _typed_changes(changes or {})
        patterns = [erase] if isinstance(erase, str) else list(erase)
        after = _after(before, wanted, patterns)
        with atomic(final) as temporary:
            editor(opened, temporary, before, after, index)
            with open_source(temporary) as written:
                _check(_probe_again(written, opened.label), index, wanted, patterns, info)


def block_tags(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What the blocks of an image's metadata say beside the words: ``exif:<tag>``, ``xmp:<property>``, ``icc:<fact>``.

    Parameters
    ----------
    metadata : mapping
        An image's metadata.

    Examples
    --------
    >>> block_tags({"owner": "someone"})
    {}
    """
    found: dict[str, Any] = {}
    if isinstance(metadata.get("exif"), bytes):
        found.update({f"exif:{name}": value for name, value in _exif.other_tags(metadata["exif"]).items()})
    if isinstance(metadata.get("xmp"), bytes):
        found.update({f"xmp:{name}": value for name, value in _xmp.properties(metadata["xmp"]).items()})
    if isinstance(metadata.get("icc_profile"), bytes):
        found.update({f"icc:{name}": value for name, value in _icc.facts(metadata["icc_profile"]).items()})
    return found


def _probe(opened: Source) -> ImageInfo:
    """The header of a file."""
    from vfx.io import probe

    return probe(opened)


def _probe_again(written: Source, label: str) -> ImageInfo:
    """The new header; where a damaged file did not survive the change, an error that names that file."""
    try:
        return _probe(written)
    except FormatError as error:
        raise FormatError(f"its header is too damaged to be changed: {error.reason}", path=label) from error


def _typed_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with every word in its type."""
    wanted: dict[str, Any] = {}
    for key, value in changes.items():
        if key == "pixel_aspect":
            wanted[key] = number("pixel_aspect", value, low=0.01, high=100.0)
        elif key == "display_window":
            wanted[key] = tuple(integer("display_window", corner) for corner in value)
        elif key in WORDS:
            wanted[key] = typed(key, value)
        else:
            _check_name(key)
            wanted[key] = value
    return wanted


def _check_name(key: str) -> None:
    """Raise for a name of one's own that looks like a word mistyped."""
    near = difflib.get_close_matches(key, [*WORDS, *_PROPERTIES], n=1, cutoff=0.75) if ":" not in key else []
    if near:
        raise ValueError(f"there is no {key!r}; did you mean {near[0]!r}? (an attribute of that name is 'exr:{key}')")


def _after(before: Mapping[str, Any], wanted: Mapping[str, Any], patterns: list[str]) -> dict[str, Any]:
    """The metadata that the file shall have."""
    gone = patterns + [re.escape(key) for key, value in wanted.items() if value is None or key in ("exif", "xmp")]
    after = without(before, gone) if gone else dict(before)
    after.update({key: value for key, value in wanted.items() if value is not None})
    if {"exif", "xmp"} & wanted.keys():
        add_words(after)
    return after


_Editor = Callable[[Source, Path, Mapping[str, Any], Mapping[str, Any], int], None]


def _editor(info: ImageInfo, opened: Source) -> _Editor:
    """The function that rewrites a format's header."""
    from vfx.io import _edit_dpx, _edit_stills

    editors: dict[str, _Editor] = {
        "dpx": lambda *given: _edit_dpx.edit_dpx(*given[:4], part=given[4]),
        "exr": _edit_exr,
        "jpeg": lambda *given: _edit_stills.edit_jpeg(*given[:4]),
        "png": lambda *given: _edit_stills.edit_png(*given[:4]),
        "tiff": lambda *given: _edit_stills.edit_tiff(*given[:4], part=given[4]),
    }
    if info.format not in editors:
        known = ", ".join(editors)
        raise ValueError(f"{opened.label}: headers of {known} files can be changed, not of {info.format} files")
    return editors[info.format]


def _edit_exr(opened: Source, target: Path, before: Mapping[str, Any], after: Mapping[str, Any], _: int) -> None:
    """The header of every part; what every file must have stays when a pattern takes all away."""
    from vfx.io import exr

    changes = {key: value for key, value in after.items() if not alike(before.get(key), value)}
    changes |= {key: None for key in before if key not in after and key not in _EXR_NEEDS}
    exr.rewrite(opened, target, edit=changes)


def _check(written: ImageInfo, part: int, wanted: Mapping[str, Any], patterns: list[str], info: ImageInfo) -> None:
    """Raise when the new header does not say what it was to say: then the format has no place for it."""
    found = dict(written.parts[part].metadata)
    found.update({name: getattr(written.parts[part], name) for name in _PROPERTIES})
    found |= {name: found[f"exr:{name}"] for name in wanted if f"exr:{name}" in found}
    for key, value in wanted.items():
        if value is None and key in found:
            raise ValueError(f"{info.path}: {key!r} cannot be taken out of a {info.format} file")
        if value is not None and key not in found:
            raise ValueError(f"{info.path}: a {info.format} file has no place for {key!r} = {value}")
        if value is not None and not alike(found[key], value):
            raise ValueError(f"{info.path}: a {info.format} file cannot say {key!r} = {value}, only {found[key]}")
    for pattern in patterns:
        if pattern in found:
            raise ValueError(f"{info.path}: {pattern!r} cannot be taken out of a {info.format} file")
    old, new = (one.parts[part] for one in (info, written))
    if (old.width, old.height, old.channel_names, old.formats) != (
        new.width,
        new.height,
        new.channel_names,
        new.formats,
    ):
        raise ValueError(f"{info.path}: the change would make another picture of it")
