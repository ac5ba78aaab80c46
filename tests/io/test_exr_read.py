"""Reading EXR: the same pixels as OpenEXR and OpenImageIO, bit for bit, by either way to the pixels."""

from __future__ import annotations

import io
import itertools
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

import vfx
from vfx.errors import ChannelError, FormatError
from vfx.io import exr
from vfx.metadata import Opaque

FLAT = ("exr/*.exr", "exr/comp/*.exr", "exr/tinyexr/*.exr")
DEEP = ("Trunks.exr", "tinydeep.exr")


@pytest.fixture(params=["core", "python"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to the pixels in turn."""
    monkeypatch.setenv("VFX_EXR_BACKEND", request.param)
    assert exr.exr_backend() == request.param
    return str(request.param)


def same_bits(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays hold the same bits, NaN payloads too."""
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def wheel_planes(path: Path | str) -> dict[str, Any]:
    """What the OpenEXR wheel reads: channel name → its channel."""
    return OpenEXR.File(str(path), separate_channels=True).parts[0].channels


def wheel_file(path: Path, channels: dict[str, Any], **header: Any) -> Path:
    """A file written by the OpenEXR wheel."""
    settings = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage} | header
    OpenEXR.File(settings, dict(channels)).write(str(path))  # it changes the dict
    return path


@pytest.mark.each_shared_file(*FLAT)
def test_pixels_are_those_of_the_openexr_wheel(shared_case: Path, backend: str) -> None:
    if shared_case.name in DEEP:  # test_exr_deep compares those
        return
    image = exr.read(shared_case, raw=True)
    planes = wheel_planes(shared_case)
    kinds = {plane.pixels.dtype for plane in planes.values()}
    for place, name in enumerate(image.channel_names):
        plane = planes[name].pixels.astype(image.dtype) if len(kinds) > 1 else planes[name].pixels
        plane = plane.repeat(planes[name].ySampling, 0).repeat(planes[name].xSampling, 1)
        assert same_bits(np.ascontiguousarray(image.pixels[:, :, place]), plane[: image.height, : image.width]), name
    assert set(image.channel_names) == set(planes)


@pytest.mark.each_shared_file(*FLAT)
def test_pixels_and_windows_are_those_of_openimageio(shared_case: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    if shared_case.name in (*DEEP, "Rec709_YC.exr"):  # OpenImageIO 3.2 reads no subsampled channels
        return
    image = exr.read(shared_case)
    opened = oiio.ImageInput.open(str(shared_case))
    spec = opened.spec()
    pixels = opened.read_image({"f16": "half", "f32": "float", "u32": "uint"}[image.format])
    order = [spec.channelnames.index(name) for name in image.channel_names]
    assert same_bits(np.ascontiguousarray(image.pixels), np.ascontiguousarray(pixels[:, :, order]))
    x0, y0 = spec.x, spec.y
    assert image.data_window == (x0, y0, x0 + spec.width - 1, y0 + spec.height - 1)
    left, top = spec.full_x, spec.full_y
    assert image.display_window == (left, top, left + spec.full_width - 1, top + spec.full_height - 1)
    assert image.pixel_aspect == pytest.approx(spec.getattribute("PixelAspectRatio") or 1.0)


def test_chroma_samples_are_repeated_over_the_pixels_they_stand_for(shared_file: Any) -> None:
    path = shared_file("exr/Rec709_YC.exr")
    whole = exr.read(path, raw=True)
    assert whole.channel_names == ("Y", "RY", "BY")
    for rows in ((0, 3), (33, 34), (31, 70)):  # the last two begin on odd lines, inside and at a chunk's edge
        assert same_bits(exr.read(path, rows=rows, raw=True).numpy(), whole.numpy()[slice(*rows)].copy()), rows


def test_fused_half_to_float_equals_conversion_afterwards(shared_file: Any, backend: str) -> None:
    for name in ("AllHalfValues", "BrightRingsNanInf", "MirrorPattern", "grid-overscan"):
        half = exr.read(shared_file(f"exr/{name}.exr"))
        single = exr.read(shared_file(f"exr/{name}.exr"), dtype="f32")
        np.testing.assert_array_equal(single.numpy(), half.numpy().astype(np.float32))
        assert single.format == "f32"


@pytest.mark.parametrize("width", [1, 7, 16, 33, 511, 512, 513])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 17])
def test_every_width_and_channel_count(tmp_path: Path, width: int, count: int) -> None:
    rng = np.random.default_rng(width * 31 + count)
    planes = {f"c{k:02d}": rng.standard_normal((5, width)).astype(np.float16) for k in range(count)}
    path = wheel_file(tmp_path / "a.exr", planes)
    expected = np.stack(list(planes.values()), -1)
    assert same_bits(exr.read(path).numpy(), expected)
    assert same_bits(exr.read(path, dtype="f32").numpy(), expected.astype(np.float32))


