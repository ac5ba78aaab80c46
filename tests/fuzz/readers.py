"""The readers that are fuzzed: what good files look like, and what reading a damaged one may end in.

Reading ends in a result or in :class:`~vfx.errors.FormatError` whose message begins with the file. Everything
else is a finding: another exception, a warning, a crash, a hang, a word on stderr, memory that does not come
back, ``probe`` and ``read`` that disagree.
"""

from __future__ import annotations

import atexit
import importlib
import io
import shutil
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.fuzz import fields, seed_pictures, seed_tables
from tests.fuzz.mutations import Fields
from vfx.errors import FormatError
from vfx.io import FORMATS

__all__ = ["READERS", "Finding", "Reader"]


class Finding(Exception):
    """A damaged file that ended in something else than a result or a clear refusal."""


@dataclass(frozen=True)
class Reader:
    """One reader.

    Attributes
    ----------
    name : str
        A format, or an extension with dot.
    seeds : callable
        Makes the good files.
    open : callable
        ``open(content)`` reads a file in every way; True when it was a good one.
    fields : callable, optional
        See :func:`tests.fuzz.mutations.damaged`.
    words : tuple of bytes
        Names that the format knows.
    text : bool
        Whether it is a format of text.
    mend : callable, optional
        Mends checksums; used for every second file.
    """

    name: str
    make: Callable[[], list[bytes]] = field(repr=False)
    open: Callable[[bytes], bool] = field(repr=False)
    fields: Fields | None = None
    words: tuple[bytes, ...] = ()
    text: bool = False
    mend: Callable[[bytes], bytes] | None = None

    @cached_property
    def seeds(self) -> list[bytes]:
        """The good files."""
        return self.make()


def _refusal(call: Callable[..., Any], label: str, *arguments: Any, **options: Any) -> Any:
    """What a call returns, or the FormatError that it raised, which must name the file."""
    try:
        return call(*arguments, **options)
    except FormatError as error:
        if not str(error).startswith(f"{label}: "):
            raise Finding(f"the message does not name the file: {error}") from error
        return error


# Formats whose pictures each have a header of their own.
_SEVERAL = ("dpx", "tiff")


