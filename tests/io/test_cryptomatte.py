"""Cryptomatte: ids, manifests, mattes from files that other tools wrote, and encoding."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import ChannelError, FormatError, LimitError, UnknownNameError
from vfx.io import exr
from vfx.io.cryptomatte import Cryptomatte, encode, id_of
from vfx.io.idmanifest import IDGroup, IDManifest

NAMES = ("car", "tree_01", "tree_02", "ground", "sky", "Ünïcode", "a, b", "[odd]")


def coverages(seed: int = 3, shape: tuple[int, int] = (45, 67)) -> dict[str, np.ndarray[Any, Any]]:
    """Random coverage of every name, summing to at most 1, with whole blocks of one object."""
    random = np.random.default_rng(seed)
    stack = random.random((len(NAMES), *shape)).astype(np.float32) ** 6
    stack[stack < 0.2] = 0
    stack /= np.maximum(stack.sum(0), 1)
    stack[:, 10:30, 5:60] = 0
    stack[1, 10:30, 5:60] = 1
    return dict(zip(NAMES, stack, strict=True))


def by_wheel(path: Path, parts: list[tuple[str, dict[str, Any], dict[str, Any]]], compression: int = 3) -> Path:
    """A file that the OpenEXR wheel wrote: (part name, header, channels) each."""
    import OpenEXR

    made = []
    for name, header, channels in parts:
        arrays = {one: np.ascontiguousarray(array) for one, array in channels.items()}
        head = {"compression": OpenEXR.Compression(compression), "type": OpenEXR.scanlineimage, **header}
        made.append(OpenEXR.Part(head, arrays, name))
    OpenEXR.File(made).write(str(path))
    return path


def ranked(ids: dict[str, int], mattes: dict[str, Any], count: int) -> tuple[Any, Any]:
    """Ids as floats and coverages, (ranks, H, W), sorted by coverage: plain NumPy."""
    names = list(mattes)
    stack = np.stack([mattes[name] for name in names])
    order = np.argsort(-stack, axis=0, kind="stable")[:count]
    coverage = np.take_along_axis(stack, order, 0)
    numbers = np.array([ids[name] for name in names], np.uint32)[order]
    return np.where(coverage > 0, numbers, 0).astype(np.uint32).view(np.float32), coverage


def header_of(name: str, ids: dict[str, int], key: str = "abc1234") -> dict[str, str]:
    """A layer's attributes as renderers write them."""
    manifest = json.dumps({one: f"{identity:08x}" for one, identity in ids.items()})
    start = f"cryptomatte/{key}/"
    return {f"{start}name": name, f"{start}hash": "MurmurHash3_32", f"{start}conversion": "uint32_to_float32",
            f"{start}manifest": manifest}  # fmt: skip


def rank_channels(name: str, ids: Any, coverage: Any, letters: str = "RGBA", levels: Any = range(3)) -> dict[str, Any]:
    """Channels of the ranks, two a level."""
    found = {}
    for level in levels:
        for place in range(2):
            if 2 * level + place < len(ids):
                found[f"{name}{level:02d}.{letters[2 * place]}"] = ids[2 * level + place]
                found[f"{name}{level:02d}.{letters[2 * place + 1]}"] = coverage[2 * level + place]
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    # The specification's own examples of names and floats.
    [("hello", 6.0705627102400005616e-17), ("cube", -4.08461912519e15), ("sphere", 2.79018604383e15),
     ("plane", 3.66557617593e-11)],
)  # fmt: skip
def test_names_have_the_ids_of_the_specification(name: str, value: float) -> None:
    assert np.array(id_of(name), np.uint32).view(np.float32) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "expected"),
    # Published vectors of MurmurHash3_x86_32 with seed 0.
    [(b"", 0), (b"hello", 0x248BFA47), (b"hello, world", 0x149BBB7F),
     (b"The quick brown fox jumps over the lazy dog", 0x2E4FF723)],
)  # fmt: skip
def test_hashes_are_murmur3(text: bytes, expected: int) -> None:
    from vfx._ext.cryptomatte import hash_text

    assert hash_text(text) == expected


