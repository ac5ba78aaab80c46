"""Look-up tables: the interpolations of a coarse curve, a curve and its inverse, slices of a cube."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import vfx
from vfx.color import CDL
from vfx.lut import Lut1D, Lut3D
from vfx.lut.pixelops import apply_op, lut

__all__ = ["draw"]


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``luts_interpolation.svg``, ``luts_inverse.svg`` and ``luts_slices.png``."""
    interpolation(folder / "luts_interpolation.svg")
    inverse(folder / "luts_inverse.svg")
    slices(folder / "luts_slices.png")


def made_look() -> vfx.Look:
    """A look that is easy to see in a cube: warm highlights, cool shadows, softer colours."""
    warm = CDL(slope=(1.12, 1.0, 0.84), offset=(-0.03, 0.0, 0.06), power=(1.1, 1.05, 0.95), saturation=0.8)
    return vfx.Look().cdl(warm, clamp=True)


def interpolation(path: Path) -> None:
    """Nine entries looked up in three ways."""
    import matplotlib.pyplot as plt

    curve = Lut1D(np.array([0.0, 0.02, 0.07, 0.30, 0.72, 0.88, 0.95, 1.0, 1.0]))
    x = np.linspace(-0.1, 1.1, 2401)
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    for name, width in (("nearest", 1.0), ("linear", 1.4), ("cubic", 1.8)):
        axes.plot(x, curve.apply(x, name), label=name, linewidth=width)
    axes.plot(np.linspace(0, 1, curve.size), curve.table, "ko", markersize=4, label="entries")
    axes.set(xlabel="input", ylabel="output", xlim=(-0.1, 1.1), ylim=(-0.05, 1.05))
    axes.set_title("A 1D LUT of nine entries; outside the domain the ends hold")
    finish(figure, axes, path)


def inverse(path: Path) -> None:
    """A curve with level ends, its exact inverse, and what both together do."""
    import matplotlib.pyplot as plt

    curve = Lut1D(np.clip(np.linspace(-0.15, 1.2, 257), 0, 1) ** 2.2)
    x = np.linspace(0.0, 1.0, 2001)
    back = lut(curve).inverse()
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    axes.plot(x, curve.apply(x), label="curve")
    axes.plot(x, apply_op(back, x, single=True), label="exact inverse")
    axes.plot(x, curve.inverse(17).apply(x), ":", label="inverse(17), tabulated")
    axes.plot(x, apply_op(back, np.asarray(curve.apply(x)), single=True), "--", label="curve, then inverse")
    axes.set(xlabel="input", ylabel="output", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title("Level ends go back to their inner end")
    finish(figure, axes, path)


def slices(path: Path) -> None:
    """Five slices of blue through the identity, and through a look baked into a cube."""
    import matplotlib.pyplot as plt

    cubes = {"identity": Lut3D.identity(33), "look": made_look().bake(33)}
    blues = np.linspace(0, 1, 5)
    axis = np.linspace(0, 1, 129, dtype=np.float32)
    figure, axes = plt.subplots(2, 5, figsize=(9.0, 4.2), sharex=True, sharey=True)
    for row, (name, cube) in zip(axes, cubes.items(), strict=True):
        for place, blue in zip(row, blues, strict=True):
            plane = np.stack(np.broadcast_arrays(axis[None, :], axis[:, None], np.float32(blue)), axis=-1)
            place.imshow(np.clip(cube.apply(plane), 0, 1), origin="lower", extent=(0, 1, 0, 1))
            place.grid(False)
            place.set(xticks=(0, 1), yticks=(0, 1))
            if name == "identity":
                place.set_title(f"blue {blue:g}")
        row[0].set_ylabel(f"{name}\ngreen")
    for place in axes[1]:
        place.set_xlabel("red")
    figure.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(figure)


def finish(figure: Any, axes: Any, path: Path) -> None:
    """The legend, and the file."""
    import matplotlib.pyplot as plt

    axes.legend(loc="upper left")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
