"""The readers that are fuzzed: what good files look like, how they are opened, and where they are easily hurt.

Every format of ``vfx.io.FORMATS`` is here by itself, with plain pictures as seeds where it has no others. Reading
ends in a result or in a clear refusal (:mod:`tests.fuzz.openers`). Everything else is a finding: another exception, a
warning, a crash, a hang, a word on stderr, memory that does not come back, ways of reading that disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from tests.fuzz import fields, openers, openers_headers, seed_exr, seed_headers, seed_pictures, seed_tables
from tests.fuzz.mutations import Fields
from vfx.io import FORMATS

__all__ = ["READERS", "Reader", "with_files"]

# Files of others that serve as seeds are no larger; larger ones slow everything down and reach nothing more.
_LARGEST_SEED = 1 << 15


@dataclass(frozen=True)
class Reader:
    """One reader.

    Attributes
    ----------
    name : str
        A format, a format and a way to read it, or an extension with dot.
    make : callable
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


_EXR_WORDS = tuple(
    name.encode() + b"\0"
    for name in (
        "compression", "box2i", "dataWindow", "chlist", "tiles", "tiledesc", "lineOrder", "preview", "timeCode",
        "chromaticities", "string", "stringvector", "float", "chunkCount", "type", "deepscanline", "tiledimage",
        "name", "view", "multiView", "envmap", "m44f", "rational", "RY", "BY", "Y",
    )
)  # fmt: skip
_WORDS: dict[str, tuple[bytes, ...]] = {
    "exr": _EXR_WORDS,
    "png": (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"zTXt", b"iTXt", b"cICP", b"gAMA", b"IDAT", b"IEND", b"acTL"),
    "jpeg": tuple(b"\xff" + bytes([marker]) for marker in (0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE1, 0xE2, 0xEE)),
    "dpx": (b"SDPX", b"XPDS", b"V2.0", b"\xff\xff\xff\xff", b"SCANITY", b"Lasergraphics Inc.", b"DIAMANT"),
    "webp": (b"RIFF", b"WEBP", b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP", b"EXIF", b"XMP "),
    "avif": (b"ftyp", b"avif", b"meta", b"ispe", b"pixi", b"av1C", b"colr", b"ipma", b"iloc", b"iinf", b"mdat"),
    "jp2": (b"jP  ", b"jp2h", b"ihdr", b"colr", b"jp2c", b"\xff\x51", b"\xff\x52", b"\xff\x5c", b"\xff\x90"),
    "jxl": (b"JXL ", b"jxlc", b"jxlp", b"Exif", b"jxli", b"\xff\x0a"),
    "hdr": (b"#?RADIANCE", b"FORMAT=32-bit_rle_rgbe", b"32-bit_rle_xyze", b"EXPOSURE=", b"-Y ", b"+X ", b"PRIMARIES="),
    "tga": (b"TRUEVISION-XFILE.\0",),
    "psd": (b"8BPS", b"8BIM", b"\4\x0f", b"\4\x22"),
}  # fmt: skip
_PICTURES: dict[str, dict[str, Any]] = {
    "cineon": {"fields": fields.cineon},
    "dpx": {"fields": fields.dpx},
    "exr": {"fields": fields.exr},
    "jpeg": {"fields": fields.jpeg},
    "png": {"fields": fields.png, "mend": fields.mended_png},
    "tiff": {"fields": fields.tiff},
    "hdr": {"text": True},
}
_SEEDS = {**seed_pictures.SEEDS, "exr": seed_exr.exr}
_LUTS = (
    ".3dl", ".clf", ".csp", ".ctf", ".cub", ".cube", ".1dl", ".hdl", ".itx", ".look", ".m3d", ".spi1d", ".spi3d",
    ".spimtx", ".vf",
)  # fmt: skip
_DECISIONS = (".cc", ".ccc", ".cdl", ".edl", ".ale")


def _readers() -> dict[str, Reader]:
    """Every reader by name."""
    found = []
    for name in FORMATS:
        make = _SEEDS.get(name) or partial(seed_pictures.plain, name)
        found.append(Reader(name, make, openers.picture(name), words=_WORDS.get(name, ()), **_PICTURES.get(name, {})))
    exr = next(reader for reader in found if reader.name == "exr")
    found += [
        replace(exr, name="exr.pieces", open=openers.exr_pieces),
        replace(exr, name="exr.deep", make=seed_exr.deep, open=openers.exr_deep),
        replace(exr, name="exr.mattes", make=seed_exr.cryptomatte, open=openers.cryptomatte),
        replace(exr, name="exr.rewrite", open=openers.exr_rewrite),
    ]
    edited = [reader for reader in found if reader.name in ("dpx", "jpeg", "png", "tiff")]
    found += [replace(reader, name=f"{reader.name}.header", open=openers.header(reader.name)) for reader in edited]
    found += [
        Reader("exif", seed_headers.exif, openers_headers.exif),
        Reader("frames", seed_headers.frames, openers_headers.frames, text=True),
        Reader("idmanifest", seed_headers.id_manifest, openers_headers.id_manifest),
        Reader("words", seed_headers.words, openers_headers.words, text=True),
    ]
    for extensions, module, name in ((_LUTS, "vfx.lut", "read"), (_DECISIONS, "vfx.color", "read_cdls")):
        for extension in extensions:
            opener = openers.table(extension, module, name)
            found.append(Reader(extension, partial(seed_tables.seeds, extension), opener, text=True))
    return {reader.name: reader for reader in found}


def with_files(reader: Reader, folder: Path) -> Reader:
    """The reader, that also begins with the small good files of its extensions in a folder and below."""
    endings = FORMATS.get(reader.name.partition(".")[0], (reader.name,))

    def make() -> list[bytes]:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings and path.is_file())
        files = [path.read_bytes() for path in paths if 0 < path.stat().st_size <= _LARGEST_SEED]
        return [*reader.make(), *(content for content in files if reader.open(content))]

    return replace(reader, make=make)


READERS: dict[str, Reader] = _readers()
