"""Argument checks: one voice, with what was given and what is allowed."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from vfx import checks
from vfx.errors import FormatError, FrameError, MissingExtraError, VfxError


def test_one_of_lists_the_choices_and_suggests():
    with pytest.raises(ValueError, match="filter must be one of box, lanczos3, got 'lancoz3' .did you mean 'lanczos3'"):
        checks.one_of("filter", "lancoz3", ["box", "lanczos3"])
    with pytest.raises(ValueError, match="got 3"):
        checks.one_of("filter", 3, ["box"])


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2.0), np.int16(2)])
def test_number_takes_every_kind_of_real_number(value):
    assert checks.number("x", value) == 2.0
    assert checks.triple("x", value) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize("value", ["2", None, True, [1], 1j])
def test_number_refuses_what_is_no_number(value):
    with pytest.raises(TypeError, match="x must be a number"):
        checks.number("x", value)


def test_number_checks_bounds_and_finiteness():
    with pytest.raises(ValueError, match="at least 0"):
        checks.number("x", -1, low=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        checks.number("x", 2, low=0, high=1)
    with pytest.raises(ValueError, match="finite"):
        checks.number("x", math.inf)
    with pytest.raises(ValueError, match="x must be a finite number, got one that no float can hold"):
        checks.number("x", 10**400)
    assert checks.number("x", math.inf, finite=False) == math.inf
    with pytest.raises(ValueError, match="finite"):
        checks.number("x", math.nan, finite=False)


def test_triple_wants_one_or_three():
    assert checks.triple("slope", (1, 2, 3)) == (1.0, 2.0, 3.0)
    assert checks.triple("slope", np.arange(3)) == (0.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="one number or three, got 2"):
        checks.triple("slope", [1, 2])
    with pytest.raises(TypeError, match=r"slope\[1\]"):
        checks.triple("slope", [1, "a", 3])
    for without_order in ("abc", {1.0, 2.0, 3.0}, {1: "r", 2: "g", 3: "b"}):
        with pytest.raises(TypeError, match="number or three"):
            checks.triple("slope", without_order)
    with pytest.raises(ValueError, match="finite"):
        checks.triple("slope", [1, math.inf, 3])
    assert checks.triple("high", math.inf, finite=False) == (math.inf,) * 3


def test_integer_refuses_fractions_and_booleans():
    assert checks.integer("n", np.int64(4), low=1) == 4
    for value in (1.5, True, "3"):
        with pytest.raises(TypeError, match="whole number"):
            checks.integer("n", value)
    with pytest.raises(ValueError, match="at most 3"):
        checks.integer("n", 4, high=3)


def test_unknown_options_are_named_with_the_known():
    with pytest.raises(TypeError, match="no option 'compresion' .did you mean 'compression'.*: compression, tile_size"):
        checks.unknown_options("writing exr", {"compresion": 1}, ["tile_size", "compression"])


@pytest.mark.parametrize("value", ["", "a\0b"])
def test_paths_are_non_empty_text(value):
    with pytest.raises(ValueError, match="non-empty"):
        checks.path(value)


def test_paths_are_paths():
    with pytest.raises(TypeError, match="str or os.PathLike"):
        checks.path(3)

    class InBytes:
        def __fspath__(self):
            return b"x"

    with pytest.raises(TypeError, match="must be text"):
        checks.path(InBytes())


def test_format_errors_say_where_and_survive_pickling():
    error = FormatError("bad\n  block", path="a.exr", offset=12)
    assert str(error) == "a.exr: bad block (byte 12)"
    assert str(FormatError("bad row", path="a.cube", line=7)) == "a.cube: line 7: bad row"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.path, again.offset) == (str(error), "a.exr", 12)
    assert isinstance(error, ValueError) and isinstance(error, VfxError)


def test_other_errors_say_what_to_do():
    assert str(FrameError("cannot read", path="a.1001.exr", frame=1001)) == "frame 1001: a.1001.exr: cannot read"
    assert 'pip install "vfx[ocio]"' in str(MissingExtraError("OpenColorIO configs", "ocio"))
