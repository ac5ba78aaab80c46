"""Reading and writing picture files: one module per format, and the three doors to all of them.

==========  ==========================================  =====================
module      files                                       stands on
==========  ==========================================  =====================
``exr``     OpenEXR                                     OpenEXR's C core
``dpx``     SMPTE ST 268 DPX                            our own kernel
``cineon``  Kodak Cineon, 1 to 16 bits                  our own kernel
``png``     PNG, 1 to 16 bits                           imagecodecs
``jpeg``    JPEG                                        Pillow
``tiff``    TIFF                                        tifffile, imagecodecs
``webp``    WebP                                        Pillow
``avif``    AVIF, 8 to 12 bits                          imagecodecs
``jxl``     JPEG XL, integers and floats                imagecodecs
``jp2``     JPEG 2000 and HTJ2K                         imagecodecs
``gif``     GIF                                         Pillow
``psd``     Photoshop, its composite (read only)        our own reader
``hdr``     Radiance pictures, RGBE and XYZE            our own kernel
``bmp``     Windows bitmaps                             our own kernel
``tga``     Truevision TGA                              our own kernel
==========  ==========================================  =====================

The format is told by content first and by extension second. No function here changes colour:
pixels come and go as the file stores them, integers meaning [0, 1].
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.checks import near, one_of, unknown_options
from vfx.checks import path as check_path
from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io._info import ImageInfo, PartInfo
from vfx.io._limits import Limits, limits
from vfx.io._source import Source, open_source

if TYPE_CHECKING:
    from vfx.io.opened import ImageFile

__all__ = ["FORMATS", "ImageFile", "ImageInfo", "Limits", "PartInfo", "limits", "open", "probe", "read", "write"]

#: Format name → extensions; the module of the same name reads and writes it.
FORMATS: dict[str, tuple[str, ...]] = {
    "exr": (".exr", ".sxr", ".mxr"),
    "dpx": (".dpx",),
    "cineon": (".cin", ".cineon"),
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg", ".jpe"),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif", ".avifs"),
    "jxl": (".jxl",),
    "jp2": (".jp2", ".j2k", ".j2c", ".jpc", ".jpx", ".jph", ".jhc"),
    "gif": (".gif",),
    "psd": (".psd", ".psb"),
    "hdr": (".hdr", ".pic", ".rgbe", ".xyze"),
    "bmp": (".bmp", ".dib"),
    "tga": (".tga", ".targa", ".vda", ".icb", ".vst"),
}
_ALIASES = {"jpg": "jpeg", "tif": "tiff", "jpegxl": "jxl", "jpeg2000": "jp2"}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x76\x2f\x31\x01", "exr"),
    (b"SDPX", "dpx"),
    (b"XPDS", "dpx"),
    (b"\x80\x2a\x5f\xd7", "cineon"),
    (b"\xd7\x5f\x2a\x80", "cineon"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"GIF8", "gif"),
    (b"8BPS", "psd"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL ", "jxl"),
    (b"\0\0\0\x0cjP  ", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"#?", "hdr"),
    (b"BM", "bmp"),
    # TGA has no signature; most files have no text, no palette and their corner at 0, 0.
    (b"\0\0\x02" + bytes(9), "tga"),
    (b"\0\0\x03" + bytes(9), "tga"),
    (b"\0\0\x0a" + bytes(9), "tga"),
    (b"\0\0\x0b" + bytes(9), "tga"),
    (b"\0\1\1\0\0", "tga"),
    (b"\0\1\x09\0\0", "tga"),
)
#: Formats whose mark is not at the beginning: the module's ``sniff`` decides.
_INSIDE = ("webp", "avif")
#: Modules of this room that are no formats.
_MODULES = (
    "cryptomatte",
    "envmap",
    "header",
    "idmanifest",
    "opened",
    "sequence",
)
#: Formats whose ``write`` takes several images.
_SEVERAL = ("dpx", "gif", "tiff")
_COMMON = {"part": 0, "layer": None, "view": None, "channels": None, "rows": None, "level": 0, "dtype": None}


def __getattr__(name: str) -> Any:
    """Load a format's module, or another such as ``sequence``, when it is first named: ``vfx.io.dpx``."""
    if name in FORMATS or name in _MODULES:
        return _module(name)
    if name == "ImageFile":
        return _module("opened").ImageFile
    raise AttributeError(f"module 'vfx.io' has no attribute {name!r}")


def _module(name: str) -> ModuleType:
    """The module of a format."""
    return importlib.import_module(f"vfx.io.{name}")


def _by_extension(path: Path) -> str | None:
    """The format that a file name's extension stands for."""
    extension = path.suffix.lower()
    return next((name for name, extensions in FORMATS.items() if extension in extensions), None)


def _sniff(source: Source) -> str:
    """The format of a source, by content and then by extension."""
    head = source.head(64)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    inside = next((name for name in _INSIDE if _module(name).sniff(head)), None)
    if inside is not None:
        return inside
    named = _by_extension(source.path) if source.path else None
    if named is None:
        raise FormatError(
            f"not a picture of a known format ({', '.join(FORMATS)}); it begins with {head[:8].hex(' ')}",
            path=source.label,
        )
    return named


