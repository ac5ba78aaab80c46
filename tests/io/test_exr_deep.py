"""Deep EXR files: every sample as OpenImageIO and the OpenEXR wheel have it, both ways, and damaged ones."""

from __future__ import annotations

import io
import itertools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

import vfx
from vfx import DeepImage
from vfx.errors import ChannelError, FormatError, LimitError
from vfx.io import exr, limits
from vfx.io._exr_attributes import Attribute
from vfx.io._exr_deep import deep_kernel
from vfx.io._exr_header import parse, serialise_parts

oiio = pytest.importorskip("OpenImageIO")

DEEP = ("exr/Trunks.exr", "exr/tinydeep.exr", "exr/deep/*.exr")


def noise(shape: tuple[int, int] = (37, 53), **options: Any) -> DeepImage:
    """Samples of all types, some pixels without any, runs of equal counts so that tables compress."""
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 5, shape).astype(np.uint32)
    counts[: shape[0] // 3] = 2
    counts[shape[0] // 2] = 0
    total = int(counts.sum())
    samples = {
        "R": rng.random(total).astype(np.float16),
        "A": np.full(total, 0.5, np.float16),
        "Z": np.sort(rng.random(total)).astype(np.float32),
        "id": rng.integers(0, 2**32, total).astype(np.uint32),
    }
    return DeepImage(counts, samples, **options)


def written(image: DeepImage, **options: Any) -> bytes:
    """The image as a file's bytes."""
    stream = io.BytesIO()
    exr.write_deep(stream, image, **options)
    return stream.getvalue()


def same(one: DeepImage, two: DeepImage) -> bool:
    """Whether two deep images have the same samples, bit for bit."""
    return (
        np.array_equal(one.counts, two.counts)
        and set(one.samples) == set(two.samples)
        and all(one.samples[name].tobytes() == array.tobytes() for name, array in two.samples.items())
    )


def by_openimageio(path: Path) -> tuple[np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
    """Counts and samples as OpenImageIO reads them."""
    source = oiio.ImageInput.open(str(path))
    data, spec = source.read_native_deep_image(0, 0), source.spec()
    counts = [data.samples(pixel) for pixel in range(data.pixels)]
    found = {}
    for channel, name in enumerate(spec.channelnames):
        uint = str(data.channeltype(channel)) == "uint"
        value = data.deep_value_uint if uint else data.deep_value
        values = [value(pixel, channel, index) for pixel, count in enumerate(counts) for index in range(count)]
        found[name] = np.array(values, np.uint32 if uint else np.float32)
    source.close()
    return np.array(counts, np.uint32).reshape(spec.height, spec.width), found


def agrees(deep: DeepImage, path: Path) -> bool:
    """Whether OpenImageIO finds the same counts and samples in a file."""
    counts, samples = by_openimageio(path)
    return np.array_equal(deep.counts, counts) and all(
        np.array_equal(deep.samples[name].astype(array.dtype), array, equal_nan=array.dtype.kind == "f")
        for name, array in samples.items()
    )


def skip_unless_known(compression: str) -> None:
    """Skip where the installed OpenEXR lacks the compression."""
    if compression == "zstd" and not hasattr(OpenEXR, "ZSTD_COMPRESSION"):
        pytest.skip("this OpenEXR wheel has no ZSTD")


# ------------------------------------------------------------------ real files


@pytest.mark.each_shared_file(*DEEP)
def test_every_sample_is_as_openimageio_reads_it(shared_case: Path) -> None:
    deep = exr.read_deep(shared_case)
    assert agrees(deep, shared_case)
    info = vfx.probe(shared_case)
    assert (deep.data_window, deep.display_window) == (info.data_window, info.display_window)
    assert deep.metadata.keys() == info.metadata.keys()
    assert deep.formats == dict(zip(info.channel_names, info.formats, strict=True))


@pytest.mark.each_shared_file(*DEEP)
def test_flattened_pictures_are_openimageios(shared_case: Path) -> None:
    source = oiio.ImageBuf(str(shared_case))
    flat = oiio.ImageBufAlgo.flatten(source)
    picture = vfx.read(shared_case, dtype="f32")
    places = [source.spec().channelnames.index(name) for name in picture.channel_names]
    expected = flat.get_pixels(oiio.FLOAT)[:, :, places]
    # It adds in float32, we in float64.
    np.testing.assert_allclose(picture.numpy(), expected, rtol=1e-6, atol=1e-7)
    assert picture.data_window == exr.read_deep(shared_case).data_window
    assert "exr:deepImageState" not in picture.metadata


@pytest.mark.each_shared_file(*DEEP)
def test_real_files_survive_being_written_again(shared_case: Path, tmp_path: Path) -> None:
    deep = exr.read_deep(shared_case)
    for options in ({}, {"tile_size": 64, "compression": "rle"}, {"compression": "none", "threads": 1}):
        deep.write(tmp_path / "a.exr", **options)
        again = DeepImage.read(tmp_path / "a.exr")
        assert same(again, deep)
        assert again.metadata.keys() - {"exr:deepImageState"} == deep.metadata.keys() - {"exr:deepImageState"}
    assert agrees(deep, tmp_path / "a.exr")


def test_uint_samples_are_read_as_the_nearest_ones(shared_file) -> None:
    path = shared_file("exr/deep/11.deep.exr")
    assert vfx.read(path).channel_names == ("R", "G", "B", "A", "Z")
    numbers = vfx.read(path, channels=["particleid", "id"])
    assert numbers.format == "u32"
    deep = exr.read_deep(path)
    there = deep.counts > 0
    assert np.array_equal(numbers.numpy()[there][:, 1], deep.samples["id"][deep.offsets[:-1][there.reshape(-1)]])
    mixed = vfx.read(path, channels=["id", "A"], dtype="f32").numpy()
    assert np.array_equal(mixed[:, :, 0], numbers.numpy()[:, :, 1].astype(np.float32))


# ------------------------------------------------------------------ both ways


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zstd"])
@pytest.mark.parametrize("tile_size", [None, 16, (7, 90)])
def test_what_is_written_reads_back_here_and_in_openimageio(compression: str, tile_size: Any, tmp_path: Path) -> None:
    skip_unless_known(compression)
    deep = noise(metadata={"owner": "us"}, data_window=(-3, 5, 49, 41), display_window=(0, 0, 9, 9), pixel_aspect=2)
    for order in ("increasing", "decreasing"):
        path = tmp_path / f"{order}.exr"
        exr.write_deep(path, deep, compression=compression, tile_size=tile_size, line_order=order)
        again = exr.read_deep(path)
        assert same(again, deep)
        assert (again.data_window, again.display_window, again.pixel_aspect) == ((-3, 5, 49, 41), (0, 0, 9, 9), 2)
        assert again.metadata["owner"] == "us"
        assert agrees(deep, path)
    info = exr.probe(path).parts[0]
    assert info.type == ("deepscanline" if tile_size is None else "deeptile")
    assert info.compression == compression


def objects(image: DeepImage, name: str) -> np.ndarray[Any, Any]:
    """A channel as the wheel has it: an array of arrays."""
    out = np.empty(image.counts.shape, object)
    for y in range(image.height):
        for x in range(image.width):
            out[y, x] = image.pixel(x, y)[name]
    return out


def by_wheel(path: Path, image: DeepImage, compression: str, tile: tuple[int, int] | None) -> None:
    """A file written by the OpenEXR wheel."""
    header = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION"), "type": OpenEXR.deepscanline}
    if tile:
        header["type"] = OpenEXR.deeptile
        header["tiles"] = OpenEXR.TileDescription()
        header["tiles"].xSize, header["tiles"].ySize = tile
        header["tiles"].mode = OpenEXR.ONE_LEVEL
    OpenEXR.File(header, {name: objects(image, name) for name in image.channel_names}).write(str(path))


@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZSTD"])
@pytest.mark.parametrize("tile", [None, (8, 4)])
def test_files_of_the_openexr_wheel_are_read(compression: str, tile: tuple[int, int] | None, tmp_path: Path) -> None:
    if not hasattr(OpenEXR, f"{compression}_COMPRESSION"):
        pytest.skip(f"this OpenEXR wheel has no {compression}")
    deep = noise((21, 30))
    by_wheel(tmp_path / "a.exr", deep, compression, tile)
    assert same(exr.read_deep(tmp_path / "a.exr"), deep)
    band = exr.read_deep(tmp_path / "a.exr", rows=(5, 11), channels=["id"])
    assert np.array_equal(band.samples["id"], deep.samples["id"][deep.offsets[150] : deep.offsets[330]])


def test_the_openexr_wheel_reads_what_is_written(tmp_path: Path) -> None:
    deep = noise((9, 12)).select(["R", "A"])  # without Z there is no deepImageState, which the wheel cannot read
    known = ["zips", *(["zstd"] if hasattr(OpenEXR, "ZSTD_COMPRESSION") else [])]
    for compression, tile_size in itertools.product(known, (None, (5, 4))):
        exr.write_deep(tmp_path / "a.exr", deep, compression=compression, tile_size=tile_size)
        with OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True) as file:
            pixels = file.parts[0].channels["R"].pixels
        for y in range(9):
            for x in range(12):
                found = pixels[y, x]
                expected = deep.pixel(x, y)["R"]
                assert (found is None and not len(expected)) or np.array_equal(found, expected)


def test_rows_and_channels_read_no_more_than_they_need() -> None:
    deep = noise((64, 64))
    for options in ({}, {"tile_size": 16}, {"tile_size": (64, 16), "compression": "none"}):
        content = written(deep, **options)
        for first, last in ((0, 1), (13, 37), (63, 64)):
            band = exr.read_deep(content, rows=(first, last), channels=["Z", "R"])
            assert band.channel_names == ("Z", "R")
            assert np.array_equal(band.counts, deep.counts[first:last])
            kept = slice(deep.offsets[first * 64], deep.offsets[last * 64])
            assert np.array_equal(band.samples["Z"], deep.samples["Z"][kept])
            assert band.data_window == (0, first, 63, last - 1)


def test_a_band_of_rows_fetches_its_share_of_the_file() -> None:
    content = written(noise((200, 300)), compression="none")
    end = parse(io.BytesIO(content), len(content), "").end
    kinds = np.array([channel.kind for channel in parse(io.BytesIO(content), len(content), "").parts[0].channels])

    def taken(rows: tuple[int, int]) -> int:
        reader = deep_kernel("").DeepReader(b"", content, -1, len(content), 0, rows, kinds.astype(np.int32), 0)
        starts = np.zeros(reader.runs + 1, np.int64)
        reader.counts(np.empty((rows[1] - rows[0], 300), np.uint32), starts, 1)
        starts = np.concatenate([[0], np.cumsum(starts[:-1])])
        outs = tuple(np.empty(int(starts[-1]) * (2, 2, 4, 4)[place], np.uint8) for place in range(4))
        reader.samples(starts, outs, kinds.astype(np.int32), 1)
        return int(reader.taken) - end

    assert taken((0, 200)) > len(content) * 0.9
    assert taken((180, 200)) < len(content) * 0.11


def test_samples_convert_while_reading_and_writing() -> None:
    deep = noise()
    content = written(deep, dtype={"Z": "f16", "R": "f32"})
    stored = exr.read_deep(content)
    assert stored.formats == {"R": "f32", "A": "f16", "Z": "f16", "id": "u32"}
    assert np.array_equal(stored.samples["Z"], deep.samples["Z"].astype(np.float16))
    assert np.array_equal(stored.samples["R"], deep.samples["R"].astype(np.float32))
    single = exr.read_deep(content, dtype="f32")
    assert single.formats == {"R": "f32", "A": "f32", "Z": "f32", "id": "u32"}
    assert np.array_equal(single.samples["Z"], stored.samples["Z"].astype(np.float32))
    assert exr.read_deep(written(deep, dtype="f16")).formats["Z"] == "f16"


def test_paths_bytes_and_streams_give_the_same(tmp_path: Path) -> None:
    content = written(noise())
    (tmp_path / "a.exr").write_bytes(content)
    first = exr.read_deep(content)
    assert same(exr.read_deep(tmp_path / "a.exr"), first)
    assert same(exr.read_deep(io.BytesIO(content)), first)


def test_any_number_of_threads_reads_and_writes_the_same() -> None:
    deep = noise((300, 200))
    one, two = written(deep, threads=1, tile_size=32), written(deep, threads=3, tile_size=32)
    assert one == two
    assert same(exr.read_deep(one, threads=1), exr.read_deep(one, threads=3))


def test_strided_samples_and_empty_images_are_written() -> None:
    deep = noise()
    backwards = deep.like(deep.counts, {"Z": deep.samples["Z"][::-1]})
    assert np.array_equal(exr.read_deep(written(backwards)).samples["Z"], deep.samples["Z"][::-1])
    for compression in ("none", "rle", "zips"):
        empty = DeepImage(np.zeros((3, 5), int), {"Z": np.zeros(0, np.float32), "A": np.zeros(0, np.float16)})
        again = exr.read_deep(written(empty, compression=compression))
        assert again.size == 0
        assert vfx.read(written(empty)).numpy()[:, :, 0].tolist() == [[0] * 5] * 3


def test_the_header_says_how_the_samples_lie() -> None:
    deep = noise()
    content = written(deep, name="smoke")
    metadata = exr.probe(content).metadata
    assert metadata["exr:deepImageState"] == deep.state == "tidy"
    assert exr.probe(content).parts[0].name == "smoke"
    attributes = parse(io.BytesIO(content), len(content), "").parts[0].attributes
    assert attributes["maxSamplesPerPixel"].data == struct.pack("<i", int(deep.counts.max()))
    assert attributes["chunkCount"].data == struct.pack("<i", deep.height)
    lying = DeepImage([[2]], {"Z": np.float32([2, 1])}, metadata={"exr:deepImageState": "tidy"})
    assert exr.probe(written(lying)).metadata["exr:deepImageState"] == "non-overlapping"


def test_parts_of_a_file_are_deep_or_flat(tmp_path: Path) -> None:
    deep = noise((6, 7)).select(["R", "A"])
    header = {"type": OpenEXR.deepscanline, "compression": OpenEXR.ZIPS_COMPRESSION}
    flat = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    parts = [
        OpenEXR.Part(flat, {"Y": np.ones((6, 7), np.float16)}, "flat"),
        OpenEXR.Part(header, {name: objects(deep, name) for name in deep.channel_names}, "deep"),
    ]
    OpenEXR.File(parts).write(str(tmp_path / "a.exr"))
    assert same(exr.read_deep(tmp_path / "a.exr", part="deep"), deep)
    assert vfx.read(tmp_path / "a.exr", part=1).channel_names == ("R", "A")
    with pytest.raises(FormatError, match="not deep"):
        exr.read_deep(tmp_path / "a.exr")


def test_an_open_file_reads_deep_parts_and_flattens_them() -> None:
    content = written(noise())
    with exr.ExrFile(content) as file:
        assert same(file.read_deep(), exr.read_deep(content))
        box = file.read(rows=(3, 9), columns=(10, 20), channels="A")
        assert np.array_equal(box.numpy(), vfx.read(content, channels="A").numpy()[3:9, 10:20])
        assert box.data_window == (10, 3, 19, 8)
    for read in (file.read, file.read_deep):
        with pytest.raises(ValueError, match="closed"):
            read()


# ------------------------------------------------------------------ what is refused


def test_wrong_options_are_named() -> None:
    deep, content = noise(), written(noise())
    for options, error, words in [
        ({"compression": "piz"}, ValueError, "none, rle, zips, zstd"),
        ({"line_order": "random"}, ValueError, "tile_size"),
        ({"dtype": "u8"}, TypeError, "f16 or f32"),
        ({"dtype": {"Q": "f16"}}, ValueError, "Q"),
        ({"tile_size": 0}, ValueError, "tile_size"),
        ({"tile_size": (1, 2, 3)}, ValueError, "tile_size"),
        ({"zip_level": 10}, ValueError, "zip_level"),
    ]:
        with pytest.raises(error, match=words):
            written(deep, **options)
    for options, error, words in [
        ({"channels": ["Q"]}, ChannelError, "no channel 'Q'; there are: R, A"),
        ({"channels": ["Z", "Z"]}, ChannelError, "different"),
        ({"rows": (4, 4)}, ValueError, "rows"),
        ({"dtype": "u8"}, ValueError, "f16 or f32"),
        ({"part": 3}, ChannelError, "no part 3"),
    ]:
        with pytest.raises(error, match=words):
            exr.read_deep(content, **options)
    with pytest.raises(TypeError, match="deep image"):
        exr.write_deep(io.BytesIO(), vfx.Image(np.zeros((2, 2), np.float32)))  # type: ignore[arg-type]


def test_a_line_of_too_many_samples_is_refused() -> None:
    none = np.broadcast_to(np.float16(0), (2**31,))
    with pytest.raises(ValueError, match="2147483648 samples"):
        written(DeepImage([[2**30, 2**30]], {"A": none}))


def test_the_python_backend_says_that_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    content = written(noise())
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    for call in (exr.read_deep, vfx.read):
        with pytest.raises(FormatError, match="needs OpenEXR's C core"):
            call(content)
    with pytest.raises(FormatError, match="needs OpenEXR's C core"):
        written(noise())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(b"old")
    monkeypatch.setenv("VFX_EXR_BACKEND", "python")
    with pytest.raises(FormatError):
        noise().write(path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.exr"]


def test_limits_hold_for_samples_and_pixels() -> None:
    content = written(noise())
    with limits(pixels=100), pytest.raises(LimitError, match="53 x 37 pixels"):
        exr.read_deep(content)
    with limits(memory=20_000), pytest.raises(LimitError, match="20000 allowed"):
        exr.read_deep(content)
    with limits(memory=20_000):
        assert exr.read_deep(content, rows=(0, 10), channels=["R"]).height == 10


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("options", [{}, {"tile_size": 8}, {"compression": "rle"}, {"compression": "none"}], ids=str)
def test_a_file_cut_short_is_an_error(options: dict[str, Any]) -> None:
    content = written(noise((12, 9)), **options)
    for length in range(0, len(content), max(1, len(content) // 60)):
        with pytest.raises(FormatError):
            exr.read_deep(content[:length])


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zstd"])
@pytest.mark.parametrize("tile_size", [None, 8])
def test_flipped_bytes_are_an_error_or_other_samples(compression: str, tile_size: Any) -> None:
    skip_unless_known(compression)
    content = written(noise((12, 9)), compression=compression, tile_size=tile_size)
    rng = np.random.default_rng(1)
    for place in rng.integers(8, len(content), 300):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        try:
            deep = exr.read_deep(damaged)
            assert deep.offsets[-1] == deep.size
            deep.flatten()
        except (FormatError, ChannelError, MemoryError):
            pass


def first_chunk(content: bytes) -> int:
    """Where the first chunk begins."""
    end = parse(io.BytesIO(content), len(content), "").end
    return int(struct.unpack_from("<Q", content, end)[0])


@pytest.mark.parametrize(
    ("place", "value"),
    [(4, 0), (4, 1 << 40), (12, 1 << 40), (20, 1), (20, 1 << 40), (20, 1 << 62)],
    ids=["no counts", "long counts", "long samples", "few samples", "many samples", "no end of samples"],
)
def test_sizes_that_do_not_fit_are_an_error(place: int, value: int) -> None:
    content = bytearray(written(noise((12, 9)), compression="none"))
    struct.pack_into("<Q", content, first_chunk(bytes(content)) + place, value)
    with pytest.raises(FormatError):
        exr.read_deep(content)


@pytest.mark.parametrize("sums", [(5, 3), (-1, 2), (2, 1 << 30)], ids=["falling", "negative", "more than there are"])
def test_counts_that_make_no_sense_are_an_error(sums: tuple[int, int]) -> None:
    content = bytearray(written(DeepImage([[2, 1]], {"Z": np.float32([1, 2, 3])}), compression="none"))
    struct.pack_into("<2i", content, first_chunk(bytes(content)) + 28, *sums)
    with pytest.raises(FormatError):
        exr.read_deep(content)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("compression", Attribute("compression", b"\3")),
        ("type", Attribute("string", b"scanlineimage")),
        ("type", Attribute("string", b"deepsomething")),
        ("channels", Attribute("chlist", b"Z\0" + struct.pack("<iB3x2i", 2, 0, 2, 2) + b"\0")),
    ],
    ids=["zip", "flat", "unknown", "subsampled"],
)
def test_headers_that_no_deep_file_has_are_an_error(name: str, attribute: Attribute) -> None:
    content = written(DeepImage([[2, 1]], {"Z": np.float32([1, 2, 3])}))
    header = parse(io.BytesIO(content), len(content), "")
    changed = serialise_parts([{**header.parts[0].attributes, name: attribute}], header.flags)
    with pytest.raises(FormatError):
        exr.read_deep(changed + content[header.end :])


def test_a_table_never_written_is_made_from_whole_chunks() -> None:
    deep = noise()
    content = written(deep)
    end = parse(io.BytesIO(content), len(content), "").end
    stopped = content[:end] + bytes(8 * deep.height) + content[end + 8 * deep.height :]
    assert same(exr.read_deep(stopped), deep)


def test_damaged_deep_files_of_others_never_crash(shared_data: Path, read_damaged) -> None:
    paths = sorted(path for path in (shared_data / "exr_bad").iterdir() if "deep" in path.name)
    assert len(paths) > 3
    for verdict in read_damaged(paths, call="vfx.io.exr.read_deep").values():
        assert verdict.startswith(("FormatError", "LimitError"))


@pytest.mark.parametrize("size", [1, 2, 64, 65])
@pytest.mark.parametrize("tile_size", [63, 64, 256])
def test_tiles_much_larger_than_what_they_hold_are_read(size: int, tile_size: int) -> None:
    stream, flat = io.BytesIO(), np.arange(size * size, dtype=np.float32)
    exr.write_deep(
        stream, DeepImage(np.ones((size, size), np.uint32), {"Z": flat}), compression="none", tile_size=tile_size
    )
    assert np.array_equal(exr.read_deep(stream.getvalue()).samples["Z"], flat)
