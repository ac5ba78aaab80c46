"""Porter and Duff's operators: the paper's fractions, OpenImageIO's over, light without alpha."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import merge_formulas as reference
from reference.awkward_pictures import FORMATS, as_format, assert_close, meaning, picture, strange

from vfx import ops

Array = NDArray[Any]
OPERATORS = ["atop", "clear", "dst", "dst_atop", "dst_in", "dst_out", "held_out", "in_", "out", "over", "plus", "src",
             "under", "xor"]  # fmt: skip


def pair(fmt: str = "f32") -> tuple[Array, Array]:
    """Two different RGBA pictures."""
    return as_format(picture(13, 37), fmt), as_format(picture(14, 37)[:13], fmt)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_is_the_fractions_of_the_paper(name: str, fmt: str) -> None:
    a, b = pair(fmt)
    assert_close(getattr(ops, name)(a, b).numpy(), reference.porter_duff(name, meaning(a), meaning(b)))


@pytest.mark.parametrize("name", OPERATORS)
def test_mask_and_mix_lead_from_b_to_the_result(name: str) -> None:
    a, b = pair()
    mask = np.clip(picture(13, 37, 1), 0, 1)
    composed = reference.porter_duff(name, meaning(a), meaning(b))
    weight = meaning(mask) * 0.5
    found = getattr(ops, name)(a, b, mask=mask, mix=0.5).numpy()
    assert_close(found, composed * weight + meaning(b) * (1 - weight))


@pytest.mark.parametrize("fmt", FORMATS)
def test_over_is_what_openimageio_makes_of_it(fmt: str) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    kind = {"u8": "uint8", "u16": "uint16", "f16": "half", "f32": "float"}[fmt]
    a, b = pair(fmt)
    buffers = []
    for pixels in (a, b):
        buffer = oiio.ImageBuf(oiio.ImageSpec(37, 13, 4, kind))
        buffer.set_pixels(oiio.ROI(0, 37, 0, 13, 0, 1, 0, 4), np.ascontiguousarray(pixels))
        buffers.append(buffer)
    theirs = np.asarray(oiio.ImageBufAlgo.over(*buffers).get_pixels(kind)).reshape(a.shape)
    ours = ops.over(a, b).numpy()
    if fmt in ("u8", "u16"):
        assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= (fmt == "u16")
    else:
        assert_close(ours, theirs.astype(np.float64))


def test_light_without_alpha_is_added_by_over_and_under() -> None:
    glow, plate = np.float32([[[0.5, 0.25, 0.0, 0.0]]]), np.float32([[[0.25, 0.25, 0.25, 1.0]]])
    assert ops.over(glow, plate).numpy().tolist() == [[[0.75, 0.5, 0.25, 1.0]]]
    assert ops.under(plate, glow).numpy().tolist() == [[[0.75, 0.5, 0.25, 1.0]]]


def test_highlights_and_negatives_are_not_clamped() -> None:
    a, b = np.float32([[[60000.0, -3.0, 0.0, 0.5]]]), np.float32([[[2.0, 2.0, 1e30, 1.0]]])
    assert ops.over(a, b).numpy().tolist() == [[[60001.0, -2.0, np.float32(5e29), 1.0]]]


@pytest.mark.parametrize("name", OPERATORS)
def test_strange_numbers_stay_in_their_pixels(name: str) -> None:
    a, b = strange(13, 37), picture(14, 37)[:13]
    known = np.isfinite(a).all(-1) & (np.abs(a) < 1e30).all(-1)
    with np.errstate(all="ignore"):
        expected = reference.porter_duff(name, meaning(a), meaning(b))
    assert_close(getattr(ops, name)(a, b).numpy()[known], expected[known])


def test_the_pictures_stay_and_the_result_shares_no_memory() -> None:
    a, b = pair()
    before = a.copy(), b.copy()
    for name in OPERATORS:
        found = getattr(ops, name)(a, b).numpy()
        assert not np.shares_memory(found, a) and not np.shares_memory(found, b)
    assert np.array_equal(a, before[0]) and np.array_equal(b, before[1])