def test_ids_are_ordinary_floats_for_every_exponent() -> None:
    from vfx._ext.cryptomatte import hash_text

    odd = [name for name in map(str, range(3000)) if hash_text(name.encode()) >> 23 & 255 in (0, 255)]
    assert odd
    for name in odd:
        value = np.array(id_of(name), np.uint32).view(np.float32)
        assert np.isfinite(value) and abs(value) >= np.finfo(np.float32).tiny
        assert id_of(name) ^ hash_text(name.encode()) == 1 << 23


@pytest.mark.parametrize("compression", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("backend", ["core", "python"])
def test_a_matte_is_the_sum_of_its_ranks(tmp_path: Path, monkeypatch, compression: int, backend: str) -> None:
    monkeypatch.setenv("VFX_EXR_BACKEND", backend)
    mattes, ids = coverages(), {name: id_of(name) for name in NAMES}
    id_planes, coverage = ranked(ids, mattes, 6)
    half = np.zeros((45, 67), np.float16)
    channels = {"R": half, "G": half, "B": half, **rank_channels("Crypto", id_planes, coverage)}
    path = by_wheel(tmp_path / "a.exr", [("", header_of("Crypto", ids), channels)], compression)
    layer = Cryptomatte(path)["Crypto"]
    assert (layer.ranks, layer.manifest, layer.names) == (6, ids, tuple(sorted(NAMES)))
    bits = id_planes.view(np.uint32)
    for name in NAMES:
        expected = np.where(bits == ids[name], coverage, 0).sum(0)
        assert np.array_equal(layer.matte(name).numpy()[:, :, 0], expected)
    both = np.where((bits == ids["tree_01"]) | (bits == ids["tree_02"]), coverage, 0).sum(0)
    assert np.array_equal(layer.matte("tree_*", threads=1).pixels[..., 0], both)
    assert np.array_equal(layer.matte("tree_*", rows=(7, 31)).pixels[..., 0], both[7:31])
    several = layer.mattes(["sky", "tree_*"])
    assert several.channel_names == ("sky", "tree_01", "tree_02") and several.format == "f32"
    assert np.array_equal(several.channel("sky").pixels[..., 0], np.where(bits == ids["sky"], coverage, 0).sum(0))


@pytest.mark.parametrize("tile", [None, 16, (64, 7)])
@pytest.mark.parametrize("compression", ["none", "zips", "zip", "piz", "rle", "zstd"])
def test_mattes_survive_encoding_and_our_own_files(compression: str, tile: Any) -> None:
    mattes = coverages(9)
    stream = io.BytesIO()
    beauty = vfx.Image(np.ones((45, 67, 3), np.float16), data_window=(-3, 4, 63, 48), display_window=(0, 0, 99, 99),
                       pixel_aspect=2.0, metadata={"owner": "me"})  # fmt: skip
    exr.write(stream, encode(mattes, ranks=8, image=beauty), compression=compression, tile_size=tile,
              dtype={"R": "f16"})  # fmt: skip
    layer = Cryptomatte(stream.getvalue()).layer()
    for threads in (1, 2, 5):
        for name, matte in mattes.items():
            assert np.array_equal(layer.matte(name, threads=threads).pixels[..., 0], matte)
    one = layer.matte("car", rows=(20, 21))
    assert one.data_window == (-3, 24, 63, 24) and one.display_window == (0, 0, 99, 99)
    assert one.pixel_aspect == 2.0 and one.metadata["owner"] == "me"
    assert not any("cryptomatte" in key for key in one.metadata)


def test_a_large_picture_is_the_same_with_any_threads(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    blocks = random.integers(0, 9, (30, 40)).repeat(20, 0).repeat(20, 1)
    mattes = {f"o{i}": (blocks == i).astype(np.float32) * np.float32(0.75) for i in range(9)}
    exr.write(tmp_path / "a.exr", encode(mattes), compression="zip")
    layer = Cryptomatte(tmp_path / "a.exr").layer()
    for threads in (1, 2, 3):
        assert np.array_equal(layer.mattes("*", threads=threads).pixels, np.stack(list(mattes.values()), -1))


def test_encoding_keeps_the_largest_and_the_first_of_equals() -> None:
    mattes = {
        name: np.full((1, 1), cover, np.float32) for name, cover in zip("abcd", (0.1, 0.3, 0.3, 0.2), strict=True)
    }
    image = encode(mattes, ranks=2)
    assert image.pixels.view(np.uint32)[0, 0, 0::2].tolist() == [id_of("b"), id_of("c")]
    assert image.pixels[0, 0, 1::2].tolist() == [np.float32(0.3)] * 2
    id_planes, coverage = ranked({name: id_of(name) for name in NAMES}, coverages(), 6)
    ours = encode(coverages(), ranks=6).pixels
    assert np.array_equal(ours[..., 1::2].transpose(2, 0, 1), coverage)
    assert np.array_equal(ours[..., 0::2].transpose(2, 0, 1).view(np.uint32), id_planes.view(np.uint32))


def test_other_tools_read_what_encode_writes(tmp_path: Path) -> None:
    import OpenEXR

    exr.write(tmp_path / "a.exr", encode(coverages(), name="Objects"), compression="zips")
    with OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True) as file:
        header, channels = file.header(), file.channels()
        key = next(name for name in header if name.endswith("/name")).removesuffix("name")
        assert [header[key + field] for field in ("name", "hash", "conversion")] == [
            "Objects", "MurmurHash3_32", "uint32_to_float32"]  # fmt: skip
        assert key == f"cryptomatte/{id_of('Objects'):08x}"[:-1] + "/"
        number = int(json.loads(header[key + "manifest"])["Ünïcode"], 16)
        total = np.zeros((45, 67), np.float32)
        for level in range(3):
            for one, cover in ("RG", "BA"):
                ids = channels[f"Objects{level:02d}.{one}"].pixels.view(np.uint32)
                total += np.where(ids == number, channels[f"Objects{level:02d}.{cover}"].pixels, 0)
    assert np.array_equal(total, coverages()["Ünïcode"])


@pytest.mark.parametrize("letters", ["rgba", ("red", "green", "blue", "alpha")])
def test_channels_may_be_spelled_in_several_ways(tmp_path: Path, letters: Any) -> None:
    ids = {name: id_of(name) for name in NAMES}
    planes = ranked(ids, coverages(), 4)
    channels = rank_channels("View Layer.CryptoObject", *planes, letters=letters)
    path = by_wheel(tmp_path / "a.exr", [("", header_of("View Layer.CryptoObject", ids), channels)])
    layer = Cryptomatte(path).layer("View Layer.CryptoObject")
    assert layer.ranks == 4
    assert np.array_equal(layer.matte("tree_01").pixels[12:20, 10:50, 0], np.ones((8, 40), np.float32))


def test_layers_and_manifests_come_together_from_many_parts(tmp_path: Path) -> None:
    mattes = coverages()
    ids = {name: id_of(name) for name in NAMES}
    id_planes, coverage = ranked(ids, mattes, 6)
    first, second = dict(list(ids.items())[:4]), dict(list(ids.items())[3:])
    parts = []
    for level in range(3):
        manifest = header_of("Obj", first if level == 0 else second)
        planes = rank_channels("Obj", id_planes, coverage, levels=[level])
        bare = {name.rpartition(".")[2]: array for name, array in planes.items()}
        # Parts named like the layer with bare channels, as some renderers write them.
        parts.append((f"Obj{level:02d}", manifest, bare))
    path = by_wheel(tmp_path / "a.exr", parts)
    layer = Cryptomatte(path)["Obj"]
    assert layer.manifest == ids and layer.ranks == 6
    bits = id_planes.view(np.uint32)
    for name in NAMES:
        assert np.array_equal(layer.matte(name).pixels[..., 0], np.where(bits == ids[name], coverage, 0).sum(0))


def test_two_layers_of_one_file_stay_apart() -> None:
    mattes = coverages()
    image = encode({"m1": mattes["car"]}, name="Mat", ranks=2, image=encode(mattes, name="Obj", ranks=8))
    crypto = Cryptomatte(image)
    assert crypto.layers == ("Obj", "Mat") and len(crypto) == 2 and "Mat" in crypto
    assert np.array_equal(crypto["Mat"].matte("m1").pixels[..., 0], mattes["car"])
    assert np.array_equal(crypto["Obj"].matte("sky").pixels[..., 0], mattes["sky"])


def test_views_have_mattes_of_their_own() -> None:
    left, right = (np.full((4, 5), cover, np.float32) for cover in (0.25, 0.75))
    image = encode({"car": left})
    names = {name: name.replace(".", ".left.") for name in image.channel_names}
    other = encode({"car": right}).rename({name: name.replace(".", ".right.") for name in image.channel_names})
    both = vfx.Image(np.concatenate([image.pixels, other.pixels], -1), metadata=image.metadata | {
        "exr:multiView": ["left", "right"]}, channels=[*names.values(), *other.channel_names])  # fmt: skip
    stream = io.BytesIO()
    exr.write(stream, both)
    data = stream.getvalue()
    assert Cryptomatte(data).layer().matte("car").pixels[0, 0, 0] == 0.25
    assert Cryptomatte(data, view="right").layer().matte("car").pixels[0, 0, 0] == 0.75
    with pytest.raises(ChannelError, match="no view 'top'; the views are: left, right"):
        Cryptomatte(data, view="top")


def test_a_manifest_beside_the_picture_is_found(tmp_path: Path) -> None:
    image = encode(coverages())
    key = next(name for name in image.metadata if name.endswith("manifest"))
    text = image.metadata.pop(key)
    image.metadata[key.replace("manifest", "manif_file")] = "side/a.json"
    exr.write(tmp_path / "a.exr", image)
    layer = Cryptomatte(tmp_path / "a.exr").layer()
    with pytest.raises(FormatError, match=r"no manifest file .*a\.json"):
        _ = layer.names
    (tmp_path / "side").mkdir()
    (tmp_path / "side" / "a.json").write_text(text)
    assert layer.manifest == {name: id_of(name) for name in NAMES}
    data = (tmp_path / "a.exr").read_bytes()
    with pytest.raises(FormatError, match="give manifest="):
        Cryptomatte(data).layer().matte("car")
    given = Cryptomatte(data, manifest=tmp_path / "side" / "a.json").layer()
    assert np.array_equal(given.matte("car").pixels, layer.matte("car").pixels)
    assert Cryptomatte(data, manifest={"x": 5}).layer().names == ("x",)


def test_openexrs_own_manifest_gives_names_where_there_is_no_other(tmp_path: Path) -> None:
    image = encode(coverages())
    del image.metadata[next(name for name in image.metadata if name.endswith("manifest"))]
    ids = {name: id_of(name) for name in NAMES}
    group = IDGroup(["CryptoObject00.R"], ["name", "model"], {one: (name, "m") for name, one in ids.items()})
    image.metadata["exr:idManifest"] = IDManifest([group, IDGroup(["Z"], ["name"], {5: "other"})])
    exr.write(tmp_path / "a.exr", image)
    layer = Cryptomatte(tmp_path / "a.exr").layer()
    assert layer.manifest == ids
    assert np.array_equal(layer.matte("tree_*").pixels[..., 0], coverages()["tree_01"] + coverages()["tree_02"])


@pytest.mark.parametrize("where", ["/etc/passwd", "..\\a.json", "C:\\a.json"])
def test_a_manifest_file_is_never_looked_for_elsewhere(tmp_path: Path, where: str) -> None:
    image = encode(coverages())
    key = next(name for name in image.metadata if name.endswith("manifest"))
    del image.metadata[key]
    image.metadata[key.replace("manifest", "manif_file")] = where
    exr.write(tmp_path / "a.exr", image)
    with pytest.raises(FormatError, match="manif_file must be relative"):
        _ = Cryptomatte(tmp_path / "a.exr").layer().manifest


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "no JSON"), ("[1]", "JSON object"), ('{"a": 5}', "hexadecimal"), ('{"a": "xyz"}', "hexadecimal"),
     ('{"a": "123456789"}', "hexadecimal"), ("[" * 100_000, "nested too deeply|no JSON"), ("", "")],
)  # fmt: skip
def test_a_damaged_manifest_says_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    image = encode(coverages())
    key = next(name for name in image.metadata if name.endswith("manifest"))
    image.metadata[key] = text
    exr.write(tmp_path / "a.exr", image)
    layer = Cryptomatte(tmp_path / "a.exr").layer()
    if not text:
        # Without a manifest names are hashed, and ids have no names.
        assert layer.names == () and np.array_equal(layer.matte("sky").pixels[..., 0], coverages()["sky"])
        return
    with pytest.raises(FormatError, match=reason) as caught:
        _ = layer.manifest
    assert str(tmp_path / "a.exr") in str(caught.value) and "CryptoObject" in str(caught.value)