def _supported(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that differ from their defaults; raises when the format's reader takes none of a kind."""
    given = {key: value for key, value in options.items() if key not in _COMMON or value != _COMMON[key]}
    _check(f"reading {name}", given, _module(name).read, 1)
    return given


def _check(where: str, given: Mapping[str, Any], function: Callable[..., Any], operands: int) -> None:
    """Raise where the function has no such options, or a yes or no is neither."""
    import inspect

    options = list(inspect.signature(function).parameters.values())[operands:]
    unknown_options(where, given, [option.name for option in options])
    for option in options:
        value = given.get(option.name)
        if str(option.annotation) in ("bool", "bool | None") and not (value is None or value in (False, True)):
            raise TypeError(f"{option.name} must be True or False, got {value!r}")


def read(
    source: str | os.PathLike[str] | Any,
    *,
    part: int | str = 0,
    layer: str | None = None,
    view: str | None = None,
    channels: Any = None,
    rows: Any = None,
    level: int | Sequence[int] = 0,
    dtype: Any = None,
    colorspace: str | None = None,
    **options: Any,
) -> Image:
    """The image in a file, in the file's own pixel format.

    Parameters
    ----------
    source : path, bytes-like or binary stream
        The format is told by content first, extension second.
    part : int or str
        EXR part or TIFF page, by index or name.
    layer, view : str, optional
        Only the channels of this layer (without its name) or stereo view.
    channels : sequence of str, optional
        Only these channels, in this order.
    rows : (y0, y1), optional
        Only these rows, half-open, counted from the picture's top row.
    level : int or (x, y)
        Level of a mipmap, or of a ripmap; resolution of JPEG 2000; smaller picture of a TIFF page.
    dtype : str or dtype, optional
        Convert to this pixel format while reading, e.g. ``"f32"``.
    colorspace : str, optional
        Name to put on the image; nothing is converted.
    **options
        The format's own, see ``vfx.io.exr`` and its neighbours.

    Returns
    -------
    Image
        With metadata, windows and channel names from the file.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If it is damaged or of an unsupported kind; the message has path and reason.
    ChannelError
        If a channel or layer is missing.
    TypeError
        If the format has no such option.
    """
    common = {
        "part": part,
        "layer": layer,
        "view": view,
        "channels": channels,
        "rows": rows,
        "level": level,
        "dtype": dtype,
    }
    with open_source(source) as opened:
        name = _sniff(opened)
        given = _supported(name, {**common, **options})
        try:
            image: Image = _module(name).read(opened, **given)
        except ChannelError as error:
            if str(error).startswith(opened.label):
                raise
            raise ChannelError(f"{opened.label}: {error}") from None  # what chooses channels knows pixels only
    if colorspace is not None:
        image.colorspace = colorspace
    return image


def open(source: str | os.PathLike[str] | Any) -> ImageFile:
    """An open file, whose rows, boxes, tiles, levels and channels are read without loading the picture.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If its header is damaged or it is of an unsupported kind.

    Examples
    --------
    >>> import io, numpy as np, vfx
    >>> stream = io.BytesIO()
    >>> vfx.io.exr.write(stream, Image(np.zeros((1000, 2000, 4), np.float16)))
    >>> with vfx.io.open(stream.getvalue()) as file:
    ...     [band.height for band in file.bands(400, channels=["A"])]
    [400, 400, 200]
    """
    from vfx.io.opened import ImageFile

    with open_source(source) as opened:
        name = _sniff(opened)
    return ImageFile(opened if opened.path is None else source, format=name, module=_module(name))


def probe(source: str | os.PathLike[str] | Any) -> ImageInfo:
    """What a file's header says; no pixels are read.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be opened.
    FormatError
        If it is damaged or of an unsupported kind.
    """
    with open_source(source) as opened:
        info: ImageInfo = _module(_sniff(opened)).probe(opened)
    return info


def write(
    path: str | os.PathLike[str],
    image: Image | Sequence[Image] | Any,
    *,
    format: str | None = None,  # the name that the API documents give it
    **options: Any,
) -> None:
    """Nothing; the file then holds the image. It appears whole or not at all.

    Parameters
    ----------
    path : path
        Its extension tells the format.
    image : Image, DeepImage or array
        Written in its own pixel format where the file format has it. A list of images becomes the pages of a TIFF
        file, the elements of a DPX file, the frames of a GIF file. Only OpenEXR files hold deep images.
    format : str, optional
        The format, whatever the extension.
    **options
        The format's own, e.g. ``compression="piz"``; unknown ones raise.

    Raises
    ------
    ChannelError
        If the format cannot hold these channels.
    OSError
        If the file cannot be written; an old file is then untouched.
    TypeError, ValueError
        If an option is wrong.
    """
    target = check_path(path)
    name = one_of("format", _ALIASES.get(format, format), FORMATS) if format is not None else _by_extension(target)
    if name is None:
        known = [extension for extensions in FORMATS.values() for extension in extensions]
        told = f"from {target.suffix!r}{near(target.suffix, known)}" if target.suffix else "without an extension"
        raise ValueError(f"{target}: cannot tell the format {told}; known: {', '.join(known)}")
    several = isinstance(image, (list, tuple)) and bool(image) and all(isinstance(each, Image) for each in image)
    if several and name not in _SEVERAL:
        raise TypeError(f"{target}: {name} files hold one image, got a list; vfx.io.exr.write_parts writes several")
    if not isinstance(image, Image) and not several:
        from vfx.deep import DeepImage

        if isinstance(image, DeepImage):
            if name != "exr":
                raise TypeError(f"{target}: {name} files hold no deep image; write what its flatten() gives")
            exr = _module(name)
            _check("writing deep exr", options, exr.write_deep, 2)
            exr.write_deep(target, image, **options)
            return
        image = Image(np.asarray(image))
    writer = getattr(_module(name), "write", None)
    if writer is None:
        raise ValueError(f"{target}: {name} files can be read, not written")
    _check(f"writing {name}", options, writer, 2)
    writer(target, image, **options)
