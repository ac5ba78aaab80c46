"""Ways to read one file, each with what has to hold when it succeeds: the property that a fuzzer tests.

Reading ends in a result or in :class:`~vfx.errors.FormatError` whose message begins with the file; see ``refusal``.
Every opener takes a file's content and says whether it was a good one; it raises :class:`Finding` where two ways to
the same pixels differ.

==================  ==========================================================================================
``picture(name)``   ``probe`` and ``read`` agree on the size; every 16th file also as bytes, path and stream
``exr_deep``        deep samples, rows of them, and the flat picture of them
``exr_pieces``      pieces of an open EXR file are pieces of the whole, in every level and part
``exr_rewrite``     an EXR file saved again with other metadata has the same pixels
``header(name)``    a file with another header has the same pixels, or the error names the file
``cryptomatte``     the layers, manifests and a matte of an EXR file
``table(…)``        a LUT, look or colour decision is read by path
==================  ==========================================================================================
"""

from __future__ import annotations

import atexit
import importlib
import io
import shutil
import tempfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from vfx.errors import ChannelError, FormatError

__all__ = [
    "Finding",
    "cryptomatte",
    "exr_deep",
    "exr_pieces",
    "exr_rewrite",
    "folder",
    "header",
    "picture",
    "pixels_of",
    "refusal",
    "table",
]

# Formats whose pictures each have a header of their own.
_SEVERAL = ("dpx", "exr", "tiff")
_MOST_PARTS = 3
# Files with these are read as RGB, which is not what they hold and ``probe`` says.
_DIFFERENCES = {"Cb", "Cr", "BY", "RY"}


class Finding(Exception):
    """A damaged file that ended in something else than a result or a clear refusal."""


def refusal(call: Callable[..., Any], label: str, *arguments: Any, **options: Any) -> Any:
    """What a call returns, or the FormatError that it raised, which must name the file."""
    try:
        return call(*arguments, **options)
    except FormatError as error:
        if not str(error).startswith(f"{label}: "):
            raise Finding(f"the message does not name the file: {error}") from error
        return error


