"""Damage to files: ``damaged(content, rng, …)`` is a file with a few things wrong that parsers trip over.

====================  ==================================================================================
bits and bytes        flipped, set to 0, 127, 128, 255, runs of them
numbers               words of 1 to 8 bytes, either byte order, set to what overflows and what is signed
fields                the same, exactly where the format keeps a length, a count or an offset
pieces                cut off, cut out, doubled, moved, put in from another file of the format
text                  numbers and words replaced, lines dropped, doubled and swapped
====================  ==================================================================================

Everything depends on ``rng`` alone, so a finding is made again from its number.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Sequence

__all__ = ["Fields", "damaged"]

#: Finds the offsets and sizes of a content's lengths, counts and offsets, and their byte order.
Fields = Callable[[bytes], list[tuple[int, int, str]]]

_BYTES = (0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF)
_NUMBERS = (
    b"0", b"-1", b"1", b"2", b"3", b"64", b"65", b"65536", b"2147483647", b"2147483648", b"4294967295", b"4294967296",
    b"99999999999999999999", b"-0", b"1e38", b"1e39", b"-1e39", b"1e-46", b"1e400", b"nan", b"inf", b"-inf", b"0x10",
    b"1_000", b"1.", b".5", b"1,5", b"+3", b"", b"1 2", b"\xd9\xa3",
)  # fmt: skip
_NUMBER = re.compile(rb"[-+]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")


def _word(rng: random.Random, size: int) -> int:
    """An unsigned number of ``size`` bytes that programs get wrong."""
    most = (1 << 8 * size) - 1
    middle = 1 << (8 * size - 1)
    near = rng.randrange(-4, 5)
    return rng.choice((near, middle + near, most // 4 + near, 1 << rng.randrange(8 * size), rng.randrange(most))) & most


def _place(rng: random.Random, content: bytearray) -> int:
    """An offset: half of them within the first 1 KiB, where headers are."""
    return rng.randrange(min(len(content), 1024) if rng.random() < 0.5 else len(content))


def _flip(content: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        content[_place(rng, content)] ^= 1 << rng.randrange(8)


def _set(content: bytearray, rng: random.Random) -> None:
    at = _place(rng, content)
    value = rng.choice((*_BYTES, rng.randrange(256)))
    content[at : at + rng.choice((1, 1, 1, 2, 4, 8, 40))] = bytes([value]) * min(
        rng.choice((1, 2, 4)), len(content) - at
    )


def _number(content: bytearray, rng: random.Random) -> None:
    size = rng.choice((1, 2, 2, 4, 4, 4, 8))
    at = _place(rng, content) // size * size if rng.random() < 0.7 else _place(rng, content)
    if at + size <= len(content):
        content[at : at + size] = _word(rng, size).to_bytes(size, rng.choice(("big", "little")))


def _cut_off(content: bytearray, rng: random.Random) -> None:
    del content[_place(rng, content) :]


def _cut_out(content: bytearray, rng: random.Random) -> None:
    at = _place(rng, content)
    del content[at : at + rng.choice((1, 2, 4, 8, rng.randrange(1, 200)))]


def _double(content: bytearray, rng: random.Random) -> None:
    at = _place(rng, content)
    piece = content[at : at + rng.choice((1, 4, 8, rng.randrange(1, 200)))]
    to = at if rng.random() < 0.5 else _place(rng, content)
    content[to:to] = piece * rng.choice((1, 1, 2, 8))


def _move(content: bytearray, rng: random.Random) -> None:
    at, to, size = _place(rng, content), _place(rng, content), rng.choice((1, 4, 16, 64))
    piece = content[at : at + size]
    content[to : to + len(piece)] = piece


_BINARY = (_flip, _flip, _set, _number, _number, _cut_off, _cut_out, _double, _move)


def _other_number(content: bytearray, rng: random.Random) -> None:
    found = [match.span() for match in _NUMBER.finditer(content[: rng.choice((300, 20_000))])]
    if found:
        first, last = rng.choice(found)
        content[first:last] = rng.choice((*_NUMBERS, str(_word(rng, rng.choice((1, 2, 4, 8)))).encode()))


def _other_word(content: bytearray, rng: random.Random) -> None:
    found = [match.span() for match in _WORD.finditer(content[:20_000])]
    if found:
        (first, last), (start, end) = rng.choice(found), rng.choice(found)
        content[first:last] = content[start:end]


def _lines(content: bytearray, rng: random.Random) -> None:
    lines = bytes(content).splitlines(keepends=True)
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    action = rng.randrange(4)
    if action == 0:
        del lines[at]
    elif action == 1:
        lines.insert(to, lines[at])
    elif action == 2:
        lines[at], lines[to] = lines[to], lines[at]
    else:
        lines[at] = lines[at].rstrip() + rng.choice((b" ", b" 0.5\n", b"\r", b"\t#\n", b" \0\n", b" \xff\n"))
    content[:] = b"".join(lines)


_TEXT = (_other_number, _other_number, _other_number, _other_word, _lines, _lines)


def _field(content: bytearray, rng: random.Random, fields: Fields) -> None:
    """Change one of the format's own lengths, counts or offsets."""
    found = fields(bytes(content))
    if not found:
        return
    at, size, order = rng.choice(found)
    if at + size > len(content):
        return
    old = int.from_bytes(content[at : at + size], order)  # type: ignore[arg-type]
    new = rng.choice((old + rng.randrange(-9, 10), old * 2, old // 2, len(content) - at, _word(rng, size), 0, 1))
    content[at : at + size] = (new & ((1 << 8 * size) - 1)).to_bytes(size, order)  # type: ignore[arg-type]


def _spliced(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> None:
    """Put a piece of another file in, or go on with one."""
    other = rng.choice(others)
    at = rng.randrange(len(content))
    if rng.random() < 0.3:
        content[at:] = other[min(at, len(other)) :]
    elif other:
        start, size = rng.randrange(len(other)), rng.choice((4, 16, 64, 400))
        content[at : at + rng.choice((0, size))] = other[start : start + size]


def _token(content: bytearray, rng: random.Random, words: Sequence[bytes]) -> None:
    """Write one of the format's words somewhere."""
    word = rng.choice(words)
    at = _place(rng, content)
    content[at : at + rng.choice((0, len(word)))] = word


def damaged(
    content: bytes,
    rng: random.Random,
    *,
    others: Sequence[bytes] = (),
    words: Sequence[bytes] = (),
    fields: Fields | None = None,
    text: bool = False,
) -> bytes:
    """``content`` after one to four changes.

    Parameters
    ----------
    content : bytes
        A good file.
    rng : random.Random
        Decides everything.
    others : sequence of bytes
        Other good files of the format, to take pieces from.
    words : sequence of bytes
        Names that the format knows.
    fields : callable, optional
        Where the format keeps its lengths, counts and offsets.
    text : bool
        Whether numbers and lines of text are to be changed too.
    """
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        if not changed:
            break
        choice = rng.random()
        if fields is not None and choice < 0.35:
            try:
                _field(changed, rng, fields)
            except (ValueError, struct.error, IndexError):
                _number(changed, rng)  # what was changed before hides the fields
        elif text and choice < 0.6:
            rng.choice(_TEXT)(changed, rng)
        elif others and choice > 0.92:
            _spliced(changed, rng, others)
        elif words and choice > 0.86:
            _token(changed, rng, words)
        else:
            rng.choice(_BINARY)(changed, rng)
    return bytes(changed)
