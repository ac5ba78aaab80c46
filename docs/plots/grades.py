"""Grading operations whose formula is a curve: the zones of tone, vibrance, and a curve through points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import vfx

__all__ = ["draw"]

Array = np.ndarray[Any, Any]

POINTS = [(0.0, 0.0), (0.18, 0.14), (0.5, 0.55), (1.0, 1.0)]


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``grades_tone.svg``, ``grades_vibrance.svg`` and ``grades_curve.svg``."""
    import matplotlib.pyplot as plt

    for name, fill in (("tone", tone), ("vibrance", vibrance), ("curve", curve)):
        figure, axes = plt.subplots(figsize=(6.4, 3.6))
        fill(axes)
        axes.legend()
        figure.savefig(folder / f"grades_{name}.svg", metadata={"Date": None})
        plt.close(figure)


def graded(look: vfx.Look, colours: Array) -> Array:
    """Colours (N, 3) after a look."""
    return np.asarray(look(vfx.Image(np.float32(colours)[None])).numpy()[0], np.float64)


def tone(axes: Any) -> None:
    """Stops that each zone adds, over stops from middle grey."""
    stops = np.linspace(-8, 8, 801)
    grey = np.repeat(0.18 * 2.0 ** stops[:, None], 3, axis=1)
    for label, zones in (
        ("shadows 1", (1, 0, 0)),
        ("midtones 1", (0, 1, 0)),
        ("highlights 1", (0, 0, 1)),
        ("tone(1, 0, -0.5)", (1, 0, -0.5)),
    ):
        added = np.log2(graded(vfx.Look().tone(*zones), grey)[:, 0] / grey[:, 0])
        axes.plot(stops, added, label=label, linewidth=1.4, linestyle="-" if label[0] != "t" else "--")
    axes.set(xlabel="stops from middle grey", ylabel="stops added")


def vibrance(axes: Any) -> None:
    """Saturation after, over saturation before, from grey to red."""
    share = np.linspace(0, 1, 401)[:, None]
    ramp = (1 - share) * 0.5 + share * np.array([0.5, 0.0, 0.0])
    before = 1 - ramp.min(axis=1) / ramp.max(axis=1)
    for amount in (-1.0, -0.5, 0.0, 0.5, 1.0):
        after = graded(vfx.Look().vibrance(amount), ramp)
        axes.plot(before, 1 - after.min(axis=1) / after.max(axis=1), label=f"vibrance({amount:g})", linewidth=1.4)
    axes.set(xlabel="saturation before (1 - min/max)", ylabel="after", xlim=(0, 1), ylim=(0, 1))


def curve(axes: Any) -> None:
    """A curve through four points and beyond them, and its inverse."""
    x = np.linspace(-0.2, 1.4, 801)
    look = vfx.Look().curves(master=POINTS)
    for label, each in (("curve", look), ("inverse", look.inverse())):
        axes.plot(x, graded(each, np.repeat(x[:, None], 3, axis=1))[:, 0], label=label, linewidth=1.4)
    axes.plot(*np.array(POINTS).T, "o", markersize=4, label="points")
    axes.set(xlabel="x", ylabel="y")
