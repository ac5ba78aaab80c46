"""WebP, AVIF, JPEG XL, JPEG 2000 and GIF: what other programs read of ours, what we read of theirs, what is kept."""

from __future__ import annotations

import io
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import vfx
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.image import Image
from vfx.io import avif, gif, jp2, jxl, limits, webp

EXIF = b"II*\0\x08\0\0\0\1\0\x0f\1\2\0\4\0\0\0cam\0\0\0\0\0"  # Make "cam"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
PROFILE = bytes(16) + b"RGB " + bytes(200)


def oiio_pixels(path: Path, kind: str) -> np.ndarray[Any, Any]:
    oiio = pytest.importorskip("OpenImageIO")
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    assert opened is not None, oiio.geterror()
    pixels = opened.read_image(kind)
    opened.close()
    return pixels.reshape(*pixels.shape[:2], -1)


def plate(channels: int, dtype: str = "uint8", height: int = 37, width: int = 53, grain: float = 0.02) -> Image:
    """A smooth picture with an edge in its alpha; floats reach from -1 to 2."""
    y, x = np.mgrid[0:height, 0:width] / 53.0
    planes = np.stack([x, y, (x + y) / 2, np.where(x > 0.5, 1.0, x)], axis=2) / max(1, width / 53)
    planes[:, :, :3] *= 1 - grain * np.random.default_rng(1).random(planes[:, :, :3].shape)
    chosen = planes[:, :, {1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3]}[channels]]
    if dtype.startswith("float"):
        return Image((chosen * 3 - 1).astype(dtype))
    return Image(np.floor(chosen * np.iinfo(dtype).max + 0.5).astype(dtype))


LOSSLESS = [
    (webp, "webp", {"lossless": True}, ["uint8"], (3, 4)),
    (avif, "avif", {"lossless": True}, ["uint8"], (1, 2, 3, 4)),
    (jxl, "jxl", {"lossless": True}, ["uint8", "uint16", "float16", "float32"], (1, 2, 3, 4)),
    (jp2, "jp2", {}, ["uint8", "uint16"], (1, 2, 3, 4)),
    (jp2, "j2k", {}, ["uint8", "uint16"], (1, 2, 3, 4)),
    (jp2, "jph", {}, ["uint8", "uint16"], (1, 2, 3, 4)),
    (jp2, "jhc", {}, ["uint8", "uint16"], (1, 2, 3, 4)),
]
#: What OpenImageIO 3.2 can read of it: no AVIF in its wheel, no two-component JPEG 2000 or JPEG XL.
CASES = [
    (module, ending, options, dtype, channels)
    for module, ending, options, dtypes, counts in LOSSLESS
    for dtype in dtypes
    for channels in counts
]


