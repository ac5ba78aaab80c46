"""JPEG: what other readers see, what others read of ours, and what is kept."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps

from vfx.errors import ChannelError, FormatError
from vfx.image import Image
from vfx.io import jpeg

#: Two decoders of one JPEG file may differ by their inverse DCT and their interpolation of colour
#: differences: one code by ITU-T T.83's accuracy test for the DCT, one more for the YCbCr rounding.
DECODER_TOLERANCE = 2


def oiio_pixels(path: Path) -> np.ndarray[Any, Any]:
    oiio = pytest.importorskip("OpenImageIO")
    opened = oiio.ImageInput.open(str(path))
    assert opened is not None, oiio.geterror()
    pixels = opened.read_image("uint8")
    opened.close()
    return pixels


@pytest.fixture
def smooth() -> np.ndarray[Any, Any]:
    """A smooth colour picture of an odd size."""
    y, x = np.mgrid[0:37, 0:53]
    return np.stack([x * 4, y * 6, (x + y) * 2], axis=2).astype(np.uint8)


def encoded(pixels: np.ndarray[Any, Any], mode: str | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture = Pillow.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(stream, "JPEG", **options)
    return stream.getvalue()


# ------------------------------------------------------------------ reading


@pytest.mark.each_shared_file("photo/*.jpg", "jpeg/*.jpg", "ssimulacra2/*.jpg")
def test_reads_what_pillow_and_openimageio_read(shared_case: Path) -> None:
    image = jpeg.read(shared_case)
    assert image.format == "u8"
    with Pillow.open(shared_case) as opened:
        np.testing.assert_array_equal(image.pixels, np.array(opened).reshape(image.pixels.shape))
    difference = image.pixels.astype(int) - oiio_pixels(shared_case)
    assert np.abs(difference).max() <= DECODER_TOLERANCE
    info = jpeg.probe(shared_case)
    assert (info.width, info.height, info.channel_names) == (image.width, image.height, image.channel_names)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": "4:2:0"}, {"optimize": True}])
def test_all_processes_are_read(options: dict[str, Any], smooth: np.ndarray[Any, Any]) -> None:
    content = encoded(smooth, quality=95, **options)
    image = jpeg.read(content)
    assert image.channel_names == ("R", "G", "B")
    assert np.abs(image.pixels.astype(int) - smooth).mean() < 3
    expected = "progressive" if "progressive" in options else "baseline"
    assert jpeg.probe(content).parts[0].type == expected
    assert jpeg.probe(content).metadata["jpeg:subsampling"] == options.get("subsampling", "4:2:0")


def test_gray_is_one_channel(smooth: np.ndarray[Any, Any]) -> None:
    image = jpeg.read(encoded(smooth, "L"))
    assert image.channel_names == ("Y",)
    assert jpeg.probe(encoded(smooth, "L")).channel_names == ("Y",)


def test_cmyk_becomes_rgb_without_its_profile(smooth: np.ndarray[Any, Any]) -> None:
    content = encoded(smooth, "CMYK", quality=98, icc_profile=b"\0" * 16 + b"CMYK" + b"\0" * 120)
    image = jpeg.read(content)
    assert image.channel_names == ("R", "G", "B")
    assert np.abs(image.pixels.astype(int) - smooth).mean() < 4
    assert "icc_profile" not in image.metadata
    assert image.metadata["jpeg:cmyk_icc_profile"][16:20] == b"CMYK"


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation_is_told_and_applied_only_when_asked(turned: int, smooth: np.ndarray[Any, Any]) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = turned
    content = encoded(smooth, exif=exif.tobytes(), quality=100, subsampling="4:4:4")
    stored = jpeg.read(content)
    assert stored.metadata["orientation"] == turned
    assert (stored.width, stored.height) == (53, 37)
    with Pillow.open(io.BytesIO(content)) as opened:
        upright = np.array(ImageOps.exif_transpose(opened))
    image = jpeg.read(content, auto_orient=True)
    np.testing.assert_array_equal(image.pixels, upright)
    assert image.metadata["orientation"] == 1


def test_channels_rows_and_dtype_are_honoured(smooth: np.ndarray[Any, Any]) -> None:
    content = encoded(smooth)
    whole = jpeg.read(content)
    part = jpeg.read(content, channels=("G",), rows=(3, 9), dtype="u16")
    np.testing.assert_array_equal(part.pixels[:, :, 0], whole.pixels[3:9, :, 1].astype(np.uint16) * 257)


def test_a_large_file_is_read_without_pillows_size_warning(smooth: np.ndarray[Any, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 100)
    assert jpeg.read(encoded(smooth)).width == 53


# ------------------------------------------------------------------ writing


@pytest.mark.parametrize("subsampling", jpeg.SUBSAMPLINGS)
@pytest.mark.parametrize("progressive", [False, True])
def test_written_files_are_read_by_all(
    subsampling: str, progressive: bool, smooth: np.ndarray[Any, Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    jpeg.write(path, Image(smooth), quality=95, subsampling=subsampling, progressive=progressive)
    image = jpeg.read(path)
    assert np.abs(image.pixels.astype(int) - smooth).mean() < 3
    assert np.abs(image.pixels.astype(int) - oiio_pixels(path)).max() <= DECODER_TOLERANCE
    facts = jpeg.probe(path).parts[0]
    assert facts.metadata["jpeg:subsampling"] == subsampling
    assert facts.type == ("progressive" if progressive else "baseline")


def test_quality_trades_size_for_fidelity(smooth: np.ndarray[Any, Any], tmp_path: Path) -> None:
    noisy = Image((smooth + np.random.default_rng(1).integers(0, 30, smooth.shape)).astype(np.uint8))
    sizes, errors = [], []
    for quality in (10, 60, 95, 100):
        jpeg.write(tmp_path / "a.jpg", noisy, quality=quality)
        sizes.append((tmp_path / "a.jpg").stat().st_size)
        errors.append(np.abs(jpeg.read(tmp_path / "a.jpg").pixels.astype(int) - noisy.pixels).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1


@pytest.mark.parametrize("options", [{"optimize": True}, {"progressive": True}, {}])
def test_noise_at_full_quality_fits(options: dict[str, bool], tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (256, 256, 3), np.uint8, endpoint=False)
    jpeg.write(tmp_path / "a.jpg", Image(noise), quality=100, **options)
    assert np.abs(jpeg.read(tmp_path / "a.jpg").pixels.astype(int) - noise).mean() < 1


def test_the_encoder_buffer_of_pillow_is_put_back(tmp_path: Path) -> None:
    before = ImageFile.MAXBLOCK
    noise = np.random.default_rng(2).integers(0, 256, (200, 200, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        for index in range(8):
            pool.submit(jpeg.write, tmp_path / f"{index}.jpg", Image(noise[: 25 + 25 * index]), progressive=True)
    assert before == ImageFile.MAXBLOCK
    assert [jpeg.read(tmp_path / f"{index}.jpg").height for index in range(8)] == list(range(25, 225, 25))


def test_other_formats_are_rounded_to_8_bits(tmp_path: Path) -> None:
    flat = np.full((16, 16), 100 * 257 + 128, np.uint16)
    jpeg.write(tmp_path / "a.jpg", Image(flat), quality=100)
    assert jpeg.read(tmp_path / "a.jpg").pixels[8, 8, 0] == 100
    scene = np.full((16, 16, 3), [-1.0, 0.5, np.inf], np.float32)
    jpeg.write(tmp_path / "b.jpg", Image(scene), quality=100)
    np.testing.assert_allclose(jpeg.read(tmp_path / "b.jpg").pixels[8, 8].astype(int), [0, 128, 255], atol=2)


def test_alpha_is_left_out_which_is_the_image_over_black(tmp_path: Path, smooth: np.ndarray[Any, Any]) -> None:
    alpha = np.full((*smooth.shape[:2], 1), 10, np.uint8)
    jpeg.write(tmp_path / "a.jpg", Image(np.concatenate((smooth, alpha), axis=2)))
    jpeg.write(tmp_path / "b.jpg", Image(smooth))
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    jpeg.write(tmp_path / "c.jpg", Image(np.concatenate((smooth[:, :, :1], alpha), axis=2)))
    assert jpeg.read(tmp_path / "c.jpg").channel_names == ("Y",)


@pytest.mark.parametrize("layout", ["flipped", "mirrored", "fortran", "slice", "transposed"])
def test_every_memory_layout_is_written_right(layout: str, smooth: np.ndarray[Any, Any], tmp_path: Path) -> None:
    wide = np.repeat(smooth, 2, axis=2)
    pixels = {
        "flipped": smooth[::-1],
        "mirrored": smooth[:, ::-1],
        "fortran": np.asfortranarray(smooth),
        "slice": wide[::2, ::3, ::2],
        "transposed": smooth.transpose(1, 0, 2),
    }[layout]
    jpeg.write(tmp_path / "a.jpg", Image(pixels))
    jpeg.write(tmp_path / "b.jpg", Image(pixels.copy()))
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


def test_other_channels_raise(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="JPEG holds"):
        jpeg.write(tmp_path / "a.jpg", Image(np.zeros((2, 2, 5), np.uint8)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [({"quality": 0}, "quality must be between 1 and 100"), ({"quality": 101}, "quality"),
     ({"bit_depth": 10}, "must be 8 or 12"), ({"restart_rows": -1}, "restart_rows must be"),
     ({"bit_depth": 12, "progressive": True}, "12 bits is not written progressive"),
     ({"subsampling": "4:1:0"}, "subsampling must be one of 4:4:4, 4:2:2, 4:2:0")],
)  # fmt: skip
def test_wrong_options_raise_and_leave_no_file(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        jpeg.write(tmp_path / "a.jpg", Image(np.zeros((2, 2), np.uint8)), **options)
    assert list(tmp_path.iterdir()) == []


def test_too_large_a_side_is_refused_before_anything_is_encoded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="65500"):
        jpeg.write(tmp_path / "a.jpg", Image(np.broadcast_to(np.zeros((1, 1), np.uint8), (1, 65501))))


# ------------------------------------------------------------------ metadata


def test_metadata_survives_writing_and_reading(tmp_path: Path, smooth: np.ndarray[Any, Any]) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 3
    exif[0x010F] = "a maker"
    entries = {
        "icc_profile": b"\0" * 16 + b"RGB " + bytes(range(256)) * 600,  # more than one segment holds
        "exif": exif.tobytes().removeprefix(b"Exif\0\0"),
        "orientation": 3,
        "xmp": b"<x:xmpmeta/>",
        "comments": "Ünïcode 制作",
        "camera_make": "a maker",
        "jpeg:density": (300, 300, 1),
    }
    jpeg.write(tmp_path / "a.jpg", Image(smooth, metadata=entries))
    assert jpeg.read(tmp_path / "a.jpg").metadata == entries
    with Pillow.open(tmp_path / "a.jpg") as opened:
        assert opened.info["icc_profile"] == entries["icc_profile"]
        assert opened.info["dpi"] == (300, 300)
        assert opened.getexif()[0x010F] == "a maker"


def test_a_changed_orientation_is_written_into_the_exif_block(shared_file: Any, tmp_path: Path) -> None:
    image = jpeg.read(shared_file("photo/tahoe-gps.jpg"), rows=(0, 16))
    image.metadata["orientation"] = 6
    jpeg.write(tmp_path / "a.jpg", image)
    with Pillow.open(tmp_path / "a.jpg") as opened:
        assert opened.getexif()[0x0112] == 6
        assert opened.getexif().get_ifd(0x8825)  # the position is still there


def test_an_orientation_is_added_to_an_exif_block_without_one(tmp_path: Path, smooth: np.ndarray[Any, Any]) -> None:
    exif = Pillow.Exif()
    exif[0x010F] = "a maker"
    exif[0x0131] = "a program"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    jpeg.write(tmp_path / "a.jpg", Image(smooth, metadata={"exif": block, "orientation": 5}))
    with Pillow.open(tmp_path / "a.jpg") as opened:
        found = opened.getexif()
        assert (found[0x0112], found[0x010F], found[0x0131]) == (5, "a maker", "a program")


def test_pixel_aspect_is_kept(tmp_path: Path, smooth: np.ndarray[Any, Any]) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    jpeg.write(tmp_path / "a.jpg", Image(smooth, pixel_aspect=2.0))
    assert jpeg.read(tmp_path / "a.jpg").pixel_aspect == 2.0
    opened = oiio.ImageInput.open(str(tmp_path / "a.jpg"))
    assert opened.spec().get_float_attribute("PixelAspectRatio") == 2.0
    opened.close()


def test_damaged_exif_costs_nothing_but_itself(shared_file: Any) -> None:
    image = jpeg.read(shared_file("jpeg/corrupt-exif.jpg"))
    assert (image.width, image.height) == (256, 256)


def test_a_comment_is_utf8_or_else_latin1(smooth: np.ndarray[Any, Any]) -> None:
    for stored in ("café".encode(), b"caf\xe9"):
        assert jpeg.read(encoded(smooth, comment=stored)).metadata["comments"] == "café"


def test_a_profile_with_a_missing_piece_is_left_out(smooth: np.ndarray[Any, Any]) -> None:
    whole = encoded(smooth, icc_profile=bytes(range(256)) * 400)
    assert jpeg.read(whole).metadata["icc_profile"] == bytes(range(256)) * 400
    first = whole.index(b"\xff\xe2")
    length = int.from_bytes(whole[first + 2 : first + 4], "big")
    image = jpeg.read(whole[:first] + whole[first + 2 + length :])
    assert "icc_profile" not in image.metadata
    np.testing.assert_array_equal(image.pixels, jpeg.read(whole).pixels)


def test_metadata_that_cannot_fit_raises(tmp_path: Path, smooth: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match="does not fit into a JPEG file"):
        jpeg.write(tmp_path / "a.jpg", Image(smooth, metadata={"xmp": b"x" * 70000}))


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\x00\x10", b"\x89PNG\r\n\x1a\n"])
def test_what_is_not_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError, match="<bytes>"):
        jpeg.read(content)
