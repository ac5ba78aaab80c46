"""One typical step per kernel, with its table, for tests that must cover them all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Step = tuple[str, tuple[float, ...], NDArray[np.float32] | None]

UNIT = (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
CDL = (1.2, 1.0, 0.8, 0.05, 0.0, -0.02, 0.9, 1.0, 1.2, 0.85)
SRGB = (1 / 2.4, 1.055, 0.055, 0.0031308, 12.92)
SRGB_BACK = (2.4, 1 / 1.055, 0.055 / 1.055, 0.04045, 1 / 12.92)
# ARRI LogC3 EI 800 (ALEXA Log C Curve, 2012): base-10 constants times log10(2).
LOGC3 = (0.24719 * np.log10(2), 0.385537, 5.555556, 0.052272, 0.010591, 5.367655, 0.092809)
LOGC3_BACK = (1 / LOGC3[0], -0.385537 / LOGC3[0], 1 / 5.555556, -0.052272 / 5.555556, 0.149658, 1 / 5.367655,
              -0.092809 / 5.367655)  # fmt: skip
LUMA = (0.2126, 0.7152, 0.0722)
MATRIX = (0.9, 0.2, -0.1, 0.01, 0.05, 0.8, 0.15, -0.02, 0.0, 0.1, 0.95, 0.03)


def cube(size: int, seed: int = 0) -> NDArray[np.float32]:
    """A table of random nodes: any wrong index or weight shows."""
    return np.random.RandomState(seed).rand(size, size, size, 3).astype(np.float32)


def ramp(size: int) -> NDArray[np.float32]:
    """A 1D table, (size, 3), different in each channel."""
    return np.linspace(0, 1, size, dtype=np.float32)[:, None] ** np.array([0.5, 1.3, 2.2], np.float32)


def bent(size: int) -> NDArray[np.float32]:
    """A cube that mixes and bends its colours without folding."""
    axis = np.linspace(0, 1, size)
    lattice = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    mixed = lattice @ np.array([[0.8, 0.1, 0.05], [0.15, 0.8, 0.1], [0.05, 0.1, 0.85]])
    return (0.8 * mixed + 0.1 + 0.03 * np.sin(3 * lattice[..., ::-1])).astype(np.float32)


def half_table() -> NDArray[np.float32]:
    """An entry for each half float, (65536, 3), smooth in between; those of NaN and infinity are finite."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    size = np.log2(1 + np.nan_to_num(np.abs(halves), nan=3.0, posinf=65504.0))
    table = np.copysign(size, halves)[:, None] * [0.3, 0.25, 0.2] + [0.0, 0.1, -0.1]
    for end in (0x7C00, 0xFC00, 0x7E01, 0xFE01):
        table[end] = table[end - 1]
    return table.astype(np.float32)


def knots() -> NDArray[np.float32]:
    """Eight uneven knots of three channels, then their values; red's first two and blue's last two are one."""
    x = [[-0.2, -0.2, 0.1, 0.3, 0.31, 0.7, 1.2, 1.3], [-0.1, 0, 0.1, 0.3, 0.35, 0.7, 0.8, 0.9],
         [-1.0, -0.5, -0.4, 0.0, 0.2, 0.9, 1.0, 1.0]]  # fmt: skip
    y = np.cumsum(np.random.RandomState(1).rand(3, 8), axis=1) / 4 - 0.2
    return np.concatenate([x, y]).astype(np.float32)


def cubics() -> NDArray[np.float32]:
    """Nine rows of four coefficients for three channels."""
    rows = np.random.RandomState(2).rand(3, 9, 4)
    rows[:, -1, 1:] = 0
    return rows.reshape(3, -1).astype(np.float32)


def _by_channel(*sets: tuple[float, ...]) -> tuple[float, ...]:
    """Three sets of numbers as triples."""
    return tuple(float(value) for row in zip(*sets, strict=True) for value in row)


