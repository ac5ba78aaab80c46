"""What commands print: JSON of anything the package returns, the progress bar, the end of a batch."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import click
import numpy as np

from vfx.batch import BatchReport, Progress

__all__ = ["finish_batch", "megabytes", "plain", "print_json", "print_rows", "progress_bar"]

#: Seconds between two lines of progress where there is no terminal.
_LOG_EVERY = 10.0


def plain(value: object) -> Any:
    """``value`` as types that JSON has: times and rationals as text, arrays as lists, bytes as their size."""
    if isinstance(value, (str, bool, int, type(None))):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else str(float(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (tuple, list, set, frozenset)):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type) and type(value).__str__ is object.__str__:
        return {item.name: plain(getattr(value, item.name)) for item in fields(value) if item.repr}
    return str(value)


def print_json(value: object) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def print_rows(rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), indent: int = 0) -> None:
    """Print a table on stdout: columns stand under each other, and on a terminal long cells are folded to fit it.

    Where the output goes elsewhere every row is one line, however long.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if not width:
        lines = [list(head), *map(list, rows)] if head else [list(row) for row in rows]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = (cell.ljust(size) for cell, size in zip(line, widths, strict=True))
            click.echo(" " * indent + "  ".join(cells).rstrip())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index in range(len(head or rows[0])):
        table.add_column(head[index] if head else "", overflow="fold", style=None if head or index else "bold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(width=max(20, width - indent), highlight=False)
    with console.capture() as captured:
        console.print(table)
    for text in captured.get().splitlines():
        click.echo((" " * indent + text).rstrip())


def megabytes(count: float) -> str:
    """A number of bytes for people, e.g. ``"12.3 MB"``.

    Examples
    --------
    >>> megabytes(1500), megabytes(12_300_000)
    ('1.5 kB', '12.3 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """A function for ``progress=``: a bar with frames/s and time left, or in a log file a line now and then."""
    if not sys.stderr.isatty():
        yield _log_lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        row = bar.add_task(title, total=None, speed="")

        def show(step: Progress) -> None:
            left = "" if step.eta is None else f"  {_clock(step.eta)} left"
            bar.update(row, total=step.total, completed=step.finished, speed=f"{step.fps:.1f} fps{left}")

        yield show


def _log_lines(title: str) -> Callable[[Progress], None]:
    """A function that prints a line every ten seconds, for logs of long runs."""
    printed = time.monotonic()

    def show(step: Progress) -> None:
        nonlocal printed
        if time.monotonic() - printed >= _LOG_EVERY:
            printed = time.monotonic()
            left = "" if step.eta is None else f", {_clock(step.eta)} left"
            click.echo(f"vfx: {title}: {step.finished} of {step.total} frames, {step.fps:.1f} fps{left}", err=True)

    return show


def _clock(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def finish_batch(report: BatchReport, *, as_json: bool, verb: str) -> int:
    """Print a batch's report; its exit code."""
    for warning in report.warnings:
        click.echo(f"vfx: warning: {warning}", err=True)
    if as_json:
        print_json(report.as_dict())
    else:
        moved = report.bytes_read + report.bytes_written
        speed = f", {megabytes(moved / report.seconds)}/s" if report.seconds > 0 and moved else ""
        click.echo(f"{verb} {report.source} -> {report.target}: {report}{speed}")
    if report.failed:
        more = f" (and {len(report.failed) - 1} more)" if len(report.failed) > 1 else ""
        click.echo(f"vfx: error: {report.failed[0]}{more}", err=True)
        return 1
    return 0
