"""The gallery of the documentation shows every operator, and each picture shows something."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vfx import ops

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture(scope="module")
def gallery() -> Iterator[ModuleType]:
    """The module that holds the pictures' code."""
    sys.path.insert(0, str(DOCS))
    try:
        yield importlib.import_module("plots._gallery")
    finally:
        sys.path.remove(str(DOCS))
        for name in [name for name in sys.modules if name.partition(".")[0] == "plots"]:
            del sys.modules[name]


def codes(gallery: ModuleType) -> dict[str, str]:
    """Operator → the code of its picture."""
    return {name: code for _, chapter in gallery.CHAPTERS.values() for name, code in chapter.items()}


def test_every_operator_has_a_picture_or_gives_numbers(gallery: ModuleType) -> None:
    operators = {name for name in ops.__all__ if inspect.isfunction(getattr(ops, name))}
    shown, numbers = set(codes(gallery)), set(gallery.NO_PICTURE)
    assert sorted(operators - shown - numbers) == []  # add its line to docs/plots/_gallery.py
    assert sorted((shown | numbers) - operators) == [] and not shown & numbers


def test_the_code_of_a_picture_uses_its_operator(gallery: ModuleType) -> None:
    assert [name for name, code in codes(gallery).items() if f"{name}(" not in code] == []


def test_each_picture_shows_something_of_its_own(gallery: ModuleType) -> None:
    names = gallery.plates()
    seen: dict[bytes, str] = {gallery.developed(names["plate"]).numpy().tobytes(): "the plate itself"}
    same = {"held_out": "out", "circular_shift": ""}  # other names of one operation
    failed: list[Any] = []
    for name, code in codes(gallery).items():
        if name in ("merge", "blend"):  # sixty small pictures, drawn when the documentation is
            code = code.replace("OPERATIONS", "OPERATIONS[::7]").replace("MODES", "MODES[::7]")
        pixels = gallery.developed(gallery.picture(code, names)).numpy()
        if pixels.dtype != np.uint8 or pixels.std() < 5 or (pixels.tobytes() in seen and name not in same):
            failed.append((name, pixels.dtype, pixels.std(), seen.get(pixels.tobytes())))
        seen[pixels.tobytes()] = name
    assert failed == []


def test_the_page_names_each_operator_once(gallery: ModuleType) -> None:
    page = importlib.import_module("plots.operators").page()
    for name in codes(gallery):
        assert page.count(f"/op_{name}.png") == 1, name
    assert all(f"* ``{name}``: " in page for name in gallery.NO_PICTURE)
