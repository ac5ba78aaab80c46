"""Where pixel ops run: the seam between ``Processor`` and the devices.

A backend is anything with the members of :class:`Backend`. Today there is one, the CPU; a GPU backend
joins by an entry in the table below and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from vfx import checks
from vfx.backends.cpu import CpuBackend
from vfx.errors import BackendError
from vfx.image import Image
from vfx.pixelop import PixelOp

__all__ = ["Backend", "names", "select"]


class Backend(Protocol):
    """A device that runs chains of pixel ops on images."""

    @property
    def name(self) -> str:
        """Its name in ``Processor(backend=...)``."""
        ...

    @property
    def device_name(self) -> str:
        """The hardware, for people."""
        ...

    def run(self, ops: Sequence[PixelOp], image: Image, *, threads: int | None = None) -> None:
        """Nothing; ``image`` is changed in place by all of ``ops``."""
        ...


def _wgpu() -> Backend:
    """The GPU backend, which this version does not have."""
    raise BackendError("backend 'wgpu' is not available: this version of vfx computes on the CPU only; use 'cpu'")


_BACKENDS: dict[str, Callable[[], Backend]] = {"cpu": CpuBackend, "wgpu": _wgpu}


def names() -> tuple[str, ...]:
    """What ``Processor(backend=...)`` takes."""
    return ("auto", *_BACKENDS)


def select(name: str = "auto") -> Backend:
    """The backend of that name.

    Parameters
    ----------
    name : {"auto", "cpu", "wgpu"}
        ``"auto"`` takes the fastest that is there.

    Returns
    -------
    Backend
        Ready to run.

    Raises
    ------
    ValueError
        If there is no such name.
    BackendError
        If the backend cannot run here; the message says why.

    Examples
    --------
    >>> select("cpu").name
    'cpu'
    """
    wanted = checks.one_of("backend", name, names())
    return _BACKENDS["cpu" if wanted == "auto" else wanted]()
