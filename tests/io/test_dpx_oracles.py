"""DPX against other programs' decoders: FFmpeg (through PyAV) and OpenImageIO.

Both are asked only what they are right about:

===================================  ====================  ==========================================================
kind of file                         asked                 why not the other
===================================  ====================  ==========================================================
integers, but for those below        both
10-bit packed; 32- and 64-bit float  OpenImageIO           FFmpeg has none
10-bit filled luma and RGBA whose    FFmpeg                OpenImageIO 3 loses codes of the last word
lines end within a word
8-bit CbYCrY, CbYCr, CbYCrA          both, stored samples  OpenImageIO's RGB is that of no standard: white comes out
                                                           as 235 of 255, reds as another colour
other colour differences             OpenImageIO, stored   FFmpeg has none
second and further elements          OpenImageIO           FFmpeg reads the first
run-length encoded, single bits      none: the reference   neither reads them
===================================  ====================  ==========================================================

FFmpeg takes the file's data offset, never the element's. OpenImageIO fills 10 and 12 bits up to 16 by repeating the
high bits.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.reference.dpx_reference import file_of
from vfx import Image
from vfx.io import dpx

av = pytest.importorskip("av")
oiio = pytest.importorskip("OpenImageIO")

KINDS = ("Y", "RGB", "RGBA")
EVERY = [
    (bits, packing, endian, kind)
    for bits, packing, endian, kind in itertools.product(
        (8, 10, 12, 16), ("filled_a", "filled_b", "packed"), ("big", "little"), KINDS
    )
    if bits in (10, 12) or packing == "filled_a"
]
OIIO_PACKINGS = {"filled_a": "Filled, method A", "filled_b": "Filled, method B", "packed": "Packed"}


def codes_of_ffmpeg(path: Path) -> np.ndarray:
    """The codes (H, W, C) that FFmpeg decodes."""
    with av.open(str(path), format="dpx_pipe") as container:
        frame = next(container.decode(video=0))
    pixels = frame.to_ndarray()
    return pixels.reshape(frame.height, frame.width, -1)


def codes_of_oiio(path: Path, bits: int, subimage: int = 0) -> np.ndarray:
    """The codes (H, W, C) that OpenImageIO decodes; floats for 32 bits."""
    reader = oiio.ImageInput.open(str(path))
    assert reader is not None, oiio.geterror()
    assert reader.seek_subimage(subimage, 0)
    spec = reader.spec()
    pixels = reader.read_image({8: "uint8", 32: "float"}.get(bits, "uint16"))
    reader.close()
    pixels = np.asarray(pixels).reshape(spec.height, spec.width, -1)
    return pixels >> (16 - bits) if bits in (10, 12) else pixels


def random_codes(bits: int, kind: str, width: int) -> np.ndarray:
    codes = np.random.default_rng(bits + width).integers(0, 2**bits, (7, width, len(kind)), np.uint16)
    return codes.astype(np.uint8) if bits == 8 else codes


@pytest.mark.parametrize(("bits", "packing", "endian", "kind"), [c for c in EVERY if c[:2] != (10, "packed")])
def test_ffmpeg_reads_our_files_as_we_do(bits: int, packing: str, endian: str, kind: str, tmp_path: Path) -> None:
    for width in (1, 2, 36, 37):
        codes = random_codes(bits, kind, width)
        path = tmp_path / f"{width}.dpx"
        image = Image(codes, channels=tuple(kind))
        dpx.write(path, image, bit_depth=bits, packing=packing, endian=endian, codes=True)
        np.testing.assert_array_equal(codes_of_ffmpeg(path), codes)


@pytest.mark.parametrize(("bits", "packing", "endian", "kind"), EVERY)
def test_openimageio_reads_our_files_as_we_do(bits: int, packing: str, endian: str, kind: str, tmp_path: Path) -> None:
    for width in (36, 37, 38):
        if bits == 10 and packing != "packed" and width * len(kind) % 3:
            continue  # its known defect, see the module
        codes = random_codes(bits, kind, width)
        path = tmp_path / f"{width}.dpx"
        image = Image(codes, channels=tuple(kind))
        dpx.write(path, image, bit_depth=bits, packing=packing, endian=endian, codes=True)
        np.testing.assert_array_equal(codes_of_oiio(path, bits), codes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("endian", ["big", "little"])
def test_openimageio_reads_our_floats(kind: str, endian: str, tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).normal(0, 9, (5, 37, len(kind))).astype(np.float32)
    path = tmp_path / "f.dpx"
    dpx.write(path, Image(pixels, channels=tuple(kind)), bit_depth=32, endian=endian)
    np.testing.assert_array_equal(codes_of_oiio(path, 32), pixels)


@pytest.mark.parametrize(("bits", "packing", "endian", "kind"), EVERY)
def test_we_read_what_openimageio_writes(bits: int, packing: str, endian: str, kind: str, tmp_path: Path) -> None:
    for width in (36, 37):
        codes = random_codes(bits, kind, width)
        spec = oiio.ImageSpec(width, codes.shape[0], len(kind), "uint8" if bits == 8 else "uint16")
        spec.channelnames = tuple(kind)
        spec["oiio:BitsPerSample"] = bits
        spec["dpx:Packing"] = OIIO_PACKINGS[packing]
        spec["oiio:Endian"] = endian
        path = tmp_path / f"{width}.dpx"
        writer = oiio.ImageOutput.create(str(path))
        assert writer.open(str(path), spec), writer.geterror()
        assert writer.write_image(codes if bits == 8 else codes << (16 - bits)), writer.geterror()
        writer.close()
        np.testing.assert_array_equal(dpx.read(path, codes=True).pixels, codes)


@pytest.mark.parametrize(
    "pix_fmt", ["gbrp10be", "gbrp10le", "gbrp12le", "gbrp12be", "rgb48le", "rgba64be", "rgb24", "rgba", "gray"]
)
def test_we_read_what_ffmpeg_writes(pix_fmt: str, tmp_path: Path) -> None:
    bits = {"10": 10, "12": 12, "48": 16, "64": 16}.get(pix_fmt.strip("abeglpry"), 8)
    kind = "Y" if pix_fmt == "gray" else "RGBA" if pix_fmt.startswith(("rgba", "gbrap")) else "RGB"
    codes = random_codes(bits, kind, 36)
    frame = av.VideoFrame.from_ndarray(codes[:, :, 0] if kind == "Y" else codes, format=pix_fmt)
    encoder = av.CodecContext.create("dpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, pix_fmt
    encoder.time_base = Fraction(1, 24)
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    image = dpx.read(data, codes=True)
    assert image.metadata["dpx:bit_depth"] == bits
    np.testing.assert_array_equal(image.pixels, codes)


NOT_BY_FFMPEG = {"seed.dpx": "32-bit floats", "bomb-46341.dpx": "promises 46341 x 46341 pixels in 21 kB"}


@pytest.mark.each_shared_file("dpx/*.dpx")
def test_ffmpeg_and_openimageio_read_real_files_as_we_do(shared_case: Path) -> None:
    if shared_case.name in NOT_BY_FFMPEG:
        with pytest.raises(av.error.FFmpegError):
            codes_of_ffmpeg(shared_case)
        return
    ours = dpx.read(shared_case, codes=True).pixels
    np.testing.assert_array_equal(codes_of_ffmpeg(shared_case), ours)
    np.testing.assert_array_equal(codes_of_oiio(shared_case, 10), ours)


@pytest.mark.each_shared_file("dpx/stereo.dpx")
def test_the_second_eye_is_openimageios_second_subimage(shared_case: Path) -> None:
    np.testing.assert_array_equal(
        dpx.read(shared_case, codes=True, part=1).pixels, codes_of_oiio(shared_case, 10, subimage=1)
    )


@pytest.mark.each_shared_file("dpx/seed.dpx")
def test_openimageio_reads_real_floats_as_we_do(shared_case: Path) -> None:
    np.testing.assert_array_equal(dpx.read(shared_case).pixels, codes_of_oiio(shared_case, 32))


def test_openimageio_finds_our_header_fields(tmp_path: Path) -> None:
    path = tmp_path / "h.dpx"
    image = Image(np.zeros((4, 6, 3), np.float32), metadata={"dpx:slate": "42A", "dpx:project": "show"})
    image.pixel_aspect = 2.0
    dpx.write(
        path,
        image,
        timecode="01:02:03:04",
        keycode="02 34 567890 1234+56",
        frame_rate=24,
        creator="grader",
        transfer="printing_density",
        colorimetric="printing_density",
    )
    reader = oiio.ImageInput.open(str(path))
    spec = reader.spec()
    reader.close()
    found = {attribute.name: attribute.value for attribute in spec.extra_attribs}
    assert found["Software"] == "grader"
    assert found["DocumentName"] == "show"
    assert found["dpx:SlateInfo"] == "42A"
    assert found["dpx:FrameRate"] == 24.0
    assert found["dpx:Transfer"] == "Printing density"
    assert found["dpx:Colorimetric"] == "Printing density"
    assert found["PixelAspectRatio"] == 2.0
    assert spec.get_string_attribute("smpte:TimeCode") == "01:02:03:04"


@pytest.mark.parametrize(("bits", "packing"), [(8, 0), (10, 1), (10, 2), (12, 1), (16, 0)])
@pytest.mark.parametrize("kind", ["ABGR", "R", "A", "Z"])
def test_openimageio_names_and_orders_rarer_channels_as_we_do(
    kind: str, bits: int, packing: int, tmp_path: Path
) -> None:
    codes = random_codes(bits, kind, 36)
    path = tmp_path / "k.dpx"
    path.write_bytes(file_of(codes, bits=bits, packing=packing, kind=kind))
    image = dpx.read(path, codes=True)
    reader = oiio.ImageInput.open(str(path))
    names = tuple(reader.spec().channelnames)
    reader.close()
    assert image.channel_names == names
    np.testing.assert_array_equal(image.pixels, codes_of_oiio(path, bits))


FFMPEG_PLANES = {"CbYCrY": ("uyvy422", 2), "CbYCr": ("yuv444p", 3), "CbYCrA": ("yuva444p", 4)}


@pytest.mark.parametrize("descriptor", FFMPEG_PLANES)
def test_ffmpeg_finds_the_colour_differences_that_we_write(descriptor: str, tmp_path: Path) -> None:
    # It has them of 8 bits and big endian alone.
    pix_fmt, count = FFMPEG_PLANES[descriptor]
    names = ("Y", "Cb", "Cr", "A")[: max(3, count)]
    codes = np.random.default_rng(3).integers(0, 256, (6, 36, len(names)), np.uint8)
    if count == 2:
        codes[:, 1::2, 1:3] = codes[:, 0::2, 1:3]
    path = tmp_path / "d.dpx"
    dpx.write(path, Image(codes, channels=names), bit_depth=8, codes=True, descriptor=descriptor)
    with av.open(str(path), format="dpx_pipe") as container:
        frame = next(container.decode(video=0))
    assert frame.format.name == pix_fmt
    if count == 2:
        stored = np.frombuffer(bytes(frame.planes[0]), np.uint8).reshape(6, -1)[:, :72].reshape(6, 36, 2)
        colours = [np.repeat(stored[:, at::2, 0], 2, axis=1) for at in (0, 1)]
        found = np.stack([stored[:, :, 1], *colours], -1)
    else:
        planes = [np.frombuffer(bytes(plane), np.uint8).reshape(6, -1)[:, :36] for plane in frame.planes]
        found = np.stack(planes, -1)
    np.testing.assert_array_equal(found, codes)
    np.testing.assert_array_equal(dpx.read(path, codes=True).pixels, codes)


@pytest.mark.parametrize(
    ("bits", "packing"), [(8, "packed"), (10, "filled_a"), (10, "filled_b"), (12, "packed"), (16, "packed")]
)
@pytest.mark.parametrize("descriptor", ["CbYCrY", "CbYACrYA", "CbYCr", "CbYCrA"])
def test_openimageio_finds_the_stored_colour_differences(
    descriptor: str, bits: int, packing: str, tmp_path: Path
) -> None:
    names = ("Y", "Cb", "Cr", "A")[: 4 if "A" in descriptor else 3]
    codes = np.random.default_rng(bits).integers(0, 2**bits, (5, 36, len(names)), np.uint16)
    halved = descriptor in ("CbYCrY", "CbYACrYA")
    if halved:
        codes[:, 1::2, 1:3] = codes[:, 0::2, 1:3]
    path = tmp_path / "d.dpx"
    image = Image(codes, channels=names)
    dpx.write(path, image, bit_depth=bits, packing=packing, codes=True, descriptor=descriptor)
    config = oiio.ImageSpec()
    config["oiio:RawColor"] = 1
    reader = oiio.ImageInput.open(str(path), config)
    stored = np.asarray(reader.read_image("uint8" if bits == 8 else "uint16"))
    reader.close()
    stored = stored >> (16 - bits) if bits in (10, 12) else stored
    if halved:
        colours = [np.repeat(stored[:, at::2, :1], 2, axis=1) for at in (0, 1)]
        stored = np.concatenate([stored[:, :, 1:2], *colours, stored[:, :, 2:]], axis=2)
    else:
        stored = stored[:, :, [1, 0, 2, 3][: len(names)]]
    np.testing.assert_array_equal(stored, codes)


def test_openimageio_finds_every_element_that_we_write(tmp_path: Path) -> None:
    eyes = [random_codes(10, "RGB", 36), 1023 - random_codes(10, "RGB", 36)]
    path = tmp_path / "stereo.dpx"
    dpx.write(path, [Image(eye) for eye in eyes], codes=True)
    for index, eye in enumerate(eyes):
        np.testing.assert_array_equal(codes_of_oiio(path, 10, subimage=index), eye)
    dpx.write(path, Image(eyes[0]), codes=True, planar=True)
    for index in range(3):
        np.testing.assert_array_equal(codes_of_oiio(path, 10, subimage=index), eyes[0][:, :, index : index + 1])


@pytest.mark.parametrize("endian", ["big", "little"])
def test_openimageio_reads_our_doubles(endian: str, tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).normal(0, 9, (5, 37, 3)).astype(np.float32)
    dpx.write(tmp_path / "f.dpx", Image(pixels), bit_depth=64, endian=endian)
    np.testing.assert_array_equal(codes_of_oiio(tmp_path / "f.dpx", 32), pixels)