@cache
def folder() -> Path:
    """Where the files of readers that take no bytes are put."""
    folder = tempfile.mkdtemp(prefix="vfx-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def pixels_of(image: Any) -> bytes:
    """All samples of an image."""
    return bytes(image.numpy(copy=True).tobytes())


# ------------------------------------------------------------------ pictures


def _ways(name: str, found: Any, chance: int) -> dict[str, Any]:
    """Options of one ``read``, as the content decides."""
    names = set(found.channel_names)
    options: list[dict[str, Any]] = [
        {},
        {},
        {"rows": (found.height // 3, found.height // 3 + 1)},
        {"channels": [found.channel_names[-1]]} if found.channel_names and not _DIFFERENCES & names else {},
        {"dtype": "f32"},
        {"auto_orient": True} if name in ("png", "jpeg", "tiff") else {},
        {"associate": True} if name == "png" else {},
        {"level": found.levels - 1} if name in ("exr", "jp2", "tiff") and isinstance(found.levels, int) else {},
    ]
    return options[chance % len(options)]


def picture(name: str) -> Callable[[bytes], bool]:
    """The opener of a format's pictures: ``probe``, then ``read`` of up to three parts."""

    def open_picture(content: bytes) -> bool:
        module: Any = importlib.import_module(f"vfx.io.{name}")
        info = refusal(module.probe, "<bytes>", content)
        if isinstance(info, FormatError):
            alone = name not in _SEVERAL  # else it may be another part that probe refuses
            if alone and not isinstance(refusal(module.read, "<bytes>", content), FormatError):
                raise Finding(f"read takes what probe refuses: {info}")
            return False
        good = True
        if zlib.crc32(content) % 16 == 0:
            _same_from_everywhere(module.read, content)
        for part in range(min(_MOST_PARTS, len(info.parts))):
            options = _ways(name, info.parts[part], zlib.crc32(content) // 7)
            image = refusal(module.read, "<bytes>", content, **({"part": part} if part else {}), **options)
            good = good and not isinstance(image, FormatError)
            size = info.parts[part].width, info.parts[part].height
            if good and not {"rows", "level", "auto_orient"} & set(options) and (image.width, image.height) != size:
                raise Finding(f"probe says {size}, read gives {(image.width, image.height)}")
        return good

    return open_picture


def _same_from_everywhere(read: Callable[..., Any], content: bytes) -> None:
    """Raise where a file in memory, in a stream and in the file system are not read alike."""
    path = folder() / "a.file"
    path.write_bytes(content)
    stream = io.BytesIO(b"before" + content)
    stream.seek(6)
    outcomes = []
    for source, label in ((content, "<bytes>"), (path, str(path)), (stream, "<BytesIO>")):
        found = refusal(read, label, source)
        if isinstance(found, FormatError):
            outcomes.append(f"{type(found).__name__}{str(found).removeprefix(label)}")
        else:
            outcomes.append(f"{found} {zlib.crc32(pixels_of(found))}")
    if len(set(outcomes)) > 1:
        raise Finding(f"bytes, path and stream are not read alike: {outcomes}")


# ------------------------------------------------------------------ EXR


def exr_pieces(content: bytes) -> bool:
    """Whether every level of the first parts can be read whole; pieces of it are compared with it."""
    from vfx.io import exr

    file = refusal(exr.ExrFile, "<bytes>", content)
    if isinstance(file, FormatError):
        return False
    good = True
    with file:
        parts = refusal(lambda: file.parts, "<bytes>")
        if isinstance(parts, FormatError):
            return False
        for part in range(min(_MOST_PARTS, len(parts))):
            most = parts[part].levels
            for level in range(min(3, most) if isinstance(most, int) else 1):
                whole = refusal(file.read, "<bytes>", part=part, level=level)
                good = good and not isinstance(whole, FormatError)
                if not isinstance(whole, FormatError):
                    _compare_pieces(file, whole, part, level)
    return good


def _compare_pieces(file: Any, whole: Any, part: int, level: int) -> None:
    """Raise where a window of a level is not what the whole level has there."""
    height, width = whole.height, whole.width
    rows, columns = (height // 3, height // 3 + 1), (width // 2, width)
    piece = refusal(file.read, "<bytes>", part=part, level=level, rows=rows, columns=columns, threads=2)
    if isinstance(piece, FormatError):
        raise Finding(f"read takes what a part of it refuses: {piece} (not alike)")
    expected = whole.numpy()[rows[0] : rows[1], columns[0] : columns[1]]
    if pixels_of(piece) != expected.tobytes():
        raise Finding(f"part {part}, level {level}: a piece is not alike the whole")


def exr_deep(content: bytes) -> bool:
    """Whether the first part's deep samples can be read; rows of them, and their flat picture, are compared."""
    from vfx.io import exr

    whole = refusal(exr.read_deep, "<bytes>", content)
    flat = refusal(exr.read, "<bytes>", content)
    if isinstance(whole, FormatError) or isinstance(flat, FormatError):
        if isinstance(whole, FormatError) and isinstance(flat, FormatError):
            return False
        parts = exr.probe(content).parts
        if parts[0].type.startswith("deep"):
            raise Finding(f"deep samples and their flat picture are not read alike: {whole}, {flat}")
        return False
    rows = (whole.height // 2, whole.height // 2 + 1)
    piece = refusal(exr.read_deep, "<bytes>", content, rows=rows, threads=2)
    if isinstance(piece, FormatError):
        return False  # the whole may have been found without its table of chunks, for the sake of other rows
    first, last = (int(whole.counts[:row].sum(dtype=np.int64)) for row in rows)
    for name in whole.channel_names:
        if piece.samples[name].tobytes() != whole.samples[name][first:last].tobytes():
            raise Finding(f"rows of deep {name} are not alike the whole")
    if pixels_of(whole.flatten()) != pixels_of(flat):
        raise Finding("the flat picture of deep samples is not alike what is read")
    return True


def exr_rewrite(content: bytes) -> bool:
    """Whether the file can be saved again with another owner; its pixels are then compared."""
    from vfx.io import exr

    target = io.BytesIO()
    done = refusal(exr.rewrite, "<bytes>", content, target, edit={"owner": "somebody else"})
    if isinstance(done, FormatError):
        return False
    if isinstance(refusal(exr.probe, "<bytes>", content), FormatError):
        return False  # saving again looks at what it needs, and no further
    found = refusal(exr.probe, "<bytes>", target.getvalue())
    if isinstance(found, FormatError) or found.metadata["owner"] != "somebody else":
        raise Finding(f"what was saved again cannot be read, or not alike: {found}")
    for part in range(min(_MOST_PARTS, len(found.parts))):
        before = refusal(exr.read, "<bytes>", content, part=part)
        after = refusal(exr.read, "<bytes>", target.getvalue(), part=part)
        if isinstance(before, FormatError):
            continue
        if isinstance(after, FormatError) or pixels_of(before) != pixels_of(after):
            raise Finding(f"part {part}: the pixels are not alike after saving again: {after}")
    return True


#: Values for headers, among them those that have to grow; a title and people are text in every still.
_CHANGES: dict[str, dict[str, Any]] = {
    "dpx": {"software": "a name longer than before", "timecode": "01:01:01:01", "dpx:slate": None},
    "stills": {"owner": "a name longer than before", "iso": 400, "latitude": -3.25, "title": "t", "copyright": None},
}


def header(name: str) -> Callable[[bytes], bool]:
    """An opener that gives a file of this format another header; its pixels are then compared."""

    def open_header(content: bytes) -> bool:
        import vfx

        path, target = (folder() / f"{part}.{name}" for part in ("header", "edited"))
        path.write_bytes(content)
        changes = _CHANGES.get(name, _CHANGES["stills"])
        try:
            vfx.io.header.edit(path, target, changes=changes, erase="comments")
        except ValueError as error:  # a block that is damaged cannot take a word
            if not str(error).startswith(f"{path}: "):
                raise Finding(f"the message does not name the file: {error}") from error
            return False
        before = refusal(vfx.read, str(path), path)
        if isinstance(before, FormatError):
            return False
        after = refusal(vfx.read, str(target), target)
        if isinstance(after, FormatError) or pixels_of(before) != pixels_of(after):
            raise Finding(f"the pixels are not alike behind another header: {after}")
        return True

    return open_header


def cryptomatte(content: bytes) -> bool:
    """Whether the mattes of a file can be read; what a matte by name covers is what its layer says it covers."""
    from vfx.io.cryptomatte import Cryptomatte

    mattes = refusal(Cryptomatte, "<bytes>", content)
    if isinstance(mattes, FormatError):
        return False
    good = True
    for layer in mattes.values():
        good = good and not isinstance(refusal(_manifest_of, "<bytes>", layer), FormatError)
        found = refusal(_found_in, "<bytes>", layer)
        good = good and not isinstance(found, FormatError)
        for one in () if isinstance(found, FormatError) else found[:2]:
            covered = float(layer.matte(ids=[one.id]).numpy().sum(dtype="f8"))
            if not np.isclose(covered, one.coverage, rtol=1e-5, equal_nan=True):
                raise Finding(f"a matte covers {covered}, not alike its layer's {one.coverage}")
    return good


def _manifest_of(layer: Any) -> Any:
    return layer.manifest


def _found_in(layer: Any) -> Any:
    """What the pixels of a layer have; a layer without channels is a refusal like others."""
    try:
        return layer.found()
    except ChannelError as error:
        raise FormatError(str(error).removeprefix("<bytes>: "), path="<bytes>") from error


# ------------------------------------------------------------------ tables


def table(extension: str, module: str, name: str) -> Callable[[bytes], bool]:
    """The opener of a file of an extension by the function ``name`` of ``module``, which takes a path."""

    def open_table(content: bytes) -> bool:
        path = folder() / f"a{extension}"
        path.write_bytes(content)
        call = getattr(importlib.import_module(module), name)
        return not isinstance(refusal(call, str(path), path), FormatError)

    return open_table