@pytest.mark.parametrize(("module", "ending", "options", "dtype", "channels"), CASES)
def test_lossless_files_keep_every_pixel_and_openimageio_reads_the_same(
    tmp_path: Path, module: ModuleType, ending: str, options: dict[str, Any], dtype: str, channels: int
) -> None:
    image, path = plate(channels, dtype), tmp_path / f"a.{ending}"
    vfx.write(path, image, **options)
    back = vfx.read(path)
    assert (back.format, back.channel_names) == (image.format, image.channel_names)
    np.testing.assert_array_equal(back.pixels, image.pixels)
    info = vfx.probe(path)
    assert (info.format, info.width, info.height, info.channel_names) == (module.NAME, 53, 37, image.channel_names)
    assert set(info.formats) == {image.format}
    assert module.sniff(path.read_bytes()[:64])
    if ending != "avif" and channels != 2:
        kind = {"float16": "half", "float32": "float"}.get(dtype, dtype)
        theirs = oiio_pixels(path, kind)
        if channels == 4 and ending in ("jp2", "j2k", "jph", "jhc"):
            theirs, ours = theirs[:, 30:], image.pixels[:, 30:]  # OIIO multiplies these by alpha, which is 1 here
        else:
            ours = image.pixels
        np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_avif_codes_of_every_depth_come_back_and_libvips_or_ffmpeg_reads_them(tmp_path: Path, bits: int) -> None:
    image, path = plate(3, "uint16"), tmp_path / "a.avif"
    avif.write(path, image, lossless=True, bit_depth=bits)
    assert avif.probe(path).formats == (f"u{bits}",) * 3
    codes = np.floor(image.pixels / 65535.0 * (2**bits - 1) + 0.5).astype(int)
    back = avif.read(path)
    full = 255 if bits == 8 else 65535
    np.testing.assert_array_equal(back.pixels, np.floor(codes * full / (2**bits - 1) + 0.5))
    av = pytest.importorskip("av")
    with av.open(str(path)) as movie:
        frame = next(movie.decode(video=0))
    planar = frame.to_ndarray()  # G, B, R
    theirs = planar if planar.ndim == 3 and planar.shape[2] == 3 else np.moveaxis(planar, 0, 2)
    np.testing.assert_array_equal(theirs, codes if "gbrp" in frame.format.name else theirs)
    assert frame.format.name.startswith("gbrp")
    avif.write(tmp_path / "b.avif", back, lossless=True)
    assert (tmp_path / "b.avif").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("bits", [8, 9, 10, 12, 14, 16])
@pytest.mark.parametrize("module", [jxl, jp2])
def test_codes_of_every_depth_come_back(tmp_path: Path, module: ModuleType, bits: int) -> None:
    options = {"lossless": True} if module is jxl else {}
    path = tmp_path / f"a{module.EXTENSIONS[0]}"
    module.write(path, plate(3, "uint16"), bit_depth=bits, **options)
    assert module.probe(path).formats == (f"u{bits}",) * 3
    again = tmp_path / f"b{module.EXTENSIONS[0]}"
    module.write(again, module.read(path), **options)
    assert again.read_bytes() == path.read_bytes()


def test_jpeg_2000_codes_of_12_bits_are_what_openimageio_reads(tmp_path: Path) -> None:
    image, path = plate(3, "uint16"), tmp_path / "a.jp2"
    jp2.write(path, image, bit_depth=12)
    codes = np.floor(image.pixels / 65535.0 * 4095 + 0.5)
    theirs = oiio_pixels(path, "uint16")  # widened by repeating bits
    np.testing.assert_array_equal(theirs >> 4, codes)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0, 65504.0])
def test_lossless_jpeg_xl_keeps_values_that_are_no_colours(tmp_path: Path, value: float) -> None:
    for dtype in (np.float32,) if np.isnan(value) else (np.float16, np.float32):
        image = Image(np.full((4, 5, 3), value, dtype))
        jxl.write(tmp_path / "a.jxl", image, lossless=True)
        back = jxl.read(tmp_path / "a.jxl").pixels
        np.testing.assert_array_equal(back, image.pixels)
        assert np.isnan(value) or back.tobytes() == image.pixels.tobytes()


def test_not_a_number_in_halves_is_refused_by_jpeg_xl(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"not-a-number of half images into infinity; write f32, or img.fix_nan"):
        jxl.write(tmp_path / "a.jxl", Image(np.full((4, 5, 3), np.nan, np.float16)))


