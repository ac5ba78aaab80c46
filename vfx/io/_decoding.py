"""What a decoder of another library may do to us, made safe: errors, appetite for memory, words on stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from vfx.errors import FormatError, LimitError

__all__ = ["decoding", "within_memory"]

# Codecs log their warnings, and what nobody handles Python prints on stderr. Who wants them sets up logging.
logging.getLogger("imagecodecs").addHandler(logging.NullHandler())


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
        with within_memory(label, what):
            yield
    except FormatError:
        raise
    except Exception as error:  # the libraries raise dozens of types on damaged input
        detail = str(error) or type(error).__name__
        raise FormatError(f"damaged or unsupported {what}: {detail}", path=label) from error


@contextmanager
def within_memory(label: str, what: str) -> Iterator[None]:
    """Inside, a lack of memory becomes a :class:`~vfx.errors.LimitError` with the path; for decoders of our own.

    Raises
    ------
    LimitError
        If an allocation fails.
    """
    try:
        yield
    except MemoryError as error:
        raise LimitError(f"not enough memory for the {what}", path=label) from error
