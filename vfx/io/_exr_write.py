"""Writing EXR files: ``vfx.io.exr.write`` and ``write_parts``, and which of the two ways to the pixels is taken."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, BinaryIO, cast

from vfx import threads as _threads
from vfx._atomic import atomic
from vfx.checks import one_of, unknown_options
from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._exr_plan import PartOptions, WritePlan, picture_of, plan_for, planes_of, single, stored_image
from vfx.io._exr_preview import with_preview
from vfx.io._exr_pyramid import LevelImages, levels_mode

__all__ = ["exr_backend", "file_for", "target_label", "write", "write_parts", "write_views"]

# What ``write_parts`` and ``write_views`` hand on.
_OPTIONS = frozenset(entry.name for entry in fields(PartOptions)) | {"also", "preview"}


def exr_backend() -> str:
    """``"core"`` when pixels go through OpenEXR's C functions, ``"python"`` when through its wheel's interface.

    Raises
    ------
    ValueError
        If ``VFX_EXR_BACKEND`` is neither of the two.

    Examples
    --------
    >>> exr_backend() in ("core", "python")
    True
    """
    from vfx.io import _exr_core

    wanted = os.environ.get("VFX_EXR_BACKEND", "core")
    if one_of("VFX_EXR_BACKEND", wanted, ("core", "python")) == "python":
        return "python"
    return "python" if _exr_core.available() else "core"


@contextlib.contextmanager
def file_for(target: str | os.PathLike[str] | BinaryIO) -> Iterator[BinaryIO]:
    """A real file to write; when the block ends well it is at ``target``, whole, else nothing is.

    Raises
    ------
    OSError
        If it cannot be written; an old file is then untouched.
    """
    if isinstance(target, (str, os.PathLike)):
        with atomic(target) as temporary, temporary.open("w+b") as stream:
            yield cast("BinaryIO", stream)
        return
    with tempfile.TemporaryFile() as scratch:
        yield cast("BinaryIO", scratch)
        scratch.seek(0)
        shutil.copyfileobj(scratch, target)


def write(
    path: str | os.PathLike[str] | BinaryIO,
    image: Image,
    *,
    also: Image | Sequence[Image] = (),
    compression: str = "zip",
    dtype: Any = None,
    dwa_level: float | None = None,
    zip_level: int | None = None,
    tile_size: int | Sequence[int] | None = None,
    levels: str | Sequence[Image] | Mapping[tuple[int, int], Image] | None = None,
    rounding: str = "down",
    line_order: str = "increasing",
    sampling: Mapping[str, int | Sequence[int]] | None = None,
    preview: Any = None,
    name: str | None = None,
    view: str | None = None,
    threads: int | None = None,
) -> None:
    """Nothing; the file then holds the image, whatever its strides. It appears whole or not at all.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    image : Image
        Half stays half, float float, u32 uint; 8-bit pixels become half (v/255), 16-bit float (v/65535).
    also : Image or sequence of Image
        More channels for the same part, each of its own format: float depth and uint object numbers beside half
        colours. Of the same data window; metadata is the first image's.
    compression : str
        ``none rle zips zip piz pxr24 b44 b44a dwaa dwab htj2k256 htj2k32 lj2k zstd``, as far as the
        installed OpenEXR knows them.
    dtype : str, dtype or mapping, optional
        Store as ``"f16"`` or ``"f32"``; a mapping names the type of single channels: ``{"Z": "f32"}``.
    dwa_level : float, optional
        For dwaa and dwab; default the level that the image was read with, else 45.
    zip_level : int, optional
        0 to 9, for zip and zips; default the library's own.
    tile_size : int or (width, height), optional
        Tiles instead of scanlines; 64 with ``levels``.
    levels : str, sequence or mapping, optional
        ``"mip"``: also the picture at half its size, again and again, down to 1 x 1; ``"rip"``: every pair of halved
        width and halved height. Each is the area average of the one before (uint: the first pixel of the area), made
        in float32 of all channels alike. Or the levels themselves: a sequence of images from level 1 on for a mip
        map, a mapping from (x, y) for a rip map.
    rounding : str
        Sizes that are odd are halved ``"down"`` or ``"up"``.
    line_order : str
        ``"increasing"`` or ``"decreasing"``; ``"random"`` with tiles.
    sampling : mapping, optional
        Channels of which every n-th sample is kept, as a number or (across, down): ``{"RY": 2, "BY": 2}``. It is
        the first of each block: filter before. The data window must be a multiple. Scanlines only.
    preview : True, int, Image or Preview, optional
        A small 8-bit picture for the header: True or a width makes one from the image's R, G, B as scene-linear
        light, sRGB-encoded, 100 pixels wide unless told.
    name, view : str, optional
        Name of the part, and the stereo view that it shows.
    threads : int, optional
        At most this many.

    Raises
    ------
    FormatError
        If the installed OpenEXR cannot write this.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option or a metadata value does not fit.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io.exr import probe
    >>> stream = io.BytesIO()
    >>> write(stream, Image(np.zeros((2, 2, 3), np.float16)), compression="piz")
    >>> probe(stream.getvalue()).compression
    'piz'
    """
    mode, given = levels_mode(levels)
    options = PartOptions(
        compression, dtype, dwa_level, zip_level, tile_size, line_order, name, view, sampling or {}, mode, rounding
    )
    _write_to(path, [_Part([image, *_listed(also)], options, given, preview)], threads)


class _Part:
    """The pictures of one part, and the plan for them."""

    def __init__(self, images: Sequence[Any], options: PartOptions, given: Any, preview: Any) -> None:
        self.images = [stored_image(image) for image in images]
        picture = picture_of(self.images)
        if preview is not None and preview is not False:
            picture = with_preview(picture, self.images[0], preview)
        self.plan = plan_for(picture, options)
        self.levels = LevelImages(self.plan, self.images, given)


def _write_to(path: str | os.PathLike[str] | BinaryIO, parts: Sequence[_Part], threads: int | None) -> None:
    """The whole file to a path, atomically, or to a stream by way of a temporary file."""
    plans = [part.plan for part in parts]
    try:
        with file_for(path) as stream:
            if exr_backend() == "core":
                _write_chunks(stream, parts, plans, threads)
                return
            from vfx.io import _exr_python

            plan = single(plans, "only OpenEXR's C functions can write them, which are not in use here")
            planes = planes_of([image.pixels for image in parts[0].images], plan)
            _exr_python.write_file(stream, planes, plan)
    except FormatError as error:
        raise FormatError(error.reason, path=target_label(path)) from error


def target_label(target: Any) -> str:
    """What error messages call a target: its path, or what kind of stream it is."""
    return os.fspath(target) if isinstance(target, (str, os.PathLike)) else f"<{type(target).__name__}>"


def _write_chunks(stream: BinaryIO, parts: Sequence[_Part], plans: Sequence[WritePlan], threads: int | None) -> None:
    """Part by part, level by level."""
    from vfx.io._exr_core_write import ChunkFile

    file = ChunkFile(stream, plans)
    for index, part in enumerate(parts):
        for level, arrays in part.levels:
            workers = _threads.for_pixels(level.width * level.height, threads)
            file.write(level, planes_of(arrays, part.plan), part=index, threads=workers)
    file.finish()


def write_parts(
    path: str | os.PathLike[str] | BinaryIO,
    images: Sequence[Image] | Mapping[str, Image],
    *,
    names: Sequence[str] | None = None,
    views: Sequence[str | None] | None = None,
    each: Sequence[Mapping[str, Any]] | None = None,
    threads: int | None = None,
    **options: Any,
) -> None:
    """Nothing; the file then holds every image as a part of its own. It appears whole or not at all.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    images : sequence of Image, or mapping
        The parts, of any windows, formats and channels; a mapping gives their names too.
    names : sequence of str, optional
        Their names, all different. Default: those of the mapping, else the views, else ``part0``, ``part1`` …
    views : sequence of str, optional
        The stereo view that each part shows; None for none.
    each : sequence of mapping, optional
        Options of :func:`write` for one part each, before ``options``.
    threads : int, optional
        At most this many.
    **options
        Options of :func:`write` for every part.

    Raises
    ------
    FormatError
        If the installed OpenEXR cannot write this.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option does not fit, or the parts differ in display window, pixel aspect, time code or chromaticities,
        which all parts of a file share.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io.exr import probe
    >>> stream = io.BytesIO()
    >>> left, right = (Image(np.zeros((4, 4, 3), np.float16)) for _ in range(2))
    >>> write_parts(stream, [left, right], views=["left", "right"], compression="piz")
    >>> [part.views for part in probe(stream.getvalue()).parts]
    [('left',), ('right',)]
    """
    chosen = list(images.values() if isinstance(images, Mapping) else images)
    if not chosen:
        raise ValueError("a file has at least one part")
    shown = _one_each("views", views, [None] * len(chosen))
    given = list(images) if isinstance(images, Mapping) else [view or f"part{n}" for n, view in enumerate(shown)]
    told = _one_each("names", names, given)
    own = _one_each("each", each, [{}] * len(chosen))
    parts = [
        _part(image, {"name": name, "view": view, **options, **more})
        for image, name, view, more in zip(chosen, told, shown, own, strict=True)
    ]
    _write_to(path, parts, threads)


def write_views(
    path: str | os.PathLike[str] | BinaryIO, images: Mapping[str, Image], *, threads: int | None = None, **options: Any
) -> None:
    """Nothing; the file then holds the stereo views of a picture as channels of one part.

    The channels of the first view, the default one, keep their names; those of the others get the view before the last
    part of the name: ``right.R``, ``diffuse.right.R`` ("Storing Multi-View Images in OpenEXR Files"). Files of one
    part for each view, which :func:`write_parts` makes, are read faster where one view is wanted.

    Parameters
    ----------
    path : path or writable binary stream
        Where to write.
    images : mapping
        View name to image, the default view first; all of one data window. Metadata is the first one's.
    threads : int, optional
        At most this many.
    **options
        Options of :func:`write`.

    Raises
    ------
    FormatError, OSError, TypeError, ValueError
        As :func:`write` does, and for less than two views.

    Examples
    --------
    >>> import io, numpy as np
    >>> from vfx.io.exr import read
    >>> stream = io.BytesIO()
    >>> left, right = (Image(np.full((4, 4, 3), n, np.float16)) for n in range(2))
    >>> write_views(stream, {"left": left, "right": right})
    >>> read(stream.getvalue(), view="right")
    <Image 4x4 RGB f16>
    """
    if len(images) < 2:
        raise ValueError(f"a file of several views has two views or more, got {len(images)}")
    for view in images:
        if not view or "." in view:
            raise ValueError(f"a view's name is not empty and has no point in it, got {view!r}")
    default, *others = images
    named = [stored_image(images[default])]
    for view in others:
        image = stored_image(images[view])
        named.append(image.rename({name: _in_view(name, view) for name in image.channel_names}))
    # A layer of the default view names it too; only names without a point are its own as they are.
    own = {name: _in_view(name, default) for name in named[0].channel_names if "." in name}
    first = named[0].rename(own) if own else named[0].like(named[0].pixels)
    first.metadata = {**first.metadata, "exr:multiView": list(images)}
    unknown_options("vfx.io.exr.write_views", options, _OPTIONS)
    write(path, first, also=[*named[1:], *_listed(options.pop("also", ()))], threads=threads, **options)


def _in_view(name: str, view: str) -> str:
    """The channel's name with the view before its last part."""
    layer, point, base = name.rpartition(".")
    return f"{layer}{point}{view}.{base}"


def _listed(images: Any) -> list[Image]:
    """One image or several as a list."""
    return [images] if isinstance(images, Image) else list(images)


def _one_each(name: str, given: Sequence[Any] | None, default: Sequence[Any]) -> list[Any]:
    """What is given for every part, or the default."""
    if given is None:
        return list(default)
    if isinstance(given, str) or len(given) != len(default):
        raise ValueError(f"{name} must have one entry for each of the {len(default)} parts, got {given!r}")
    return list(given)


def _part(image: Image, options: Mapping[str, Any]) -> _Part:
    """A part out of the options of :func:`write`."""
    unknown_options("vfx.io.exr.write_parts", options, _OPTIONS)
    mode, given = levels_mode(options.get("levels"))
    shaping = {name: value for name, value in options.items() if name not in ("also", "preview") and value is not None}
    shaped = PartOptions(**{**shaping, "levels": mode})
    return _Part([image, *_listed(options.get("also", ()))], shaped, given, options.get("preview"))
