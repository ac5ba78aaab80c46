"""``vfx info`` of sequences: views, and what is wrong with their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("s.left.0001", "s.right.0001", "s.right.0002", "a.0001", "a.0003", "a.3", "a.07"):
        vfx.write(f"{name}.exr", np.zeros((2, 3, 3), np.float16))


def test_problems_are_told(run: Run) -> None:
    told = run("info", "a.####.exr").out
    assert "missing 2" in told and "a.3.exr: the same frames as a.0003.exr, which are used" in told
    assert "a.07.exr: not as a.####.exr writes it, left out" in told
    facts = json.loads(run("info", "a.####.exr", "--json").out)
    sequence = (facts[0] if isinstance(facts, list) else facts)["sequence"]
    assert len(sequence["problems"]) == 2 and sequence["views"] == []


def test_views_are_told(run: Run) -> None:
    ran = run("info", "s.%V.####.exr")
    assert ran.code == 0 and "left right" in ran.out and "view left lacks 2" in ran.out