def test_a_wrong_name_says_what_there_is(tmp_path: Path) -> None:
    exr.write(tmp_path / "a.exr", encode(coverages()))
    crypto = Cryptomatte(tmp_path / "a.exr")
    with pytest.raises(UnknownNameError, match=r"a\.exr: no matte 'tree_1' in CryptoObject \(did you mean 'tree_01'"):
        crypto.layer().matte("tree_1")
    with pytest.raises(UnknownNameError, match="no matte 'zz\\*'"):
        crypto.layer().matte("zz*")
    with pytest.raises(ChannelError, match="no Cryptomatte layer 'Asset'; the layers are: CryptoObject"):
        _ = crypto["Asset"]
    with pytest.raises(ValueError, match="give names, ids or pixels"):
        crypto.layer().matte()
    with pytest.raises(ValueError, match="outside the data window"):
        crypto.layer().matte(pixels=[(67, 0)])
    with pytest.raises(ChannelError, match="no Cryptomatte in it"):
        Cryptomatte(vfx.Image(np.zeros((2, 2, 3), np.float32))).layer()
    assert np.array_equal(crypto.layer().matte("[odd]").pixels[..., 0], coverages()["[odd]"])  # a name, not a wildcard


def test_pixels_pick_what_they_show_most_of() -> None:
    mattes = coverages()
    image = encode(mattes)
    moved = vfx.Image(
        image.pixels, channels=image.channel_names, metadata=image.metadata, data_window=(100, 50, 166, 94)
    )
    layer = Cryptomatte(moved).layer()
    picks = layer.pick(100 + 20, 50 + 15)
    assert [(one.name, one.coverage) for one in picks] == [("tree_01", 1.0)]
    assert np.array_equal(layer.matte(pixels=[(120, 65)]).pixels[..., 0], mattes["tree_01"])
    for x, y in ((0, 0), (66, 44), (3, 40)):
        shown = {name: float(matte[y, x]) for name, matte in mattes.items() if matte[y, x] > 0}
        found = {one.name: one.coverage for one in layer.pick(100 + x, 50 + y)}
        assert found == dict(sorted(shown.items(), key=lambda one: -one[1])[:6])


