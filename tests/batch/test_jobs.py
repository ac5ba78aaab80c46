"""Batches: which frames are made, what happens when something is wrong, and the report."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

import vfx
from vfx import batch
from vfx.errors import BackendError, FrameError, SequenceError
from vfx.io.sequence import Sequence
from vfx.metadata import TimeCode
from vfx.operations import build


def plates(folder: Path, frames: range | list[int], *, suffix: str = ".exr", size: tuple[int, int] = (8, 6)) -> str:
    """A sequence whose red is the frame number over 16, all else 0.25."""
    folder.mkdir(exist_ok=True)
    for frame in frames:
        pixels = np.full((size[1], size[0], 3), 0.25, np.float32)
        pixels[..., 0] = frame / 16
        notes = {"timecode": TimeCode(1, 0, 0, 0).advanced(frame)} if suffix == ".exr" else None
        vfx.write(folder / f"a.{frame:04d}{suffix}", vfx.Image(pixels, metadata=notes))
    return str(folder / f"a.####{suffix}")


def red(path: Path) -> float:
    return float(vfx.read(path).numpy()[0, 0, 0])


def test_every_frame_is_graded_into_a_new_folder(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", range(1, 6))
    report = batch.grade(source, tmp_path / "a" / "b" / "out.%03d.exr", vfx.Look().gain(2))
    assert report.done == (1, 2, 3, 4, 5) and report.ok and not report.skipped
    assert report.pixels == 5 * 48 and report.bytes_read > 0 and report.bytes_written > 0 and report.fps > 0
    assert [red(tmp_path / "a" / "b" / f"out.00{frame}.exr") for frame in range(1, 6)] == [
        frame / 8 for frame in range(1, 6)
    ]  # fmt: skip


def test_metadata_and_windows_go_along(tmp_path: Path) -> None:
    picture = vfx.Image(
        np.ones((4, 4, 3), np.float32),
        data_window=(2, 3, 5, 6),
        display_window=(0, 0, 9, 9),
        metadata={"timecode": TimeCode(1, 2, 3, 4)},
    )
    vfx.write(tmp_path / "a.0001.exr", picture)
    batch.grade(tmp_path / "a.####.exr", f"{tmp_path}/out/", vfx.Look().exposure(1))
    result = vfx.read(tmp_path / "out" / "a.0001.exr")
    assert str(result.metadata["timecode"]) == "01:02:03:04"
    assert result.data_window == (2, 3, 5, 6) and result.display_window == (0, 0, 9, 9)


def test_a_single_file_and_a_list_of_ops_work(tmp_path: Path) -> None:
    plates(tmp_path, [8])
    report = batch.grade(tmp_path / "a.0008.exr", tmp_path / "new" / "b.exr", [build("gain", 4.0)])
    assert report.done == (None,)
    assert red(tmp_path / "new" / "b.exr") == 2.0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["b.exr"]


def test_only_the_frames_asked_for(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", range(1, 8))
    report = batch.grade(source, tmp_path / "out" / "a.####.exr", vfx.Look().gain(1), frames="2-6x2")
    assert report.done == (2, 4, 6)
    assert Sequence(tmp_path / "out" / "a.####.exr").frames == (2, 4, 6)


def test_integer_plates_become_float_only_for_another_format(tmp_path: Path) -> None:
    vfx.write(tmp_path / "a.0001.png", vfx.Image(np.full((2, 2, 3), 51, np.uint8)))
    batch.grade(tmp_path / "a.####.png", tmp_path / "out" / "a.####.png", vfx.Look().gain(2))
    batch.grade(tmp_path / "a.####.png", tmp_path / "out" / "a.####.exr", vfx.Look().gain(8))
    batch.grade(tmp_path / "a.####.png", tmp_path / "out" / "h.####.exr", vfx.Look().gain(8), dtype="f16")
    assert vfx.read(tmp_path / "out" / "a.0001.png").numpy()[0, 0, 0] == 102
    assert vfx.read(tmp_path / "out" / "a.0001.exr").format == "f32"
    assert red(tmp_path / "out" / "a.0001.exr") == pytest.approx(1.6, rel=1e-6)
    assert vfx.read(tmp_path / "out" / "h.0001.exr").format == "f16"


# ------------------------------------------------------------------ missing frames


@pytest.mark.parametrize(
    ("policy", "made"),
    [
        ("skip", {2: 2 / 16, 4: 4 / 16}),
        ("hold", {1: 2 / 16, 2: 2 / 16, 3: 2 / 16, 4: 4 / 16, 5: 4 / 16}),
        ("black", {1: 0.0, 2: 2 / 16, 3: 0.0, 4: 4 / 16, 5: 0.0}),
    ],
)
def test_missing_frames_follow_the_policy(tmp_path: Path, policy: str, made: dict[int, float]) -> None:
    source = plates(tmp_path / "in", [2, 4])
    out = tmp_path / "out" / "a.####.exr"
    report = batch.grade(source, out, vfx.Look().offset(1), frames="1-5", on_missing=policy)
    assert report.missing == (1, 3, 5) and report.done == tuple(made)
    for frame, value in made.items():
        stand_in_black = policy == "black" and frame in (1, 3, 5)
        assert red(Sequence(out).path(frame)) == (0.0 if stand_in_black else value + 1)


@pytest.mark.parametrize("frames", ["3", "3-4", "1-4"])
def test_a_part_of_the_shot_holds_what_the_whole_shot_would(tmp_path: Path, frames: str) -> None:
    source = plates(tmp_path / "in", [1, 2, 5])
    out = tmp_path / "out" / "a.####.exr"
    batch.grade(source, out, vfx.Look().gain(1), frames=frames, on_missing="hold")
    assert red(Sequence(out).path(3)) == 2 / 16


def test_missing_frames_stop_the_batch_before_it_writes(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", [1, 2, 5])
    with pytest.raises(SequenceError, match=r"a\.####\.exr in .*in: missing frames 3-4"):
        batch.grade(source, tmp_path / "out" / "a.####.exr", vfx.Look().gain(1))
    assert not (tmp_path / "out").exists()


def test_a_folder_as_source_is_refused_with_the_sequences_it_holds(tmp_path: Path) -> None:
    plates(tmp_path / "in", [1, 2])
    with pytest.raises(IsADirectoryError, match=r"it holds a\.####\.exr"):
        batch.grade(tmp_path / "in", tmp_path / "out", vfx.Look().gain(1))
    assert not (tmp_path / "out").exists()


def test_no_frames_at_all_is_an_error_whatever_the_policy(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", [1])
    with pytest.raises(SequenceError, match="none of the frames 7-9 exists"):
        batch.grade(source, tmp_path / "b.####.exr", vfx.Look().gain(1), frames="7-9", on_missing="black")
    with pytest.raises(SequenceError, match="no such folder"):
        batch.grade(tmp_path / "no" / "a.####.exr", tmp_path / "b.####.exr", vfx.Look().gain(1))


# ------------------------------------------------------------------ what is refused


def test_an_output_that_is_a_source_is_refused(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", [1, 2])
    (tmp_path / "link").symlink_to(tmp_path / "in")
    before = (tmp_path / "in" / "a.0001.exr").read_bytes()
    for target in (source, tmp_path / "link" / "a.%04d.exr", tmp_path / "in"):
        with pytest.raises(SequenceError, match="is a source file"):
            batch.grade(source, target, vfx.Look().gain(2))
    with pytest.raises(SequenceError, match="is a source file"):
        batch.grade(tmp_path / "in" / "a.0001.exr", tmp_path / "link" / "a.0001.exr", vfx.Look().gain(2))
    assert (tmp_path / "in" / "a.0001.exr").read_bytes() == before


def test_wrong_arguments_are_named(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", [1])
    out, look = tmp_path / "o.####.exr", vfx.Look().gain(1)
    with pytest.raises(ValueError, match="on_missing must be one of error, skip, hold, black, got 'hald'"):
        batch.grade(source, out, look, on_missing="hald")
    with pytest.raises(ValueError, match="on_error must be one of"):
        batch.grade(source, out, look, on_error="ignore")
    with pytest.raises(TypeError, match=r"look must be a vfx\.Look"):
        batch.grade(source, out, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"look must be a vfx\.Look"):
        batch.grade(source, out, ["gain"])  # type: ignore[list-item]
    with pytest.raises(BackendError, match="local threads only"):
        batch.grade(source, out, look, scheduler="tcp://host:8786")
    with pytest.raises(SequenceError, match="needs a frame number"):
        batch.grade(source, tmp_path / "one.exr", look)
    with pytest.raises(SequenceError, match="single file"):
        batch.grade(tmp_path / "in" / "a.0001.exr", out, look)
    with pytest.raises(FileNotFoundError):
        batch.grade(tmp_path / "none.exr", tmp_path / "o.exr", look)
    with pytest.raises(ValueError, match="workers must be between 1 and 1024"):
        batch.grade(source, out, look, workers=0)
    with pytest.raises(TypeError, match="fn must be a function"):
        batch.map(look.ops, source, out)  # type: ignore[arg-type]


# ------------------------------------------------------------------ frames that fail


def damaged(folder: Path) -> str:
    source = plates(folder, range(1, 7))
    whole = (folder / "a.0003.exr").read_bytes()
    (folder / "a.0003.exr").write_bytes(whole[: len(whole) // 2])
    return source


def test_a_bad_frame_stops_with_its_number_and_path(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=r"frame 3: .*a\.0003\.exr") as caught:
        batch.grade(damaged(tmp_path / "in"), tmp_path / "out" / "a.####.exr", vfx.Look().gain(2), workers=1)
    assert caught.value.frame == 3 and caught.value.path == str(tmp_path / "in" / "a.0003.exr")
    assert isinstance(caught.value.__cause__, vfx.errors.FormatError)
    again = batch.grade(
        tmp_path / "in" / "a.####.exr", tmp_path / "out" / "a.####.exr", vfx.Look().gain(2), on_error="skip"
    )
    assert again.skipped == (1, 2) and [failure.frame for failure in again.failed] == [3]


def test_a_bad_frame_can_be_reported_while_the_others_go_on(tmp_path: Path) -> None:
    report = batch.grade(damaged(tmp_path / "in"), tmp_path / "out" / "a.####.exr", vfx.Look().gain(2), on_error="skip")
    assert report.done == (1, 2, 4, 5, 6) and not report.ok
    (failure,) = report.failed
    assert failure.frame == 3 and failure.path.endswith("a.0003.exr") and failure.reason
    assert "1 failed" in str(report) and "frame 3: " in str(failure)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".vfx-batch.json", *(f"a.000{frame}.exr" for frame in (1, 2, 4, 5, 6))
    ]  # fmt: skip


def test_a_function_that_fails_is_named_with_its_class(tmp_path: Path) -> None:
    def broken(image: vfx.Image) -> vfx.Image:
        raise KeyError("matte")

    with pytest.raises(FrameError, match=r"frame 1: .*a\.0001\.exr: KeyError: 'matte'"):
        batch.map(broken, plates(tmp_path / "in", [1]), tmp_path / "b.####.exr")
    with pytest.raises(FrameError, match="fn must return an Image or None, got ndarray"):
        batch.map(lambda image: image.numpy(), tmp_path / "in" / "a.####.exr", tmp_path / "b.####.exr")


def test_an_unknown_write_option_names_the_output(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=r"frame 1: .*b\.0001\.exr.*compresion"):
        batch.grade(
            plates(tmp_path / "in", [1]),
            tmp_path / "b.####.exr",
            vfx.Look().gain(1),
            write_options={"compresion": "zip"},
        )


# ------------------------------------------------------------------ work, progress, overlap


def test_map_takes_new_and_changed_images(tmp_path: Path) -> None:
    source = plates(tmp_path / "in", [1, 2])

    def in_place(image: vfx.Image) -> None:
        image.numpy()[...] = 3

    batch.map(in_place, source, tmp_path / "p" / "a.####.exr")
    batch.map(lambda image: image.gain(2), source, tmp_path / "n" / "a.####.exr", write_options={"compression": "piz"})
    assert red(tmp_path / "p" / "a.0002.exr") == 3.0
    assert red(tmp_path / "n" / "a.0002.exr") == 0.25
    assert "piz" in vfx.probe(tmp_path / "n" / "a.0002.exr").compression


def test_progress_is_heard_in_the_calling_thread(tmp_path: Path) -> None:
    heard: list[batch.Progress] = []
    threads = set()

    def listen(step: batch.Progress) -> None:
        heard.append(step)
        threads.add(threading.current_thread())

    batch.grade(plates(tmp_path / "in", range(5)), tmp_path / "o.####.exr", vfx.Look().gain(1), progress=listen)
    assert threads == {threading.current_thread()}
    assert [step.finished for step in heard] == [1, 2, 3, 4, 5] and heard[-1].total == 5
    assert heard[-1].eta == 0 and heard[-1].fps > 0 and {step.status for step in heard} == {"done"}


def test_workers_overlap_and_hold_one_frame_each(tmp_path: Path) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def slow(image: vfx.Image) -> vfx.Image:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with lock:
            inside -= 1
        return image

    start = time.perf_counter()
    report = batch.map(slow, plates(tmp_path / "in", range(8)), tmp_path / "o.####.exr", workers=4)
    assert report.workers == 4 and most == 4
    assert time.perf_counter() - start < 8 * 0.05


def test_kernels_inside_workers_use_one_thread(tmp_path: Path) -> None:
    seen: list[int] = []

    def look_at(image: vfx.Image) -> None:
        seen.append(vfx.get_threads())

    vfx.set_threads(4)
    source = plates(tmp_path / "in", range(3))
    batch.map(look_at, source, tmp_path / "o.####.exr", workers=2)
    assert seen == [1, 1, 1]
    batch.map(look_at, source, tmp_path / "p.####.exr", workers=1)
    assert seen[3:] == [4, 4, 4]


def test_an_error_in_progress_stops_the_workers(tmp_path: Path) -> None:
    def stop(step: batch.Progress) -> None:
        raise RuntimeError("enough")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="enough"):
        batch.grade(plates(tmp_path / "in", range(150)), tmp_path / "o.####.exr", vfx.Look().gain(1), progress=stop)
    assert threading.active_count() == before
    assert len(list(tmp_path.glob("o.*.exr"))) < 150


def test_a_report_can_be_written_as_json(tmp_path: Path) -> None:
    import json

    report = batch.grade(plates(tmp_path / "in", [1]), tmp_path / "o.####.exr", vfx.Look().gain(1))
    assert json.loads(json.dumps(report.as_dict()))["done"] == [1]
    assert str(report).startswith("1 frame in ")


def test_parts_that_would_be_lost_are_named(tmp_path: Path) -> None:
    import OpenEXR

    pixels = np.ones((4, 4), np.float32)
    parts = [
        OpenEXR.Part({"name": name, "type": OpenEXR.scanlineimage}, dict.fromkeys("RGB", pixels), name)
        for name in ("beauty", "depth")
    ]
    OpenEXR.File(parts).write(str(tmp_path / "two.exr"))
    report = batch.grade(tmp_path / "two.exr", tmp_path / "o.exr", vfx.Look().gain(1))
    assert "has 2 parts, the outputs hold only the first" in report.warnings[0]
    chosen = batch.grade(tmp_path / "two.exr", tmp_path / "p.exr", vfx.Look().gain(1), read_options={"part": "depth"})
    assert chosen.warnings == ()


def test_workers_fit_into_the_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from vfx.batch import _workers

    vfx.set_threads(8)
    monkeypatch.setattr(_workers, "_free_memory", lambda: 6e9)
    assert _workers.worker_count(None, 100, 0) == 8
    assert _workers.worker_count(None, 100, 500_000_000) == 2
    assert _workers.worker_count(None, 100, 50_000_000_000) == 1
    assert _workers.worker_count(None, 3, 0) == 3
    assert _workers.worker_count(6, 100, 500_000_000) == 6
    monkeypatch.undo()
    assert _workers._free_memory() > 1e6
