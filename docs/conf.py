"""How the documentation is built: ``make docs``. Warnings are errors."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "vfx"
author = "the vfx authors"
copyright = "2026, the vfx authors"
version = release = PROJECT["version"]

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "_generated"]
html_theme = "furo"
html_title = f"vfx {release}"
nitpicky = False

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "groupwise"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False
napoleon_use_ivar = True
suppress_warnings = ["ref.python"]  # "width" in "(width, height)" may mean any class's width
python_use_unqualified_type_names = True
maximum_signature_line_length = 100


def draw_plots(_: Any) -> None:
    """Draw the pictures that the pages show."""
    sys.path.insert(0, str(HERE))
    import plots

    plots.draw_all(HERE / "_generated" / "plots")


def setup(app: Any) -> None:
    app.connect("builder-inited", draw_plots)
