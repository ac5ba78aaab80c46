"""Where a reader's bytes come from: a path, bytes in memory, or a binary stream."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from vfx.checks import path as check_path
from vfx.errors import FormatError, LimitError
from vfx.io._limits import limits

__all__ = ["Source", "open_source"]

# A stream of unknown length is read in blocks of so many bytes.
_BLOCK = 1 << 22


class Source:
    """An opened source. Made by :func:`open_source`, valid inside its block.

    Attributes
    ----------
    path : pathlib.Path or None
        The file, when there is one.
    label : str
        What error messages call it: the path, ``"<bytes>"``, or the stream's name.
    size : int
        Its length in bytes.
    """

    def __init__(self, stream: BinaryIO, label: str, path: Path | None, content: memoryview | None) -> None:
        self.path = path
        self.label = label
        self._stream = stream
        self._content = content
        if content is not None:
            self.size = len(content)
        elif path is not None:
            self.size = os.fstat(stream.fileno()).st_size
        else:
            self.size = stream.seek(0, os.SEEK_END)
        if self.size == 0:
            raise FormatError("the file is empty", path=label)

    def head(self, count: int = 512) -> bytes:
        """The first bytes, at most ``count``."""
        if self._content is not None:
            return bytes(self._content[:count])
        self._stream.seek(0)
        return self._stream.read(count)

    def data(self) -> memoryview:
        """The whole content, read once."""
        if self._content is None:
            self._stream.seek(0)
            self._content = memoryview(self._stream.read())
            self.size = len(self._content)
        return self._content

    def stream(self) -> BinaryIO:
        """A seekable binary stream at the beginning of the content."""
        self._stream.seek(0)
        return self._stream


def _from_stream(stream: BinaryIO) -> Source:
    """A source over a caller's stream, from its present position; a pipe is read into memory."""
    name = getattr(stream, "name", None)
    label = name if isinstance(name, str) else f"<{type(stream).__name__}>"
    content = _content(stream, label)
    view = memoryview(content)
    return Source(io.BytesIO(content), label, None, view)


def _content(stream: BinaryIO, label: str) -> bytes | bytearray | memoryview:
    """The rest of a stream, of which there may be no end."""
    blocks, total = [], 0
    size = -1 if _length_known(stream) else _BLOCK
    while block := stream.read(size):
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError(f"a stream must be binary, {label} gave {type(block).__name__}")
        blocks.append(block)
        total += len(block)
        if total > limits.memory:
            raise LimitError(
                f"the stream has more than the {limits.memory} bytes allowed (vfx.io.limits.memory)", path=label
            )
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def _length_known(stream: BinaryIO) -> bool:
    """Whether the stream says that it ends within the limit, so that it can be read at once."""
    try:
        here = stream.tell()
        end = stream.seek(0, os.SEEK_END)
        stream.seek(here)
    except (AttributeError, OSError, ValueError):  # a pipe, or what only reads
        return False
    return here < end <= here + limits.memory


@contextmanager
def open_source(source: Any) -> Iterator[Source]:
    """A block with an opened :class:`Source`.

    Parameters
    ----------
    source : str, os.PathLike, bytes-like or binary stream
        A stream is read from where it stands to its end, and is left open.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        With the path.
    FormatError
        If there is not a single byte.
    TypeError
        If it is none of these.
    """
    if isinstance(source, (str, os.PathLike)):
        path = check_path(source)
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder, not a file", str(path))
        if not path.exists():
            raise FileNotFoundError(2, "no such file", str(path))
        with path.open("rb") as stream:
            piped = path.is_fifo()
            yield _from_stream(stream) if piped else Source(cast("BinaryIO", stream), str(path), path, None)
    elif isinstance(source, Source):
        yield source
    elif hasattr(source, "read"):
        yield _from_stream(source)
    else:
        try:
            content = memoryview(source).cast("B")
        except TypeError:
            raise TypeError(f"a source is a path, bytes or a binary stream, got {type(source).__name__}") from None
        yield Source(io.BytesIO(content), "<bytes>", None, content)
