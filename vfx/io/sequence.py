"""Numbered frames on disk as one object.

A pattern names a sequence; its frame token stands for the number:

==============  ===================  =========================================
token           example              file of frame 7
==============  ===================  =========================================
``####``        ``sh.####.exr``      ``sh.0007.exr`` (one ``#`` per digit)
``@@@@``        ``sh.@@@@.exr``      ``sh.0007.exr`` (one ``@`` per digit)
``%04d``        ``sh.%04d.exr``      ``sh.0007.exr``
``$F4``         ``sh.$F4.exr``       ``sh.0007.exr``
``# @ %d $F``   ``sh.#.exr``         ``sh.7.exr`` (no padding)
==============  ===================  =========================================

The frames may stand in the pattern, before the token or after a space: ``sh.1001-1100x2####.exr``,
``sh.####.exr 1001-1100x2``. Negative frames are written as ``printf`` does (``-007`` in four places)
and found with four digits after the sign too (``-0007``). A file belongs to the sequence only when
its name is what the pattern gives for its number, so ``sh.7.exr`` is no frame of ``sh.####.exr``,
and ``sh.12345.exr`` is.

Frame ranges and the search for sequences in a folder are fileseq's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vfx import _late, checks
from vfx.errors import SequenceError
from vfx.image import Image

__all__ = ["Sequence", "format_frames", "has_frame_token", "parse_frames"]

_TOKEN = re.compile(r"#+|@+|%(?:0(\d+))?d|\$F(\d*)|\$\{F(\d*)\}")
_ONE_RANGE = r"-?\d+(?:--?\d+(?:[x:y]-?\d+)?)?"
_RANGE_AFTER = re.compile(rf"^(?P<pattern>.*\S)\s+(?P<frames>{_ONE_RANGE}(?:,{_ONE_RANGE})*)$")
_RANGE_BEFORE = re.compile(rf"(?:^|(?<=[._ ]))(?P<frames>-?\d+--?\d+(?:[x:y]-?\d+)?(?:,{_ONE_RANGE})*)$")
#: More frames than a day at 1000 frames a second: a slip of the keyboard, not a shot.
_MOST_FRAMES = 86_400_000


def has_frame_token(pattern: str | os.PathLike[str]) -> bool:
    """Whether the file name in ``pattern`` has a frame token such as ``####`` or ``%04d``.

    Examples
    --------
    >>> has_frame_token("plates/sh010.####.exr"), has_frame_token("plates/sh010.1001.exr")
    (True, False)
    """
    return _TOKEN.search(Path(pattern).name) is not None


def parse_frames(frames: str | int | Iterable[int]) -> tuple[int, ...]:
    """The frame numbers of a range such as ``"1001-1100x2,1200"``, in its order, each once.

    Parameters
    ----------
    frames : str, int or iterable of int
        ``"1-10"``, ``"1-10x2"`` (every second), ``"-5-5"``, comma-separated lists of these, one number,
        or numbers.

    Raises
    ------
    SequenceError
        If the text is no frame range.
    TypeError
        If a frame is not a whole number.

    Examples
    --------
    >>> parse_frames("1-10x3,20")
    (1, 4, 7, 10, 20)
    """
    if not isinstance(frames, str):
        numbers = list(frames) if isinstance(frames, Iterable) else [frames]
        return tuple(dict.fromkeys(checks.integer("frame", number) for number in numbers))
    from fileseq.frameset import FrameSet

    text = "".join(frames.split())
    try:
        found = FrameSet(text)
        if not text or len(found) > _MOST_FRAMES or found.hasSubFrames():
            raise SequenceError(
                f"frames must be whole numbers, as 1001-1100, and 1 to {_MOST_FRAMES} of them; got {frames!r}"
            )
    except SequenceError:
        raise
    except ValueError as error:
        raise SequenceError(f"frames must be like 1001-1100, 1-10x2 or 1,5,9; got {frames!r}") from error
    return tuple(dict.fromkeys(int(number) for number in found))


def format_frames(frames: Iterable[int]) -> str:
    """Frame numbers as the shortest range text, e.g. ``"1001-1003,1005"``.

    Examples
    --------
    >>> format_frames([1, 2, 3, 5])
    '1-3,5'
    """
    from fileseq import framesToFrameRange

    return str(framesToFrameRange(list(frames)))


def _split(pattern: str) -> tuple[Path, str, int, str, str | None]:
    """Folder, text before the number, its width, text after it, and the frames in the pattern."""
    frames = None
    after = _RANGE_AFTER.match(pattern)
    if after and has_frame_token(after["pattern"]):
        pattern, frames = after["pattern"], after["frames"]
    path = Path(pattern)
    tokens = list(_TOKEN.finditer(path.name))
    if not tokens:
        raise SequenceError(f"{pattern}: no frame number in the pattern; write it as ####, @@@@, %04d or $F4")
    if len(tokens) > 1 or _TOKEN.search(str(path.parent)):
        raise SequenceError(f"{pattern}: the frame number may stand only once, in the file name")
    token = tokens[0]
    before, behind = path.name[: token.start()], path.name[token.end() :]
    inline = _RANGE_BEFORE.search(before)
    if inline:
        if frames is not None:
            raise SequenceError(f"{pattern}: frames are given twice, {inline['frames']} and {frames}")
        before, frames = before[: inline.start()], inline["frames"]
    if token[0][0] in "#@":
        width = len(token[0])
    else:
        width = int(next((digits for digits in token.groups() if digits), 1))
    if width > 20:
        raise SequenceError(f"{pattern}: a frame number has at most 20 digits, the pattern asks for {width}")
    return path.parent, before, width, behind, frames


class Sequence:
    """The frames that a pattern names.

    The folder is read once, when it is first needed; make a new object to look again.

    Parameters
    ----------
    pattern : str or os.PathLike
        Path with a frame token, e.g. ``"plates/sh010.####.exr"``.
    frames : str or iterable of int, optional
        The frames meant, whether their files exist or not (outputs). By default those in the pattern,
        else those found on disk.

    Raises
    ------
    SequenceError
        If the pattern has no frame token, or more than one, or ``frames`` is no frame range.

    Examples
    --------
    >>> outputs = Sequence("graded/sh010.####.exr", frames="1001-1003")
    >>> outputs.path(1001).name, len(outputs)
    ('sh010.1001.exr', 3)
    """

    def __init__(self, pattern: str | os.PathLike[str], *, frames: str | int | Iterable[int] | None = None) -> None:
        text = os.fspath(pattern)
        checks.path(text)
        self._folder, self._before, self._padding, self._behind, inline = _split(text)
        self._given: tuple[int, ...] | None = None
        if frames is not None or inline is not None:
            self._given = parse_frames(frames if frames is not None else str(inline))
        self._pattern = text
        self._found: dict[int, str] | None = None

    @classmethod
    def find(cls, folder: str | os.PathLike[str], *, extensions: Iterable[str] | None = None) -> list[Sequence]:
        """The sequences in a folder, sorted by name; hidden files are left out.

        Parameters
        ----------
        folder : str or os.PathLike
            Folder to look in, not its subfolders.
        extensions : iterable of str, optional
            Only these, e.g. ``[".exr", ".dpx"]``; by default any.

        Raises
        ------
        FileNotFoundError, NotADirectoryError
            If there is no such folder.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for frame in (1, 2, 4):
        ...         pathlib.Path(folder, f"sh.{frame:04d}.exr").touch()
        ...     [(found.name, found.missing) for found in Sequence.find(folder)]
        [('sh.####.exr', (3,))]
        """
        from fileseq import findSequencesInList
        from fileseq.constants import PAD_STYLE_HASH1

        base = checks.path(folder)
        with os.scandir(base) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_file()]
        wanted = None if extensions is None else {ending.lower() for ending in extensions}
        patterns = set()
        for found in findSequencesInList(names, pad_style=PAD_STYLE_HASH1):
            if found.frameSet() is None or (wanted is not None and found.extension().lower() not in wanted):
                continue
            patterns.add(f"{found.basename()}{'#' * max(1, found.zfill())}{found.extension()}")
        sequences = [cls(base / pattern) for pattern in sorted(patterns)]
        return [sequence for sequence in sequences if sequence.frames]

    @property
    def pattern(self) -> str:
        """The pattern as given."""
        return self._pattern

    @property
    def folder(self) -> Path:
        """The folder of the frames."""
        return self._folder

    @property
    def name(self) -> str:
        """The file name with one ``#`` per digit, e.g. ``"sh010.####.exr"``."""
        return f"{self._before}{'#' * self._padding}{self._behind}"

    @property
    def suffix(self) -> str:
        """The extension with its dot, e.g. ``".exr"``."""
        return Path(self.path(0)).suffix

    @property
    def padding(self) -> int:
        """How many digits a frame number has at least."""
        return self._padding

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames meant: those given, in their order, else those on disk, ascending."""
        return self._given if self._given is not None else tuple(sorted(self._on_disk()))

    @property
    def missing(self) -> tuple[int, ...]:
        """Frames without a file: of those given, or the holes between the first and the last on disk."""
        on_disk = self._on_disk()
        if self._given is not None:
            return tuple(frame for frame in self._given if frame not in on_disk)
        if not on_disk:
            return ()
        first, last = min(on_disk), max(on_disk)
        if last - first > _MOST_FRAMES:
            raise SequenceError(f"{self._where()}: frames {first} and {last} are too far apart to list the holes")
        return tuple(frame for frame in range(first, last + 1) if frame not in on_disk)

    @property
    def first(self) -> int:
        """The lowest frame number."""
        return min(self._some())

    @property
    def last(self) -> int:
        """The highest frame number."""
        return max(self._some())

    def exists(self, frame: int) -> bool:
        """Whether the frame had a file when the folder was read."""
        return frame in self._on_disk()

    def path(self, frame: int) -> Path:
        """The file of a frame, whether it exists or not.

        Examples
        --------
        >>> Sequence("sh010.%04d.exr").path(-7).name
        'sh010.-007.exr'
        """
        number = checks.integer("frame", frame)
        known = self._found.get(number) if self._found is not None else None
        return self._folder / (known or self._file_name(number))

    def read(self, frame: int, **options: Any) -> Image:
        """The picture of one frame.

        Parameters
        ----------
        frame : int
            A frame that is on disk.
        **options
            Options of :func:`vfx.read`.

        Raises
        ------
        SequenceError
            If the sequence has no file for the frame.
        FormatError
            If the file is damaged.
        """
        if not self.exists(checks.integer("frame", frame)):
            raise SequenceError(f"{self._where()}: no frame {frame}{self._what_there_is()}")
        image: Image = _late.function("read")(self.path(frame), **options)
        return image

    def at(self, frames: str | int | Iterable[int]) -> Sequence:
        """The same pattern with other frames.

        Examples
        --------
        >>> Sequence("sh010.####.exr").at("1-4").frames
        (1, 2, 3, 4)
        """
        other = Sequence(self._folder / self.name, frames=frames)
        other._found = self._found
        return other

    def __len__(self) -> int:
        """How many frames are meant."""
        return len(self.frames)

    def __iter__(self) -> Iterator[int]:
        """The frame numbers, one after the other."""
        return iter(self.frames)

    def __contains__(self, frame: object) -> bool:
        """Whether the frame is one of those meant."""
        return frame in self.frames

    def __repr__(self) -> str:
        """``Sequence('plates/sh010.####.exr', frames='1001-1100')``."""
        return f"Sequence({str(self._folder / self.name)!r}, frames={format_frames(self.frames)!r})"

    def __eq__(self, other: object) -> bool:
        """Whether folder, name and frames are the same."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return (self._folder, self.name, self.frames) == (other._folder, other.name, other.frames)

    def __hash__(self) -> int:
        """Hash of folder and name."""
        return hash((self._folder, self.name))

    def _file_name(self, frame: int) -> str:
        """The name that the pattern gives for a frame: zeros fill behind the sign, as in ``printf``."""
        return f"{self._before}{frame:0{self._padding}d}{self._behind}"

    def _on_disk(self) -> dict[int, str]:
        """Frame → file name, from one reading of the folder."""
        if self._found is None:
            self._found = self._scan()
        return self._found

    def _scan(self) -> dict[int, str]:
        """Frame → file name of every file in the folder that the pattern could have named."""
        found: dict[int, str] = {}
        head, tail = len(self._before), len(self._behind)
        try:
            with os.scandir(self._folder) as entries:
                names = [entry.name for entry in entries if entry.is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return found
        for name in names:
            if not (name.startswith(self._before) and name.endswith(self._behind)):
                continue
            digits = name[head : len(name) - tail]
            if not re.fullmatch(r"-?[0-9]{1,20}", digits):
                continue
            frame = int(digits)
            printf = self._file_name(frame)
            if name == printf:
                found[frame] = name
            elif frame < 0 and digits == f"-{-frame:0{self._padding}d}":
                found.setdefault(frame, name)
        return found

    def _some(self) -> tuple[int, ...]:
        """The frames meant, of which there must be one."""
        if not self.frames:
            raise SequenceError(f"{self._where()}: no frames{self._what_there_is()}")
        return self.frames

    def _where(self) -> str:
        """Pattern and folder for messages."""
        return f"{self.name} in {self._folder}"

    def _what_there_is(self) -> str:
        """What the folder offers instead, for messages."""
        if not self._folder.is_dir():
            return "; there is no such folder"
        on_disk = self._on_disk()
        if on_disk:
            return f"; on disk are {format_frames(sorted(on_disk))}"
        others = [sequence.name for sequence in Sequence.find(self._folder)][:3]
        return f"; the folder has {', '.join(others)}" if others else "; the folder has no numbered files"
