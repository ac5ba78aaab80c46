"""The shapes of the resampling filters: values of their definitions, and what every filter must be."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.ops import filters

oiio = pytest.importorskip("OpenImageIO")

#: Filters that OpenImageIO has under these names. Its "sinc" is left out: as of 3.2 it gives sin(2πx)/(2πx).
SHARED = [
    "box", "triangle", "gaussian", "sharp-gaussian", "catmull-rom", "blackman-harris", "lanczos3", "nuke-lanczos6",
    "mitchell", "bspline", "cubic", "keys", "simon", "rifman",
]  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_a_spot_enlarged_has_the_shape_of_openimageio(name: str) -> None:
    samples, factor = 15, 32
    spot = oiio.ImageBuf(oiio.ImageSpec(samples, 1, 1, "float"))
    oiio.ImageBufAlgo.zero(spot)
    spot.setpixel(samples // 2, 0, 0, [1.0])
    roi = oiio.ROI(0, samples * factor, 0, 1, 0, 1, 0, 1)
    theirs = oiio.ImageBufAlgo.resize(spot, name, 0, roi).get_pixels().ravel()
    at = (np.arange(samples * factor) + 0.5) / factor
    weights = filters.find(name)(at[:, np.newaxis] - (np.arange(samples) + 0.5))
    assert np.abs(weights[:, samples // 2] / weights.sum(axis=1) - theirs).max() < 4e-6


@pytest.mark.parametrize(
    ("name", "values"),  # at 0, 1/2, 1 and 3/2
    [
        ("cubic", (1, 0.5, 0, 0)),
        ("catmull-rom", (1, 9 / 16, 0, -1 / 16)),
        ("simon", (1, 19 / 32, 0, -3 / 32)),
        ("rifman", (1, 5 / 8, 0, -1 / 8)),
        ("mitchell", (8 / 9, 77 / 144, 1 / 18, -5 / 144)),
        ("bspline", (2 / 3, 23 / 48, 1 / 6, 1 / 48)),
        ("notch", (0.5, 7 / 16, 0.25, 1 / 16)),
        ("triangle", (1, 0.5, 0, 0)),
        ("sinc", (1, 2 / np.pi, 0, -2 / (3 * np.pi))),
        ("lanczos2", (1, 4 * np.sqrt(2) / np.pi**2, 0, -4 * np.sqrt(2) / (9 * np.pi**2))),
        ("lanczos3", (1, 6 / np.pi**2, 0, -4 / (3 * np.pi**2))),
    ],
)
def test_values_worked_out_by_hand(name: str, values: tuple[float, ...]) -> None:
    np.testing.assert_allclose(filters.find(name)([0.0, 0.5, 1.0, 1.5]), values, atol=1e-15)


@pytest.mark.parametrize("name", filters.FILTERS)
def test_every_filter_is_even_and_ends_at_its_radius(name: str) -> None:
    shape = filters.find(name)
    x = np.linspace(0.0, 7.0, 1401)
    assert np.array_equal(shape(x), shape(-x))
    assert not shape(x[x > max(shape.radius, 0.5)]).any()
    assert shape(0.0) > 0.0
    assert shape(x).dtype == np.float64


@pytest.mark.parametrize(
    "name", ["cubic", "catmull-rom", "simon", "rifman", "triangle", "lanczos3", "sinc", "lanczos5"]
)
def test_interpolating_filters_leave_samples_alone(name: str) -> None:
    np.testing.assert_allclose(filters.find(name)(np.arange(-6, 7)), np.arange(-6, 7) == 0, atol=1e-15)


@pytest.mark.parametrize(
    "name", ["cubic", "catmull-rom", "simon", "rifman", "mitchell", "bspline", "notch", "triangle"]
)
def test_polynomial_filters_add_up_to_one(name: str) -> None:
    phases = np.linspace(0.0, 1.0, 17)[:, np.newaxis]
    np.testing.assert_allclose(filters.find(name)(phases + np.arange(-3, 4)).sum(axis=1), 1.0, atol=1e-14)


def test_every_alias_leads_to_a_filter() -> None:
    assert {filters.find(alias).name for alias in filters.ALIASES} <= set(filters.FILTERS)
    assert not set(filters.ALIASES) & set(filters.FILTERS)


def test_capitals_and_underscores_make_no_difference() -> None:
    assert filters.find("Blackman_Harris") is filters.find("blackman-harris")


def test_a_shape_of_ones_own_is_taken_as_it_is() -> None:
    own = filters.Filter("own", 1.0, lambda x: 1.0 - x * x)
    assert filters.find(own) is own
    assert own([0.5, 2.0]).tolist() == [0.75, 0.0]


@pytest.mark.parametrize(("given", "hint"), [("lancoz3", "did you mean 'lanczos3'"), (3, "got 3"), (None, "got None")])
def test_an_unknown_filter_is_refused_with_a_hint(given: object, hint: str) -> None:
    with pytest.raises(ValueError, match=f"filter must be one of nearest, box.*{hint}"):
        filters.find(given)
