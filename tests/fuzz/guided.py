"""Coverage-guided fuzzing with atheris: ``python -m tests.fuzz.guided READER --seconds 60``.

Atheris watches which lines of this package's Python a damaged file reaches, and goes on from those that reach new
ones; two of three changes are those of :mod:`tests.fuzz.mutations`. The kernels are checked by their own bounds and
by the AddressSanitizer build (``make asan``). Several readers share the time; ``--corpus`` keeps what was reached,
a folder per reader, for the next run. What a finding is says :mod:`tests.fuzz.readers`; the file that led to it is
written beside the corpus, and the run ends.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]

#: atheris reports a file that takes longer, in seconds.
_SLOWEST = 10
_MEMORY_MIB = 2048


def _fuzz(name: str, seconds: int, folder: Path, seed: int) -> None:
    """Fuzz one reader in this process, which libFuzzer then ends."""
    import atheris

    with atheris.instrument_imports(include=["vfx"], exclude=["vfx._ext"]):
        import warnings

        import tests.fuzz.readers as table
        from tests.fuzz.mutations import damaged

        reader = table.READERS[name]
        for content in reader.seeds:  # loads what the reader needs, and proves the seeds
            if not reader.open(content):
                raise ValueError(f"a seed of {name} is refused")
    warnings.simplefilter("error")
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(reader.seeds):
        (folder / f"seed-{number}").write_bytes(content)

    def one(content: bytes) -> None:
        reader.open(content)

    def change(content: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        if not content or rng.random() < 0.33:
            return bytes(atheris.Mutate(content, most))
        changed = damaged(content, rng, others=reader.seeds, words=reader.words, fields=reader.fields, text=reader.text)
        return (reader.mend(changed) if reader.mend and number % 2 else changed)[:most]

    longest = max(map(len, reader.seeds))
    options = [f"-max_total_time={seconds}", f"-max_len={4 * longest}", f"-timeout={_SLOWEST}", f"-seed={seed}"]
    options += [f"-rss_limit_mb={_MEMORY_MIB}", f"-artifact_prefix={folder.parent}/{name.strip('.')}-", "-verbosity=1"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=change)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 without a finding, 1 with one, 77 when atheris is not installed here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER")
    parser.add_argument("--seconds", type=int, default=300, help="for all readers together")
    parser.add_argument("--corpus", type=Path, help="folder; default a new one that is removed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("atheris") is None:
        print(f"NOT FUZZED: atheris has no build for Python {sys.version.split()[0]} here", file=sys.stderr)
        return 77
    if options.alone:
        name = options.readers[0]
        _fuzz(name, options.seconds, options.corpus / name.strip("."), options.seed)
        return 0
    from tests.fuzz.readers import READERS

    unknown = sorted(set(options.readers) - set(READERS))
    if unknown:
        parser.error(f"no reader {', '.join(unknown)}; there are {' '.join(READERS)}")
    names = options.readers or list(READERS)
    print(f"atheris {importlib.metadata.version('atheris')}, {len(names)} readers, {options.seconds} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="vfx-fuzz-") as folder:
        os.environ["TMPDIR"] = folder  # what the readers leave there goes away with it
        corpus = options.corpus or Path(folder) / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        each = max(1, options.seconds // len(names))
        found = sum(_alone(name, each, corpus, options.seed) for name in names)
        return int(found > 0)


def _alone(name: str, seconds: int, corpus: Path, seed: int) -> bool:
    """Whether fuzzing one reader, in a process of its own, found something."""
    command = [sys.executable, "-m", "tests.fuzz.guided", name, "--alone", "--seconds", str(seconds)]
    command += ["--corpus", str(corpus), "--seed", str(seed)]
    limit = seconds + 120
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=limit, env=environment, check=False
    )
    runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
    print(f"{name:8} {runs[0] if runs else 'FOUND SOMETHING'}", flush=True)
    if done.returncode or not runs:
        print(f"{done.stdout[-3000:]}\n{done.stderr[-1500:]}", flush=True)
    return done.returncode != 0 or not runs


if __name__ == "__main__":
    sys.exit(main())
