"""OpenImageIO 3.2.2's numbers for one bright pixel of sixteen made eight, measured once and kept: to six decimals."""

from __future__ import annotations

import numpy as np
import pytest

from vfx.ops import resize

#: Filter → pixels 1 to 6 of the result; the first and the last are 0.
GOLDEN: dict[str, tuple[float, ...]] = {
    "box": (0, 0, 0, 0.5, 0, 0),
    "triangle": (0, 0, 0.125, 0.375, 0, 0),
    "gaussian": (0, 0, 0.168309, 0.262497, 0.069194, 0),
    "catmull-rom": (0, -0.011719, 0.113281, 0.433594, -0.035156, 0),
    "keys": (0, -0.011719, 0.113281, 0.433594, -0.035156, 0),
    "mitchell": (0, -0.007378, 0.128038, 0.391059, -0.011719, 0),
    "bspline": (0, 0.001302, 0.157552, 0.30599, 0.035156, 0),
    "cubic": (0, 0, 0.078125, 0.421875, 0, 0),
    "simon": (0, -0.017578, 0.130859, 0.439453, -0.052734, 0),
    "rifman": (0, -0.023438, 0.148438, 0.445312, -0.070312, 0),
    "lanczos3": (0.003689, -0.033999, 0.135505, 0.446385, -0.066637, 0.015056),
    "blackman-harris": (0, 0, 0.101031, 0.39594, 0.003028, 0),
}
#: Half of the last printed decimal; the Gaussian there is a quick approximation of exp, off by less than a whole one.
PRINTED = 0.6e-6


@pytest.mark.parametrize("filter", GOLDEN)
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_one_bright_pixel_of_sixteen_gives_the_golden_row(filter: str, axis: int, dtype: type) -> None:
    row = np.zeros(16, dtype)
    row[8] = 1.0
    found = resize(np.expand_dims(row, axis), *((8, 1) if axis == 0 else (1, 8)), filter=filter).numpy().ravel()
    allowed = 1e-6 if filter == "gaussian" else PRINTED
    rounding = 2.0**-11 if dtype is np.float16 else 0.0
    assert found.astype(np.float64) == pytest.approx([0, *GOLDEN[filter], 0], abs=allowed, rel=rounding)


@pytest.mark.parametrize("filter", [*GOLDEN, "notch", "lanczos2", "lanczos4", "sinc4"])
def test_the_other_pixel_of_a_pair_gives_the_mirrored_row(filter: str) -> None:
    row = np.zeros((1, 16), np.float32)
    row[0, 7] = 1.0
    mirrored = resize(row[:, ::-1], 8, 1, filter=filter).numpy()[:, ::-1]
    assert resize(row, 8, 1, filter=filter).numpy() == pytest.approx(mirrored, abs=1e-7)


@pytest.mark.parametrize("name", ["impulse", "bilinear", "bicubic", "parzen", "notch", "lanczos2", "lanczos4", "sinc4"])
def test_names_of_nuke_and_openimageio_without_a_golden_row_are_filters_too(name: str) -> None:
    assert resize(np.ones((3, 5), np.float32), 2, 9, filter=name).numpy() == pytest.approx(np.ones((9, 2)), abs=1e-6)
