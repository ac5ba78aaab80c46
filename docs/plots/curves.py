"""Every transfer function: code values over linear light, in groups that share an axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vfx import transfer

__all__ = ["draw"]

DISPLAY = ("srgb", "rec709", "bt1886", "gamma22", "gamma24", "gamma26")


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``curves_*.svg``."""
    display(folder / "curves_display.svg", DISPLAY)


def display(path: Path, names: Sequence[str]) -> None:
    """Code values over linear light in [0, 1]."""
    import matplotlib.pyplot as plt

    light = np.linspace(0.0, 1.0, 1001)
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    for name in names:
        axes.plot(light, transfer.encode(light, name), label=name)
    axes.set(xlabel="linear light", ylabel="code value", xlim=(0, 1), ylim=(0, 1))
    finish(figure, axes, path)


def finish(figure: Any, axes: Any, path: Path) -> None:
    """The legend, and the file."""
    import matplotlib.pyplot as plt

    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
