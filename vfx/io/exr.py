"""OpenEXR files: half, float and uint pixels in scanlines or tiles, every compression of the library.

======================  ===================================================================
read                    flat parts, scanline and tiled, every level; any channels,
                        layers, views, rows and columns; luminance/chroma as RGB; deep
                        parts flattened
read_deep, write_deep   deep parts, sample by sample: :class:`~vfx.deep.DeepImage`
open                    :class:`ExrFile`: the header once, then pieces from any thread
write                   scanlines or tiles, mip and rip maps, any channels of any formats, subsampled ones too
write_parts             several parts, of different pictures or views
write_views             the views of a picture in one part
Writer                  rows or tiles as they come, in bounded memory
check_aces, write_aces  the ACES image container of SMPTE ST 2065-4
combine                 files as the parts of one, every chunk copied as it is
rewrite                 other metadata, fewer parts: every chunk is copied as it is, deep ones too
======================  ===================================================================

Pixels keep their type: half is ``f16``, float is ``f32``, uint is ``u32`` data. Parts that mix half and
float become ``f32``. Metadata is typed, unknown attributes are kept byte for byte; see
``vfx.metadata``. Two ways lead to the pixels, the wheel's C core and its Python interface;
:func:`exr_backend` says which is in use and ``VFX_EXR_BACKEND=python`` forces the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vfx.deep import DeepImage
from vfx.image import Image
from vfx.io._exr_aces import check_aces, write_aces
from vfx.io._exr_combine import combine
from vfx.io._exr_deep_write import write_deep
from vfx.io._exr_header import COMPRESSIONS, parse
from vfx.io._exr_parts import part_info
from vfx.io._exr_rewrite import rewrite
from vfx.io._exr_session import ExrFile
from vfx.io._exr_write import exr_backend, write, write_parts, write_views
from vfx.io._exr_writer import Writer
from vfx.io._info import ImageInfo
from vfx.io._source import open_source

__all__ = [
    "COMPRESSIONS",
    "EXTENSIONS",
    "NAME",
    "ExrFile",
    "Writer",
    "check_aces",
    "combine",
    "exr_backend",
    "probe",
    "read",
    "read_deep",
    "rewrite",
    "sniff",
    "write",
    "write_aces",
    "write_deep",
    "write_parts",
    "write_views",
]

EXTENSIONS: tuple[str, ...] = (".exr", ".sxr", ".mxr")
NAME = "exr"


def sniff(head: bytes) -> bool:
    r"""Whether a file that begins with these bytes is an EXR file.

    Examples
    --------
    >>> sniff(b"\x76\x2f\x31\x01....")
    True
    """
    return head[:4] == b"\x76\x2f\x31\x01"


def read(
    source: Any,
    *,
    part: int | str = 0,
    layer: str | None = None,
    view: str | None = None,
    channels: Sequence[str] | str | None = None,
    rows: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
    level: int | Sequence[int] = 0,
    dtype: Any = None,
    raw: bool = False,
    missing: str = "error",
    threads: int | None = None,
) -> Image:
    """The picture in an EXR file, decoded straight into interleaved pixels.

    A deep part gives its samples flattened, as :meth:`vfx.deep.DeepImage.flatten` does it; :func:`read_deep` gives the
    samples themselves.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int or str
        Part by index or name.
    layer : str, optional
        Only ``layer.R``, ``layer.G`` …, named ``R``, ``G`` …
    view : str, optional
        Only this stereo view's channels, without its name; in files whose parts are of one view each, the first of
        its parts that has the ``layer`` or ``channels``, or colours where neither is given.
    channels : sequence of str, optional
        Only these, in this order, named as they are after ``layer`` and ``view``. Default: all, R, G, B, A
        first, then layer by layer; without uint channels where there are others.
    rows, columns : (y0, y1) and (x0, x1), optional
        Half-open, counted from the corner of the data window, that of the level; only their chunks are read, and of
        chunks that are not compressed only their bytes.
    level : int or (x, y)
        Of a mipmap or ripmap: halvings of the picture, or of its width and its height. The data window keeps its
        corner, as EXR has it, and the display window shrinks towards it.
    dtype : str or dtype, optional
        ``"f32"`` and ``"f16"`` are converted while decoding, other formats afterwards.
    raw : bool
        Luminance and chroma (Y, RY, BY) as they are stored, chroma samples repeated over the pixels that they stand
        for. Without it they become R, G, B, as OpenEXR reconstructs them, by the file's ``chromaticities``; so do
        those of the ``layer`` asked for. Naming one of them in ``channels`` gives it as stored. Y alone stays Y.
    missing : str
        ``"error"``, or ``"black"``: chunks of a truncated or damaged file that cannot be decoded become 0, as long as
        there are others. What a part holds is not told then, so read without it first.
    threads : int, optional
        At most this many.

    Returns
    -------
    Image
        C-contiguous; ``f16``, ``f32`` or ``u32`` as stored.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If it is damaged or truncated. With path and reason.
    LimitError
        If it asks for more than it can hold.
    ChannelError
        If a part, layer, view or channel is missing.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.exr"
    ...     write(path, Image(np.ones((4, 6, 3), np.float16)))
    ...     read(path, channels="G", rows=(1, 3))
    <Image 6x2 G f16 data_window=(0, 1, 5, 2) display_window=(0, 0, 5, 3)>
    """
    with ExrFile(source) as file:
        return file.read(
            part=part, layer=layer, view=view, channels=channels, rows=rows, columns=columns, level=level, dtype=dtype,
            raw=raw, missing=missing, threads=threads,
        )  # fmt: skip


def read_deep(
    source: Any,
    *,
    part: int | str = 0,
    channels: Sequence[str] | str | None = None,
    rows: Sequence[int] | None = None,
    dtype: Any = None,
    threads: int | None = None,
) -> DeepImage:
    """The samples of a deep part of an EXR file, in flat arrays, as they are stored.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The file.
    part : int or str
        Part by index or name.
    channels : sequence of str, optional
        Only these, in this order. Default: all, R, G, B, A first, then layer by layer.
    rows : (y0, y1), optional
        Half-open, counted from the top of the data window; only their chunks are read.
    dtype : str or dtype, optional
        ``"f32"`` or ``"f16"`` for all half and float samples; uint data stays.
    threads : int, optional
        At most this many.

    Returns
    -------
    DeepImage
        Every channel in its own type, f16, f32 or u32.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If it is damaged or truncated, or the part is not deep.
    LimitError
        If it asks for more than it can hold.
    ChannelError
        If a part or channel is missing.

    Examples
    --------
    >>> import io, numpy as np
    >>> stream = io.BytesIO()
    >>> write_deep(stream, DeepImage([[2, 1]], {"Z": np.float32([1, 4, 2]), "A": np.float16([0.5, 1, 1])}))
    >>> read_deep(stream.getvalue(), channels=["Z"])
    <DeepImage 2x1 Z f32; 3 samples>
    """
    with ExrFile(source) as file:
        return file.read_deep(part=part, channels=channels, rows=rows, dtype=dtype, threads=threads)


def probe(source: Any) -> ImageInfo:
    """What the header says, of every part, deep ones too; no pixels are read.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If the header is damaged.
    """
    with open_source(source) as opened:
        header = parse(opened.stream(), opened.size, opened.label)
        parts = tuple(part_info(part) for part in header.parts)
        return ImageInfo(path=opened.label, format=NAME, parts=parts, size=opened.size)
