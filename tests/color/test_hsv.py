"""HSV: the standard's values, OpenColorIO's beyond [0, 1], and the way back."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
from reference.grading import Array, applied, error

from vfx.color.hsv import from_hsv, to_hsv
from vfx.errors import ChannelError

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("rgb", "hsv"),
    [
        ((1, 0, 0), (0, 1, 1)),
        ((1, 1, 0), (1 / 6, 1, 1)),
        ((0, 1, 0), (1 / 3, 1, 1)),
        ((0, 1, 1), (1 / 2, 1, 1)),
        ((0, 0, 1), (2 / 3, 1, 1)),
        ((1, 0, 1), (5 / 6, 1, 1)),
        ((0.5, 0.5, 0.5), (0, 0, 0.5)),
        ((0, 0, 0), (0, 0, 0)),
        ((8, 4, 2), (1 / 18, 0.75, 8)),
    ],
)
def test_primaries_have_their_hues(rgb: tuple[float, ...], hsv: tuple[float, ...]) -> None:
    assert applied(to_hsv(), [rgb])[0] == pytest.approx(hsv, abs=1e-7)
    assert applied(from_hsv(), [hsv])[0] == pytest.approx(rgb, abs=2e-6)


def test_positive_colours_agree_with_the_standard_library() -> None:
    rgb = np.random.default_rng(1).random((500, 3)).astype(np.float32) * np.float32(3)
    expected = [colorsys.rgb_to_hsv(*map(float, colour)) for colour in rgb]
    assert error(applied(to_hsv(), rgb), expected) < 1e-6


def circle(actual: Array, expected: Array) -> float:
    """The error of HSV colours; hues meet at 0 and 1."""
    turned = np.array(expected, np.float64)
    turned[:, 0] += np.round(actual[:, 0] - turned[:, 0])
    return error(actual, turned)


def test_all_colours_agree_with_ocio(by_ocio: Any, ocio: Any, colours: Array) -> None:
    peer = ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_RGB_TO_HSV)
    rgb = np.concatenate([colours, -colours, colours * np.float32([1, -1, 0.5])])
    hsv = applied(to_hsv(), rgb)
    assert circle(hsv, by_ocio(peer, rgb)) < 1e-6
    assert (hsv[:, 0] >= 0).all() and (hsv[:, 0] < 1).all()
    # 1 / (2 - S) makes the last bit of a saturation near 2 a hundred times larger.
    calm = hsv[hsv[:, 1] < 1.9]
    assert error(applied(from_hsv(), calm), by_ocio(peer, calm, inverse=True)) < 2e-6
    odd = np.random.default_rng(2).uniform(-3, 3, (3000, 3)).astype(np.float32)
    odd[:, 1] = np.minimum(odd[:, 1], 1.9)
    assert error(applied(from_hsv(), odd), by_ocio(peer, odd, inverse=True)) < 2e-6


def test_the_way_back_returns_bright_and_negative_colours(colours: Array) -> None:
    hsv = applied(to_hsv(), colours)
    kept = hsv[:, 1] < 1.9
    assert kept.mean() > 0.95
    assert error(applied(from_hsv(), hsv[kept]), colours[kept]) < 4e-6
    assert to_hsv().inverse() == from_hsv() and from_hsv().inverse() == to_hsv()


def test_hues_wrap_and_saturation_is_limited() -> None:
    turned = applied(from_hsv(), [[-0.25, 0.5, 1], [0.75, 0.5, 1], [7.75, 0.5, 1], [-3.25, 0.5, 1]])
    assert error(turned, turned[[1, 1, 1, 1]]) < 1e-6
    assert error(applied(from_hsv(), [[0.1, 5.0, 1.0]]), applied(from_hsv(), [[0.1, 1.999, 1.0]])) == 0
    assert applied(from_hsv(), [[0.1, -1.0, 0.5]]).tolist() == [[0.5, 0.5, 0.5]]
    # A hue just below 0 rounds to 1, which is 0.
    assert applied(to_hsv(), [[1.0, 0.0, 1e-9]])[0, 0] < 1.0


def test_nan_makes_the_whole_pixel_nan() -> None:
    for channel in range(3):
        pixel = np.array([[0.25, 0.5, 0.75]])
        pixel[0, channel] = NAN
        assert np.isnan(applied(to_hsv(), pixel)).all() and np.isnan(applied(from_hsv(), pixel)).all()


def test_infinities_give_nan_where_there_is_no_answer() -> None:
    hue, saturation, value = applied(to_hsv(), [[INF, 0.5, 0.25]])[0]
    assert hue == 0 and np.isnan(saturation) and value == INF
    assert np.isnan(applied(from_hsv(), [[INF, 0.5, 0.25]])).all()


def test_luminance_has_no_hue() -> None:
    for op in (to_hsv(), from_hsv()):
        assert eval(repr(op)) == op
        with pytest.raises(ChannelError, match="R, G and B"):
            applied(op, [[0.5]])
