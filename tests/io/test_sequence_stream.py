"""Streams: the right order, bounded reading ahead, errors in their place, and threads that end."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError, FrameError, LimitError, SequenceError
from vfx.io.sequence import Sequence

BYTES = 8 * 6 * 3 * 2


def threads_left() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("vfx-stream")]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert threads_left() == []


@pytest.fixture
def shot(tmp_path: Path) -> Sequence:
    """Twelve half frames of 8 x 6 pixels whose values are their numbers."""
    for frame in range(1, 13):
        vfx.write(tmp_path / f"a.{frame:04d}.exr", np.full((6, 8, 3), frame, np.float16))
    return Sequence(tmp_path / "a.####.exr")


class Watched:
    """Stands in for ``vfx.io.read``: counts what is read and being read, and takes longer for some."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slow: dict[int, float] | None = None) -> None:
        self.lock = threading.Lock()
        self.begun: list[int] = []
        self.now = self.most = 0
        self.slow = slow or {}
        self._read = vfx.io.read
        monkeypatch.setattr(vfx.io, "read", self.read)

    def settled(self, count: int) -> int:
        """How many frames were begun, once that many were and a moment passed: a busy machine starts threads late."""
        end = time.monotonic() + 10
        while len(self.begun) < count and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(0.02)
        return len(self.begun)

    def read(self, path: Path, **options: Any) -> vfx.Image:
        number = int(path.name.split(".")[1])
        with self.lock:
            self.begun.append(number)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.slow.get(number, 0.0))
        try:
            return self._read(path, **options)
        finally:
            with self.lock:
                self.now -= 1


@pytest.mark.parametrize(("ahead", "workers"), [(1, 1), (4, 1), (4, 3), (50, 8)])
def test_frames_come_in_order_whatever_takes_long(shot: Sequence, monkeypatch, ahead: int, workers: int) -> None:
    Watched(monkeypatch, {1: 0.05, 4: 0.05})
    seen = [(frame.number, float(frame.image.numpy()[0, 0, 0])) for frame in shot.stream(ahead=ahead, workers=workers)]
    assert seen == [(number, float(number)) for number in range(1, 13)]


def test_options_and_the_callers_limits_reach_the_threads(shot: Sequence) -> None:
    frame = next(shot.stream(channels="G", rows=(1, 3), dtype="f32"))
    assert (frame.image.shape, frame.image.format, frame.path.name) == ((2, 8, 1), "f32", "a.0001.exr")
    with vfx.io.limits(pixels=10), pytest.raises(FrameError, match="frame 1: .*pixels are more than the 10") as caught:
        next(shot.stream())
    assert isinstance(caught.value.__cause__, LimitError)


def test_no_more_is_read_ahead_than_asked_for(shot: Sequence, monkeypatch) -> None:
    watched = Watched(monkeypatch)
    with shot.stream(ahead=3, workers=2) as frames:
        assert watched.begun == []  # nothing before the first frame is asked for
        for position in range(4):
            next(frames)
            assert watched.settled(position + 4) == position + 4
            assert sorted(watched.begun) == list(range(1, position + 5))
    assert watched.most <= 2
    time.sleep(0.02)
    assert max(watched.begun) == 7


@pytest.mark.parametrize(("memory", "ahead"), [(1, 1), (BYTES, 1), (3 * BYTES, 3), (3 * BYTES + 1, 3), (99 * BYTES, 5)])
def test_memory_bounds_what_is_read_ahead(shot: Sequence, monkeypatch, memory: int, ahead: int) -> None:
    watched = Watched(monkeypatch)
    with shot.stream(ahead=5, workers=5, memory=memory) as frames:
        next(frames)
        assert watched.settled(1 + ahead) == 1 + ahead


def test_memory_counts_the_format_asked_for_and_learns_from_rows(shot: Sequence, monkeypatch) -> None:
    watched = Watched(monkeypatch)
    with shot.stream(ahead=8, workers=8, memory=4 * BYTES, dtype="f32") as frames:
        next(frames)
        assert watched.settled(3) == 3
    watched.begun.clear()
    with shot.stream(ahead=8, workers=8, memory=4 * BYTES, rows=(0, 3)) as frames:
        next(frames)
        next(frames)
        assert watched.settled(7) > 2 + 4


