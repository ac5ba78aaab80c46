"""``vfx demo``: a shot from nothing, graded end to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

import vfx
from vfx import batch, ops, threads
from vfx.batch import BatchReport, Progress
from vfx.cli._look_options import look_from
from vfx.cli._options import Size, json_option, threads_option
from vfx.cli._output import megabytes, print_json, progress_bar
from vfx.cli._plate import render
from vfx.cli._stills import WORK, save_png, show_lut, still, view_lut
from vfx.color import CDL
from vfx.io.sequence import Sequence
from vfx.metadata import TimeCode

__all__ = ["command"]

FIRST = 1001
RATE = 24
#: What the colourist did to the shots, in the working curve.
GRADES = {
    "sh010": CDL(
        slope=(1.03, 1.0, 0.98), offset=(-0.012, -0.008, 0.004), power=(0.98, 1.0, 1.03), saturation=1.05,
        description="late sun: warmer light, cooler shadows",
    ),
    "sh020": CDL(slope=(0.92, 0.98, 1.08), offset=(-0.02, -0.01, 0.01), power=(1.05, 1.05, 1.05), saturation=0.85,
                 description="the same yard by night"),
}  # fmt: skip


@dataclass(frozen=True)
class _Folders:
    """Where everything goes."""

    root: Path

    @property
    def exr(self) -> Path:
        """The scene-linear plate."""
        return self.root / "plates" / "sh010.####.exr"

    @property
    def dpx(self) -> Path:
        """The same plate as 10-bit log."""
        return self.root / "scan" / "sh010.####.dpx"

    @property
    def foreground(self) -> Path:
        """The green foreground with its alpha."""
        return self.root / "elements" / "sh010_ball.####.exr"

    def graded(self, kind: str) -> Path:
        """The graded frames made from one of the plates."""
        return self.root / "graded" / kind / "sh010.####.exr"


@dataclass(frozen=True)
class _Step:
    """One thing that the demo did, and how fast."""

    what: str
    where: str
    frames: int
    seconds: float
    moved: int

    def __str__(self) -> str:
        """One line of the summary."""
        speed = f"{self.frames / self.seconds:6.1f} fps  {megabytes(self.moved / self.seconds):>9}/s"
        return f"  {self.what:<16} {self.frames:4d} frames  {self.seconds:6.2f} s  {speed}  {self.where}"


def _write_plate(folders: _Folders, frame: int, count: int, size: tuple[int, int]) -> int:
    """Render one frame and write it as EXR, DPX and foreground; the bytes written."""
    plate = render((frame - FIRST) / max(1, count - 1), *size, seed=frame)
    timecode = TimeCode(hours=1, minutes=0, seconds=0, frames=0).advanced(frame - FIRST, RATE)
    notes = {"timecode": timecode, "frame_rate": Fraction(RATE), "owner": "vfx demo"}
    picture = vfx.Image(plate.picture, metadata=notes)
    foreground = vfx.Image(plate.foreground, metadata=notes)
    exr = Sequence(folders.exr).path(frame)
    dpx = Sequence(folders.dpx).path(frame)
    ball = Sequence(folders.foreground).path(frame)
    vfx.write(exr, picture.astype("f16"), compression="zip")
    vfx.write(ball, foreground.astype("f16"), compression="zip")
    vfx.write(dpx, picture.encode(WORK), bit_depth=10, transfer="logarithmic")
    return sum(path.stat().st_size for path in (exr, dpx, ball))


def _render_all(folders: _Folders, count: int, size: tuple[int, int], show: Callable[[Progress], None]) -> _Step:
    """Render the shot, several frames at once."""
    for pattern in (folders.exr, folders.dpx, folders.foreground):
        pattern.parent.mkdir(parents=True, exist_ok=True)
    start, moved = time.perf_counter(), 0

    def one(frame: int) -> int:
        with threads.inside_pool():
            return _write_plate(folders, frame, count, size)

    with ThreadPoolExecutor(threads.get_threads()) as pool:
        for done, written in enumerate(pool.map(one, range(FIRST, FIRST + count)), start=1):
            moved += written
            show(Progress(FIRST + done - 1, "done", done, count, done, time.perf_counter() - start))
    seconds = time.perf_counter() - start
    return _Step("render plates", str(folders.exr.parent), count, seconds, moved)


def _graded(what: str, report: BatchReport) -> _Step:
    """A batch as a line of the summary."""
    folder = str(Path(report.target).parent)
    return _Step(what, folder, len(report.done), report.seconds, report.bytes_read + report.bytes_written)


def _pictures(folders: _Folders, count: int) -> list[Path]:
    """Write before and after stills of the middle frame, and the contact sheet; their paths."""
    view = vfx.lut.read(folders.root / "luts" / "view.cube")
    middle = FIRST + count // 2
    plate, graded = Sequence(folders.exr), Sequence(folders.graded("exr"))
    scan = Sequence(folders.graded("dpx"))
    (folders.root / "stills").mkdir(exist_ok=True)
    paths = [
        save_png(folders.root / "stills" / f"{name}.{middle}.png", still(sequence.read(middle), view))
        for name, sequence in (("before", plate), ("after", graded), ("after_dpx", scan))
    ]
    frames = sorted({FIRST + round(step * (count - 1) / 3) for step in range(4)})
    rows = {"plate": plate, "graded": graded}
    stills = [still(sequence.read(frame), view) for sequence in rows.values() for frame in frames]
    sheet = ops.contact_sheet(
        stills,
        len(frames),
        tile=(max(1, stills[0].width // 2), max(1, stills[0].height // 2)),
        labels=[f"{name} {frame}" for name in rows for frame in frames],
        title="sh010",
    )
    return [*paths, save_png(folders.root / "contact_sheet.png", sheet)]


@click.command()
@click.option("-o", "--output", default="vfx-demo", show_default=True, metavar="FOLDER", help="Where everything goes.")
@click.option("--frames", type=click.IntRange(1, 9999), default=24, show_default=True, help="Length of the shot.")
@click.option("--size", type=Size(16, 8192), default="960x540", show_default=True, help="Picture size.")
@threads_option
@json_option
def command(output: str, frames: int, size: tuple[int, int], as_json: bool) -> int:
    """Render a shot, write it as EXR and DPX, grade both, and leave stills to look at.

    The plate is a moving HDR picture with highlights far above 1.0, film grain and a green foreground
    with soft alpha. It is graded with a CDL from a .ccc and a .cube LUT, as vfx grade would.
    """
    folders = _Folders(Path(output))
    (folders.root / "luts").mkdir(parents=True, exist_ok=True)
    ccc, cube = folders.root / "show.ccc", folders.root / "luts" / "show.cube"
    vfx.color.write_cdl(ccc, GRADES)
    vfx.lut.write_cube(cube, show_lut())
    vfx.lut.write_cube(folders.root / "luts" / "view.cube", view_lut())
    with progress_bar("render") as show:
        steps = [_render_all(folders, frames, size, show)]
    grade = {"cdl": str(ccc), "cdl_id": "sh010", "luts": (str(cube),)}
    half: dict[str, Any] = {"resume": False, "frames": range(FIRST, FIRST + frames), "dtype": "f16"}
    with progress_bar("grade EXR") as show:
        look = look_from(work=WORK, **grade)  # type: ignore[arg-type]
        report = batch.grade(folders.exr, folders.graded("exr"), look, progress=show, **half)
        steps.append(_graded("grade EXR", report))
    with progress_bar("grade DPX") as show:
        look = look_from(decode=WORK, work=WORK, **grade)  # type: ignore[arg-type]
        report = batch.grade(folders.dpx, folders.graded("dpx"), look, progress=show, **half)
        steps.append(_graded("grade DPX", report))
    pictures = _pictures(folders, frames)
    if as_json:
        print_json({"steps": [vars(step) for step in steps], "pictures": pictures, "folder": folders.root})
        return 0
    click.echo("\n".join(str(step) for step in steps))
    click.echo("look at:")
    click.echo("\n".join(f"  {path}" for path in pictures))
    plates, graded = folders.exr, folders.root / "graded" / "again" / "sh010.####.exr"
    click.echo(
        f"the same by hand:\n  vfx grade '{plates}' --work {WORK} --cdl {ccc} --id sh010 --lut {cube} -o '{graded}'"
    )
    return 0
