"""Every transfer function: code values over linear light, in groups that share an axis.

Camera and film curves are drawn over stops from 18 % grey, and once more around black, where their toes differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vfx import transfer

__all__ = ["draw"]

DISPLAY = ("srgb", "rec709", "bt1886", "gamma22", "gamma24", "gamma26", "romm", "smpte240m")
CAMERAS = {
    "cameras_1": ("logc3", "logc4", "slog", "slog2", "slog3", "vlog", "clog", "clog2", "clog3"),
    "cameras_2": ("log3g10", "log3g12", "redlog", "davinci_intermediate", "bmdfilm5", "tlog", "panalog", "viperlog"),
    "cameras_3": ("flog", "flog2", "nlog", "llog", "dlog", "applelog", "milog", "protune"),
    "film": ("acescc", "acescct", "acesproxy", "adx10", "adx16", "cineon", "redlogfilm"),
}
TOES = (
    "acescc",
    "acescct",
    "applelog",
    "clog3",
    "davinci_intermediate",
    "log3g10",
    "logc3",
    "logc4",
    "nlog",
    "slog3",
    "vlog",
)
GREY = 0.18


def draw(folder: Path) -> None:
    """Nothing; ``folder`` then holds ``curves_*.svg``."""
    import matplotlib.pyplot as plt

    light = np.linspace(0.0, 1.0, 1001)
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    lines(axes, light, light, DISPLAY)
    axes.set(xlabel="linear light", ylabel="code value", xlim=(0, 1), ylim=(0, 1))
    finish(figure, folder / "curves_display.svg", axes)
    for group, names in CAMERAS.items():
        cameras(folder / f"curves_{group}.svg", names)
    toes(folder / "curves_black.svg")
    bright(folder / "curves_hdr.svg")


def lines(axes: Any, across: np.ndarray[Any, Any], light: np.ndarray[Any, Any], names: Sequence[str]) -> None:
    """One line for each curve; dashes tell those of one colour apart."""
    for i, name in enumerate(names):
        axes.plot(across, transfer.encode(light, name), label=name, linewidth=1.4, linestyle="--" if i > 9 else "-")


def cameras(path: Path, names: Sequence[str]) -> None:
    """Code values over stops from 18 % grey; every curve runs to where its code is 1."""
    import matplotlib.pyplot as plt

    stops = np.linspace(-9.0, 12.0, 2101)
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    lines(axes, stops, GREY * np.exp2(stops), names)
    axes.axvline(0.0, color="#888888", linewidth=0.8)
    axes.annotate("18 % grey", (0.0, 0.01), (4, 0), textcoords="offset points", color="#666666", fontsize=8)
    axes.set(xlabel="stops from 18 % grey", ylabel="code value", xlim=(-9, 12), ylim=(0, 1))
    axes.set_xticks(range(-8, 13, 2))
    finish(figure, path, axes)


def toes(path: Path) -> None:
    """Code values around black."""
    import matplotlib.pyplot as plt

    light = np.linspace(-0.03, 0.03, 1201)
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    lines(axes, light, light, TOES)
    axes.axvline(0.0, color="#888888", linewidth=0.8)
    axes.set(xlabel="linear light (18 % grey is 0.18)", ylabel="code value", xlim=(-0.03, 0.03), ylim=(-0.4, 0.4))
    finish(figure, path, axes)


def bright(path: Path) -> None:
    """PQ and DCDM over luminance, and the three scales of HLG over their light."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.8), sharey=True)
    luminance = np.geomspace(1e-3, 1e4, 1001)
    left.semilogx(luminance, transfer.encode(luminance, "pq", nits=1.0), label="pq")
    cinema = np.geomspace(1e-3, 52.37, 1001)
    left.semilogx(cinema, transfer.encode(cinema, "dcdm"), label="dcdm")
    left.set(xlabel="display light, cd/m²", ylabel="code value", xlim=(1e-3, 1e4), ylim=(0, 1))
    for name, most in (("hlg", 1.0), ("hlg_ocio", 3.0), ("hlg_arib", 12.0)):
        scene = np.geomspace(1e-4, most, 1001)
        right.semilogx(scene, transfer.encode(scene, name), label=name)
    right.set(xlabel="scene light", xlim=(1e-4, 12.0))
    for axes in (left, right):
        axes.legend(loc="upper left")
    finish(figure, path, None)


def finish(figure: Any, path: Path, axes: Any) -> None:
    """The legend beside ``axes``, and the file."""
    import matplotlib.pyplot as plt

    if axes is not None:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
