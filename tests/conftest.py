"""What every test may ask for: outside data, a limited subprocess, a clean thread count.

==========================  =====================================================================
``shared_data``             folder of test files made by other tools (skips loudly when absent)
``shared_file("exr/a.exr")``  one of them; a name that is not there fails, it never skips
``shared_case``             with ``@pytest.mark.each_shared_file("dpx/*.dpx")``: one test per file
``run_limited(code, …)``    a Python subprocess with a time and a memory limit
``read_damaged(paths, …)``  what reading each file ends in: a picture, an error, a crash, a hang
``by_ocio(transform, …)``   float32 colours after OpenColorIO's exact (lossless) processing
==========================  =====================================================================

The outside data is looked for in ``../shared/data`` beside the repository, or where
``VFX_SHARED_DATA`` points. The last lines of every run say what was skipped and why.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("VFX_SHARED_DATA") or ROOT.parent / "shared" / "data")
NO_DATA = "outside test data absent (../shared/data, or VFX_SHARED_DATA)"


@dataclass(frozen=True)
class Outcome:
    """How a limited subprocess ended; ``timed_out`` means it was killed at its time limit."""

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool

    @property
    def crashed(self) -> bool:
        """Whether a signal ended it (a negative return code)."""
        return self.returncode < 0 and not self.timed_out


# ------------------------------------------------------------------ outside data


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of outside test files."""
    if not SHARED_DATA.is_dir():
        pytest.skip(NO_DATA)
    return SHARED_DATA


@pytest.fixture(scope="session")
def shared_file(shared_data: Path) -> Callable[[str], Path]:
    """A function from a name below the outside data to its path."""

    def find(name: str) -> Path:
        path = shared_data / name
        if not path.exists():
            pytest.fail(f"{name} is not in the outside test data")
        return path

    return find


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``shared_case`` one value per file that ``each_shared_file``'s patterns match."""
    if "shared_case" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("each_shared_file")
    if marker is None:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: shared_case needs @pytest.mark.each_shared_file(…)")
    if not SHARED_DATA.is_dir():
        skip = pytest.mark.skip(reason=NO_DATA)
        metafunc.parametrize("shared_case", [pytest.param(None, marks=skip)], ids=["absent"])
        return
    files = sorted({path for pattern in marker.args for path in SHARED_DATA.glob(pattern) if path.is_file()})
    if not files:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: nothing matches {marker.args} in the outside test data")
    metafunc.parametrize("shared_case", files, ids=[path.relative_to(SHARED_DATA).as_posix() for path in files])


# ------------------------------------------------------------------ limited subprocesses


LIMITED = """
import os, sys
try:
    import resource
except ImportError:
    pass
else:
  if "VFX_SANITIZE" not in os.environ:  # the sanitizer's own memory is beyond any limit
    limit = int({gib} * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
"""


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with small BLAS pools, so that a memory limit measures the code under test."""
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", PYTHONPATH=str(ROOT), PYTHONWARNINGS="error")
    environment.setdefault("OMP_NUM_THREADS", "2")
    environment.update(extra or {})
    return environment


def limited(
    code: str,
    *arguments: str | os.PathLike[str],
    seconds: float = 5.0,
    gib: float = 1.0,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run ``code`` in a fresh Python under a time limit and a limit on private memory."""
    program = LIMITED.format(gib=gib) + textwrap.dedent(code)
    command = [sys.executable, "-c", program, *(os.fspath(argument) for argument in arguments)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=child_environment(env),
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=seconds)
        timed_out = False
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        timed_out = True
    return Outcome(process.returncode, out, err, timed_out)


@pytest.fixture(scope="session")
def run_limited() -> Callable[..., Outcome]:
    """``run_limited(code, *arguments, seconds=5, gib=1, env=None) -> Outcome``; arguments are ``sys.argv[1:]``."""
    return limited