@pytest.mark.parametrize(
    ("module", "ending", "options", "tolerance"),
    [
        (webp, "webp", {"quality": 95}, 12),
        (avif, "avif", {"quality": 90}, 6),
        (avif, "avif", {"quality": 90, "subsampling": "4:2:0", "speed": 10}, 8),
        (jxl, "jxl", {"quality": 95}, 12),
        (jxl, "jxl", {"distance": 0.5, "effort": 3}, 12),
        (jp2, "jp2", {"psnr": 50}, 6),
    ],
)
def test_lossy_files_are_close_and_smaller(tmp_path, module, ending, options, tolerance) -> None:
    rng = np.random.default_rng(3)
    smooth = plate(3, height=120, width=160, grain=0).pixels.astype(int)
    noisy = Image(np.clip(smooth + rng.integers(-4, 5, smooth.shape), 0, 255).astype(np.uint8))
    path = tmp_path / f"a.{ending}"
    module.write(path, noisy, **options)
    error = np.abs(module.read(path).pixels.astype(int) - noisy.pixels)
    assert error.mean() < tolerance / 2
    assert np.percentile(error, 99) <= tolerance
    assert path.stat().st_size < noisy.pixels.nbytes / 2


# ------------------------------------------------------------------ metadata


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        ("webp", "icc exif xmp"),
        ("avif", "icc exif xmp"),
        ("jxl", "exif xmp"),
        ("jp2", "icc exif xmp"),
        ("jph", "icc exif xmp"),
    ],
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_profile_exif_xmp_and_orientation_come_back(tmp_path: Path, ending: str, kept: str, orientation: int) -> None:
    image, path = plate(3), tmp_path / f"a.{ending}"
    image.metadata.update(icc_profile=PROFILE, exif=EXIF, xmp=XMP, orientation=orientation)
    vfx.write(path, image)
    for entries in (vfx.read(path).metadata, vfx.probe(path).metadata):
        assert entries.get("icc_profile") == (PROFILE if "icc" in kept else None)
        assert entries["xmp"] == XMP
        assert entries.get("orientation", 1) == orientation
        assert b"cam" in entries["exif"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pillow_sees_the_orientation_profile_and_alpha_of_an_avif_file(tmp_path: Path, orientation: int) -> None:
    image, path = plate(4), tmp_path / "a.avif"
    image.metadata.update(icc_profile=PROFILE, exif=EXIF, xmp=XMP, orientation=orientation)
    avif.write(path, image, lossless=True)
    with Pillow.open(path) as opened:
        np.testing.assert_array_equal(np.array(opened), image.pixels)
        assert opened.getexif().get(0x0112, 1) == orientation
        assert opened.getexif()[0x010F] == "cam"
        assert (opened.info["icc_profile"], opened.info["xmp"]) == (PROFILE, XMP)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_pillows_avif_files_is_read(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    Pillow.fromarray(plate(3).pixels).save(stream, "AVIF", exif=exif, quality=90)
    assert avif.probe(stream.getvalue()).metadata.get("orientation", 1) == orientation


def test_alpha_of_jpeg_2000_is_told_as_the_image_says(tmp_path: Path) -> None:
    image = plate(4)
    jp2.write(tmp_path / "a.jp2", image)
    assert jp2.read(tmp_path / "a.jp2").metadata["alpha"] == "associated"
    image.metadata["alpha"] = "unassociated"
    jp2.write(tmp_path / "a.jp2", image)
    assert jp2.probe(tmp_path / "a.jp2").metadata["alpha"] == "unassociated"


# ------------------------------------------------------------------ levels, frames


@pytest.mark.parametrize("ending", ["jp2", "jph"])
@pytest.mark.parametrize("level", [1, 2])
def test_a_level_of_jpeg_2000_is_the_picture_at_a_fraction_of_its_size(tmp_path: Path, ending: str, level: int) -> None:
    image, path = plate(3, height=101, width=131, grain=0), tmp_path / f"a.{ending}"
    vfx.write(path, image, resolutions=4)
    small = vfx.read(path, level=level)
    assert (small.width, small.height) == (-(-131 >> level), -(-101 >> level))
    step = 1 << level
    difference = small.pixels.astype(int) - image.pixels[::step, ::step]
    assert np.abs(difference[2:-2, 2:-2]).max() <= 3
    with pytest.raises(ValueError, match=r"level must be below 4, the resolutions of the file, got 4"):
        vfx.read(path, level=4)


def test_a_level_of_16_bit_jpeg_2000_is_refused_with_the_reason(tmp_path: Path) -> None:
    jp2.write(tmp_path / "a.jp2", plate(3, "uint16"), resolutions=3)
    with pytest.raises(FormatError, match="level 1 of 16-bit JPEG 2000 files in colour is not supported"):
        jp2.read(tmp_path / "a.jp2", level=1)
    assert jp2.read(tmp_path / "a.jp2").width == 53


@pytest.mark.parametrize("frames", [1, 3])
def test_gif_keeps_pictures_of_few_colours_and_their_rate(tmp_path: Path, frames: int) -> None:
    pictures = [Image(np.roll(plate(3).pixels, 5 * shift, axis=1) // 64 * 64) for shift in range(frames)]
    gif.write(tmp_path / "a.gif", pictures if frames > 1 else pictures[0], frame_rate=25)
    info = gif.probe(tmp_path / "a.gif")
    assert len(info.parts) == frames
    assert info.metadata.get("frame_rate") == (Fraction(25) if frames > 1 else None)
    for part, picture in enumerate(pictures):
        np.testing.assert_array_equal(gif.read(tmp_path / "a.gif", part=part).pixels, picture.pixels)
        with Pillow.open(tmp_path / "a.gif") as opened:
            opened.seek(part)
            np.testing.assert_array_equal(np.array(opened.convert("RGB")), picture.pixels)


@pytest.mark.parametrize("dither", [True, False])
def test_gif_of_many_colours_is_close_and_keeps_its_transparency(tmp_path: Path, dither: bool) -> None:
    image = plate(4)
    gif.write(tmp_path / "a.gif", image, dither=dither)
    back = gif.read(tmp_path / "a.gif")
    opaque = image.pixels[:, :, 3] >= 128
    np.testing.assert_array_equal(back.pixels[:, :, 3], np.where(opaque, 255, 0))
    error = np.abs(back.pixels[opaque][:, :3].astype(int) - image.pixels[opaque][:, :3])
    assert error.mean() < 12


def test_frames_of_an_animated_webp_are_read_as_shown() -> None:
    pictures = [Pillow.fromarray(np.roll(plate(3).pixels, 9 * shift, axis=0)) for shift in range(3)]
    stream = io.BytesIO()
    pictures[0].save(stream, "WEBP", save_all=True, append_images=pictures[1:], lossless=True, duration=40)
    assert len(webp.probe(stream.getvalue()).parts) == 3
    for part, picture in enumerate(pictures):
        np.testing.assert_array_equal(webp.read(stream.getvalue(), part=part).pixels[:, :, :3], np.array(picture))
    with pytest.raises(ChannelError, match="no frame 3; the file has 3, counted from 0"):
        webp.read(stream.getvalue(), part=3)


def test_frames_of_avif_and_jpeg_xl_sequences_are_read_one_by_one() -> None:
    # In one process of its own: a codec once wrote beyond its memory here.
    code = """if True:
        import imagecodecs, numpy as np
        from vfx.errors import ChannelError
        from vfx.io import avif, jxl
        stack = np.random.default_rng(5).integers(0, 256, (3, 33, 47, 3), np.uint8)
        for module, data in ((avif, imagecodecs.avif_encode(stack, level=100, pixelformat="444")),
                             (jxl, imagecodecs.jpegxl_encode(stack, lossless=True))):
            for part, picture in enumerate(stack):
                pixels = module.read(data, part=part).pixels
                assert np.abs(pixels.astype(int) - picture).max() <= (0 if module is jxl else 6)
            for part in (3, 99):
                try:
                    module.read(data, part=part)
                except ChannelError as error:
                    assert f"no frame {part}; the " in str(error)
                else:
                    raise AssertionError(part)
        assert len(avif.probe(imagecodecs.avif_encode(stack)).parts) == 3
    """
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_jpeg_xl_with_loss_refuses_what_is_not_finite(tmp_path: Path, bad: float) -> None:
    image = plate(3, "float32")
    image.pixels[3, 4, 1] = bad  # one such pixel spoils thousands around it
    for options in ({}, {"quality": 90}):
        with pytest.raises(ValueError, match=r"spread over the pixels around them; write with lossless=True, or img"):
            jxl.write(tmp_path / "a.jxl", image, **options)
    assert not list(tmp_path.iterdir())
    jxl.write(tmp_path / "a.jxl", image, lossless=True)
    np.testing.assert_array_equal(jxl.read(tmp_path / "a.jxl").pixels, image.pixels)
    jxl.write(tmp_path / "a.jxl", image.fix_nan())


@pytest.mark.parametrize("module", [avif, jxl], ids=["avif", "jxl"])
def test_a_still_has_one_frame(module: ModuleType, tmp_path: Path) -> None:
    module.write(tmp_path / "a", plate(3))
    with pytest.raises(ChannelError, match="a: no frame 1; the file has 1, counted from 0"):
        module.read(tmp_path / "a", part=1)


# ------------------------------------------------------------------ what others wrote


@pytest.mark.each_shared_file("ssimulacra2/*.webp", "ssimulacra2/*.avif")
def test_reads_what_pillow_reads(shared_case: Path) -> None:
    image = vfx.read(shared_case)
    with Pillow.open(shared_case) as opened:
        theirs = np.array(opened.convert("RGB")).astype(int)
    # Of files that halve the colour differences each decoder makes its own RGB: one code by rounding.
    assert np.abs(image.pixels[:, :, :3] - theirs).max() <= (0 if shared_case.suffix == ".webp" else 2)
    assert vfx.probe(shared_case).width == image.width


# ------------------------------------------------------------------ wrong input


@pytest.mark.parametrize(
    ("ending", "options", "kind", "message"),
    [
        ("webp", {"quality": 101}, ValueError, "quality must be"),
        ("webp", {"method": 7}, ValueError, "method must be"),
        ("webp", {"qualty": 3}, TypeError, "no option 'qualty'.*quality"),
        ("avif", {"bit_depth": 9}, ValueError, "bit_depth must be one of 8, 10, 12, got 9"),
        ("avif", {"lossless": True, "subsampling": "4:2:0"}, ValueError, "lossless AVIF file has subsampling 4:4:4"),
        ("avif", {"subsampling": "420"}, ValueError, "subsampling must be"),
        ("jxl", {"lossless": True, "quality": 3}, TypeError, "give one of lossless, quality and distance"),
        ("jxl", {"distance": 26}, ValueError, "distance must be"),
        ("jp2", {"lossless": True, "psnr": 40}, TypeError, "one of lossless and psnr"),
        ("jp2", {"lossless": False}, TypeError, "needs psnr"),
        ("jp2", {"tile_size": 16}, ValueError, "tile_size is for HTJ2K"),
        ("jph", {"psnr": 40}, ValueError, "HTJ2K is written lossless"),
        ("jph", {"bit_depth": 12}, ValueError, "HTJ2K is written with 8 or 16 bits, not 12"),
        ("gif", {"frame_rate": 0}, ValueError, "frame_rate must be"),
        ("psd", {}, ValueError, "psd files can be read, not written"),
    ],
)
def test_wrong_options_are_named_and_nothing_is_written(tmp_path, ending, options, kind, message) -> None:
    with pytest.raises(kind, match=message):
        vfx.write(tmp_path / f"a.{ending}", plate(3), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["webp", "avif", "jxl", "jp2", "jph", "gif"])
def test_channels_that_a_still_cannot_hold_are_refused(tmp_path: Path, ending: str) -> None:
    image = Image(np.zeros((3, 4, 5), np.uint8))
    with pytest.raises(ChannelError, match=r"holds Y, YA, RGB or RGBA, not C0"):
        vfx.write(tmp_path / f"a.{ending}", image)


@pytest.mark.parametrize("ending", ["webp", "avif", "jxl", "jp2", "j2k", "jph", "gif"])
def test_damaged_files_are_errors_with_the_path_or_pictures_of_their_size(tmp_path: Path, ending: str) -> None:
    whole = tmp_path / f"a.{ending}"
    vfx.write(whole, plate(3))
    data = whole.read_bytes()
    rng = np.random.default_rng(5)
    damaged = [data[:cut] for cut in rng.integers(1, len(data) - 1, 25)]
    damaged += [
        data[:place] + bytes([data[place] ^ int(rng.integers(1, 256))]) + data[place + 1 :]
        for place in rng.integers(0, len(data), 60)
    ]
    path = tmp_path / f"b.{ending}"
    named = []
    with limits(pixels=1 << 20):
        for content in damaged:
            path.write_bytes(content)
            for door in (vfx.read, vfx.probe):
                try:
                    assert door(path).width > 0
                except FormatError as error:
                    named.append(str(error).startswith(f"{path}: "))
    assert len(named) >= 25 and all(named)


@pytest.mark.parametrize("ending", ["webp", "avif", "jxl", "jp2", "jph", "gif"])
def test_bytes_streams_and_paths_give_the_same_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    vfx.write(path, plate(3))
    expected = vfx.read(path)
    data = path.read_bytes()
    with path.open("rb") as stream:
        for source in (data, bytearray(data), io.BytesIO(data), stream):
            np.testing.assert_array_equal(vfx.read(source).pixels, expected.pixels)
    part = vfx.read(path, rows=(3, 9), channels=["B", "G"], dtype="f32")
    np.testing.assert_array_equal(part.pixels, expected.astype("f32").pixels[3:9, :, [2, 1]])
    with limits(pixels=100), pytest.raises(LimitError, match="53 x 37 pixels are more than the 100 allowed"):
        vfx.read(path)


def test_a_damaged_htj2k_stream_raises_where_the_library_would_only_print(tmp_path, capfd) -> None:
    jp2.write(tmp_path / "a.jhc", plate(3))
    data = (tmp_path / "a.jhc").read_bytes()
    reasons = []
    for cut in range(len(data) // 2, len(data), 37):
        try:
            jp2.read(data[:cut])
        except FormatError as error:
            reasons.append(str(error))
    assert reasons and all("JPEG 2000 pixels" in reason for reason in reasons)
    assert "Exception ignored" not in capfd.readouterr().err


@pytest.mark.parametrize("ending", ["webp", "avif", "jxl", "jp2"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_auto_orient_turns_the_pixels_upright(tmp_path: Path, ending: str, orientation: int) -> None:
    image, path = plate(3), tmp_path / f"a.{ending}"
    image.metadata["orientation"] = orientation
    vfx.write(path, image, **({"lossless": True} if ending != "jp2" else {}))
    upright = vfx.read(path, auto_orient=True)
    expected = {1: image.pixels, 3: image.pixels[::-1, ::-1], 6: np.rot90(image.pixels, -1)}[orientation]
    np.testing.assert_array_equal(upright.pixels, expected)
    assert upright.metadata.get("orientation", 1) == 1
    assert vfx.read(path).metadata.get("orientation", 1) == orientation


def test_a_gif_of_a_few_bytes_has_no_canvas_of_gigabytes(tmp_path: Path) -> None:
    gif.write(tmp_path / "a.gif", Image(np.zeros((2000, 3000, 3), np.uint8)))  # flat pictures are the smallest
    data = bytearray((tmp_path / "a.gif").read_bytes())
    assert gif.read(data).width == 3000
    data[6:10] = b"\xff\xff\xff\x1f"  # 65535 x 8191
    with pytest.raises(LimitError, match=r"65535 x 8191 pixels cannot come from \d+ bytes"):
        gif.read(data)