def _ways(info: Any, part: int, chance: int) -> dict[str, Any]:
    """Options of one ``read``, as the content decides."""
    found = info.parts[part]
    options: list[dict[str, Any]] = [
        {},
        {},
        {"rows": (found.height // 3, found.height // 3 + 1)},
        {"channels": [found.channel_names[-1]]},
        {"dtype": "f32"},
    ]
    return options[chance % len(options)]


def _picture(name: str) -> Callable[[bytes], bool]:
    """Reads a picture from memory: ``probe``, then ``read`` of up to three parts."""

    def open_picture(content: bytes) -> bool:
        module: ModuleType = importlib.import_module(f"vfx.io.{name}")
        info = _refusal(module.probe, "<bytes>", content)
        if isinstance(info, FormatError):
            alone = name not in _SEVERAL  # else it may be another part that probe refuses
            if alone and not isinstance(_refusal(module.read, "<bytes>", content), FormatError):
                raise Finding(f"read takes what probe refuses: {info}")
            return False
        good = True
        if zlib.crc32(content) % 16 == 0:
            _same_from_everywhere(module.read, content)
        for part in range(min(3, len(info.parts))):
            options = _ways(info, part, zlib.crc32(content) // 7)
            image = _refusal(module.read, "<bytes>", content, **({"part": part} if part else {}), **options)
            good = good and not isinstance(image, FormatError)
            if good and "rows" not in options and (image.width, image.height) != _size(info.parts[part]):
                raise Finding(f"probe says {_size(info.parts[part])}, read gives {(image.width, image.height)}")
        return good

    return open_picture


def _same_from_everywhere(read: Callable[..., Any], content: bytes) -> None:
    """Raise where a file in memory, in a stream and in the file system are not read alike."""
    path = _folder() / "a.file"
    path.write_bytes(content)
    stream = io.BytesIO(b"before" + content)
    stream.seek(6)
    outcomes = []
    for source, label in ((content, "<bytes>"), (path, str(path)), (stream, "<BytesIO>")):
        found = _refusal(read, label, source)
        if isinstance(found, FormatError):
            outcomes.append(f"{type(found).__name__}{str(found).removeprefix(label)}")
        else:
            outcomes.append(f"{found} {zlib.crc32(found.numpy(copy=True).tobytes())}")
    if len(set(outcomes)) > 1:
        raise Finding(f"bytes, path and stream are not read alike: {outcomes}")


def _size(part: Any) -> tuple[int, int]:
    return part.width, part.height


@cache
def _folder() -> Path:
    """Where the files of readers that take no bytes are put."""
    folder = tempfile.mkdtemp(prefix="vfx-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _table(extension: str, call: Callable[..., Any]) -> Callable[[bytes], bool]:
    """Reads a file of an extension by path."""

    def open_table(content: bytes) -> bool:
        path = _folder() / f"a{extension}"
        path.write_bytes(content)
        return not isinstance(_refusal(call, str(path), path), FormatError)

    return open_table


def _late(module: str, name: str) -> Callable[..., Any]:
    """A function that is looked up when it is called, so that only the readers in use are loaded."""

    def call(path: Path) -> Any:
        return getattr(importlib.import_module(module), name)(path)

    return call


_WORDS: dict[str, tuple[bytes, ...]] = {
    "exr": tuple(
        name.encode() + b"\0"
        for name in (
            "compression", "box2i", "dataWindow", "chlist", "tiles", "tiledesc", "lineOrder", "preview", "timeCode",
            "chromaticities", "string", "stringvector", "float", "chunkCount", "type", "deepscanline", "tiledimage",
            "name", "view", "multiView", "envmap", "m44f", "rational",
        )
    ),
    "png": (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"zTXt", b"iTXt", b"cICP", b"gAMA", b"IDAT", b"IEND", b"acTL"),
    "jpeg": tuple(b"\xff" + bytes([marker]) for marker in (0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE1, 0xE2, 0xEE)),
    "dpx": (b"SDPX", b"XPDS", b"V2.0", b"\xff\xff\xff\xff", b"SCANITY", b"Lasergraphics Inc.", b"DIAMANT"),
}  # fmt: skip
_PICTURES: dict[str, dict[str, Any]] = {
    "dpx": {"fields": fields.dpx},
    "exr": {"fields": fields.exr},
    "jpeg": {"fields": fields.jpeg},
    "png": {"fields": fields.png, "mend": fields.mended_png},
    "tiff": {"fields": fields.tiff},
}
_LUTS = (
    ".3dl", ".clf", ".csp", ".ctf", ".cub", ".cube", ".1dl", ".hdl", ".itx", ".look", ".m3d", ".spi1d", ".spi3d",
    ".spimtx", ".vf",
)  # fmt: skip
_DECISIONS = (".cc", ".ccc", ".cdl", ".edl", ".ale")


def _made(extension: str) -> Callable[[], list[bytes]]:
    return lambda: seed_tables.seeds(extension)


def _pictures_of(name: str) -> Callable[[], list[bytes]]:
    return seed_pictures.SEEDS.get(name) or partial(seed_pictures.plain, name)


def _readers() -> dict[str, Reader]:
    """Every reader by name."""
    readers = [
        Reader(name, _pictures_of(name), _picture(name), words=_WORDS.get(name, ()), **_PICTURES.get(name, {}))
        for name in FORMATS
    ]
    for extensions, module, name in ((_LUTS, "vfx.lut", "read"), (_DECISIONS, "vfx.color", "read_cdls")):
        readers += [
            Reader(extension, _made(extension), _table(extension, _late(module, name)), text=True)
            for extension in extensions
        ]
    return {reader.name: reader for reader in readers}


READERS: dict[str, Reader] = _readers()
