"""Arithmetic on channels as text: ``A=R*0.5, G=max(diffuse.G, 0), Y=0.2126*R+0.7152*G+0.0722*B``.

Nothing is evaluated as Python; the grammar is all there is::

    assignments   assignment { "," assignment }
    assignment    channel "=" ( channel | sum )
    sum           product { ("+" | "-") product }
    product       factor { ("*" | "/") factor }
    factor        ("+" | "-") factor | number | channel | function "(" sum { "," sum } ")" | "(" sum ")"
    channel       letters, digits, "_", "." and ":", or anything between double quotes
    function      abs(x)  min(x, y, …)  max(x, y, …)  clamp(x)  clamp(x, low, high)

A right side that is the name of a channel as a whole is that channel, whatever characters it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vfx.errors import ChannelError

__all__ = ["FUNCTIONS", "Instruction", "assignments"]

#: What a program does next: ("channel", name), ("number", value), or (operation, 0).
Instruction = tuple[str, str | float]

#: Function → least and most arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {"abs": (1, 1), "clamp": (1, 3), "max": (2, 64), "min": (2, 64)}
_TOKEN = re.compile(
    r'\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|(?P<name>[^\W\d][\w.:]*)|"(?P<quoted>[^"]+)"'
    r"|(?P<sign>[-+*/(),]))"
)
_DEEPEST = 32


def assignments(text: str, names: Sequence[str]) -> Iterator[tuple[str, tuple[Instruction, ...]]]:
    """Each channel that is assigned to, and its program in reverse Polish order.

    Parameters
    ----------
    text : str
        Such as ``"A=R*0.5, G=0"``.
    names : sequence of str
        The channels that may be read.

    Raises
    ------
    ChannelError
        If a channel that is read does not exist.
    ValueError
        If the text is not a list of assignments.
    """
    for part in _parts(text):
        left, equals, right = _split(part)
        if not equals or not left or not right:
            raise ValueError(f"shuffle takes assignments like 'A=R, G=0', got {part.strip()!r}")
        yield left, _program(right, names)


def _parts(text: str) -> Iterator[str]:
    """The text between the commas that are in no parentheses or quotes."""
    depth, quoted, start = 0, False, 0
    for at, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == "," and depth <= 0:
                yield text[start:at]
                start = at + 1
    yield text[start:]


def _split(part: str) -> tuple[str, str, str]:
    """Left side, equals sign, right side."""
    quoted = re.match(r'\s*"([^"]+)"\s*(=?)(.*)\Z', part, re.DOTALL)
    if quoted:
        return quoted[1], quoted[2], quoted[3].strip()
    left, equals, right = part.partition("=")
    return left.strip(), equals, right.strip()


def _program(text: str, names: Sequence[str]) -> tuple[Instruction, ...]:
    """The program of a right side."""
    if text in names:
        return (("channel", text),)
    try:
        return (("number", float(text)),)
    except ValueError:
        pass
    reader = _Reader(text, names, list(_tokens(text)))
    found = reader.sum()
    if reader.peek():
        raise reader.wrong(f"{reader.peek()!r} is not expected there")
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token."""
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"shuffle does not understand {text[at:].strip()!r} in {text!r}")
        yield str(found.lastgroup), str(found[str(found.lastgroup)])
        at = found.end()


def _value(program: tuple[Instruction, ...]) -> float | None:
    """The number that a program is, or None."""
    kind, value = program[0]
    return float(value) if len(program) == 1 and kind == "number" else None


def _joined(operation: str, one: tuple[Instruction, ...], two: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
    """An operation on two programs; two numbers become one, in float64."""
    a, b = _value(one), _value(two)
    if a is not None and b is not None and operation in ("+", "-", "*", "/") and (operation != "/" or b != 0):
        result = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1.0)}[operation]
        return (("number", result),)
    return (*one, *two, (operation, 0.0))


@dataclass
class _Reader:
    """The tokens of one right side, read from left to right."""

    text: str
    names: Sequence[str]
    tokens: list[tuple[str, str]]
    at: int = 0
    depth: int = field(default=0)

    def wrong(self, why: str) -> ValueError:
        """An error that shows the text."""
        return ValueError(f"shuffle does not understand {self.text!r}: {why}")

    def peek(self) -> str:
        """The sign that comes next; a word's or number's text with its kind in front; empty at the end."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text if kind == "sign" else f"{kind} {text}"

    def take(self, sign: str) -> None:
        """Go past a sign that must be there."""
        if self.peek() != sign:
            raise self.wrong(f"{sign!r} is missing")
        self.at += 1

    def sum(self) -> tuple[Instruction, ...]:
        """Products added and subtracted."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong(f"it is nested deeper than {_DEEPEST}")
        found = self.product()
        while self.peek() in ("+", "-"):
            sign = self.peek()
            self.at += 1
            found = _joined(sign, found, self.product())
        self.depth -= 1
        return found

    def product(self) -> tuple[Instruction, ...]:
        """Factors multiplied and divided."""
        found = self.factor()
        while self.peek() in ("*", "/"):
            sign = self.peek()
            self.at += 1
            found = _joined(sign, found, self.factor())
        return found

    def factor(self) -> tuple[Instruction, ...]:
        """A number, a channel, a function, or what is in parentheses, with its signs."""
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.peek() == "-"
            self.at += 1
        found = self.plain()
        if not negative:
            return found
        value = _value(found)
        return (*found, ("negative", 0.0)) if value is None else (("number", -value),)

    def plain(self) -> tuple[Instruction, ...]:
        """A factor without its signs."""
        if self.at >= len(self.tokens):
            raise self.wrong("it ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return (("number", float(text)),)
        if kind == "name" and self.peek() == "(":
            return self.function(text)
        if kind != "sign":
            if text not in self.names:
                raise ChannelError(f"no channel {text!r}; the image has {', '.join(self.names)}")
            return (("channel", text),)
        if text != "(":
            raise self.wrong(f"{text!r} is not expected there")
        found = self.sum()
        self.take(")")
        return found

    def function(self, name: str) -> tuple[Instruction, ...]:
        """A function of what is in parentheses."""
        if name not in FUNCTIONS:
            raise self.wrong(f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}")
        self.take("(")
        given = [self.sum()]
        while self.peek() == ",":
            self.at += 1
            given.append(self.sum())
        self.take(")")
        least, most = FUNCTIONS[name]
        if not least <= len(given) <= most or (name == "clamp" and len(given) == 2):
            raise self.wrong(f"{name} takes {'1 or 3' if name == 'clamp' else least} arguments, got {len(given)}")
        if name == "abs":
            return (*given[0], ("abs", 0.0))
        if name == "clamp":
            low, high = given[1:] or ((("number", 0.0),), (("number", 1.0),))
            return _joined("min", _joined("max", given[0], low), high)
        found = given[0]
        for each in given[1:]:
            found = _joined(name, found, each)
        return found