@pytest.mark.parametrize("tiles", [None, (16, 16), (13, 7), (64, 64)])
def test_part_reads_are_slices_of_the_whole(tmp_path: Path, tiles: tuple[int, int] | None, backend: str) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.random((61, 45, 4)).astype(np.float16)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels, data_window=(-20, -30, 24, 30)), compression="zip", tile_size=tiles)
    for rows in ((0, 61), (0, 1), (60, 61), (15, 17), (7, 40)):
        part = exr.read(path, rows=rows, channels=("A", "G"))
        assert same_bits(part.numpy(), np.ascontiguousarray(pixels[slice(*rows)][:, :, [3, 1]])), rows
        assert part.data_window == (-20, -30 + rows[0], 24, -30 + rows[1] - 1)
        assert part.display_window == (-20, -30, 24, 30)
        for columns in ((0, 45), (0, 1), (44, 45), (12, 27), (13, 26)):
            cut = exr.read(path, rows=rows, columns=columns, channels=("A", "G"))
            assert same_bits(cut.numpy(), np.ascontiguousarray(part.numpy()[:, slice(*columns)])), (rows, columns)
            assert cut.data_window == (-20 + columns[0], -30 + rows[0], -20 + columns[1] - 1, -30 + rows[1] - 1)
    for rows in ((0, 62), (5, 5), (-1, 4), (9, 3)):
        with pytest.raises(ValueError, match="rows must"):
            exr.read(path, rows=rows)
    for columns in ((0, 46), (5, 5), (-1, 4), (9, 3)):
        with pytest.raises(ValueError, match="columns must"):
            exr.read(path, columns=columns)


def test_only_the_chunks_of_the_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(np.random.default_rng(0).random((64, 64, 3)).astype(np.float16)), compression="none")
    damaged = path.read_bytes()[:-3000]
    assert exr.read(damaged, rows=(0, 16)).height == 16
    with pytest.raises(FormatError):
        exr.read(damaged, rows=(48, 64))


def test_half_and_float_together_become_float(shared_file: Any, backend: str) -> None:
    image = exr.read(shared_file("exr/comp/v1.7.test.1.exr"))
    assert (image.format, image.channel_names) == ("f32", ("R", "G", "B", "Z"))
    assert exr.read(shared_file("exr/comp/v1.7.test.1.exr"), channels=("R", "G", "B")).format == "f16"


def test_uint_channels_are_taken_only_when_named(tmp_path: Path, backend: str) -> None:
    ids = np.arange(12, dtype=np.uint32).reshape(3, 4) * 400_000_000
    odd = np.linspace(0, 1, 12, dtype=np.float16).reshape(3, 4)
    depth = np.linspace(1, 9, 12, dtype=np.float32).reshape(3, 4)
    path = wheel_file(tmp_path / "a.exr", {"R": odd, "Z": depth, "id": ids})
    assert exr.read(path).channel_names == ("R", "Z")
    found = exr.read(path, channels="id")
    assert found.format == "u32" and same_bits(found.pixels[:, :, 0].copy(), ids)
    with pytest.raises(ChannelError, match="uint channels"):
        exr.read(path, channels=("R", "id"))
    np.testing.assert_array_equal(
        exr.read(path, channels=("R", "id"), dtype="f32").numpy()[..., 1], ids.astype(np.float32)
    )
    with pytest.raises(TypeError, match="u32"):
        exr.read(path, channels="R", dtype="u32")


def test_layers_and_channel_order(tmp_path: Path) -> None:
    names = ("A", "B", "G", "R", "Z", "diffuse.B", "diffuse.G", "diffuse.R", "spec.R", "spec.a.R")
    planes = {name: np.full((2, 3), k, np.float16) for k, name in enumerate(names)}
    path = wheel_file(tmp_path / "a.exr", planes)
    image = exr.read(path)
    assert image.channel_names == (
        "R", "G", "B", "A", "Z", "diffuse.R", "diffuse.G", "diffuse.B", "spec.R", "spec.a.R",
    )  # fmt: skip
    layer = exr.read(path, layer="diffuse")
    assert layer.channel_names == ("R", "G", "B")
    assert layer.numpy()[0, 0].tolist() == [7, 6, 5]
    for wrong, match in (
        ({"layer": "beauty"}, "no layer 'beauty'; the layers are: diffuse, spec, spec.a"),
        ({"channels": "Q"}, "no channel 'Q'; there are: R, G, B, A"),
        ({"channels": ()}, "different channels"),
        ({"view": "left"}, "no view 'left'"),
        ({"part": 1}, "no part 1; the file has 1"),
        ({"part": "x"}, "no part 'x'"),
    ):
        with pytest.raises(ChannelError, match=match):
            exr.read(path, **wrong)
    with pytest.raises(ValueError, match="no level 1; the part has 1 level, level 0"):
        exr.read(path, level=1)


