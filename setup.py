"""Builds the Cython kernels of ``vfx/_ext`` once for each x86-64 level.

All compiler flags and Cython directives of the project live in this file.

Environment, all optional:

======================  ==========================================================
``VFX_BUILD_LEVELS``    comma list of ``baseline``, ``x86_64_v3``, ``x86_64_v4``
                        (default: all that this machine's family has)
``VFX_MODULES``         comma list of kernel modules to build (default: all)
``VFX_DEBUG=1``         bounds checks on, optimisation low
``VFX_NO_OPENMP=1``     build single-threaded kernels
``VFX_SANITIZE``        comma list of ``address``, ``undefined``: kernels that check
                        themselves at run time (``make asan``); GCC or Clang only
======================  ==========================================================

The baseline of x86-64 is x86-64-v2. The wide builds land in ``vfx/_ext/x86_64_v3``
and ``vfx/_ext/x86_64_v4``; ``vfx/_ext/__init__.py`` picks a folder when it is imported.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
EXT = Path("vfx") / "_ext"
BUILD = Path("build") / "cython"
UTILITY = "vfx._ext._cyutility"
DEBUG = os.environ.get("VFX_DEBUG", "") not in ("", "0")
SANITIZERS = [name for name in os.environ.get("VFX_SANITIZE", "").split(",") if name]
WINDOWS = sys.platform == "win32"
X86 = platform.machine().lower() in ("x86_64", "amd64")

# Modules that run before a level is chosen, or that gain nothing from one.
BASELINE_ONLY = {"buffer", "cpu"}

# Flags of each level: the psABI micro-architecture levels of x86-64.
LEVEL_FLAGS = {
    "baseline": ["-march=x86-64-v2", "-mtune=generic"] if X86 else [],
    "x86_64_v3": ["-march=x86-64-v3", "-mtune=generic"],
    "x86_64_v4": ["-march=x86-64-v4", "-mtune=generic", "-mprefer-vector-width=512"],
}
# -ffp-contract=off: a fused multiply-add is only where the source writes one, so v3 and v4
# give the same bytes. Never -ffast-math: NaN and infinities must behave.
COMMON_FLAGS = [
    "-O1" if DEBUG else "-O3",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fvisibility=hidden",
    # The engine is one large unit, and GCC stops inlining when a unit has grown by 40 %: a step whose loop is then
    # a function of its own does not know its mode, so it is not vectorised (red_mod: 0.7 became 15 ms).
    "--param=inline-unit-growth=1000",
    "-Wno-unused-function",
    "-Wno-maybe-uninitialized",
]
if SANITIZERS:
    # Line numbers and whole stacks in the reports; loops that were vectorised hide which access was wrong.
    COMMON_FLAGS[0] = "-O1"
    COMMON_FLAGS += [f"-fsanitize={','.join(SANITIZERS)}", "-fno-sanitize-recover=all", "-g", "-fno-omit-frame-pointer"]
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    "cdivision": True,
    "embedsignature": True,
    "embedsignature.format": "python",
    "binding": True,
}


def requested(variable: str, default: list[str]) -> list[str]:
    """The comma list in ``variable``, or ``default``; an unknown name stops the build."""
    wanted = [name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(default))
    if unknown:
        raise SystemExit(f"{variable} must name some of {', '.join(default)}, got {', '.join(unknown)}")
    return wanted or default


def openmp_flags() -> list[str]:
    """The OpenMP flag when a small OpenMP program compiles and links, else an empty list."""
    if os.environ.get("VFX_NO_OPENMP", "") not in ("", "0"):
        print("vfx: VFX_NO_OPENMP is set; the kernels are built single-threaded", file=sys.stderr)
        return []
    if WINDOWS:
        return ["/openmp"]
    compiler = os.environ.get("CC", "cc").split()
    source = "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "probe.c"
        program.write_text(source)
        command = [*compiler, "-fopenmp", str(program), "-o", str(Path(folder) / "probe")]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print("vfx: the C compiler has no OpenMP; the kernels are built single-threaded", file=sys.stderr)
            return []
    return ["-fopenmp"]


def link_flags() -> list[str]:
    """Flags of the linker: no symbols, but where somebody is to look inside."""
    if SANITIZERS:
        return [f"-fsanitize={','.join(SANITIZERS)}"]
    return [] if WINDOWS or DEBUG else ["-Wl,-s"]


def extension(stem: str, level: str) -> Extension:
    """One kernel module at one level; ``generate`` writes its C source when it is built."""
    folder = "" if level == "baseline" else f"{level}."
    return Extension(
        f"vfx._ext.{folder}{stem}",
        [str(BUILD / level / EXT / f"{stem}.c")],
        depends=[str(BUILD / "flags.txt")],
        include_dirs=[str(EXT)],
        define_macros=[] if DEBUG else [("NDEBUG", None)],
        extra_compile_args=["/O2", "/fp:precise"] if WINDOWS else [*COMMON_FLAGS, *LEVEL_FLAGS[level]],
        extra_link_args=link_flags(),
        libraries=[] if WINDOWS else ["m", *(["dl"] if sys.platform == "linux" else [])],
    )


def check_sanitizers() -> None:
    """Stop a build with a sanitizer that there is not."""
    unknown = sorted(set(SANITIZERS) - {"address", "undefined"})
    if unknown or (SANITIZERS and WINDOWS):
        raise SystemExit(f"VFX_SANITIZE must name some of address, undefined (not on Windows), got {unknown}")


def wanted() -> tuple[list[str], list[str]]:
    """The kernel modules and the levels of this build."""
    stems = requested("VFX_MODULES", sorted(path.stem for path in (ROOT / EXT).glob("*.pyx")))
    levels = requested("VFX_BUILD_LEVELS", list(LEVEL_FLAGS) if X86 and not WINDOWS else ["baseline"])
    return stems, levels


def extensions() -> list[Extension]:
    """Every extension of this build: each kernel once per level, plus Cython's shared run-time support."""
    stems, levels = wanted()
    kernels = [(stem, level) for level in levels for stem in stems if level == "baseline" or stem not in BASELINE_ONLY]
    return [*(extension(stem, level) for stem, level in kernels), extension("_cyutility", "baseline")]


