"""Kernel steps: published values, agreement with float64, and what NaN and infinities become."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import engine_steps
from reference.engine_programs import CDL, SRGB, UNIT, Step, cube, picture, typical

from vfx._ext.engine import Program
from vfx._ext.kernels import KERNELS

NAN, INF = np.nan, np.inf
COLOUR = (0, 1, 2, -1)


def run(steps: Sequence[Step], values: object) -> NDArray[np.float32]:
    """``values`` (N, 3) or (N, 4) float32 after ``steps``."""
    x = np.array(values, np.float32, ndmin=2)[None]
    out = np.empty_like(x)
    Program(steps).run(x, out, (0, 1, 2, 3 if x.shape[2] == 4 else -1), 1)
    return out[0]


def step(name: str, *params: float, table: NDArray[np.float32] | None = None) -> list[Step]:
    return [(name, params, table)]


def worst(ours: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """The largest difference, absolute below 1 and relative above."""
    assert np.isfinite(ours).all()
    return float(np.max(np.abs(ours - expected) / np.maximum(1.0, np.abs(expected))))


# ASC CDL v1.2 and OpenColorIO 2.6, LOSSLESS, both styles.
@pytest.mark.parametrize(
    ("given", "asc", "no_clamp"),
    [
        ((0.5, 0.25, 0.1), (0.6256521, 0.26133114, 0.07788475), (0.6256521, 0.26133114, 0.07788475)),
        ((-0.1, 0, 1.5), (0.01083, 0.01083, 0.86083), (-0.04852279, 0.01097722, 1.0477352)),
        ((0.18, 0.18, 0.18), (0.28799337, 0.18287884, 0.09930527), (0.28799337, 0.18287884, 0.09930527)),
        ((2, 0.5, -0.5), (0.93553, 0.51053, 0.08552998), (2.0245316, 0.5455252, -0.23647487)),
    ],
)
def test_cdl_gives_the_published_values(
    given: tuple[float, ...], asc: tuple[float, ...], no_clamp: tuple[float, ...]
) -> None:
    assert run(step("cdl", *CDL, 1), given)[0] == pytest.approx(asc, abs=2e-7)
    assert run(step("cdl", *CDL, 0), given)[0] == pytest.approx(no_clamp, rel=2e-7, abs=2e-7)


@pytest.mark.parametrize(
    ("mode", "given", "expected"),
    [
        (1, (0.3, 0.6, 0.1), (0.56955552, 0.62532544, 0.64547944)),
        (2, (0.3, 0.6, 0.1), (0.46130058, 0.63620573, 0.70309651)),
        (1, (0.9, 0.2, 0.55), (0.44663906, 0.37616524, 0.48689696)),
        (2, (0.9, 0.2, 0.55), (0.41013557, 0.46814740, 0.48724890)),
        (1, (1.5, -0.2, NAN), (0.20887676, 0.16130951, 0.65310830)),
        (2, (1.5, -0.2, NAN), (0.20887676, 0.16130951, 0.65310830)),
        (0, (INF, -INF, NAN), (0.20887676, 0.16130951, 0.65310830)),
    ],
)
def test_lut3d_gives_the_published_values(mode: int, given: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert run(step("lut3d", *UNIT, mode, table=cube(3)), given)[0] == pytest.approx(expected, abs=2e-7)


# colour-science 0.4.7: encode(0.18), and the value that decodes to it.
@pytest.mark.parametrize(
    ("steps", "given", "expected"),
    [
        (step("curve_encode", *SRGB, 0), 0.18, 0.461356130),
        (step("curve_encode", *SRGB, 0), -0.5, -0.5 * 12.92),
        (step("curve_encode", *SRGB, 1), -0.18, -0.461356130),
        (step("acescc_encode"), 0.18, 0.413588402),
        (step("acescc_encode"), 0.0, -0.358447489),
        (step("acescc_encode"), -7.0, -0.358447489),
        (step("acescc_decode"), 0.5, 0.514056913),
        (step("acescc_decode"), 2.0, 65504.0),
        (step("pq_encode", 1e-4), 0.18, 0.07942097),
        (step("pq_encode", 1e-4), 1.0, 0.149945732),
        (step("pq_encode", 0.01), 1.0, 0.5080784),
        (step("pq_decode", 1e4), 0.5, 92.245708994),
        (step("hlg_encode", 12), 1.0, 1.0),
        (step("hlg_encode", 12), 1 / 12, 0.5),
        (step("hlg_decode", 1 / 12), 0.5, 1 / 12),
    ],
)
def test_curves_give_the_published_values(steps: list[Step], given: float, expected: float) -> None:
    assert run(steps, [given] * 3)[0] == pytest.approx([expected] * 3, rel=2e-6, abs=2e-7)


def test_every_kernel_has_a_reference_and_a_typical_step() -> None:
    # keep and mix are a pair, in everything() and below.
    alone = set(KERNELS) - {"keep", "mix"}
    assert {name for name, _, _ in typical().values()} == alone
    assert all(engine_steps.find(name.removesuffix("_dw3")) for name in alone)


def test_mix_blends_with_what_keep_set_aside_level_by_level() -> None:
    inner = [*step("keep"), *step("affine", 0, 0, 0, 5, 5, 5), *step("mix", 0.25)]
    steps = [*step("keep"), *step("gain", 2, 2, 2), *inner, *step("mix", 0.5)]
    given = np.array([0.0, 1.0, -3.0])
    expected = 0.5 * given + 0.5 * (0.75 * 2 * given + 0.25 * 5)
    assert run(steps, given)[0] == pytest.approx(expected)


def test_mix_blends_alpha_that_a_step_writes() -> None:
    opaque = step("matrix4", *np.eye(4).ravel()[:15], 0, 0, 0, 0, 1)
    assert run([*step("keep"), *opaque, *step("mix", 0.5)], [1, 2, 3, 0.5])[0].tolist() == [1, 2, 3, 0.75]


def test_mix_leaves_every_bit_of_an_alpha_that_no_step_writes() -> None:
    given = picture(1, 500)[0]
    steps = [*step("unpremult"), *step("keep"), *step("gain", 2, 2, 2), *step("mix", 0.3), *step("premult")]
    assert np.array_equal(run(steps, given)[:, 3], given[:, 3])


@pytest.mark.parametrize("names", [("mix",), ("keep",), ("keep", "mix", "mix")])
def test_keep_and_mix_come_in_pairs(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"needs a (keep|mix) step"):
        Program([(name, (0.5,) if name == "mix" else (), None) for name in names])


# 2e-6 is the figure; PQ decode ends in a power of 6.3 of a difference, where float32
# keeps 4e-5 (api.md). Below that, hard edges (nearest, clamps, branches) fall on one side.
# Chromaticities divide by a sum that cancels where a channel is negative.
CHROMATIC = dict.fromkeys(("luv_to_xyz", "xyz_to_luv", "xyz_to_uvy", "xyz_to_xyy"), 2e-4)
TOLERANCE = {"pq_decode": 4e-5} | CHROMATIC


@pytest.mark.parametrize("label", typical())
def test_steps_agree_with_float64(label: str) -> None:
    one = typical()[label]
    x = picture(1, 5000)[0]
    assert worst(run([one], x), engine_steps.apply([one], x)) <= TOLERANCE.get(one[0], 2e-6)


@pytest.mark.parametrize("size", [2, 3, 17, 33, 65])
@pytest.mark.parametrize("mode", [1, 2])
def test_lut3d_agrees_with_float64_at_every_size(size: int, mode: int) -> None:
    one: Step = ("lut3d", (*UNIT, mode), cube(size, seed=size))
    x = picture(1, 1500, seed=size)[0]
    assert worst(run([one], x), engine_steps.apply([one], x)) <= 2e-5 * size / 65 + 1e-6


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_lut3d_gives_exact_nodes_at_grid_points(mode: int) -> None:
    table = cube(5)
    grid = np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), -1).reshape(-1, 3)
    got = run(step("lut3d", *UNIT, mode, table=table), grid / np.float32(4))
    assert np.array_equal(got, table.reshape(-1, 3))


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_lut3d_with_padded_nodes_is_the_same_table(mode: int) -> None:
    table = cube(7)
    padded = np.concatenate([table, np.full((7, 7, 7, 1), NAN, np.float32)], axis=3)
    x = picture(1, 999, 3)[0]
    assert np.array_equal(run(step("lut3d", *UNIT, mode, table=table), x),
                          run(step("lut3d", *UNIT, mode, table=padded), x))  # fmt: skip


def test_tables_of_any_layout_and_precision_are_taken() -> None:
    table = cube(5)
    x = picture(1, 200, 3)[0]
    expected = run(step("lut3d", *UNIT, 2, table=table), x)
    for other in (np.asfortranarray(table), table.astype(np.float64), np.repeat(table, 2, axis=0)[::2]):
        assert np.array_equal(run(step("lut3d", *UNIT, 2, table=other), x), expected)


@pytest.mark.parametrize(
    ("steps", "given", "expected"),
    [
        (step("power", 2.2, 2.2, 2.2, 0), (-1, -INF, -0.0), (0, 0, 0)),
        (step("power", 2.2, 2.2, 2.2, 1), (-INF, INF, 0), (-INF, INF, 0)),
        (step("power", 2.2, 2.2, 2.2, 2), (-INF, -3, INF), (-INF, -3, INF)),
        (step("power", -2, -2, -2, 0), (0, INF, -1), (INF, 0, INF)),
        (step("power", 0, 0, 0, 0), (0, INF, 5), (1, 1, 1)),
        (step("power", 50, 50, 50, 0), (1e3, 1e-3, 1), (INF, 0, 1)),
        (step("contrast_log", 1.5, 1.5, 1.5, 0.18), (0, -2, -INF), (0, -2, -INF)),
        (step("contrast_log", 1.5, 1.5, 1.5, 0.18), (INF, 0.18, -0.0), (INF, 0.18, 0)),
        (step("clamp", 0.1, 0.2, 0.3, 1, 1, 1), (NAN, NAN, NAN), (0.1, 0.2, 0.3)),
        (step("clamp", 0, 0, 0, 1, 1, 1), (INF, -INF, 0.5), (1, 0, 0.5)),
        (step("cdl", 1, 1, 1, 0, 0, 0, 1.2, 1, 2, 1, 0), (NAN, NAN, NAN), (0, 0, 0)),
        (step("cdl", 1, 1, 1, 0, 0, 0, 1.2, 1, 2, 1, 1), (NAN, INF, -INF), (0, 1, 0)),
        (step("cdl", 1, 1, 1, 0, 0, 0, 1.2, 1, 2, 1, 0), (INF, INF, -INF), (INF, INF, -INF)),
        (step("curve_encode", *SRGB, 0), (INF, -INF, 0), (INF, -INF, 0)),
        (step("curve_decode", 2.4, 1 / 1.055, 0.055 / 1.055, 0.04045, 1 / 12.92, 1), (INF, -INF, 0), (INF, -INF, 0)),
        (step("log_encode", 1, 0, 1, 0, -INF, 0, 0), (0, -5, INF), (-126, -126, INF)),
        (step("log_decode", 1, 0, 1, 0, -INF, 0, 0), (-INF, INF, 3), (0, INF, 8)),
        (step("pq_encode", 1), (0, -1, 1), (7.3095e-7, -1, 1)),
        (step("pq_decode", 1), (0, -1, 1), (0, -1, 1)),
        (step("hlg_encode", 12), (-1, INF, 0), (-1, INF, 0)),
        (step("hlg_decode", 1 / 12), (-1, INF, 0), (-1, INF, 0)),
        (step("log_codes", 50, 550, 64, 940, 1023), (INF, -INF, 0), (940 / 1023, 64 / 1023, 64 / 1023)),
        (step("luminance_power", -0.3, 2, 0.3, 0.6, 0.1), (0, 0, 0), (0, 0, 0)),
        (step("mirror_log_encode", 0.06, 0, 350, -1, 1, 0.1), (INF, -INF, 0), (INF, -INF, 0.1)),
        (step("mirror_log_decode", 18, 0, 0.003, -1, 1, 0.1), (INF, -INF, 0.1), (INF, -INF, 0)),
        (step("root_log_encode", 0.1, 0.6, 0.3, 0.6, 0.5, 0), (INF, -INF, -0.5), (INF, -INF, 0)),
        (step("root_log_decode", 10, -6, 0.4, 2, 0.5), (INF, -INF, 0), (INF, -INF, -0.5)),
        (step("segments", table=np.array([[0, 1, 2], [1, 2, 1]])), (INF, -INF, 1), (INF, 2, 3)),
        (step("square_log_encode", 0.1, 0.7, 0.01, 0.01, 7, -0.05), (INF, -INF, -0.05), (INF, 0, 0)),
        (step("square_log_decode", 11, -8, -0.01, 0.2, 0.02, -0.05), (INF, -INF, 0), (INF, -0.05, -0.05)),
        (step("acescc_encode"), (INF, -INF, 0), (INF, -0.3584474886, -0.3584474886)),
        (step("acescc_decode"), (INF, -INF, -1), (65504, -(2**-15), 2 ** (-27.24 + 1) - 2**-15)),
        (step("lut1d", *UNIT, 1, table=np.array([[1, 2, 3], [4, 5, 6]])), (NAN, -INF, INF), (1, 2, 6)),
        (step("lut1d", *UNIT, 0, table=np.array([[1, 2, 3], [4, 5, 6]])), (0.49, 0.5, NAN), (1, 5, 3)),
    ],
)
def test_special_values(steps: list[Step], given: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert run(steps, given)[0].tolist() == pytest.approx(expected, rel=1e-5)


KEEPS_NAN = [
    label
    for label, (name, _, _) in typical().items()
    if name not in ("clamp", "cdl", "cdl_reverse") and not name.startswith("lut")
]


@pytest.mark.parametrize("label", KEEPS_NAN)
def test_nan_stays_nan_where_no_step_promises_otherwise(label: str) -> None:
    assert np.isnan(run([typical()[label]], [[NAN, NAN, NAN, 0.5]])[0, :3]).all()


@pytest.mark.parametrize(("kernel", "params"), [
    ("power", (1, 1, 1, 1)), ("power", (1, 1, 1, 2)), ("contrast_log", (1, 1, 1, 0.18)), ("gain", (1, 1, 1)),
    ("cdl", (1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0)), ("saturation", (1, 0, 1, 0)),
])  # fmt: skip
def test_neutral_parameters_change_no_bit(kernel: str, params: tuple[float, ...]) -> None:
    x = picture(1, 3000, 3)[0]
    x[0] = (3e38, -3e38, 1e-40)
    expected = x if kernel != "saturation" else x[1:]
    got = run([(kernel, params, None)], x)
    assert np.allclose(got[1:], x[1:], rtol=0, atol=2e-7) if kernel == "saturation" else np.array_equal(got, expected)


def test_alpha_zero_keeps_its_colour_through_unpremult_and_premult() -> None:
    glow = [[0.5, 0.25, 1.0, 0.0], [0.5, 0.25, 1.0, 1.0], [0.5, 0.25, 1.0, 0.5]]
    assert run(step("unpremult"), glow).tolist() == [*glow[:2], [1.0, 0.5, 2.0, 0.5]]
    assert run(step("premult"), glow).tolist() == [*glow[:2], [0.25, 0.125, 0.5, 0.5]]


def test_matrix4_reads_and_writes_alpha() -> None:
    rotate = (0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)
    assert run(step("matrix4", *rotate), [0.1, 0.2, 0.3, 0.4]).tolist() == [pytest.approx([0.4, 0.1, 0.2, 0.3])]
    assert run(step("matrix4", *rotate), [0.1, 0.2, 0.3]).tolist() == [pytest.approx([1.0, 0.1, 0.2])]


@pytest.mark.parametrize("kernel", ["pq", "hlg", "acescc"])
def test_decode_undoes_encode(kernel: str) -> None:
    params = () if kernel == "acescc" else (1.0,)
    x = np.linspace(0.001, 1, 3000, dtype=np.float32).reshape(-1, 3)
    back = run([(f"{kernel}_encode", params, None), (f"{kernel}_decode", params, None)], x)
    assert np.max(np.abs(back / x - 1)) < (4e-5 if kernel == "pq" else 1e-5)
