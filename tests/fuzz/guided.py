"""Coverage-guided fuzzing with atheris: ``python -m tests.fuzz.guided READER --seconds 60``.

Atheris watches which lines of this package's Python a damaged file reaches, and goes on from those that reach new
ones; two of three changes are those of :mod:`tests.fuzz.mutations`. The kernels are checked by their own bounds and
by the AddressSanitizer build (``make asan``). Several readers share the time; ``--corpus`` keeps what was reached,
a folder per reader, for the next run. What a finding is says :mod:`tests.fuzz.readers`; the file that led to it is
written beside the corpus, and the run ends.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib.metadata
import importlib.util
import io
import os
import pkgutil
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

if importlib.util.find_spec("atheris"):
    import atheris

    watched = atheris.instrument_imports(include=["vfx"], exclude=["vfx._ext"])
else:
    watched = contextlib.nullcontext()
# Once, for all readers: the processes that fuzz are forked from this one. atheris names every module on stderr.
with contextlib.redirect_stderr(io.StringIO()), watched:
    import vfx.color
    import vfx.io
    import vfx.lut
    from tests.fuzz.mutations import damaged
    from tests.fuzz.readers import READERS, Reader

    for module in pkgutil.iter_modules(vfx.io.__path__, "vfx.io."):
        importlib.import_module(module.name)

__all__ = ["main"]

#: atheris reports a file that takes longer, in seconds.
_SLOWEST = 10
_MEMORY_MIB = 2048


def _fuzz(reader: Reader, seconds: int, folder: Path, seed: int) -> None:
    """Fuzz one reader in this process, which libFuzzer then ends."""
    import atheris

    warnings.simplefilter("error")
    faulthandler.disable()
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(reader.seeds):
        if not reader.open(content):
            raise ValueError(f"a seed of {reader.name} is refused")
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
    options += [f"-rss_limit_mb={_MEMORY_MIB}", f"-artifact_prefix={folder}-", "-verbosity=1"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=change)
    atheris.Fuzz()


def _alone(reader: Reader, seconds: int, folder: Path, seed: int) -> bool:
    """Whether fuzzing one reader, in a process of its own, found something."""
    sys.stdout.flush()
    with tempfile.TemporaryFile() as report:
        child = os.fork()
        if child == 0:
            os.dup2(report.fileno(), 1)
            os.dup2(report.fileno(), 2)
            try:
                _fuzz(reader, seconds, folder, seed)
            finally:
                os._exit(9)  # libFuzzer has ended the process, or could not begin
        late = time.monotonic() + seconds + _SLOWEST + 100
        ended, status = 0, 0
        while not ended:
            time.sleep(0.02)
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended and time.monotonic() > late:
                os.kill(child, signal.SIGKILL)
        report.seek(0)
        text = report.read().decode(errors="replace")
    runs = [line for line in text.splitlines() if line.startswith("Done ")]
    print(f"{reader.name:12} {runs[0] if runs else 'FOUND SOMETHING'}", flush=True)
    if status or not runs:
        print(text[-4000:], flush=True)
    return status != 0 or not runs


def main(arguments: Sequence[str] | None = None) -> int:
    """0 without a finding, 1 with one; 0, and a line on stderr, where there is no atheris for this Python."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER")
    parser.add_argument("--seconds", type=int, default=300, help="for all readers together")
    parser.add_argument("--corpus", type=Path, help="folder; default a new one that is removed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("atheris") is None:
        print(f"NOT FUZZED: atheris has no build for Python {sys.version.split()[0]} here", file=sys.stderr)
        return 0
    unknown = sorted(set(options.readers) - set(READERS))
    if unknown:
        parser.error(f"no reader {', '.join(unknown)}; there are {' '.join(READERS)}")
    names = options.readers or list(READERS)
    print(f"atheris {importlib.metadata.version('atheris')}, {len(names)} readers, {options.seconds} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="vfx-fuzz-") as folder:
        tempfile.tempdir = folder  # what the readers leave there goes away with it
        corpus = options.corpus or Path(folder) / "corpus"
        each = max(1, options.seconds // len(names))
        found = sum(_alone(READERS[name], each, corpus / name.strip("."), options.seed) for name in names)
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
