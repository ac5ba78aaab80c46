"""The resampling kernel's door: what it checks before it touches memory, and how it is stopped."""

from __future__ import annotations

import signal
import time
from typing import Any

import numpy as np
import pytest

from vfx._ext.resample import resample

Table = tuple[Any, Any, Any]


def table(first: list[int], count: list[int], taps: int = 2) -> Table:
    return (
        np.array(first, np.int32),
        np.array(count, np.int32),
        np.full((len(first), taps), 1.0 / taps, np.float32),
    )


SRC = np.ones((3, 4, 2), np.float32)
COLUMNS, ROWS = table([0, 2], [2, 2]), table([0, 1], [2, 2])


def run(dst: Any = None, src: Any = SRC, *, columns: Table = COLUMNS, rows: Table = ROWS, wraps: bool = False) -> Any:
    dst = np.empty((2, 2, 2), np.float32) if dst is None else dst
    resample(src, dst, columns, rows, wraps, 1)
    return dst


def test_a_table_is_followed() -> None:
    src = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    assert run(src=src)[..., 0].tolist() == [[5.0, 9.0], [13.0, 17.0]]


@pytest.mark.parametrize(
    "columns",
    [
        table([-1, 2], [2, 2]),
        table([0, 3], [2, 2]),
        table([0, 2**31 - 1], [2, 2]),
        table([0, 2], [2, 3]),
        table([0, 2], [-1, 2]),
        table([0, 2, 2], [2, 2, 2]),
        (COLUMNS[0].astype(np.int64), COLUMNS[1], COLUMNS[2]),
        (COLUMNS[0], COLUMNS[1], COLUMNS[2].astype(np.float64)),
        (COLUMNS[0], COLUMNS[1], np.ones((2, 4), np.float32)[:, ::2]),
        (COLUMNS[0], COLUMNS[1], COLUMNS[2][0]),
    ],
)
@pytest.mark.parametrize("axis", ["columns", "rows"])
def test_a_table_that_leaves_the_picture_is_refused(columns: Table, axis: str) -> None:
    with pytest.raises(ValueError, match=f"the table of {axis}"):
        run(**{axis: columns})


def test_wrapped_tables_may_leave_the_picture() -> None:
    src = np.arange(4, dtype=np.float32).reshape(1, 4, 1) * np.ones((3, 1, 2), np.float32)
    found = run(src=src, columns=table([-1, 7], [2, 2]), rows=table([-4, 9], [2, 2]), wraps=True)
    assert found[0, :, 0].tolist() == [1.5, 1.5]
    with pytest.raises(ValueError, match="takes samples outside"):
        run(columns=table([-(2**31), 0], [2, 2]), wraps=True)


def test_pictures_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="as many channels"):
        run(np.empty((2, 2, 3), np.float32))
    with pytest.raises(ValueError, match="overlap"):
        run(SRC[:2, :2])
    with pytest.raises(ValueError, match="dst is read-only"):
        frozen = np.empty((2, 2, 2), np.float32)
        frozen.flags.writeable = False
        run(frozen)
    with pytest.raises(ValueError, match="src must be uint8"):
        run(src=SRC.astype(np.float64))
    with pytest.raises(ValueError, match="threads must be 1 to 1024, got 0"):
        resample(SRC, np.empty((2, 2, 2), np.float32), COLUMNS, ROWS, False, 0)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_it(threads: int) -> None:
    src, dst = np.zeros((2000, 1000, 4), np.float32), np.empty((6000, 6000, 4), np.float32)
    columns = table([0] * 6000, [900] * 6000, 900)
    rows = table([0] * 6000, [1900] * 6000, 1900)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            resample(src, dst, columns, rows, False, threads)  # a minute of work
        assert time.perf_counter() - start < 5.0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
