"""Damaged still pictures of every format: a picture or a FormatError with the path, in 5 seconds and 1 GiB."""

from __future__ import annotations

import os
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from reference.bitmap_file import bitmap

from vfx.errors import FormatError, LimitError
from vfx.image import Image
from vfx.io import bmp, hdr, jpeg, png, tga, tiff

READERS = {".png": png, ".jpg": jpeg, ".tif": tiff, ".hdr": hdr, ".bmp": bmp, ".tga": tga}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def check(verdicts: dict[Path, str], *, pictures: bool = True) -> None:
    """Every verdict is a FormatError that names the file, or (where allowed) a picture."""
    wrong = {}
    for path, verdict in verdicts.items():
        refused = verdict.startswith((f"FormatError: {path}: ", f"LimitError: {path}: "))
        if not refused and not (pictures and verdict.startswith("picture ")):
            wrong[path.name] = verdict
    assert wrong == {}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Small whole files of every way to store pixels."""
    folder = tmp_path_factory.mktemp("whole")
    y, x = np.mgrid[0:40, 0:50]
    pixels = np.stack([x * 5, y * 6, x + y, np.full_like(x, 128)], axis=2).astype(np.uint8)
    whole = {
        "bytes.png": Image(pixels),
        "words.png": Image(pixels.astype(np.uint16) * 257),
        "gray.jpg": Image(pixels[:, :, 0]),
    }
    for name, image in whole.items():
        image.metadata.update(software="a program", icc_profile=bytes(200), orientation=6)
        READERS[name[-4:]].write(folder / name, image)
    jpeg.write(folder / "progressive.jpg", Image(pixels), progressive=True, subsampling="4:2:0")
    jpeg.write(folder / "optimized.jpg", Image(pixels), optimize=True)
    Pillow.fromarray(pixels).convert("CMYK").save(folder / "cmyk.jpg")
    for compression in ("none", "lzw", "deflate", "zstd", "packbits"):
        tiff.write(folder / f"{compression}.tif", Image(pixels), compression=compression)
    half = Image((pixels / 255).astype(np.float16))
    tiff.write(folder / "tiled.tif", half, tile_size=16, planar=True, bigtiff=True)
    Pillow.fromarray(pixels[:, :, :3]).save(folder / "jpeg.tif", compression="jpeg")
    Pillow.fromarray(pixels[:, :, 0]).convert("1").save(folder / "fax.tif", compression="group4")
    Pillow.fromarray(pixels[:, :, :3]).convert("P").save(folder / "palette.tif")
    for name in ("hdr", "bmp", "tga"):
        READERS[f".{name}"].write(folder / f"plain.{name}", Image(pixels))
    hdr.write(folder / "flat.hdr", Image(pixels[:, :, :3]), compression="none")
    tga.write(folder / "flat.tga", Image(pixels), compression="none", bit_depth=5)
    Pillow.fromarray(pixels[:, :, :3]).convert("P").save(folder / "palette.bmp")
    Pillow.fromarray(pixels[:, :, :3]).convert("P").save(folder / "palette.tga")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def flipped(content: bytes, rng: random.Random) -> bytes:
    """``content`` with one to ten bytes changed, most of them in its first or last 300."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 3, 10))):
        place = rng.choice((rng.randrange(len(damaged)), rng.randrange(300) % len(damaged), -1 - rng.randrange(300)))
        place = max(place, -len(damaged))
        damaged[place] = rng.choice((0, 255, rng.randrange(256), damaged[place] ^ (1 << rng.randrange(8))))
    return bytes(damaged)


def mended(content: bytes) -> bytes:
    """A PNG file with the right checksums, so that the damage reaches what is behind them."""
    parts, position = [content[:8]], 8
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        body = content[position + 4 : position + 8 + length]
        parts += [content[position : position + 4], body, struct.pack(">I", zlib.crc32(body))]
        position += 12 + length
    return b"".join(parts)


@pytest.mark.parametrize("folder", ["fuzz_png", "fuzz_jpeg"])
def test_fuzzers_findings_are_refused(folder: str, shared_data: Path, read_damaged: Callable[..., Any]) -> None:
    files = sorted(path for path in (shared_data / folder).iterdir() if path.is_file())
    assert len(files) >= 10
    check(read_damaged(files))