def test_views_of_a_single_part(shared_file: Any) -> None:
    path = shared_file("exr/singlepart.0001.exr")
    assert exr.probe(path).parts[0].views == ("right", "left")
    left, right, whole = exr.read(path, view="left"), exr.read(path, view="right"), exr.read(path)
    assert {"R", "G", "B", "A", "Z"} <= set(left.channel_names) & set(right.channel_names)
    assert same_bits(left.channel("R").copy().numpy(), whole.channel("left.R").copy().numpy())
    assert same_bits(right.channel("R").copy().numpy(), whole.channel("R").copy().numpy())


def test_one_view_written_again_is_not_taken_for_another(shared_file: Any, tmp_path: Path) -> None:
    path = shared_file("exr/singlepart.0001.exr")
    left = exr.read(path, view="left")
    exr.write(tmp_path / "left.exr", left)
    assert exr.probe(tmp_path / "left.exr").parts[0].views == ("left",)
    assert same_bits(exr.read(tmp_path / "left.exr", view="left").numpy(), left.numpy())
    assert exr.read(path).metadata["exr:multiView"] == ["right", "left"]


def test_parts_by_index_name_and_view(tmp_path: Path, backend: str) -> None:
    parts = []
    for k, name in enumerate(("beauty", "depth", "other")):
        header = {
            "compression": (OpenEXR.ZIP_COMPRESSION, OpenEXR.PIZ_COMPRESSION, OpenEXR.NO_COMPRESSION)[k],
            "type": OpenEXR.scanlineimage,
            "view": ("right", "right", "left")[k],
            "displayWindow": (np.array([0, 0], np.int32), np.array([9, 9], np.int32)),
        }
        plane = np.full((4 + k, 5), k + 1, np.float32 if k == 1 else np.float16)
        parts.append(OpenEXR.Part(header, {"Z" if k == 1 else "R": plane}, name))
    OpenEXR.File(parts).write(str(tmp_path / "a.exr"))
    path = tmp_path / "a.exr"
    assert [part.name for part in exr.probe(path).parts] == ["beauty", "depth", "other"]
    for k, name in enumerate(("beauty", "depth", "other")):
        by_index, by_name = exr.read(path, part=k), exr.read(path, part=name)
        assert by_index.shape == by_name.shape == (4 + k, 5, 1)
        assert by_index.numpy().max() == by_name.numpy().min() == k + 1
    assert exr.read(path, view="left").numpy().max() == 3
    with pytest.raises(ChannelError, match="no part 'x'; the parts are: 'beauty', 'depth', 'other'"):
        exr.read(path, part="x")


def test_attributes_that_make_no_sense_do_not_cost_the_picture(tmp_path: Path, backend: str) -> None:
    odd = {
        "exr:scene": Opaque("string", b"caf\xe9"),
        "exr:framesPerSecond": Opaque("rational", bytes(8)),
        "exr:when": Opaque("timecode", b"\xff" * 8),
    }
    pixels = np.random.default_rng(5).random((5, 7, 3)).astype(np.float16)
    exr.write(tmp_path / "a.exr", vfx.Image(pixels, metadata=odd))
    for source in (tmp_path / "a.exr", (tmp_path / "a.exr").read_bytes()):
        image = exr.read(source)
        assert same_bits(image.numpy(), pixels)
        assert image.metadata["exr:framesPerSecond"] == odd["exr:framesPerSecond"]
        assert image.metadata["exr:scene"] == "caf\udce9"


def test_a_view_of_many_parts_is_the_part_that_has_what_is_asked_for(tmp_path: Path) -> None:
    kinds = (("depth", ("Z",)), ("rgb", ("R", "G", "B")), ("motion", ("forward.u", "forward.v")))
    parts = [
        OpenEXR.Part(
            {"type": OpenEXR.scanlineimage, "view": view},
            {name: np.full((2, 3), value, np.float16) for name in names},
            f"{kind}_{view}",
        )
        for value, (view, (kind, names)) in enumerate(itertools.product(("right", "left"), kinds))
    ]
    path = tmp_path / "a.exr"
    OpenEXR.File(parts).write(str(path))
    for view, first in (("right", 0), ("left", 3)):
        assert exr.read(path, view=view).channel_names == ("R", "G", "B")
        assert exr.read(path, view=view).numpy().max() == first + 1
        assert exr.read(path, view=view, channels="Z").numpy().max() == first
        assert exr.read(path, view=view, layer="forward").numpy().max() == first + 2
    with pytest.raises(ChannelError, match="no view 'mid'; the views are: right, left"):
        exr.read(path, view="mid")
    with pytest.raises(ChannelError, match="no view 'left'; the views are: right"):
        exr.read(path, view="left", part=1)


