"""Runs the benchmarks: ``python benchmarks/run.py [--only ROOM …] [--match TEXT] [--quick] [--add]``.

Writes ``benchmarks/results/latest.json``. A full run also rewrites the table in README.md; a partial one leaves it
alone, so that the table is of one machine and one set of versions. ``--add`` measures the jobs that the last full
run did not have, where machine and versions are still the same, and adds their rows to it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import harness

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results" / "latest.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
PEERS = ("numpy", "OpenEXR", "opencolorio", "OpenImageIO", "opencv-python-headless", "pyvips-binary")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    rooms = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description="Time vfx against its peers.")
    parser.add_argument("--only", nargs="+", choices=rooms, default=rooms, metavar="ROOM", help=", ".join(rooms))
    parser.add_argument("--match", default="", help="only jobs whose name contains this")
    parser.add_argument("--quick", action="store_true", help="few rounds: a look, not a measurement")
    parser.add_argument("--readme", action="store_true", help="rewrite README's table from the last results and stop")
    parser.add_argument("--add", action="store_true", help="only what the last full run lacks, added to its table")
    options = parser.parse_args()
    options.full = options.only == rooms and not options.match and not options.quick
    if options.add and not options.full:
        parser.error("--add measures all that is new, so it goes with none of the others")
    return options


def rewrite_readme(table: str, readme: Path = README) -> None:
    """Put ``table`` between the two marks in README.md."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{readme.name} must have {BEGIN} and {END} once each")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def last_full_run(about: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of the last full run, which must be of this machine and these versions."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    if not found["full"] or found["machine"] != about:
        raise SystemExit(f"{RESULTS.name} is of a partial run, another machine or other versions; run all of it")
    rows: list[dict[str, Any]] = found["rows"]
    return rows


def main() -> int:
    """Run, print, record; 0 also where a goal was missed: the table tells."""
    options = arguments()
    if options.readme:
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
        if not found["full"]:
            raise SystemExit(f"{RESULTS.name} is of a partial run; the table is always one full run")
        rewrite_readme(harness.markdown(found["rows"], found["machine"]))
        return 0
    rows: list[harness.Row] = []
    about = harness.machine(PEERS)
    kept = last_full_run(about) if options.add else []
    known = {(row["name"], row["peer"]) for row in kept}
    print(", ".join(f"{key} {value}" for key, value in about.items()), flush=True)
    limits = {"rounds": (3, 3), "seconds": 0.0} if options.quick else {}
    for room in options.only:
        jobs = importlib.import_module(f"bench_{room}").jobs()
        while jobs:  # popped, so that a job's pictures are freed before the next one is timed
            job = jobs.pop(0)
            if options.match not in job.name or (job.name, job.peer) in known:
                continue
            for threads in job.threads:
                rows.append(harness.measure(job, threads, **limits))
                print(harness.progress(rows[-1]), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    table = [*kept, *(asdict(row) for row in rows)]
    record = {"machine": about, "rows": table, "full": options.full}
    RESULTS.write_text(json.dumps(record, indent=1), encoding="utf-8")
    if options.full:
        rewrite_readme(harness.markdown(table, about))
    missed = sum(not row.reached for row in rows)
    print(f"{len(rows)} measurements, {missed} below their goal; {RESULTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