def test_found_lists_what_the_pixels_have() -> None:
    mattes = coverages() | {"hidden": np.zeros((45, 67), np.float32)}
    image = encode(mattes, ranks=10)
    layer = Cryptomatte(image, manifest={"car": id_of("car")}).layer()
    found = {one.id: one for one in layer.found()}
    assert set(found) == {id_of(name) for name in NAMES}
    assert [one.coverage for one in found.values()] == sorted((one.coverage for one in found.values()), reverse=True)
    for name in NAMES:
        one, matte = found[id_of(name)], mattes[name]
        assert one.name == (name if name == "car" else f"0x{id_of(name):08x}")
        assert one.pixels == np.count_nonzero(matte) and one.coverage == pytest.approx(matte.sum(dtype=np.float64))
        ys, xs = np.nonzero(matte)
        assert one.box == (xs.min(), ys.min(), xs.max(), ys.max())
    assert np.array_equal(layer.matte(found[id_of("sky")].name).pixels[..., 0], mattes["sky"])


def test_noise_in_place_of_ids_is_an_error_not_a_flood(monkeypatch) -> None:
    random = np.random.default_rng(0)
    image = encode(coverages())
    pixels = image.pixels.copy()
    pixels[..., 0::2] = random.integers(1 << 23, 1 << 30, pixels[..., 0::2].shape, np.uint32).view(np.float32)
    pixels[..., 1::2] = 0.5
    noisy = Cryptomatte(vfx.Image(pixels, channels=image.channel_names, metadata=image.metadata)).layer()
    assert len(noisy.found()) > 18_000  # grown many times over
    for name in ("NaN", "inf"):
        pixels[..., 1::2] = float(name)
        assert noisy.found() == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"mattes": {}}, "at least one name"), ({"ranks": 0}, "ranks must be between 1 and 64"),
     ({"mattes": {"a": np.full((2, 2), -1.0)}}, "at least 0"), ({"mattes": {"a": np.full((2, 2), np.nan)}}, "finite"),
     ({"mattes": {"a": np.zeros((2, 2)), "b": np.zeros((2, 3))}}, "'b' is 3 x 2, not 2 x 2"),
     ({"mattes": {"a": np.zeros((2, 2, 3))}}, "one channel"),
     ({"image": vfx.Image(np.zeros((2, 2), np.float32), channels=["CryptoObject00.R"])}, "already")],
)  # fmt: skip
def test_what_cannot_be_encoded_is_refused(changes: dict[str, Any], reason: str) -> None:
    arguments: dict[str, Any] = {"mattes": {"a": np.zeros((2, 2))}} | changes
    with pytest.raises(ValueError, match=reason):
        encode(**arguments)


