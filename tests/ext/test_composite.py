"""The door of the compositing kernel: what it refuses, threads, Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

import numpy as np
import pytest
from reference.awkward_pictures import picture

from vfx._ext.composite import composite


def call(**changes: Any) -> np.ndarray[Any, Any]:
    """One call that is right, but for ``changes``; its target."""
    given: dict[str, Any] = {
        "pictures": [picture(5, 9), picture(5, 10)[:, :9]],
        "origins": [(0, 0), (0, 0)],
        "maps": np.array([[0, 1, 2, 3]] * 2, np.int32),
        "target": np.zeros((5, 9, 4), np.float32),
        "formula": ("merge", "over"),
        "alpha": 3,
        "rgb": (0, 1, 2),
        "on": np.ones(4, np.float32),
        "mask": None,
        "mask_origin": (0, 0),
        "mix": 1.0,
        "opacity": 1.0,
        "threads": 1,
    } | changes
    plain = [given.pop(name) for name in ("pictures", "origins", "maps", "target", "formula")]
    composite(*plain, **given)
    target: np.ndarray[Any, Any] = changes.get("target", np.empty(0))
    return target


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threads": 0}, "threads must be 1 to 1024, got 0"),
        ({"pictures": []}, "pictures at least one"),
        ({"maps": np.zeros((1, 4), np.int32)}, "a row for each of 2 pictures"),
        ({"maps": np.zeros((2, 4), np.int64)}, "maps must be int32"),
        ({"maps": np.full((2, 4), 4, np.int32)}, "channels must be below 4, got 4"),
        ({"maps": np.full((2, 4), -3, np.int32)}, "channels must be below 4, got -3"),
        ({"maps": np.zeros((2, 6), np.int32)}, "6 channels for a target of 4"),
        ({"origins": [(0, 0)]}, "1 origins"),
        ({"target": np.zeros((5, 9), np.float32)}, r"target must be a \(H, W, C\) array"),
        ({"target": np.zeros((5, 9, 4))}, "target must be uint8"),
        ({"formula": ("merge", "beside")}, "no formula merge beside"),
        ({"formula": ("blend", "over")}, "no formula blend over"),
        ({"alpha": -1}, "over needs an alpha among 4 channels, got -1"),
        ({"alpha": 4}, "over needs an alpha among 4 channels, got 4"),
        ({"formula": ("blend", "hue"), "rgb": (0, 1, 1)}, "hue needs three channels below 4 beside alpha"),
        ({"formula": ("blend", "hue"), "rgb": (0, 1, 3)}, "hue needs three channels below 4 beside alpha"),
        ({"formula": ("blend", "hue"), "rgb": (-1, 1, 2)}, "hue needs three channels below 4 beside alpha"),
        ({"on": np.ones(3, np.float32)}, "on must be 4 float32"),
        ({"mask": np.ones((5, 9), np.float32)}, r"mask must be a \(H, W, C\) array"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(**changes)


def test_a_target_that_shares_memory_or_is_read_only_is_refused() -> None:
    shared = picture(5, 9)
    with pytest.raises(ValueError, match="memory of its own"):
        call(pictures=[shared, picture(5, 9)], target=shared)
    shared.flags.writeable = False
    with pytest.raises(ValueError, match="target is read-only"):
        call(target=shared)


@pytest.mark.parametrize("origin", [(-30, 0), (30, 0), (0, -30), (0, 30), (-4, -2), (4, 2)])
def test_pictures_may_lie_anywhere(origin: tuple[int, int]) -> None:
    below = picture(5, 10)[:, :9]
    top = np.full((5, 9, 4), 1.0, np.float32)
    found = call(pictures=[top, below], origins=[origin, (0, 0)], target=np.zeros((5, 9, 4), np.float32))
    covered = np.zeros((5, 9), bool)
    x, y = origin
    covered[max(0, y) : max(0, 5 + y), max(0, x) : max(0, 9 + x)] = True
    assert (found[covered] == 1.0).all() and np.array_equal(found[~covered], below[~covered])


@pytest.mark.parametrize("formula", [("merge", "atop"), ("blend", "hue"), ("merge", "over")])
@pytest.mark.parametrize("width", [9, 513, 2100])
def test_memory_beside_the_target_is_left_alone(formula: tuple[str, str], width: int) -> None:
    around = np.full((9, width + 4, 4), 7.0, np.float32)
    pictures = [picture(5, width), picture(6, width)[:5]]
    call(pictures=pictures, formula=formula, target=around[2:7, 2:-2])
    around[2:7, 2:-2] = 7.0
    assert (around == 7.0).all()


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill(SIGINT) ends the process on Windows")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_run_before_its_end(threads: int) -> None:
    layers = [np.full((2000, 2000, 4), 0.25, np.float32)] * 100
    target = np.zeros((2000, 2000, 4), np.float32)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call(
            pictures=layers,
            origins=[(0, 0)] * 100,
            maps=np.array([[0, 1, 2, 3]] * 100, np.int32),
            formula=("blend", "soft_light"),
            target=target,
            threads=threads,
        )
    timer.join()
    assert 0 < np.count_nonzero(target[:, 0, 3]) < 2000