def test_cut_off_files_are_refused(samples: dict[str, bytes]) -> None:
    for name, content in samples.items():
        reader = READERS[name[-4:]]
        cuts = sorted({*range(1, 40), *range(40, len(content) - 1, max(1, len(content) // 60))})
        for cut in cuts:
            try:
                image = reader.read(content[:cut])
            except FormatError as error:
                assert str(error).startswith("<bytes>: ")  # noqa: PT017
                continue
            # What may be missing is what no pixel depends on: the marker that ends a JPEG picture, tags' values.
            # Of TGA that is all behind the pixels: extension area and footer have 521 bytes.
            assert len(content) - cut < (522 if name.endswith(".tga") else 400), (name, cut)
            np.testing.assert_array_equal(image.pixels, reader.read(content).pixels)


def test_changed_bytes_end_in_a_picture_or_a_format_error(samples: dict[str, bytes], tmp_path: Path,
                                                          read_damaged: Callable[..., Any]) -> None:  # fmt: skip
    rng = random.Random(20)
    files = []
    for name, content in samples.items():
        for index in range(40):
            damaged = flipped(content, rng)
            if name.endswith(".png") and index % 2:
                damaged = mended(damaged)
            files.append(tmp_path / f"{index}-{name}")
            files[-1].write_bytes(damaged)
    check(read_damaged(files))


def test_changed_bytes_never_break_probe(samples: dict[str, bytes]) -> None:
    rng = random.Random(21)
    for name, content in samples.items():
        for _ in range(60):
            try:
                info = READERS[name[-4:]].probe(flipped(content, rng))
            except FormatError:
                continue
            assert info.width > 0


def test_a_changed_pixel_byte_of_a_png_is_always_noticed(samples: dict[str, bytes]) -> None:
    content = samples["bytes.png"]
    start = content.index(b"IDAT")
    for place in range(start, len(content) - 12, 7):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        with pytest.raises(FormatError):
            png.read(bytes(damaged))


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that announce, or unpack to, very large pictures."""
    zeros = zlib.compress(bytes(20_000_000), 9)

    def png_of(width: int, height: int, depth: int, color: int, data: bytes) -> bytes:
        head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
        return png.SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

    yield "lying.png", png_of(60_000, 8_000, 16, 6, zlib.compress(bytes(1000)))
    yield "endless.png", png_of(2**31 - 1, 2**31 - 1, 8, 0, zeros)
    yield "short.png", png_of(100_000, 1_500, 8, 0, zeros)
    yield (
        "text.png",
        png_of(1, 1, 8, 0, zlib.compress(b"\0\0")).replace(
            b"\0\0\0\x0aIDAT", chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(40 * 2**20))) + b"\0\0\0\x0aIDAT"
        ),
    )
    frame = b"\xff\xc0\x00\x0b\x08\xff\xdc\xff\xdc\x01\x01\x11\x00"
    yield "lying.jpg", b"\xff\xd8" + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(500) + b"\xff\xd9"


@pytest.mark.parametrize("name", [name for name, _content in bombs()])
def test_bombs_are_refused(name: str, tmp_path: Path, read_damaged: Callable[..., Any]) -> None:
    path = tmp_path / name
    path.write_bytes(dict(bombs())[name])
    check(read_damaged([path]), pictures=False)


@pytest.mark.skipif("VFX_SANITIZE" in os.environ, reason="a sanitizer's own memory is beyond any limit")
def test_what_does_not_fit_into_memory_is_a_format_error(tmp_path: Path, read_damaged: Callable[..., Any]) -> None:
    rows = zlib.compressobj(1)
    packed = b"".join(rows.compress(bytes(1 + 12_000 * 8)) for _ in range(12_000)) + rows.flush()
    head = struct.pack(">IIBBBBB", 12_000, 12_000, 16, 6, 0, 0, 0)
    path = tmp_path / "huge.png"
    path.write_bytes(png.SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    verdict = read_damaged([path])[path]
    assert verdict == f"LimitError: {path}: not enough memory for the PNG pixels"


def test_a_small_file_of_a_huge_picture_of_our_own_decoders_is_a_format_error(
    tmp_path: Path, read_damaged: Callable[..., Any]
) -> None:
    palette = bytes(value for code in range(16) for value in (code, code, code, 0))
    wide = {
        "runs.bmp": bitmap((2**24 + 13, 9), 8, bytes([0, 1]), kind=1, palette=palette, used=16),
        "runs.hdr": b"#?RADIANCE\n\n-Y 10 +X 50000000\n" + bytes([9, 9, 9, 9, 1, 1, 1, 255] * 100),
    }
    for name, content in wide.items():
        (tmp_path / name).write_bytes(content)
    verdicts = read_damaged([tmp_path / name for name in wide])
    check(verdicts)
    path = tmp_path / "runs.hdr"
    assert verdicts[path] == f"LimitError: {path}: not enough memory for the Radiance pixels"


def test_too_many_scans_are_refused(samples: dict[str, bytes]) -> None:
    content = samples["progressive.jpg"]
    with pytest.raises(LimitError, match="scans"):
        jpeg.read(content[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 600 + b"\xff\xd9")


def test_errors_tell_the_byte_where_that_is_known(samples: dict[str, bytes]) -> None:
    content = bytearray(samples["bytes.png"])
    place = content.index(b"IDAT")
    content[place + 10] ^= 1
    with pytest.raises(FormatError, match="checksum of chunk IDAT") as caught:
        png.read(bytes(content))
    assert caught.value.offset == place - 4
    with pytest.raises(FormatError, match=r"is cut off \(byte 2\)"):
        jpeg.read(samples["gray.jpg"][:10])


@pytest.mark.parametrize("extension", sorted(READERS))
def test_empty_and_missing_files_say_so(extension: str, tmp_path: Path) -> None:
    (tmp_path / f"empty{extension}").touch()
    with pytest.raises(FormatError, match="empty"):
        READERS[extension].read(tmp_path / f"empty{extension}")
    with pytest.raises(FileNotFoundError):
        READERS[extension].read(tmp_path / f"none{extension}")