def test_half_ids_and_missing_channels_are_errors(tmp_path: Path) -> None:
    image = encode(coverages())
    exr.write(tmp_path / "half.exr", image, dtype="f16")
    with pytest.raises(FormatError, match=r"half\.exr: Cryptomatte channel CryptoObject00.. must be float"):
        Cryptomatte(tmp_path / "half.exr").layer().matte("car")
    lame = image.select([name for name in image.channel_names if name != "CryptoObject01.G"])
    with pytest.raises(FormatError, match="rank CryptoObject01 lacks its channel G"):
        Cryptomatte(lame)
    none = vfx.Image(np.zeros((2, 2), np.float32), metadata=image.metadata)
    with pytest.raises(ChannelError, match="no channels CryptoObject00.R"):
        Cryptomatte(none).layer().matte("car")


def test_damaged_files_are_errors_and_never_pictures(tmp_path: Path) -> None:
    exr.write(tmp_path / "a.exr", encode(coverages()), compression="zip")
    whole = (tmp_path / "a.exr").read_bytes()
    random = np.random.default_rng(2)
    errors = 0
    for cut in (5, 300, len(whole) // 2, len(whole) - 1):
        with pytest.raises(FormatError):
            Cryptomatte(whole[:cut]).layer().matte("car")
    for _ in range(300):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 3):
            damaged[place] ^= 1 << int(random.integers(0, 8))
        try:
            layer = Cryptomatte(bytes(damaged)).layer()
            assert len(layer.found()) < 2 * 6 * 45 * 67 and layer.matte("car").format == "f32"
        except (FormatError, ChannelError, UnknownNameError):
            errors += 1
    assert errors > 200


def test_limits_hold(tmp_path: Path) -> None:
    exr.write(tmp_path / "a.exr", encode(coverages()))
    layer = Cryptomatte(tmp_path / "a.exr").layer()
    with vfx.io.limits(pixels=45 * 67 - 1), pytest.raises(LimitError):
        layer.matte("car")
    with vfx.io.limits(memory=45 * 67 * 8 - 1), pytest.raises(LimitError):
        layer.mattes(["car", "sky"])
    exr.write(tmp_path / "a.exr", encode(coverages(), ranks=2))
    with vfx.io.limits(attribute_bytes=150), pytest.raises(LimitError, match="cryptomatte/"):
        Cryptomatte(tmp_path / "a.exr")


def test_sources_of_any_kind_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    exr.write(path, encode(coverages()))
    expected = Cryptomatte(path).layer().matte("car").pixels
    for source in (str(path), path.read_bytes(), bytearray(path.read_bytes()), io.BytesIO(path.read_bytes()),
                   vfx.read(path)):  # fmt: skip
        assert np.array_equal(Cryptomatte(source).layer().matte("car").pixels, expected)
    with path.open("rb") as stream:
        crypto = Cryptomatte(stream)
    assert np.array_equal(crypto.layer().matte("car").pixels, expected)