def test_bytes_and_streams_read_as_the_path_does(shared_file: Any, backend: str) -> None:
    path = shared_file("exr/t03.exr")
    expected = exr.read(path).numpy()
    data = path.read_bytes()
    for source in (data, bytearray(data), memoryview(data), io.BytesIO(data), str(path)):
        assert same_bits(exr.read(source).numpy(), expected)


def test_the_array_is_contiguous_and_its_own(shared_file: Any) -> None:
    image = exr.read(shared_file("exr/t03.exr"))
    assert image.numpy().flags.c_contiguous and image.numpy().flags.writeable
    assert not np.shares_memory(image.numpy(), exr.read(shared_file("exr/t03.exr")).numpy())


@pytest.mark.parametrize("dtype", ["u8", "u16", "f16", "f32"])
def test_dtype_is_the_format_of_the_result(shared_file: Any, dtype: str) -> None:
    path = shared_file("exr/grid-small.exr")
    assert same_bits(exr.read(path, dtype=dtype).numpy(), exr.read(path).astype(dtype).numpy())


def test_all_thread_counts_give_the_same_pixels(shared_file: Any) -> None:
    for name in ("grid-overscan", "MirrorPattern", "Rec709_YC"):
        path = shared_file(f"exr/{name}.exr")
        expected = exr.read(path, threads=1).numpy()
        for threads in (2, 3, 8):
            assert same_bits(exr.read(path, threads=threads).numpy(), expected)


def test_other_python_threads_run_while_one_reads(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).random((1080, 1920, 4)).astype(np.float16)
    path = tmp_path / "a.exr"
    exr.write(path, vfx.Image(pixels), compression="zip", zip_level=1)
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        start = time.perf_counter()
        exr.read(path, threads=1)
        taken = time.perf_counter() - start
    finally:
        done.set()
        thread.join()
    # With the GIL held there would be none; about 100 without. A gap may be long where another process has the CPU.
    inside = [moment for moment in ticks if start < moment < start + taken]
    assert len(inside) > 10


def test_probe_reads_no_pixels_and_tells_all_parts(shared_file: Any) -> None:
    data = shared_file("exr/ColorCodedLevels.exr").read_bytes()
    info = exr.probe(data[:2000])
    assert (info.format, info.width, info.height, info.compression) == ("exr", 512, 512, "pxr24")
    assert info.parts[0].tile_size == (64, 64) and info.parts[0].levels == 10
    assert info.channel_names == ("A", "B", "G", "R") and info.formats == ("f16",) * 4
    assert exr.probe(shared_file("exr/Trunks.exr")).parts[0].type == "deepscanline"


def test_vfx_read_finds_exr_by_content(shared_file: Any, tmp_path: Path) -> None:
    copy = tmp_path / "no-extension"
    copy.write_bytes(shared_file("exr/t03.exr").read_bytes())
    assert vfx.read(copy, channels=("R",), rows=(0, 2)).shape == (2, 400, 1)
    with pytest.raises(TypeError, match="no option 'gain'"):
        vfx.read(copy, gain=2)


HASHES = """
import hashlib
import io
import numpy as np
import vfx
from vfx.io import exr
assert exr.exr_backend() == "core"
digest = hashlib.sha256()
for path in sys.argv[1:]:
    image = exr.read(path, dtype="f32")
    digest.update(image.numpy().tobytes())
    stream = io.BytesIO()
    exr.write(stream, image, dtype="f16")
    digest.update(stream.getvalue())
print(vfx.detect_simd().level, digest.hexdigest())
"""


def test_all_instruction_sets_give_the_same_bytes(shared_file: Any, run_limited: Any) -> None:
    files = [shared_file(f"exr/{name}.exr") for name in ("AllHalfValues", "WideFloatRange", "t03", "Rec709_YC")]
    found = {}
    for level in ("baseline", "x86_64_v3", ""):
        outcome = run_limited(HASHES, *files, seconds=60, env={"VFX_SIMD": level})
        assert outcome.returncode == 0, outcome.stderr
        name, digest = outcome.stdout.split()
        found[name] = digest
    assert len(set(found.values())) == 1, found


FORKED = """
import multiprocessing
import vfx
from vfx.io import exr
whole = exr.read(sys.argv[1], threads=2).numpy().tobytes()  # the parent's worker threads now exist


def child(_):
    return exr.read(sys.argv[1], threads=2).numpy().tobytes() == whole


with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(child, range(4)))
"""


def test_a_forked_child_reads_and_does_not_hang(shared_file: Any, run_limited: Any) -> None:
    outcome = run_limited(FORKED, shared_file("exr/grid-overscan.exr"), seconds=30, env={"PYTHONWARNINGS": ""})
    assert outcome.stdout.split() == ["[True,", "True,", "True,", "True]"], outcome.stderr
