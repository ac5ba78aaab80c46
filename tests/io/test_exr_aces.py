"""The ACES image container: what is one, and what keeps a file from being one."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.io import exr
from vfx.io.exr import check_aces, write_aces
from vfx.metadata import Chromaticities

AP0 = Chromaticities((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))


def picture(channels: str = "RGB", **options: Any) -> vfx.Image:
    values = np.arange(3 * 4 * len(channels), dtype=np.float32).reshape(3, 4, len(channels)) / 8
    return vfx.Image(values, channels=channels, **options)


def written(image: vfx.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    exr.write(stream, image, **options)
    return stream.getvalue()


@pytest.mark.parametrize("channels", ["RGB", "RGBA", "BGRA"])
def test_what_we_write_is_one_and_the_pixels_stay(tmp_path: Path, channels: str) -> None:
    image = picture(channels, metadata={"owner": "me"}, data_window=(-1, 2, 2, 4), display_window=(0, 0, 9, 9))
    write_aces(tmp_path / "a.exr", image)
    assert check_aces(tmp_path / "a.exr") == check_aces(str(tmp_path / "a.exr")) == []
    back = vfx.read(tmp_path / "a.exr", channels=list(channels))
    assert back.format == "f16" and np.array_equal(back.numpy().astype(np.float32), image.numpy())
    assert back.data_window == image.data_window and back.metadata["owner"] == "me"


def test_openimageio_takes_ours_for_one(tmp_path: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    write_aces(tmp_path / "a.exr", picture())
    spec = oiio.ImageBuf(str(tmp_path / "a.exr")).spec()
    assert spec["acesImageContainerFlag"] == 1 and spec["compression"] == "none"
    assert np.allclose(spec["chromaticities"], np.ravel(AP0), atol=1e-6)


def test_another_tools_container_passes(tmp_path: Path) -> None:
    import OpenEXR

    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.NO_COMPRESSION, "acesImageContainerFlag": 1,
              "chromaticities": tuple(np.ravel(AP0).tolist())}  # fmt: skip
    OpenEXR.File(header, {"RGB": np.zeros((2, 2, 3), np.float16)}).write(str(tmp_path / "a.exr"))
    assert check_aces(tmp_path / "a.exr") == []


@pytest.mark.parametrize(
    ("image", "options", "reason"),
    [
        (picture(), {"compression": "zip"}, "compression is zip"),
        (picture(), {"tile_size": 16, "compression": "none"}, "it has tiles"),
        (picture(), {"line_order": "decreasing", "compression": "none"}, "increasing order"),
        (picture(), {"dtype": "f32", "compression": "none"}, "channel B is f32, not half"),
        (picture("RGZ"), {"compression": "none"}, "channels are G, R, Z"),
        (vfx.Image(np.zeros((2, 2, 1), np.float16), channels=["x" * 40]), {"compression": "none"}, "long names"),
    ],
)
def test_each_rule_is_named(image: vfx.Image, options: dict[str, Any], reason: str) -> None:
    marked = image.like(image.numpy(), metadata={"exr:acesImageContainerFlag": 1, "chromaticities": AP0})
    faults = check_aces(written(marked, **{"dtype": "f16"} | options))
    assert [fault for fault in faults if reason in fault] and not any("Flag" in fault for fault in faults)


def test_colour_and_flag_are_checked() -> None:
    faults = check_aces(written(picture(), dtype="f16", compression="none"))
    assert faults == ["attribute acesImageContainerFlag is not the int 1", "attribute chromaticities is missing"]
    other = Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329))
    marked = picture(metadata={"exr:acesImageContainerFlag": 1, "chromaticities": other})
    assert [
        "not those of ACES2065-1" in fault for fault in check_aces(written(marked, dtype="f16", compression="none"))
    ] == [True]


def test_stereo_needs_its_views() -> None:
    names = [f"{view}{name}" for view in ("", "left.") for name in "RGB"]
    base = {"exr:acesImageContainerFlag": 1, "chromaticities": AP0}
    image = vfx.Image(np.zeros((2, 2, 6), np.float16), channels=names, metadata=base)
    assert check_aces(written(image, compression="none")) == [
        "a stereo file needs the attribute multiView with right and left"]  # fmt: skip
    both = image.like(image.numpy(), metadata=base | {"exr:multiView": ["right", "left"]})
    assert check_aces(written(both, compression="none")) == []


def test_other_channels_and_colours_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    with pytest.raises(ChannelError, match="R, G, B"):
        write_aces(path, picture("RGBZ"))
    with pytest.raises(ValueError, match="'ACEScg'; convert it first"):
        write_aces(path, picture(colorspace="ACEScg"))
    with pytest.raises(ValueError, match="other chromaticities"):
        write_aces(
            path, picture(metadata={"chromaticities": [(0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)]})
        )
    assert not path.exists()
    write_aces(path, picture(colorspace="ACES2065-1"))
    with pytest.raises(FormatError):
        check_aces(b"no exr file at all")


@pytest.mark.each_shared_file("exr/*.exr")
def test_every_file_can_be_checked(shared_case: Path) -> None:
    assert check_aces(shared_case)  # none of them claims to be one
