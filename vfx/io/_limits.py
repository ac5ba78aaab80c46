"""How much a file may ask for: the limits that every reader keeps, and how to move them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from vfx.checks import integer
from vfx.errors import FormatError, LimitError

__all__ = ["DEFAULTS", "Limits", "check_size", "limits"]

#: 32768 x 16384 pixels are the largest latitude-longitude panoramas in use; 256 MiB hold any profile or
#: manifest; 64 GiB of pixels are far above any picture in use, and far below an attack.
DEFAULTS = {"pixels": 2**29, "attribute_bytes": 2**28, "memory": 2**36}
_MOST = 2**62

_now: ContextVar[dict[str, int]] = ContextVar("vfx_io_limits")
_everywhere = dict(DEFAULTS)


class Limits:
    """The most that a reader takes from one file. There is one, :data:`vfx.io.limits`.

    A file that asks for more raises :class:`~vfx.errors.LimitError` before anything is allocated, with
    the path, what it asks for and what is allowed.

    Attributes
    ----------
    pixels : int
        Width times height of one picture, whatever its channels. Default 2**29: 32768 x 16384.
    attribute_bytes : int
        Bytes of one metadata value: an attribute, a profile, a manifest. Default 256 MiB.
    memory : int
        Bytes of pixels that one call of ``read`` allocates. Default 64 GiB.

    Setting an attribute changes it for the whole process; calling the object changes it inside a block, in
    this thread or task alone.

    Raises
    ------
    TypeError, ValueError
        If a limit is no whole number of at least 1.

    Examples
    --------
    >>> from vfx.io import limits
    >>> with limits(pixels=10_000):
    ...     limits.pixels
    10000
    >>> limits.pixels
    536870912
    """

    pixels: int
    attribute_bytes: int
    memory: int

    def __getattribute__(self, name: str) -> Any:
        """The limit in force here."""
        if name in DEFAULTS:
            return _now.get(_everywhere)[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: int) -> None:
        """Change a limit: inside a block for the block, else for the process."""
        _now.get(_everywhere).update(_checked({name: value}))

    def __call__(self, **changes: int) -> AbstractContextManager[Limits]:
        """A block in which these limits hold instead.

        Parameters
        ----------
        **changes : int
            ``pixels``, ``attribute_bytes``, ``memory``; those not named stay.
        """
        return self._block(_checked(changes))

    @contextmanager
    def _block(self, changes: dict[str, int]) -> Iterator[Limits]:
        """The block itself."""
        token = _now.set({**_now.get(_everywhere), **changes})
        try:
            yield self
        finally:
            _now.reset(token)

    def reset(self) -> None:
        """Nothing; the defaults hold again."""
        _now.get(_everywhere).update(DEFAULTS)

    def __repr__(self) -> str:
        """``Limits(pixels=…, attribute_bytes=…, memory=…)``."""
        return f"Limits({', '.join(f'{name}={value}' for name, value in _now.get(_everywhere).items())})"

    def check_pixels(self, width: int, height: int, label: str) -> None:
        """Nothing, for a size that a picture may have.

        Raises
        ------
        FormatError
            If a side is 0.
        LimitError
            Above ``pixels``.
        """
        if width <= 0 or height <= 0:
            raise FormatError(f"a picture of {width} x {height} pixels", path=label)
        if width * height > self.pixels:
            raise LimitError(
                f"{width} x {height} pixels are more than the {self.pixels} allowed (vfx.io.limits.pixels)", path=label
            )

    def check_memory(self, count: int, label: str) -> None:
        """Nothing, for so many bytes of pixels.

        Raises
        ------
        LimitError
            Above ``memory``.
        """
        if count > self.memory:
            raise LimitError(
                f"its pixels need {count} bytes, more than the {self.memory} allowed (vfx.io.limits.memory)", path=label
            )

    def check_attribute(self, name: str, count: int, label: str) -> None:
        """Nothing, for a metadata value of so many bytes.

        Raises
        ------
        LimitError
            Above ``attribute_bytes``.
        """
        if count > self.attribute_bytes:
            raise LimitError(
                f"{name} has {count} bytes, more than the {self.attribute_bytes} allowed "
                "(vfx.io.limits.attribute_bytes)",
                path=label,
            )


def _checked(changes: dict[str, Any]) -> dict[str, int]:
    """The changes, each a known limit and a possible number."""
    from vfx.checks import unknown_options

    unknown_options("vfx.io.limits", changes, list(DEFAULTS))
    return {name: integer(name, value, low=1, high=_MOST) for name, value in changes.items()}


#: The limits of every reader.
limits = Limits()


def check_size(width: int, height: int, label: str) -> None:
    """Nothing, for a size that a picture may have; see :meth:`Limits.check_pixels`."""
    limits.check_pixels(width, height, label)
