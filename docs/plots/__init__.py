"""Pictures of the documentation, drawn by scripts from the package itself at every build.

Each public module of this package has ``draw(folder: Path) -> None``, which writes its pictures into ``folder``
(SVG, or PNG for pixels). :func:`draw_all` calls them all; ``docs/conf.py`` does so before a build, with
``docs/_generated/plots``, and pages name a picture as ``/_generated/plots/NAME.svg``. By hand::

    python docs/plots/__init__.py [FOLDER]
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

__all__ = ["draw_all"]

HERE = Path(__file__).resolve().parent


def draw_all(folder: Path) -> None:
    """Nothing; ``folder`` then holds the pictures of every module of this package.

    Parameters
    ----------
    folder : Path
        Made when it is not there. Pictures of the same name are replaced.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "font.size": 9,
            "grid.color": "#e3e3e3",
            "grid.linewidth": 0.6,
            "legend.frameon": False,
            "savefig.bbox": "tight",
            "svg.hashsalt": "vfx",  # the same picture gives the same bytes
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    if str(HERE.parent) not in sys.path:
        sys.path.insert(0, str(HERE.parent))
    modules = sorted(found.name for found in pkgutil.iter_modules([str(HERE)]))
    for module in (name for name in modules if not name.startswith("_")):
        importlib.import_module(f"plots.{module}").draw(folder)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent.parent))
    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "_generated" / "plots")
