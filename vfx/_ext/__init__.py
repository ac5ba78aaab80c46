"""Cython kernels, and the choice of the widest build that this CPU can run.

Every kernel is compiled once per x86-64 level. The wide builds live in the folders
``x86_64_v3`` and ``x86_64_v4`` beside this file; the first folder on this package's
``__path__`` wins, so ``from vfx._ext import engine`` loads the right build and falls
back to the baseline where a wide one is missing::

    vfx/_ext/engine.*.so              baseline (x86-64-v2; any other CPU's only build)
    vfx/_ext/x86_64_v3/engine.*.so    AVX2, FMA, F16C
    vfx/_ext/x86_64_v4/engine.*.so    AVX-512 F/BW/CD/DQ/VL

``VFX_SIMD`` may lower the level, never raise it; an unknown name raises ``ValueError``.
"""

import os as _os

from . import cpu as _cpu

__all__ = ["BASELINE", "LEVEL", "LEVELS"]


def _machine() -> str:
    """The processor family. ``platform.machine`` would add 5 ms to the import where ``os.uname`` exists."""
    if hasattr(_os, "uname"):
        return _os.uname().machine.lower()
    import platform

    return platform.machine().lower()


#: The name of the narrowest build on this kind of machine.
BASELINE: str = "x86_64_v2" if _machine() in ("x86_64", "amd64") else "baseline"
#: Levels from the narrowest to the widest.
LEVELS: tuple[str, ...] = ("baseline", "x86_64_v2", "x86_64_v3", "x86_64_v4")


def _widest() -> str:
    """The widest level that the CPU and the operating system support."""
    found = _cpu.features()
    if found & 16:
        return "x86_64_v4"
    return "x86_64_v3" if found & 4 else BASELINE


def _chosen(asked: str) -> str:
    """The level to use when ``VFX_SIMD`` says ``asked`` (empty: the widest)."""
    widest = _widest()
    if not asked:
        return widest
    if asked not in LEVELS:
        raise ValueError(f"VFX_SIMD must be one of {', '.join(LEVELS)}, got {asked!r}")
    if LEVELS.index(asked) <= LEVELS.index(BASELINE):
        return BASELINE
    return min(asked, widest, key=LEVELS.index)


#: The level whose kernels this process runs.
LEVEL: str = _chosen(_os.environ.get("VFX_SIMD", "").strip())

_folder = _os.path.dirname(__file__)
_usable = LEVELS[LEVELS.index("x86_64_v3") : LEVELS.index(LEVEL) + 1]
__path__ = [*(_os.path.join(_folder, name) for name in reversed(_usable)), _folder]
