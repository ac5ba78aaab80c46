"""The bilateral filter against its formula in float64, and OpenCV."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vfx
from tests.reference.awkward_pictures import (
    FORMATS,
    LAYOUTS,
    SIZES,
    as_format,
    assert_close,
    laid_out,
    meaning,
    picture,
    strange,
)
from vfx import Image, ops

Array = NDArray[Any]

#: Our edges → NumPy's padding.
PADDING: dict[str, dict[str, Any]] = {
    "clamp": {"mode": "edge"},
    "black": {"mode": "constant"},
    "mirror": {"mode": "symmetric"},
    "wrap": {"mode": "wrap"},
}


def formula(
    pixels: Array, size: int, compared: slice, *, color: float, space: float, edge: str = "clamp", norm: int = 2
) -> NDArray[np.float64]:
    """The definition, pixel of the disc by pixel of the disc."""
    values = meaning(pixels)
    height, width = values.shape[:2]
    r = size // 2
    padded = np.pad(values, ((r, r), (r, r), (0, 0)), **PADDING[edge])
    total, weights = np.zeros_like(values), np.zeros((height, width, 1))
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            if dx * dx + dy * dy > r * r:
                continue
            other = padded[r + dy : r + dy + height, r + dx : r + dx + width]
            d = np.linalg.norm((other - values)[..., compared], norm, axis=2, keepdims=True)
            weight = np.exp(-(dx * dx + dy * dy) / (2 * space**2) - d * d / (2 * color**2))
            total += weight * other
            weights += weight
    return total / weights


@pytest.mark.parametrize("edge", PADDING)
@pytest.mark.parametrize("size", [1, 3, 9, 21])
def test_the_definition_holds_at_every_edge(size: int, edge: str) -> None:
    for shape in SIZES[:4]:
        source = picture(*shape, 3)
        found = ops.bilateral(source, size, sigma_color=0.8, sigma_space=2.5, edge=edge).numpy()
        assert_close(found, formula(source, size, slice(0, 3), color=0.8, space=2.5, edge=edge))


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
@pytest.mark.parametrize(("channels", "compared"), [(1, slice(0, 1)), (2, slice(0, 1)), (3, slice(0, 3)),
                                                    (4, slice(0, 3)), (5, slice(0, 5)), (8, slice(0, 8))])  # fmt: skip
@pytest.mark.parametrize("name", FORMATS)
def test_colour_is_compared_and_all_channels_are_averaged(
    name: str, channels: int, compared: slice, distance: str
) -> None:
    source = as_format(picture(13, 37, channels), name)
    found = ops.bilateral(source, 5, sigma_color=0.5, sigma_space=1.5, distance=distance)
    norm = 2 if distance == "euclidean" else 1
    assert found.dtype == source.dtype
    assert_close(found.numpy(), formula(source, 5, compared, color=0.5, space=1.5, norm=norm))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same(layout: str) -> None:
    for name in FORMATS:
        source = as_format(picture(9, 301, 4), name)
        found = ops.bilateral(laid_out(source, layout), 5).numpy()
        assert found.flags.c_contiguous
        assert np.array_equal(found, ops.bilateral(source, 5).numpy())


@pytest.mark.parametrize(("color", "space"), [(1e-6, 3.0), (1e6, 1e6), (0.1, 1e-6), (1e-3, 50.0)])
def test_the_widest_and_the_narrowest_sigmas_are_right(color: float, space: float) -> None:
    source = picture(17, 19, 3)
    found = ops.bilateral(source, 7, sigma_color=color, sigma_space=space).numpy()
    assert_close(found, formula(source, 7, slice(0, 3), color=color, space=space))


def test_large_values_keep_their_precision() -> None:
    source = picture(13, 37, 3, low=5000.0, high=5001.0)
    found = ops.bilateral(source, 15, sigma_color=0.5).numpy()
    assert_close(found, formula(source, 15, slice(0, 3), color=0.5, space=3.0), 1e-7)


def test_strange_values_neither_spread_nor_vanish() -> None:
    source = strange(13, 37, 3)
    odd = ~(np.abs(source) < 1e30)
    dirty = odd.any(axis=2)
    found = ops.bilateral(source, 5, sigma_color=1e6).numpy()
    assert np.array_equal(found[odd], source[odd], equal_nan=True)
    assert np.isfinite(found[~dirty]).all()
    inside = source[~dirty]
    assert (found[~dirty] >= inside.min() - 1e-3).all()
    assert (found[~dirty] <= inside.max() + 1e-3).all()


def test_a_strange_alpha_leaves_its_neighbours_alone() -> None:
    source = picture(9, 40, 4)
    clean = ops.bilateral(source, 5, sigma_color=2.0).numpy()
    source[4, 20, 3], source[2, 5, 3] = np.nan, np.inf
    found = ops.bilateral(source, 5, sigma_color=2.0).numpy()
    assert np.array_equal(found[..., :3], clean[..., :3])
    assert np.isnan(found[4, 20, 3])
    assert found[2, 5, 3] == np.inf
    rest = np.isfinite(source[..., 3])
    assert ((found[rest][:, 3] >= 0) & (found[rest][:, 3] <= 1)).all()


def test_opencv_agrees() -> None:
    import cv2

    source = picture(60, 83, 3)
    options = {"sigma_color": 0.3, "sigma_space": 2.5, "distance": "manhattan"}
    expected = cv2.bilateralFilter(source, 9, 0.3, 2.5, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(ops.bilateral(source, 9, **options).numpy() - expected).max() < 2e-5  # OpenCV's table of exp
    codes = as_format(source, "u8")
    expected = cv2.bilateralFilter(codes, 9, 0.3 * 255, 2.5, borderType=cv2.BORDER_REFLECT)
    found = ops.bilateral(codes, 9, edge="mirror", **options).numpy()
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1


def test_threads_change_no_byte() -> None:
    source = picture(150, 600, 4)
    results = []
    try:
        for count in (1, 2, 5):
            vfx.set_threads(count)
            results.append(ops.bilateral(source, 7).numpy())
    finally:
        vfx.set_threads(None)
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_the_picture_keeps_what_it_knows_and_is_left_alone() -> None:
    source = picture(6, 8, 4)
    before = source.copy()
    img = Image(source, data_window=(3, 4, 10, 9), display_window=(0, 0, 20, 20), metadata={"a": 1})
    found = ops.bilateral(img, 1)
    assert (found.data_window, found.display_window, found.metadata) == ((3, 4, 10, 9), (0, 0, 20, 20), {"a": 1})
    assert np.array_equal(found.numpy(), source)
    assert not np.shares_memory(found.numpy(), source)
    assert np.array_equal(source, before)
    assert ops.bilateral(source[..., 0]).shape == (6, 8)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"size": 4}, "must be odd"), ({"size": 257}, "between 1 and 255"), ({"sigma_color": 0}, "sigma_color must be"),
     ({"sigma_space": float("nan")}, "sigma_space must be a finite"), ({"distance": "manhatan"}, "did you mean"),
     ({"edge": "none"}, "edge must be one of")],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ops.bilateral(picture(3, 3), **options)