def of_process_lists() -> dict[str, Step]:
    """The steps of CLF and CTF; ACES 1.0 and 0.3, and Hybrid Log-Gamma as a "gamma log"."""
    gamma22 = (2.2, 1 / 1.099, 0.099 / 1.099, 0.0812, 1 / 4.5)
    gamma22_back = (1 / 2.2, 1.099, 0.099, 0.018, 4.5)
    # Two logarithms that meet a line without a step.
    double = (0.0, 1.0, -0.2, 0.1, -1.0, 0.7, 0.3, 0.4, 1.0, 0.1, 0.5, 0.05)
    steps: dict[str, Step] = {
        "log_encode_rgb": ("log_encode_rgb", _by_channel(LOGC3, (0.1, 0.5, 1, 0.01, -np.inf, 0, 0), LOGC3), None),
        "log_decode_rgb": ("log_decode_rgb", _by_channel(LOGC3_BACK, (6.5, -3, 0.2, -0.01, -np.inf, 0, 0), LOGC3_BACK),
                           None),
        "double_log 0": ("double_log", (*double, 0.0), None),
        "double_log 1": ("double_log", (0.05, 0.55, 1.5, -0.2, 0.7, 0.1, 2.0, 0.3, 0.3, -0.1, 2.0, -0.1, 1.0), None),
        "gamma_log 0": ("gamma_log", (0.0, 1 / 12, 0.5, np.sqrt(3.0), 0.0, 0.123957431, 0.55991073, 12.0, -0.28466892,
                                      0.0), None),
        "gamma_log 1": ("gamma_log", (0.0, 0.5, 2.0, 1 / np.sqrt(3.0), 0.0, 8.067285662, -4.516959, 1 / 12, 0.02372241,
                                      1.0), None),
    }  # fmt: skip
    for mode, (amount, width) in enumerate([(0.18, 135), (0.18, 135), (0.15, 120), (0.15, 120)]):
        steps[f"red_mod {mode}"] = ("red_mod", (amount, 0.03, 4 / np.radians(width), float(mode)), None)
    for mode in (0.0, 1.0):
        steps[f"glow {mode:.0f}"] = ("glow", (0.05, 0.08, mode), None)
        steps[f"surround {mode:.0f}"] = ("surround", (-0.2, 0.01, 0.2627, 0.678, 0.0593, mode), None)
        curves = (_by_channel(SRGB, gamma22_back, SRGB), _by_channel(SRGB_BACK, gamma22, SRGB_BACK))
        steps[f"curve_encode_rgb {mode:.0f}"] = ("curve_encode_rgb", (*curves[0], mode), None)
        steps[f"curve_decode_rgb {mode:.0f}"] = ("curve_decode_rgb", (*curves[1], mode), None)
    for name in ("luv_to_xyz", "uvy_to_xyz", "xyy_to_xyz", "xyz_to_luv", "xyz_to_uvy", "xyz_to_xyy"):
        steps[name] = (name, (), None)
    return steps


def rising_points(count: int) -> list[tuple[float, float]]:
    """Points of a rising curve, closer together towards the middle."""
    x = np.linspace(-1, 1, count)
    return [(0.5 + 0.6 * v**3, 0.5 + 0.4 * v + 0.05 * np.sin(7 * v)) for v in x.tolist()]


def cubic_curves(count: int) -> dict[str, Step]:
    """A step through curves of so many knots, and the step back."""
    from vfx.color.rgb_curves import curves

    op = curves(r=rising_points(count), g=[(0, 0.1), (1, 1.2)])
    pairs = {f"cubic_curves {count}": op.steps()[0], f"cubic_curves_reverse {count}": op.inverse().steps()[0]}
    return {label: (step.kernel, step.params, step.table) for label, step in pairs.items()}