READ_EACH = """
import signal
import vfx
for line, path in enumerate(sys.argv[2:], start=int(sys.argv[1])):
    print("begin", line, flush=True)
    signal.setitimer(signal.ITIMER_REAL, {seconds})
    try:
        pixels = {call}(path).numpy()
        verdict = "picture " + "x".join(map(str, pixels.shape))
    except Exception as error:
        verdict = type(error).__name__ + ": " + " ".join(str(error).split())
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("end", line, verdict, flush=True)
"""


@pytest.fixture(scope="session")
def read_damaged() -> Callable[..., dict[Path, str]]:
    """``read_damaged(paths, seconds=5, gib=1, call="vfx.read") -> {path: verdict}``.

    A verdict is ``picture HxWxC``, ``ErrorClass: message``, ``hang`` (over the time limit, the
    process was killed) or ``crash: signal n``. The files are read one after the other in one
    limited subprocess; after a hang or a crash a new one goes on with the next file.
    """

    def read_each(
        paths: Iterable[Path], *, seconds: float = 5.0, gib: float = 1.0, call: str = "vfx.read"
    ) -> dict[Path, str]:
        files = list(paths)
        verdicts: dict[Path, str] = {}
        done = 0
        while done < len(files):
            code = READ_EACH.format(seconds=seconds, call=call)
            rest = files[done:]
            outcome = limited(code, str(done), *rest, seconds=10 + seconds * len(rest), gib=gib)
            began = done - 1
            for line in outcome.stdout.splitlines():
                word, number, *verdict = line.split(" ", 2)
                began = int(number)
                if word == "end":
                    verdicts[files[began]] = verdict[0]
            if began < done:
                pytest.fail(f"the reading process did not start:\n{outcome.stderr}")
            if files[began] not in verdicts:
                alarm = outcome.timed_out or outcome.returncode == -14  # SIGALRM
                verdicts[files[began]] = "hang" if alarm else f"crash: signal {-outcome.returncode}"
            done = began + 1
        return verdicts

    return read_each


# ------------------------------------------------------------------ order in the house


@pytest.fixture(autouse=True)
def default_threads() -> Iterator[None]:
    """Put the thread count back after a test that changed it."""
    yield
    threads = sys.modules.get("vfx.threads")
    if threads is not None:
        threads.set_threads(None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say, at the very end, what was skipped and why: a skip that nobody sees is a defect."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons: Counter[str] = Counter()
    for report in skipped:
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    terminalreporter.section(f"NOT TESTED: {len(skipped)} skipped", sep="!", yellow=True, bold=True)
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count:5d} × {reason}", yellow=True)


# ------------------------------------------------------------------ OpenColorIO as the oracle


@pytest.fixture(scope="session")
def ocio() -> Any:
    """The OpenColorIO module."""
    return pytest.importorskip("PyOpenColorIO")


@pytest.fixture(scope="session")
def by_ocio(ocio: Any) -> Callable[..., np.ndarray[Any, Any]]:
    """``by_ocio(transform, colours, inverse=False, optimized=True)``: float32 colours (N, 3 or 4) after a transform.

    ``optimized`` is OCIO's lossless level; without it ops run as they are, not rewritten into others.
    """
    config = ocio.Config.CreateRaw()

    def run(transform: Any, colours: Any, inverse: bool = False, optimized: bool = True) -> np.ndarray[Any, Any]:
        direction = ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD
        level = ocio.OPTIMIZATION_LOSSLESS if optimized else ocio.OPTIMIZATION_NONE
        processor = config.getProcessor(transform, direction).getOptimizedCPUProcessor(level)
        result = np.array(colours, np.float32, order="C")
        (processor.applyRGBA if result.shape[-1] == 4 else processor.applyRGB)(result)
        return result

    return run


@pytest.fixture(scope="session")
def colours() -> np.ndarray[Any, Any]:
    """float32 colours (N, 3): dark to very bright, some negative, all distinct."""
    random = np.random.default_rng(7)
    bright = np.exp2(random.uniform(-12, 7, (3000, 3)))
    flat = random.uniform(-0.5, 1.5, (3000, 3))
    return np.concatenate([bright, flat]).astype(np.float32)
