"""What a decoder of another library may do to us, made safe: its errors, and its appetite for memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vfx.errors import FormatError, LimitError

__all__ = ["MAX_PIXELS", "check_size", "decoding"]

#: A picture of more pixels is refused before it is decoded: 32768 x 16384, the largest latitude-longitude
#: panoramas in use. It stops a header of a few bytes from asking for the whole memory.
MAX_PIXELS = 2**29


@contextmanager
def decoding(label: str, what: str) -> Iterator[None]:
    """Inside, whatever another library raises becomes a :class:`~vfx.errors.FormatError` with the path.

    Parameters
    ----------
    label : str
        The file's path, or ``"<bytes>"``.
    what : str
        What is being read: ``"PNG pixels"``.

    Raises
    ------
    FormatError
        For every failure; the library's own exception is its cause.
    """
    try:
        yield
    except FormatError:
        raise
    except MemoryError as error:
        raise LimitError(f"not enough memory for the {what}", path=label) from error
    except Exception as error:  # the libraries raise dozens of types on damaged input
        detail = str(error) or type(error).__name__
        raise FormatError(f"damaged or unsupported {what}: {detail}", path=label) from error


def check_size(width: int, height: int, label: str) -> None:
    """Nothing, for a size that a picture may have.

    Raises
    ------
    FormatError
        If a side is 0.
    LimitError
        Above :data:`MAX_PIXELS`.
    """
    if width <= 0 or height <= 0:
        raise FormatError(f"a picture of {width} x {height} pixels", path=label)
    if width * height > MAX_PIXELS:
        raise LimitError(f"{width} x {height} pixels are more than the {MAX_PIXELS} allowed", path=label)