def typical() -> dict[str, Step]:
    """A label and a step for every kernel and every mode."""
    steps: dict[str, Step] = {
        "gain": ("gain", (1.5, 0.7, 1.1), None),
        "affine": ("affine", (1.5, 0.7, 1.1, 0.1, -0.2, 0.0), None),
        "matrix": ("matrix", MATRIX, None),
        "matrix4": ("matrix4", (*MATRIX[:3], 0.2, *MATRIX[4:7], 0.0, *MATRIX[8:11], -0.1, 0.1, 0.0, 0.0, 0.8,
                                0.01, 0.02, 0.03, 0.04), None),
        "saturation": ("saturation", (1.3, 0.2126, 0.7152, 0.0722), None),
        "clamp": ("clamp", (0.1, 0.0, 0.2, 0.9, 1.0, 0.7), None),
        "contrast_log": ("contrast_log", (1.4, 1.0, 0.6, 0.18), None),
        "unpremult": ("unpremult", (), None),
        "premult": ("premult", (), None),
        "gamut_compress": ("gamut_compress", (0.815, 0.803, 0.88, 0.327, 0.289, 0.152, 1.2), None),
        # Scales so long that no distance of the test picture is near the asymptote, where any rounding explodes.
        "gamut_expand": ("gamut_expand", (0.815, 0.803, 0.88, 1e3, 2e3, 3e3, 1.2), None),
        "log_encode": ("log_encode", LOGC3, None),
        "log_encode without linear part": ("log_encode", (0.1, 0.5, 1.0, 0.01, -np.inf, 0.0, 0.0), None),
        "log_decode": ("log_decode", LOGC3_BACK, None),
        "log_decode without linear part": ("log_decode", (6.5, -3.0, 0.2, -0.01, -np.inf, 0.0, 0.0), None),
        "pq_encode": ("pq_encode", (0.01,), None),
        "pq_decode": ("pq_decode", (100.0,), None),
    }  # fmt: skip
    steps["lut3d_inverse"] = ("lut3d_inverse", (-0.1, 0.0, 0.0, 1.0, 1.2, 1.0), bent(3))
    for tail in ("", "_dw3"):
        steps[f"lut1d_half{tail}"] = (f"lut1d_half{tail}", (-65504.0,) * 3 + (65504.0,) * 3, half_table())
        steps[f"lut1d_knots{tail}"] = (f"lut1d_knots{tail}", (1.0, 1.0, -1.0), knots())
        steps[f"lut1d_cubic{tail}"] = (f"lut1d_cubic{tail}", (-0.1, 0.0, 0.2, 7.0, 8.0, 12.0), cubics())
    steps["lut1d_dw3"] = ("lut1d_dw3", (*UNIT, 1.0), ramp(33))
    steps |= {
        "at_most": ("at_most", (0.9, 1.0, 0.7), None),
        "power_linear": ("power_linear", (2.2, 1.0, 0.45), None),
        "power_linear of small exponents": ("power_linear", (0.2, 1.0, 0.1), None),
        "tone": ("tone", (1.2, 0.2, -0.7, 0.18, *LUMA), None),
        "tone_reverse": ("tone_reverse", (1.2, 0.2, -0.7, 0.18, *LUMA), None),
        "vibrance": ("vibrance", (0.6, LUMA[0], LUMA[2]), None),
        "vibrance_reverse": ("vibrance_reverse", (0.6, LUMA[0], LUMA[2]), None),
    }
    for count in (5, 20, 60, 150):  # three sizes that fit into registers, and one that does not
        steps |= cubic_curves(count)
    for name in ("acescc_encode", "acescc_decode", "hsv_to_rgb", "rgb_to_hsv"):
        steps[name] = (name, (), None)
    steps.update(rarer_curves())
    steps.update(of_process_lists())
    for mode in (0.0, 1.0):
        steps[f"cdl {mode:.0f}"] = ("cdl", (*CDL, mode), None)
        steps[f"cdl_reverse {mode:.0f}"] = ("cdl_reverse", (0.8, 1.0, 1.25, -0.05, 0.0, 0.02, 1.1, 1.0, 0.8, 1.2, mode),
                                            None)  # fmt: skip
        steps[f"curve_encode {mode:.0f}"] = ("curve_encode", (*SRGB, mode), None)
        steps[f"curve_decode {mode:.0f}"] = ("curve_decode", (*SRGB_BACK, mode), None)
        steps[f"lut1d {mode:.0f}"] = ("lut1d", (*UNIT, mode), ramp(33))
    for mode in (0.0, 1.0, 2.0):
        steps[f"power {mode:.0f}"] = ("power", (2.2, 1.0, 0.45, mode), None)
        steps[f"lut3d {mode:.0f}"] = ("lut3d", (-0.1, 0.0, 0.0, 1.0, 1.2, 1.0, mode), cube(9))
    return steps


