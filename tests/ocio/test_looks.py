"""Transforms as looks and LUTs: exact where that can be, and how far off where it cannot."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import vfx
from vfx import lut
from vfx.ocio import Config, Processor
from vfx.ocio._translation import InexactError

Array = np.ndarray[Any, Any]
STUDIO = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
ACES_20 = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"


@pytest.fixture(scope="module")
def lossless(ocio: Any) -> Callable[[Processor, Array], Array]:
    """``lossless(processor, colours)``: OpenColorIO's exact result."""

    def run(processor: Processor, colours: Array) -> Array:
        result = np.array(colours, order="C")
        processor.ocio.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(result)
        return result

    return run


def error(found: Array, wanted: Array) -> Array:
    """The difference, absolute up to 1 and relative to the largest channel above."""
    scale = np.maximum(1.0, np.abs(wanted).max(axis=-1, keepdims=True))
    difference: Array = np.abs(found.astype(np.float64) - wanted) / scale
    return difference


@pytest.fixture
def photographic() -> Array:
    """Scene-linear ACEScg colours (1, N, 3) inside Rec.709's gamut, from 9 stops below white to 5 above."""
    random = np.random.default_rng(9)
    colours = random.dirichlet((1, 1, 1), 8000) * 3 * np.exp2(random.uniform(-9, 5, (8000, 1)))
    to_acescg = Config("ocio://cg-config-latest").processor("Linear Rec.709 (sRGB)", "ACEScg")
    return to_acescg(colours.astype(np.float32)[np.newaxis])


# ------------------------------------------------------------------ exact


@pytest.mark.parametrize("way", ["to", "from"])
def test_every_space_of_the_studio_config_is_a_look(
    way: str, colours: Array, lossless: Callable[[Processor, Array], Array]
) -> None:
    config = Config(STUDIO)
    most = 8.0 if way == "to" else 1.2  # scene light; codes
    tame = colours[(colours.max(axis=1) < most) & (colours.max(axis=1) < 64 * colours.min(axis=1))][np.newaxis]
    for name in config.colorspaces:
        ends = ("ACEScg", name) if way == "to" else (name, "ACEScg")
        processor = config.processor(*ends)
        look = processor.to_look(exact=True)
        assert error(look(tame), lossless(processor, tame)).max() < 2e-5, name


def test_views_of_aces_13_are_looks(photographic: Array, lossless: Callable[[Processor, Array], Array]) -> None:
    config = Config(STUDIO)
    for display in config.displays:
        for view in config.views(display):
            processor = config.display_processor(display=display, view=view)
            look = processor.to_look(exact=True)
            off = error(look(photographic), lossless(processor, photographic))
            assert off.max() < 2e-4 and np.median(off) < 1e-6, repr(processor)


def test_way_back_of_aces_13_is_a_look(lossless: Callable[[Processor, Array], Array]) -> None:
    codes = np.random.default_rng(2).uniform(0.02, 0.8, (1, 3000, 3)).astype(np.float32)
    for display in ("sRGB - Display", "Rec.2100-PQ - Display"):
        processor = Config(STUDIO).display_processor(display=display, inverse=True)
        off = error(processor.to_look(exact=True)(codes), lossless(processor, codes))
        assert off.max() < 1e-2 and np.median(off) < 1e-5


def test_view_of_the_show_is_a_look_with_its_cube(show: Config, colours: Array) -> None:
    processor = show.display_processor(view="Film")
    look = processor.to_look(exact=True)
    assert any(isinstance(getattr(op, "lut", None), lut.Lut3D) for op in look)
    assert processor.obstacle is None
    assert error(look(colours[np.newaxis]), processor(colours[np.newaxis])).max() < 1e-4


@pytest.mark.parametrize("inverse", [False, True])
def test_surround_of_hlg_is_exact_below_its_floor(
    inverse: bool, lossless: Callable[[Processor, Array], Array], ocio: Any
) -> None:
    surround = ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_REC2100_SURROUND, params=[0.8])
    processor = Config("ocio://default").transform_processor(surround, inverse=inverse)
    dark = np.exp2(np.random.default_rng(4).uniform(-24, 1, (1, 3000, 3))).astype(np.float32)
    dark[0, ::3] *= -1
    found, wanted = processor.to_look(exact=True)(dark), lossless(processor, dark)
    assert np.allclose(found, wanted, rtol=5e-6, atol=0)


