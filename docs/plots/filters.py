"""The shapes of the resampling filters, and what each makes of a line of ever finer stripes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vfx.ops import filters, resize

__all__ = ["draw"]

GROUPS = {
    "soft": ("box", "triangle", "gaussian", "sharp-gaussian", "blackman-harris", "bspline", "notch"),
    "cubic": ("cubic", "mitchell", "catmull-rom", "simon", "rifman"),
    "windowed": ("sinc", "lanczos2", "lanczos3", "lanczos5"),
}
SHOWN = ("nearest", "box", "triangle", "gaussian", "mitchell", "catmull-rom", "lanczos3", "sinc")


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``filters_shapes.svg`` and ``filters_zone.png``."""
    import matplotlib.pyplot as plt

    figure, plots = plt.subplots(1, 3, figsize=(9.6, 3.2), sharey=True)
    shapes(plots)
    figure.savefig(folder / "filters_shapes.svg", metadata={"Date": None})
    plt.close(figure)
    figure, plots = plt.subplots(2, 4, figsize=(9.6, 5.0))
    zones(plots.ravel())
    figure.savefig(folder / "filters_zone.png", dpi=110, metadata={"Software": None})
    plt.close(figure)


def shapes(plots: Any) -> None:
    """Weights over the distance in pixels, in three groups."""
    x = np.linspace(0.0, 5.0, 2001)
    for axes, names in zip(plots, GROUPS.values(), strict=True):
        for name in names:
            axes.plot(x, filters.find(name)(x), label=name, linewidth=1.3)
        axes.legend(fontsize=7)
        axes.set(xlabel="pixels", xlim=(0, max(filters.find(name).radius for name in names)))
    plots[0].set(ylabel="weight, before division by the sum")


def zones(plots: Any) -> None:
    """A zone plate of 480 pixels, whose corners are too fine for 96, shown at 96."""
    y, x = np.mgrid[0:480, 0:480] / 480.0
    plate = np.float32(0.5 + 0.5 * np.cos(np.pi * 480 * 0.32 * (x * x + y * y)))
    for axes, name in zip(plots, SHOWN, strict=True):
        axes.imshow(resize(plate, 96, 96, filter=name).numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(name, fontsize=9)
        axes.set_axis_off()