def rarer_curves() -> dict[str, Step]:
    """A label and a step for the curves that are neither a power nor a logarithm."""
    # Canon Log 3, Apple Log, Nikon N-Log, ACESproxy: constants of their documents.
    clog3 = (0.36726845 * np.log10(2), -0.00271682, 14.98325 / 0.9, 0.0126, 1.9754798 / 0.9, 0.12512219)
    clog3_back = (1 / clog3[0], -clog3[1] / clog3[0], 1 / clog3[2], 0.0276567, 1 / clog3[4], clog3[5])
    apple = (0.08550479, 0.69336945, 0.00964052, 0.0099999, 47.28711236**0.5, -0.05641088)
    apple_back = (1 / apple[0], -apple[1] / apple[0], -apple[2], 0.20855, 1 / 47.28711236, apple[5])
    nlog = (150 / 1023 * np.log(2), 619 / 1023, 0.32799, 650 / 1023, 0.0075, 0.0)
    nlog_back = (1 / nlog[0], -nlog[1] / nlog[0], 0.4418, 1 / nlog[3], 0.0075)
    # Three lines that meet at 0 and at 0.5.
    lines = np.array([[-0.2, 8, 0.1], [0, 2, 0.1], [0.5, 0.5, 0.85]], np.float32)
    return {
        "hlg_decode": ("hlg_decode", (1 / 12,), None),
        "hlg_encode": ("hlg_encode", (12.0,), None),
        "log_codes": ("log_codes", (50.0, 550.0, 64.0, 940.0, 1023.0), None),
        "luminance_power": ("luminance_power", (0.2, 10.0, 0.2627, 0.678, 0.0593), None),
        "luminance_power of a negative exponent": ("luminance_power", (-0.3, 0.5, 0.2627, 0.678, 0.0593), None),
        "mirror_log_decode": ("mirror_log_decode", clog3_back, None),
        "mirror_log_decode without a line": ("mirror_log_decode", (18.0, 0.0, 0.003, -1.0, 1.0, 0.0), None),
        "mirror_log_encode": ("mirror_log_encode", clog3, None),
        "mirror_log_encode without a line": ("mirror_log_encode", (0.0556, 0.0, 347.0, -1.0, 1.0, 0.0), None),
        "root_log_decode": ("root_log_decode", nlog_back, None),
        "root_log_encode": ("root_log_encode", nlog, None),
        "segments": ("segments", (), lines),
        "square_log_decode": ("square_log_decode", apple_back, None),
        "square_log_encode": ("square_log_encode", apple, None),
    }  # fmt: skip


def everything() -> list[Step]:
    """A chain through most kernels whose values stay in a sane range."""
    steps = typical()
    steps["keep"], steps["mix"] = ("keep", (), None), ("mix", (0.7,), None)
    order = ("unpremult", "affine", "keep", "matrix", "saturation", "cdl 0", "keep", "contrast_log", "mix",
             "curve_encode 1", "lut1d 1", "lut3d 2", "mix", "log_encode", "log_decode", "lut3d 1", "power 2",
             "premult")  # fmt: skip
    return [steps[name] for name in order]


def picture(height: int, width: int, channels: int = 4, seed: int = 0) -> NDArray[np.float32]:
    """Values from below 0 to above 1, alpha 0..1 with exact 0 and 1 among it."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(-0.3, 1.6, (height, width, channels)).astype(np.float32)
    if channels == 4:
        values[..., 3] = np.clip(values[..., 3], 0, 1)
    return values


def as_format(values: NDArray[np.float32], dtype: Any) -> NDArray[Any]:
    """``values`` stored as u8, u16, f16 or f32."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return values.astype(kind)
    top = np.iinfo(kind).max
    return np.floor(np.clip(values.astype(np.float64), 0, 1) * top + 0.5).astype(kind)
