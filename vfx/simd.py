"""What this CPU can do, and which build of the kernels runs on it."""

from __future__ import annotations

from dataclasses import dataclass

from vfx import _ext
from vfx._ext import cpu as _cpu

__all__ = ["SimdCapabilities", "detect_simd"]


@dataclass(frozen=True)
class SimdCapabilities:
    """Vector instruction sets of this CPU, and the kernel level in use.

    Attributes
    ----------
    sse42, avx2, avx512, neon : bool
        Whether the CPU (and the operating system) has the instruction set.
    level : str
        The build of the kernels that runs: ``"x86_64_v4"``, ``"x86_64_v3"``,
        ``"x86_64_v2"`` or ``"baseline"``. ``VFX_SIMD`` lowers it.
    """

    sse42: bool
    avx2: bool
    avx512: bool
    neon: bool
    level: str

    def has_simd(self) -> bool:
        """Whether there is any vector instruction set."""
        return self.sse42 or self.avx2 or self.avx512 or self.neon

    def best_level(self) -> str:
        """The widest instruction set by its common name, e.g. ``"AVX-512"``."""
        if self.avx512:
            return "AVX-512"
        if self.avx2:
            return "AVX2"
        if self.sse42:
            return "SSE4.2"
        return "NEON" if self.neon else "Scalar"


def detect_simd() -> SimdCapabilities:
    """The instruction sets of this CPU and the kernel level in use.

    Examples
    --------
    >>> detect_simd().has_simd() in (True, False)
    True
    """
    found = _cpu.features()
    return SimdCapabilities(
        sse42=bool(found & 1),
        avx2=bool(found & 2),
        avx512=bool(found & 8),
        neon=bool(found & 32),
        level=_ext.LEVEL,
    )
