"""What a pattern says: folder, token and the text around it, and which names it writes.

A token is a frame number of some digits, or the number of a texture's tile (UDIM): tile u, v of the unit squares is
1001 + u + 10 v, with u from 0 to 9 (the convention of Mari, "UDIM UV mapping").
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from vfx import checks
from vfx.errors import SequenceError

__all__ = ["DEFAULT_VIEWS", "Pattern", "has_frame_token", "has_view_token", "split", "udim_of", "uv_of", "with_view"]

DEFAULT_VIEWS = ("left", "right")
_TOKEN = re.compile(
    r"(?P<hashes>#+)|(?P<ats>@+)|%(?:0(?P<percent>\d+))?d|\$F(?P<dollar>\d*)|\$\{F(?P<braced>\d*)\}"
    r"|(?P<udim><UDIM>|%\(UDIM\)d)|(?P<tile><UVTILE>|<uvtile>)|<(?P<u>[Uu])>(?P<between>[^<>]{0,32})<(?P<v>[Vv])>"
)
_VIEW = re.compile(r"%[Vv]")
_ONE_RANGE = r"-?\d+(?:--?\d+(?:[x:y]-?\d+)?)?"
_RANGE_AFTER = re.compile(rf"^(?P<pattern>.*\S)\s+(?P<frames>{_ONE_RANGE}(?:,{_ONE_RANGE})*)$")
_RANGE_BEFORE = re.compile(rf"(?:^|(?<=[._ ]))(?P<frames>-?\d+--?\d+(?:[x:y]-?\d+)?(?:,{_ONE_RANGE})*)$")
_NUMBER = re.compile(r"-?[0-9]{1,20}")


def has_frame_token(pattern: str | os.PathLike[str]) -> bool:
    """Whether the file name in ``pattern`` has a frame token such as ``####`` or ``%04d``, or a tile's: ``<UDIM>``.

    Examples
    --------
    >>> has_frame_token("plates/sh010.####.exr"), has_frame_token("plates/sh010.1001.exr")
    (True, False)
    """
    return _TOKEN.search(Path(pattern).name) is not None


def has_view_token(pattern: str) -> bool:
    """Whether ``%V`` or ``%v`` stands in the pattern, in the name or a folder.

    Examples
    --------
    >>> has_view_token("sh010.%V.####.exr"), has_view_token("sh010.####.exr")
    (True, False)
    """
    return _VIEW.search(pattern) is not None


def with_view(pattern: str, view: str) -> str:
    """The pattern of one view: its name for ``%V``, the first letter for ``%v``."""
    return _VIEW.sub(lambda token: view if token[0] == "%V" else view[:1], pattern)


def udim_of(u: int, v: int) -> int:
    """The UDIM number of tile u, v, both from 0.

    Raises
    ------
    TypeError, ValueError
        If u is not between 0 and 9, or v is negative.

    Examples
    --------
    >>> udim_of(0, 0), udim_of(9, 1)
    (1001, 1020)
    """
    return 1001 + checks.integer("u", u, low=0, high=9) + 10 * checks.integer("v", v, low=0)


def uv_of(udim: int) -> tuple[int, int]:
    """Tile u, v, both from 0, of a UDIM number.

    Raises
    ------
    TypeError, ValueError
        If it is below 1001.

    Examples
    --------
    >>> uv_of(1012)
    (1, 1)
    """
    v, u = divmod(checks.integer("a UDIM number", udim, low=1001) - 1001, 10)
    return u, v


@dataclass(frozen=True)
class Pattern:
    """A folder, and names that differ in one number.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files are.
    before, behind : str
        The name around the number.
    width : int
        Digits of a frame number at least; 0: the number is a tile's.
    style : str
        How a tile is written: empty for its UDIM number, else what stands before, between and behind u and v, and the
        number of the first tile: ``"u|_v||1"``.
    """

    folder: Path
    before: str
    width: int
    behind: str
    style: str = ""

    @property
    def token(self) -> str:
        """The token in its plainest form."""
        if self.width:
            return "#" * self.width
        if not self.style:
            return "<UDIM>"
        start, between, first = self.style.split("|")
        if (start, between) == ("u", "_v"):
            return "<UVTILE>" if first == "1" else "<uvtile>"
        letter = "U" if first == "1" else "u"
        return f"<{letter}>{between[:-1]}<{'V' if first == '1' else 'v'}>"

    @property
    def name(self) -> str:
        """The name with the token."""
        return f"{self.before}{self.token}{self.behind}"

    def file_name(self, number: int) -> str:
        """The name that the pattern gives for a number: zeros fill behind the sign, as in ``printf``."""
        return f"{self.before}{self._written(number)}{self.behind}"

    def _written(self, number: int) -> str:
        """The number in the place of the token."""
        if self.width:
            return f"{number:0{self.width}d}"
        u, v = uv_of(number)
        if not self.style:
            return str(number)
        start, between, first = self.style.split("|")
        return f"{start}{u + int(first)}{between}{v + int(first)}"

    def number_in(self, name: str) -> tuple[int, bool] | None:
        """The number of a name, and whether the pattern writes it so; None for names of other things."""
        if not (name.startswith(self.before) and name.endswith(self.behind)):
            return None
        text = name[len(self.before) : len(name) - len(self.behind)]
        if not self.width and self.style:
            start, between, first = self.style.split("|")
            match = re.fullmatch(rf"{re.escape(start)}([0-9]{{1,6}}){re.escape(between)}([0-9]{{1,6}})", text)
            if match is None:
                return None
            u, v = int(match[1]) - int(first), int(match[2]) - int(first)
            if u not in range(10) or v < 0:
                return None
            return udim_of(u, v), text == self._written(udim_of(u, v))
        if not _NUMBER.fullmatch(text):
            return None
        number = int(text)
        if not self.width:
            return (number, True) if len(text) == 4 and number > 1000 else None
        return number, text == self._written(number) or (number < 0 and text == f"-{-number:0{self.width}d}")


def split(pattern: str) -> tuple[Pattern, str | None]:
    """What a pattern says, and the frames in it.

    Raises
    ------
    SequenceError
        If there is no token, or more than one, or frames are given twice.
    """
    frames = None
    after = _RANGE_AFTER.match(pattern)
    if after and has_frame_token(after["pattern"]):
        pattern, frames = after["pattern"], after["frames"]
    path = Path(pattern)
    tokens = list(_TOKEN.finditer(path.name))
    if not tokens:
        raise SequenceError(f"{pattern}: no frame number in the pattern; write it as ####, @@@@, %04d, $F4 or <UDIM>")
    if len(tokens) > 1 or _TOKEN.search(str(path.parent)):
        raise SequenceError(f"{pattern}: the frame number may stand only once, in the file name")
    token = tokens[0]
    before, behind = path.name[: token.start()], path.name[token.end() :]
    if token["udim"]:
        return Pattern(path.parent, before, 0, behind), frames
    if token["tile"]:
        return Pattern(path.parent, before, 0, behind, f"u|_v|{1 if token['tile'] == '<UVTILE>' else 0}"), frames
    if token["u"]:
        if token["u"].isupper() != token["v"].isupper():
            raise SequenceError(f"{pattern}: tiles count from 1 as <U> and <V>, or from 0 as <u> and <v>")
        style = f"u|{token['between']}v|{1 if token['u'] == 'U' else 0}"
        if "|" in token["between"]:
            raise SequenceError(f"{pattern}: no | between the tile's numbers")
        return Pattern(path.parent, before, 0, behind, style), frames
    inline = _RANGE_BEFORE.search(before)
    if inline:
        if frames is not None:
            raise SequenceError(f"{pattern}: frames are given twice, {inline['frames']} and {frames}")
        before, frames = before[: inline.start()], inline["frames"]
    return Pattern(path.parent, before, _width(token, pattern), behind), frames


def _width(token: re.Match[str], pattern: str) -> int:
    """How many digits a frame token asks for."""
    if token["hashes"] or token["ats"]:
        width = len(token[0])
    else:
        width = int(token["percent"] or token["dollar"] or token["braced"] or 1)
    if width > 20:
        raise SequenceError(f"{pattern}: a frame number has at most 20 digits, the pattern asks for {width}")
    return max(1, width)