def test_a_damaged_frame_raises_in_its_place_with_number_and_path(shot: Sequence) -> None:
    shot.path(3).write_bytes(b"no picture")
    frames = shot.stream()
    assert [next(frames).number, next(frames).number] == [1, 2]
    with pytest.raises(FrameError, match=r"frame 3: .*a\.0003\.exr") as caught:
        next(frames)
    assert caught.value.frame == 3 and isinstance(caught.value.__cause__, FormatError)
    assert threads_left() == []
    with pytest.raises(StopIteration):
        next(frames)


def test_damaged_frames_may_be_skipped_or_kept(shot: Sequence) -> None:
    shot.path(3).write_bytes(b"no picture")
    shot.path(12).write_bytes(b"")
    assert [frame.number for frame in shot.stream(on_error="skip")] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    kept = {frame.number: frame for frame in shot.stream(on_error="keep")}
    assert sorted(kept) == list(range(1, 13))
    assert [number for number, frame in kept.items() if frame.error] == [3, 12]
    with pytest.raises(FrameError, match=r"frame 12: .*a\.0012\.exr.*empty"):
        _ = kept[12].image


@pytest.mark.parametrize("on_error", ["raise", "skip", "keep"])
def test_an_unknown_option_is_an_error_whatever_is_to_be_skipped(shot: Sequence, on_error: str) -> None:
    with pytest.raises(TypeError, match="no option 'chanels' .did you mean 'channels'"):
        list(shot.stream(on_error=on_error, chanels=["R"]))
    assert threads_left() == []


def test_missing_frames_are_errors_left_out_or_held(shot: Sequence) -> None:
    shot.path(2).unlink()
    shot.path(3).unlink()
    again = Sequence(shot.pattern)
    frames = again.stream()
    next(frames)
    with pytest.raises(FrameError, match=r"frame 2: .*no frame 2; on disk are 1,4-12") as caught:
        next(frames)
    assert isinstance(caught.value.__cause__, SequenceError)
    assert [frame.number for frame in again.stream(on_missing="skip")] == [1, *range(4, 13)]
    held = [
        (frame.number, float(frame.image.numpy().max()), frame.path.name) for frame in again.stream(on_missing="hold")
    ]
    assert held[:4] == [(1, 1.0, "a.0001.exr"), (2, 1.0, "a.0001.exr"), (3, 1.0, "a.0001.exr"), (4, 4.0, "a.0004.exr")]
    given = again.at("4,2,1")
    assert [frame.number for frame in given.stream(on_missing="skip")] == [4, 1]
    assert [float(frame.image.numpy().max()) for frame in given.stream(on_missing="hold")] == [4, 4, 1]


def test_a_loop_that_is_left_early_ends_its_threads(shot: Sequence, monkeypatch) -> None:
    watched = Watched(monkeypatch, dict.fromkeys(range(1, 13), 0.02))
    for frame in shot.stream(workers=4):
        if frame.number == 2:
            break
    del frame
    assert threads_left() == [] and watched.now == 0
    frames = shot.stream(workers=4)
    next(frames)
    assert threads_left()
    frames.close()
    frames.close()
    assert threads_left() == [] and list(frames) == []


def test_an_interrupt_in_the_middle_ends_the_threads(shot: Sequence, monkeypatch) -> None:
    Watched(monkeypatch, {2: 0.2})
    frames = shot.stream(workers=2)
    next(frames)
    timer = threading.Timer(0.05, lambda: __import__("_thread").interrupt_main())
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            next(frames)
    timer.join()
    assert threads_left() == [] and list(frames) == []


def test_reading_ahead_overlaps_with_the_callers_work(shot: Sequence, monkeypatch) -> None:
    Watched(monkeypatch, dict.fromkeys(range(1, 13), 0.04))
    for _ in range(5):
        began = time.perf_counter()
        for _frame in shot.stream(ahead=4, workers=2):
            time.sleep(0.02)
        spent = time.perf_counter() - began
        if spent < 0.6:
            break
    # One after the other would be 12 * 60 = 720 ms at least; with two readers 12 * 20 and a bit.
    assert spent < 0.6


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"ahead": 0}, "ahead must be"), ({"memory": 0}, "memory must be"), ({"workers": 0}, "workers must be"),
     ({"on_error": "stop"}, "on_error must be one of raise, skip, keep"),
     ({"on_missing": "black"}, "on_missing must be one of error, skip, hold")],
)  # fmt: skip
def test_options_are_checked(shot: Sequence, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        shot.stream(**options)
    with pytest.raises(SequenceError, match="no such folder"):
        Sequence("nowhere/a.####.exr").stream()
