"""Looks: recording, one fused pass, inverse, merging, baking, files, being a value."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.color import CDL, read_cdl
from vfx.errors import ChannelError, FormatError, NotInvertibleError, ReadOnlyError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D, Lut3D, LutChain

Array = np.ndarray[Any, Any]


def plate(dtype: Any = np.float32, channels: int = 4, seed: int = 1) -> Image:
    """A picture of random scene-linear colour, 37 wide and 29 high."""
    values = np.random.default_rng(seed).uniform(-0.1, 3.0, (29, 37, channels))
    if np.issubdtype(dtype, np.integer):
        return Image((np.clip(values / 3.0, 0, 1) * np.iinfo(dtype).max).astype(dtype))
    return Image(values.astype(dtype))


def grade() -> Look:
    """A look with every sort of operation."""
    cube = Lut3D.from_look(Look().saturation(0.8).gamma(1.1), 17)
    return (
        Look()
        .exposure(0.3)
        .cdl(slope=[1.1, 1.0, 0.95], offset=[0.01, 0.0, -0.01], power=[0.95, 1.0, 1.05], saturation=1.1)
        .contrast(1.1)
        .matrix([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.1, 0.9]])
        .offset(0.02, unpremult=True)
        .contrast_log([1.1, 1.0, 0.9])
        .encode("srgb")
        .clamp()
        .lut(cube)
    )


def test_one_pass_gives_the_bytes_of_eager_steps_on_float32() -> None:
    look, image, stepwise = grade(), plate(), plate()
    for op in look:
        Look([op]).apply(stepwise)
    assert look.apply(image) is image
    assert image.numpy().tobytes() == stepwise.numpy().tobytes()


def test_one_pass_rounds_once_where_eager_steps_round_each_time() -> None:
    # A half keeps 11 bits: the fused chain differs from the eager one, and is the nearer to float32.
    exact = grade()(Image(plate(np.float16).numpy().astype(np.float32))).numpy()
    fused = grade()(plate(np.float16)).numpy()
    assert fused.tobytes() == exact.astype(np.float16).tobytes()


def test_calling_a_look_leaves_the_image_alone_and_keeps_what_it_is() -> None:
    image = Image(plate().numpy(), metadata={"owner": "x"}, data_window=(5, 6, 41, 34), display_window=(0, 0, 99, 99))
    before = image.numpy().copy()
    result = grade()(image)
    assert not np.shares_memory(result.numpy(), image.numpy())
    assert (image.numpy() == before).all()
    assert result.metadata == {"owner": "x"} and result.data_window == (5, 6, 41, 34)
    assert result.numpy().tobytes() == grade().apply(image).numpy().tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint8, np.uint16])
@pytest.mark.parametrize(
    "layout", ["negative", "fortran", "every second", "planes", "BGRA"], ids=lambda name: name.replace(" ", "-")
)
def test_every_layout_shares_memory_and_gets_the_same_values(layout: str, dtype: Any) -> None:
    source = plate(dtype).numpy()
    expected = grade()(Image(source.copy())).numpy()
    names = None
    if layout == "negative":
        array = source.copy()[::-1, ::-1]
        expected = expected[::-1, ::-1]
    elif layout == "fortran":
        array = np.asfortranarray(source)
    elif layout == "every second":
        wide = np.zeros((29 * 2, 37 * 3, 5), dtype)
        array = wide[::2, ::3, :4]
        array[...] = source
    elif layout == "planes":
        array = np.ascontiguousarray(source.transpose(2, 0, 1)).transpose(1, 2, 0)
    else:
        array, names = np.ascontiguousarray(source[..., [2, 1, 0, 3]]), ("B", "G", "R", "A")
        expected = expected[..., [2, 1, 0, 3]]
    image = Image(array, channels=names)
    grade().apply(image)
    assert np.shares_memory(image.numpy(), array)
    assert np.array_equal(array, expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_any_thread_count_gives_the_same_bytes(threads: int) -> None:
    big = np.random.default_rng(3).random((301, 333, 3), np.float32)
    once = grade()(Image(big.copy()), threads=1).numpy()
    assert grade()(Image(big.copy()), threads=threads).numpy().tobytes() == once.tobytes()


def test_other_channels_are_untouched() -> None:
    values = np.random.default_rng(5).random((8, 9, 6), np.float32)
    image = Image(values.copy(), channels=("Z", "R", "id", "G", "B", "A"))
    Look().gain(2).apply(image)
    assert (image.numpy()[..., [0, 2, 5]] == values[..., [0, 2, 5]]).all()
    assert (image.numpy()[..., [1, 3, 4]] == values[..., [1, 3, 4]] * 2).all()


def test_inverse_undoes_a_look() -> None:
    look = (
        Look()
        .exposure(0.5)
        .cdl(slope=[1.1, 1, 0.9], offset=0.02, power=[0.9, 1, 1.1], saturation=1.1)
        .encode("acescct")
        .matrix([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.1, 0.9]])
    )
    image = Image(np.random.default_rng(9).uniform(0.05, 2.0, (16, 16, 3)).astype(np.float32))
    np.testing.assert_allclose(look.inverse()(look(image)).numpy(), image.numpy(), rtol=2e-5)
    assert look.inverse().inverse() == look.inverse().inverse()
    assert len(look.inverse()) == 4
    with pytest.raises(NotInvertibleError, match="clamp"):
        Look().exposure(1).clamp().inverse()


def test_adding_looks_is_applying_one_after_the_other() -> None:
    first, second = Look().exposure(1).gamma(1.2), Look().encode("srgb")
    both = first + second
    assert both.ops == first.ops + second.ops and len(both) == 3
    image = plate()
    assert both(image).numpy().tobytes() == second(first(image)).numpy().tobytes()
    with pytest.raises(TypeError):
        first + 3  # type: ignore[operator]


def test_optimizing_merges_neighbours_and_drops_what_does_nothing() -> None:
    look = Look().exposure(1).gain(0.5).contrast(1).encode("srgb").decode("srgb").saturation(2).saturation(0.5)
    assert len(look.optimized()) == 0 and len(look) == 7
    assert Look().exposure(1).offset(0.1).optimized().ops[0].steps()[0].kernel == "affine"
    chain = Look().gain(2).encode("logc3").gain(0.5).offset(0.1).matrix(np.eye(3) * 2).decode("logc3")
    assert [op.name for op in chain.optimized()] == ["gain", "encode", "matrix", "decode"]
    image = plate()
    np.testing.assert_allclose(chain.optimized()(image).numpy(), chain(image).numpy(), rtol=1e-4, atol=1e-5)
    # Ops on unpremultiplied colour share one division and multiplication.
    paired = Look().offset(0.1, unpremult=True).offset(0.2, unpremult=True).gamma(1.2, unpremult=True).optimized()
    assert [step.kernel for step in paired.ops[0].steps()] == ["unpremult", "affine", "power", "premult"]
    assert len(Look().invert(unpremult=True).invert(unpremult=True).optimized()) == 0


def test_a_look_is_a_value() -> None:
    look = grade()
    same = grade()
    assert look == same and hash(look) == hash(same) and look != Look() and look != 3
    assert {look: "a"}[same] == "a"
    assert pickle.loads(pickle.dumps(look)) == look
    assert list(look) == list(look.ops) and len(look) == 9
    longer = look.exposure(1)
    assert len(look) == 9 and len(longer) == 10
    with pytest.raises(AttributeError, match="cannot be changed"):
        look._ops = ()  # type: ignore[misc]
    with pytest.raises(TypeError, match="a look holds pixel ops, got int"):
        Look([3])  # type: ignore[list-item]


def test_repr_is_the_code_that_builds_the_look() -> None:
    look = Look().exposure(1.2).cdl(slope=[1.1, 1, 0.95]).offset(0.1, unpremult=True).invert(unpremult=True)
    assert repr(look) == (
        "Look().exposure(1.2).cdl(slope=(1.1, 1.0, 0.95)).offset(0.1, unpremult=True).invert(unpremult=True)"
    )
    assert eval(repr(look)) == look
    # What merging leaves is written with methods that exist, and says the same.
    for merged in (
        Look().contrast(2, 0, unpremult=True).contrast(3, 0, unpremult=True).optimized(),
        Look().contrast(2, unpremult=True).offset(0.1, unpremult=True).optimized(),
        Look().matrix(np.eye(4)[::-1], unpremult=True).offset(0.5, unpremult=True).optimized(),
    ):
        np.testing.assert_allclose(eval(repr(merged))(plate()).numpy(), merged(plate()).numpy(), rtol=1e-5, atol=1e-6)
    cdl = CDL(slope=1.1)
    assert eval(repr(Look().cdl(cdl).encode("pq", nits=203))) == Look().cdl(cdl).encode("pq", nits=203)
    assert repr(Look().lut(Lut3D.identity(17))) == "Look().lut(<Lut3D size=17>)"


def test_baking_tabulates_the_look() -> None:
    look = Look().saturation(1.2).gain([0.9, 1.0, 0.8])
    cube = look.bake(9)
    assert isinstance(cube, Lut3D) and cube.size == 9
    image = Image(np.random.default_rng(2).random((20, 20, 3), np.float32))
    # A linear look is exact between the entries too.
    np.testing.assert_allclose(Look().lut(cube)(image).numpy(), look(image).numpy(), atol=2e-6)


@pytest.mark.parametrize("shaper", ["acescct", "logc4", "srgb"])
def test_baking_behind_a_shaper_holds_scene_linear_values(shaper: str) -> None:
    look = Look().exposure(0.5).saturation(1.1).encode(shaper)
    chain = look.bake(33, shaper=shaper)
    assert isinstance(chain, LutChain)
    values = np.geomspace(0.02, 0.9 if shaper == "srgb" else 40.0, 300).reshape(10, 10, 3).astype(np.float32)
    image = Image(values)
    expected = look(image).numpy()
    got = Look().lut(chain)(image).numpy()
    inside = expected < 1.0
    np.testing.assert_allclose(got[inside], expected[inside], atol=0.004)


def test_the_automatic_shaper_is_at_least_as_near_as_none_and_as_acescct() -> None:
    look = Look().exposure(0.5).encode("logc3").cdl(power=1.2, saturation=1.1).decode("logc3")
    domain = (-0.006, 200.0)
    automatic = look.bake(33, "auto", domain=domain)
    error = look.bake_error(automatic, domain=domain)
    others = [look.bake(33, domain=domain), look.bake(33, "acescct", domain=domain)]
    assert all(error.max_error < look.bake_error(other, domain=domain).max_error for other in others)
    assert error.max_error < 0.03 and error.mean_error <= error.max_error
    # The measured error holds for colours that it was not measured with.
    rng = np.random.default_rng(5)
    scene = (0.18 * 2.0 ** rng.uniform(-10, 9, (1, 4000, 3))).astype(np.float32)
    wanted = look(scene)
    assert np.max(np.abs(automatic.apply(scene) - wanted) / np.maximum(1, wanted)) < 1.2 * error.max_error


def test_the_stated_error_covers_bright_codes_and_corners_too() -> None:
    camera = Look().decode("logc3").convert("Linear ARRI Wide Gamut 3", "Linear Rec.709 (sRGB)").encode("rec709")
    scene = Look().exposure(1).saturation(1.3).encode("srgb")
    rng = np.random.default_rng(6)
    for look in (camera, camera.clamp(0, 1), scene):
        baked = look.bake(17, "auto")
        stated = look.bake_error(baked)
        values = rng.uniform(*stated.domain, (1, 50000, 3)).astype(np.float32)
        wanted = look(values)
        off = np.abs(baked.apply(values) - wanted) / np.maximum(1, np.abs(wanted))
        assert off.max() < 1.1 * stated.max_error


def test_the_automatic_shaper_spans_what_the_look_is_made_for() -> None:
    assert Look().decode("logc3").bake(9, "auto").domain == (0.0, 1.0)
    assert Look().exposure(1).bake(9, "auto").domain == pytest.approx((-0.0069168, 222.861), rel=1e-4)
    assert str(Look().exposure(1).bake_error(Look().exposure(1).bake(9, "auto"))).endswith(
        "over -0.00691688 to 222.861"
    )


def test_a_tolerance_makes_the_cube_larger_until_it_keeps_to_it() -> None:
    look = Look().cdl(power=1.3).saturation(1.2)
    rough = look.bake(9)
    wanted = look.bake_error(rough).max_error / 3
    fine = look.bake(9, tolerance=wanted)
    assert isinstance(fine, Lut3D) and fine.size > 9 and look.bake_error(fine).max_error <= wanted
    with pytest.raises(ValueError, match=r"up to 256 entries keeps to a tolerance of 1e-12: off by"):
        Look().gamma(2.2).bake(129, tolerance=1e-12)


@pytest.mark.parametrize("domain", [(0, 0), (1, 0), (0,), "01", (0, float("inf"))])
def test_a_domain_rises_and_is_finite(domain: Any) -> None:
    with pytest.raises(ValueError, match="domain"):
        Look().bake(5, domain=domain)


def test_mix_blends_the_whole_look_with_what_came_in() -> None:
    rng = np.random.default_rng(2)
    given = rng.uniform(-0.2, 2, (5, 7, 4)).astype(np.float32)
    look = Look().exposure(1).encode("srgb").saturation(0.3)
    expected = given + 0.25 * (look(given) - given)
    np.testing.assert_allclose(look.mix(0.25)(given), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(look.mix(0)(given), given)
    np.testing.assert_array_equal(look.mix(1)(given), look(given))
    nested = (Look().exposure(1) + Look().gain(3).mix(0.5)).mix(0.5)
    np.testing.assert_allclose(nested(given)[..., :3], given[..., :3] * 0.5 * (1 + 2 * 2), rtol=1e-6)


def test_a_mixed_look_is_a_value() -> None:
    look = Look().gamma(1.2) + Look().exposure(1).offset(0.1).mix(0.5)
    assert eval(repr(look), {"Look": Look}) == look and hash(pickle.loads(pickle.dumps(look))) == hash(look)
    assert len(Look().exposure(1).mix(0).optimized()) == 0
    assert Look().exposure(1).exposure(1).mix(0.5).optimized() == Look().exposure(2).mix(0.5)
    with pytest.raises(NotInvertibleError, match="mix"):
        look.inverse()
    with pytest.raises((TypeError, ValueError), match="strength"):
        look.mix("half")  # type: ignore[arg-type]


def test_gains_before_and_a_saturation_after_go_into_a_cdl() -> None:
    look = Look().exposure(1).offset(0.1).cdl([1.1, 1, 0.9], 0.01, 1.2, saturation=0.9).saturation(1.1)
    assert len(look.optimized()) == 1
    image = np.random.default_rng(1).uniform(-0.5, 2, (4, 4, 3)).astype(np.float32)
    np.testing.assert_allclose(look.optimized()(image), look(image), rtol=2e-6, atol=2e-6)
    clamped = Look().exposure(1).cdl(power=1.2, clamp=True)
    assert len(clamped.optimized()) == 1
    np.testing.assert_allclose(clamped.optimized()(image), clamped(image), rtol=1e-6, atol=1e-6)
    # ASC's slope has no sign, and what comes after a clamp stays there.
    assert len(Look().gain(-1).cdl(power=1.2).optimized()) == 2
    assert len(Look().cdl(power=1.2, clamp=True).saturation(2).optimized()) == 2


def test_baking_behind_a_lut_undoes_it_first() -> None:
    chain = Look().gain(0.5).bake(17, shaper=Lut1D.gamma(4096, 0.5))
    assert isinstance(chain, LutChain)
    image = Image(np.random.default_rng(4).uniform(0.05, 1, (9, 9, 3)).astype(np.float32))
    np.testing.assert_allclose(Look().lut(chain)(image).numpy(), image.numpy() * 0.5, atol=2e-3)
    with pytest.raises(ValueError, match="shaper 'pq' is too steep at black"):
        Look().bake(5, shaper="pq")
    with pytest.raises(ValueError, match="size must be between 2 and 256, got 1"):
        Look().bake(1)
    with pytest.raises(TypeError, match="shaper must be 'auto', the name of a curve or a Lut1D, got int"):
        Look().bake(17, shaper=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.cube", "a.spi3d", "a.spi1d"])
def test_a_lut_goes_through_a_file(name: str, tmp_path: Path) -> None:
    lut = Lut1D.gamma(64, 2.2) if name.endswith("1d") else Lut3D.from_look(Look().saturation(0.5), 5)
    look = Look().lut(lut)
    look.write(tmp_path / name)
    image = Image(np.random.default_rng(6).random((9, 9, 3), np.float32))
    np.testing.assert_allclose(Look.read(tmp_path / name)(image).numpy(), look(image).numpy(), atol=2e-6)


def test_any_look_is_baked_into_a_cube_file(tmp_path: Path) -> None:
    Look().saturation(0.5).write(tmp_path / "look.cube", size=9)
    read = Look.read(tmp_path / "look.cube")
    image = Image(np.random.default_rng(7).random((9, 9, 3), np.float32))
    np.testing.assert_allclose(read(image).numpy(), Look().saturation(0.5)(image).numpy(), atol=2e-6)
    curve = Look().lut(Lut1D.gamma(64, 2.0))
    curve.write(tmp_path / "curve.spi3d")
    np.testing.assert_allclose(Look.read(tmp_path / "curve.spi3d")(image).numpy(), curve(image).numpy(), atol=5e-4)
    with pytest.raises(ValueError, match=r"look\.spi1d: \.spi1d holds curves only, and saturation"):
        Look().saturation(0.5).write(tmp_path / "look.spi1d")


@pytest.mark.parametrize("kind", ["cc", "ccc", "cdl"])
def test_a_cdl_goes_through_a_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"look.{kind}"
    look = Look().cdl(slope=[1.1, 1, 0.9], offset=0.1, power=1.2, saturation=0.8)
    look.write(path, id="sh010")
    assert Look.read(path) == look == Look.read(path, id="sh010") == Look.read(path, 0)
    assert read_cdl(path).id == "sh010"


def test_a_look_that_equals_a_cdl_is_written_as_one(tmp_path: Path) -> None:
    look = Look().exposure(1).offset([0.1, 0, 0]).gamma(1.25).saturation(0.5)
    look.write(tmp_path / "a.cc")
    image = plate()
    np.testing.assert_allclose(Look.read(tmp_path / "a.cc")(image).numpy(), look(image).numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="more than one CDL can hold"):
        Look().encode("srgb").write(tmp_path / "b.cc")
    with pytest.raises(ValueError, match=r"b\.cc: no CDL equals Look.*: slope must be at least 0"):
        Look().invert().write(tmp_path / "b.cc")
    assert not (tmp_path / "b.cc").exists()


def test_reading_says_what_is_wrong(tmp_path: Path, shared_file: Any) -> None:
    assert Look.read(shared_file("lut/cdl_test1.ccc"), id="cc0002").ops[0].name == "cdl"
    (tmp_path / "a.txt").write_text("nothing\n")
    with pytest.raises(FormatError, match=r"a\.txt: the extension '\.txt' is not known; .*\.spi3d"):
        Look.read(tmp_path / "a.txt")
    with pytest.raises(ValueError, match=r"a look is written with the extension \.cc, .*\.spimtx, got '\.txt'"):
        Look().write(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError):
        Look.read(tmp_path / "a.cube")
    with pytest.raises(ValueError, match="no colour correction with id 'x'"):
        Look.read(shared_file("lut/cdl_test1.ccc"), id="x")
    Look().saturation(0.5).write(tmp_path / "a.cube", size=2)
    with pytest.raises(ValueError, match="id picks a correction"):
        Look.read(tmp_path / "a.cube", id="x")
    (tmp_path / "a.cc").write_text("<ColorCorrection")
    with pytest.raises(FormatError, match="a.cc"):
        Look.read(tmp_path / "a.cc")


def test_errors_name_the_operation_and_not_the_kernel() -> None:
    grey = Image(np.zeros((2, 2), np.float32))
    for look, name in ((Look().lift_gamma_gain(0, [1, 2, 3], 1), "lift_gamma_gain"), (Look().gain([1, 2, 3]), "gain")):
        with pytest.raises(ChannelError, match=f"^{name} has different values for red, green and blue"):
            look(grey)


def test_a_cdl_takes_its_five_values_in_order() -> None:
    assert Look().cdl(1.1, 0.1, 1.2, 0.9, True) == Look().cdl(1.1, 0.1, 1.2, saturation=0.9, clamp=True)


def test_unfit_images_are_refused() -> None:
    frozen = np.zeros((2, 2, 3), np.float32)
    frozen.setflags(write=False)
    with pytest.raises(ReadOnlyError, match="read-only"):
        Look().gain(2).apply(Image(frozen))
    assert Look().gain(2)(Image(frozen)).width == 2
    with pytest.raises(TypeError, match="unsigned 32-bit"):
        Look().gain(2).apply(Image(np.zeros((2, 2, 3), np.uint32)))
    with pytest.raises(ChannelError):
        Look().saturation(2).apply(Image(np.zeros((2, 2), np.float32)))
    with pytest.raises(TypeError, match="a look takes an Image or a NumPy array, got list"):
        Look().gain(2).apply([1.0])  # type: ignore[type-var]


def test_an_array_works_like_an_image_over_it() -> None:
    array = np.full((3, 4, 3), 0.25, np.float32)
    doubled = Look().gain(2)(array)
    assert isinstance(doubled, np.ndarray) and (doubled == 0.5).all() and (array == 0.25).all()
    assert Look().gain(2).apply(array) is array and (array == 0.5).all()


def test_unpremultiplied_operations_divide_by_alpha_first() -> None:
    rgba = np.array([[[0.2, 0.1, 0.4, 0.5], [0.3, 0.2, 0.1, 0.0], [0.25, 0.5, 0.75, 1.0]]], np.float32)
    got = Look().gamma(2, unpremult=True)(Image(rgba)).numpy()
    np.testing.assert_allclose(got[0, 0, :3], np.sqrt([0.4, 0.2, 0.8]) * 0.5, rtol=1e-6)
    # Without alpha (glow) and with full alpha the colour itself is graded.
    np.testing.assert_allclose(got[0, 1:, :3], np.sqrt(rgba[0, 1:, :3]), rtol=1e-6)
    assert (got[..., 3] == rgba[..., 3]).all()
