"""A LUT's text file while it is read, and lines of numbers while they are written.

Nothing is allocated from a size that the file claims: the first mebibyte, which holds every
header, is read first; the file must then be long enough for the table that it announces, and not
absurdly longer, before the rest is read.
"""

from __future__ import annotations

import math
import os
import pathlib
import stat
from collections.abc import Callable
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx._ext import luttext as _luttext
from vfx.errors import FormatError, LimitError

__all__ = ["LutText", "head_of", "header_number", "number_rows", "short"]

#: What is read before the size of the table is known.
HEAD_BYTES = 1 << 20
#: The most bytes that a row of a table may take on average, comments and padding included.
ROW_BYTES = 400

_FULL, _END, _WORD, _NUMBER, _SHORT, _LONG = range(6)
_BLANK = b" \t\r\n\v\f"


class LutText:
    """The text of one file, with a position, that words every error with path and line.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    head_bytes : int
        How much is read before the size of the table is known.

    Raises
    ------
    FormatError
        If the file is empty, or is no text.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], head_bytes: int = HEAD_BYTES) -> None:
        self.path = checks.path(path)
        self.position = 0
        self._stream = _opened(self.path)
        try:
            self.size = os.fstat(self._stream.fileno()).st_size
            self.text = self._stream.read(head_bytes)
            self._check_text()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def _check_text(self) -> None:
        """Refuse what is no text; step over UTF-8's byte order mark."""
        if not self.text.strip(_BLANK):
            raise FormatError("the file is empty", path=self.path)
        if self.text.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FormatError("the file is UTF-16; LUT files are plain ASCII or UTF-8", path=self.path)
        if b"\0" in self.text:
            raise FormatError("not a text file", path=self.path, offset=self.text.index(b"\0"))
        if self.text.startswith(b"\xef\xbb\xbf"):
            self.position = 3

    def error(self, reason: str, position: int | None = None) -> FormatError:
        """A :class:`FormatError` for the line at ``position`` (the current one by default)."""
        at = self.position if position is None else position
        return FormatError(reason, path=self.path, line=self.text.count(b"\n", 0, at) + 1)

    def next_line(self) -> str | None:
        """The next line that is not blank or a comment, stripped; None at the end of the text.

        The position is at its start afterwards; :meth:`skip_line` passes it.
        """
        return self._line(comments=False)

    def any_line(self) -> str | None:
        """As :meth:`next_line`, where ``#`` starts no comment."""
        return self._line(comments=True)

    def _line(self, comments: bool) -> str | None:
        """The next line that is not blank, with or without comments."""
        text = self.text
        while self.position < len(text):
            end = self._line_end()
            # Stripped as text: to str, separators such as U+001F and U+00A0 are blanks too.
            line = text[self.position : end].decode("utf-8", "replace").strip()
            if line and (comments or not line.startswith("#")):
                self._check_whole(end)
                return line
            self.position = end + 1
        self._check_whole(len(text))
        return None

    def skip_line(self) -> None:
        """Nothing; the position moves to the start of the next line."""
        self.position = self._line_end() + 1

    def _line_end(self) -> int:
        """Where the line at the position ends."""
        end = self.text.find(b"\n", self.position)
        return len(self.text) if end < 0 else end

    def _check_whole(self, end: int) -> None:
        """Refuse a header that does not end within the part that is read first."""
        if end >= len(self.text) and len(self.text) < self.size:
            raise self.error(f"no table within the first {len(self.text)} bytes")

    def table(self, rows: int, columns: int, end: int | None = None) -> NDArray[np.float32]:
        """The next ``rows`` lines of ``columns`` numbers, (rows, columns); the position is behind them.

        :meth:`expect` has been called before. Nothing from ``end`` on is read.

        Raises
        ------
        FormatError
            If there are fewer, or a line is no row of finite numbers.
        """
        out = np.empty((rows, columns), np.float32)
        part = self.text if end is None else memoryview(self.text)[:end]
        status, filled, at = _luttext.parse_rows(part, self.position, out)
        if status != _FULL:
            raise self.error(self._what_ended(status, filled, rows, columns, at), at)
        self.position = at
        return out

    def expect(self, rows: int, columns: int) -> None:
        """Nothing; the rest of the file is read, if its length is plausible for that many rows in all.

        Raises
        ------
        FormatError
            If the file is too short or far too long.
        """
        room = self.size - self.position
        if room < rows * 2 * columns - 1:
            most = (room + 1) // (2 * columns)
            raise self.error(f"truncated: the table needs {rows} rows, the file has room for at most {most}")
        if room > rows * ROW_BYTES + HEAD_BYTES:
            raise LimitError(f"{self.size} bytes are far too many for a table of {rows} rows", path=self.path)
        if len(self.text) < self.size:
            self.text += self._stream.read(self.size - len(self.text))

    def all_rows(self, most: int, columns: int) -> NDArray[np.float32]:
        """Every line of ``columns`` numbers from here on, (rows, columns), for tables that announce no size.

        The position is then at the first other line, or at the end.

        Raises
        ------
        FormatError
            If there are more than ``most``, or a line of numbers is no row of finite numbers.
        """
        if self.size - self.position > most * ROW_BYTES + HEAD_BYTES:
            raise LimitError(f"{self.size} bytes are far too many for a table of {most} rows", path=self.path)
        self.whole()
        # A row takes a digit and a blank for each number: what is there bounds what is allocated.
        start = min(self.position, len(self.text))
        room = (len(self.text) - start + 1) // (2 * columns)
        out = np.empty((min(room, most) + 1, columns), np.float32)
        status, filled, at = _luttext.parse_rows(self.text, start, out)
        if status in (_NUMBER, _SHORT, _LONG):
            raise self.error(self._what_ended(status, filled, 0, columns, at), at)
        if filled > most:
            raise self.error(f"a table has at most {most} rows, this is one more", at)
        self.position = at
        return out[:filled]

    def end(self, what: str) -> None:
        """Nothing; there is nothing more to read.

        Raises
        ------
        FormatError
            If there is: ``what`` says what should have been the last.
        """
        line = self.next_line()
        if line is not None:
            raise self.error(f"the file should end behind {what}, got {short(line)!r}")

    def whole(self) -> bytes:
        """The whole file; its length is checked by the caller."""
        self.text += self._stream.read(self.size - len(self.text))
        return self.text

    def row_position(self, start: int, row: int, columns: int) -> int:
        """Where a row (from 0) of the table at ``start`` stands, for the message of an error."""
        back, self.position = self.position, start
        if row:
            self.position = _luttext.parse_rows(self.text, start, np.empty((row, columns), np.float32))[2]
        self.next_line()
        found, self.position = self.position, back
        return found

    def _what_ended(self, status: int, filled: int, rows: int, columns: int, at: int) -> str:
        """The reason why the table ended early."""
        end = self.text.find(b"\n", at)
        line = short(self.text[at : end if end >= 0 else None].decode("utf-8", "replace"))
        word = line.split()[0] if line else ""
        if status == _END:
            return f"the table ends after {filled} rows, it needs {rows}"
        if status == _NUMBER or (status == _WORD and word.lower().lstrip("+-") in ("nan", "inf", "infinity")):
            return f"not a finite number: {word!r}"
        if status == _WORD:
            return f"row {filled + 1} of {rows} should be {columns} numbers, got {line!r}"
        return f"a row has {columns} numbers, got {'fewer' if status == _SHORT else 'more'}: {line!r}"

    def numbers(self, words: list[str], count: int, keyword: str) -> tuple[float, ...]:
        """The ``count`` finite numbers of a keyword's line.

        Raises
        ------
        FormatError
            If they are not that.
        """
        if len(words) != count:
            raise self.error(f"{keyword} takes {count} number{'s' * (count > 1)}, got {short(' '.join(words))!r}")
        try:
            values = tuple(float(word) for word in words if "_" not in word)
        except ValueError:
            values = ()
        if len(values) != count or not all(map(math.isfinite, values)):
            raise self.error(f"{keyword} takes finite numbers, got {short(' '.join(words))!r}")
        return values

    def size_of(self, words: list[str], keyword: str, low: int, high: int) -> int:
        """The whole number of a keyword's line, within the limits.

        Raises
        ------
        FormatError
            If it is not that.
        """
        if len(words) != 1 or not (words[0].isascii() and words[0].isdigit() and len(words[0]) < 10):
            raise self.error(f"{keyword} takes one whole number, got {short(' '.join(words))!r}")
        value = int(words[0])
        if not low <= value <= high:
            raise self.error(f"{keyword} must be between {low} and {high}, got {value}")
        return value


def _opened(path: pathlib.Path) -> BinaryIO:
    """The file, opened; anything but a file or a folder (which says so itself) is refused."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a pipe may wait for ever
        raise FormatError("not a regular file", path=path)
    return path.open("rb")


def head_of(path: pathlib.Path, count: int) -> bytes:
    """The first bytes of a file, without UTF-8's byte order mark."""
    with _opened(path) as stream:
        return stream.read(count).removeprefix(b"\xef\xbb\xbf")


def short(text: str) -> str:
    """The text, cut to fit an error message."""
    clean = "".join(character if character.isprintable() else "?" for character in text.strip())
    return clean if len(clean) <= 60 else clean[:57] + "..."


def number_rows(values: NDArray[Any]) -> bytes:
    """One line a row, with the fewest decimals that read back as the same float32."""
    table = np.ascontiguousarray(values, np.float32)
    if table.ndim != 2:
        raise ValueError(f"a table of rows has two dimensions, got shape {table.shape}")
    out = np.empty(20 * table.size, np.uint8)
    return out[: _luttext.format_rows(table, out)].tobytes()


#: Turns a number of a header into text that reads back as the same double.
header_number: Callable[[float], str] = "{:.17g}".format