def test_noop_is_an_empty_look(show: Config) -> None:
    assert len(show.processor("ACEScg", "lin_ap1").to_look(exact=True)) == 0


def test_look_is_a_value_and_joins_others(show: Config) -> None:
    look = show.processor("ACEScg", "ACEScct").to_look() + vfx.Look().saturation(0.9)
    assert pickle.loads(pickle.dumps(look)) == look
    assert show.processor("ACEScg", "ACEScct").to_look() == show.processor("scene_linear", "ACEScct").to_look()


# ------------------------------------------------------------------ what has no counterpart


def test_aces_20_names_its_obstacle_and_is_baked() -> None:
    processor = Config(ACES_20).display_processor()
    assert "ACES2_OutputTransform" in str(processor.obstacle)
    with pytest.raises(InexactError, match="ACES2_OutputTransform") as caught:
        processor.to_look(exact=True)
    assert isinstance(caught.value, ValueError) and "sRGB - Display" in str(caught.value)
    assert [op.name for op in processor.to_look(size=9)] == ["encode", "lut"]


def test_translation_that_is_off_is_not_given_out(show: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from vfx.ocio import _translation

    monkeypatch.setattr(_translation, "_by_file", lambda *_: (vfx.Look().gain(1.001).ops[0],))
    processor = show.processor("ACEScg", "ACES2065-1")
    assert "off by" in str(processor.obstacle)
    with pytest.raises(InexactError, match="off by"):
        processor.to_look(exact=True)


# ------------------------------------------------------------------ baked


@pytest.mark.parametrize("name", [STUDIO, ACES_20])
def test_baked_view_is_near_for_photographic_colours(name: str, photographic: Array) -> None:
    config = Config(name)
    for display in config.displays:
        processor = config.display_processor(display=display)
        wanted = processor(photographic)
        for found in (processor.bake(65).apply(photographic), processor.to_look(exact=False)(photographic)):
            off = error(found, wanted)
            assert np.median(off) < 3e-4 and np.percentile(off, 99) < 0.012, repr(processor)


def test_shaper_comes_where_scene_light_does(show: Config) -> None:
    assert isinstance(show.processor("ACEScg", "ACEScct").bake(9), lut.LutChain)
    assert isinstance(show.processor("ACEScct", "ACEScg").bake(9), lut.Lut3D)
    assert isinstance(show.display_processor(view="Film").inverse().bake(9), lut.Lut3D)
    assert isinstance(show.transform_processor("film.cube").bake(9), lut.Lut3D)


def test_shaper_can_be_chosen(show: Config, colours: Array) -> None:
    processor = show.processor("ACEScg", "film")
    assert isinstance(processor.bake(9, "linear"), lut.Lut3D)
    assert processor.bake(9, "auto") == processor.bake(9)
    square_root = lut.Lut1D(np.linspace(0, 1, 4096) ** 0.5)
    chain = processor.bake(17, square_root)
    assert isinstance(chain, lut.LutChain) and chain.shaper == square_root
    inside = colours[(colours > 0.01).all(axis=1) & (colours < 1).all(axis=1)][np.newaxis]
    assert error(chain.apply(inside), processor(inside)).max() < 0.02
    assert error(processor.to_look(False, size=17, shaper=square_root)(inside), processor(inside)).max() < 0.02


@pytest.mark.parametrize(("size", "shaper"), [(1, None), (300, None), (9, "no_curve")])
def test_wrong_size_or_shaper_raises(show: Config, size: int, shaper: Any) -> None:
    with pytest.raises(ValueError):
        show.processor("ACEScg", "film").bake(size, shaper)
    with pytest.raises(TypeError, match="shaper"):
        show.processor("ACEScg", "film").bake(9, 3)  # type: ignore[arg-type]


def test_baked_lut_goes_into_a_file(show: Config, tmp_path: Any) -> None:
    chain = show.display_processor(view="Film").bake(17)
    lut.write(tmp_path / "film.cube", chain)
    assert lut.read(tmp_path / "film.cube").cube.size == 17