def generate() -> None:
    """Write the C source of every kernel once, and a copy of it for each level.

    The levels differ in compiler flags only. A copy is made where the text changed, so that an
    unchanged kernel is not compiled again.
    """
    stems, levels = wanted()
    home = BUILD / ("generated_debug" if DEBUG else "generated")
    shared = BUILD / "baseline" / EXT / "_cyutility.c"
    shared.parent.mkdir(parents=True, exist_ok=True)
    if not shared.exists():
        subprocess.run([sys.executable, "-m", "cython", f"--generate-shared={shared}"], check=True)
    cythonize(
        [Extension(f"vfx._ext.{stem}", [str(EXT / f"{stem}.pyx")], include_dirs=[str(EXT)]) for stem in stems],
        build_dir=str(home),
        compiler_directives=DIRECTIVES,
        shared_utility_qualified_name=UTILITY,
        nthreads=0 if WINDOWS or len(stems) < 3 else os.cpu_count() or 1,
        quiet=True,
    )
    for level in levels:
        for stem in stems:
            source, target = home / EXT / f"{stem}.c", BUILD / level / EXT / f"{stem}.c"
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)


def note_flags(openmp: list[str]) -> None:
    """Write down what the kernels are compiled with; they depend on this file, so a change compiles them again."""
    compiler = [os.environ.get(name, "") for name in ("CC", "CFLAGS", "LDFLAGS")]
    text = repr([DEBUG, openmp, compiler, COMMON_FLAGS, LEVEL_FLAGS, DIRECTIVES])
    target = BUILD / "flags.txt"
    if not target.exists() or target.read_text() != text:
        target.write_text(text)


class BuildKernels(build_ext):
    """``build_ext`` that writes the C sources first and compiles with all cores."""

    def finalize_options(self) -> None:
        """Use every core unless told otherwise."""
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def run(self) -> None:
        """Generate, then compile; only here, so that metadata and sdist commands stay quick."""
        check_sanitizers()
        generate()
        openmp = openmp_flags()
        note_flags(openmp)
        for kernel in self.extensions:
            kernel.extra_compile_args = [*kernel.extra_compile_args, *openmp]
            kernel.extra_link_args = [*kernel.extra_link_args, *([] if WINDOWS else openmp)]
        super().run()

    def copy_extensions_to_source(self) -> None:
        """Make the level folders before an in-place build copies into them."""
        for level in LEVEL_FLAGS:
            if level != "baseline":
                (ROOT / EXT / level).mkdir(exist_ok=True)
        super().copy_extensions_to_source()

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """Only what setuptools needs; the levels share one init symbol per kernel."""
        return super().get_export_symbols(ext) if WINDOWS else []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildKernels})
