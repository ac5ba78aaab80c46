"""The CPU backend: the pixel engine on this machine's threads."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from vfx import pixelop
from vfx.image import Image
from vfx.pixelop import PixelOp

__all__ = ["CpuBackend"]


@lru_cache(maxsize=1)
def _processor_name() -> str:
    """The CPU's own name, or its architecture where the system does not tell."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return " ".join(value.split())
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


class CpuBackend:
    """Runs chains of pixel ops on the CPU, one pass over memory per chain."""

    name = "cpu"

    @property
    def device_name(self) -> str:
        """The CPU's name.

        Examples
        --------
        >>> bool(CpuBackend().device_name)
        True
        """
        return _processor_name()

    def run(self, ops: Sequence[PixelOp], image: Image, *, threads: int | None = None) -> None:
        """Nothing; ``image`` is changed in place by all of ``ops``.

        Parameters
        ----------
        ops : sequence of PixelOp
            The chain, first op first.
        image : Image
            Any format but u32, writable.
        threads : int, optional
            At most this many threads.
        """
        pixelop.run(ops, image, image, threads=threads)
