"""Numbered frames on disk as one object.

A pattern names a sequence; its token stands for the number:

=====================  =======================  ===================================================
token                  example                  file of frame 7, tile 1012
=====================  =======================  ===================================================
``####``               ``sh.####.exr``          ``sh.0007.exr`` (one ``#`` per digit)
``@@@@``               ``sh.@@@@.exr``          ``sh.0007.exr`` (one ``@`` per digit)
``%04d``               ``sh.%04d.exr``          ``sh.0007.exr``
``$F4``                ``sh.$F4.exr``           ``sh.0007.exr``
``# @ %d $F``          ``sh.#.exr``             ``sh.7.exr`` (no padding)
``<UDIM> %(UDIM)d``    ``skin.<UDIM>.tif``      ``skin.1012.tif``
``<UVTILE>``           ``skin.<UVTILE>.tif``    ``skin.u2_v2.tif`` (from 1; ``<uvtile>`` from 0)
``<U>…<V>``            ``skin_<U>_<V>.tif``     ``skin_u2_v2.tif`` (``<u>_<v>`` from 0)
``%V %v``              ``sh.%V.####.exr``       ``sh.left.0007.exr``, ``sh.l.0007.exr`` (see ``views``)
=====================  =======================  ===================================================

The frames may stand in the pattern, before the token or after a space: ``sh.1001-1100x2####.exr``,
``sh.####.exr 1001-1100x2``. Negative frames are written as ``printf`` does (``-007`` in four places)
and found with four digits after the sign too (``-0007``). A file belongs to the sequence only when
its name is what the pattern gives for its number, so ``sh.7.exr`` is no frame of ``sh.####.exr``,
and ``sh.12345.exr`` is. ``problems`` names the files that come close.

Frame ranges are fileseq's. Tiles of textures are frames by their UDIM numbers (:func:`udim_of`, :func:`uv_of`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from vfx import _late, checks
from vfx import threads as _threads
from vfx.errors import SequenceError
from vfx.image import Image
from vfx.io._sequence_find import group
from vfx.io._sequence_frames import MOST_FRAMES, format_frames, parse_frames
from vfx.io._sequence_names import (
    DEFAULT_VIEWS,
    Pattern,
    has_frame_token,
    has_view_token,
    split,
    udim_of,
    uv_of,
    with_view,
)
from vfx.io._sequence_scan import Problem, join_views, problems_of, scan, view_problems
from vfx.io._sequence_stream import ON_ERROR, ON_MISSING, Frame, Stream, plan

__all__ = [
    "Frame",
    "Problem",
    "Sequence",
    "Stream",
    "format_frames",
    "has_frame_token",
    "has_view_token",
    "parse_frames",
    "udim_of",
    "uv_of",
]


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
    views : iterable of str, optional
        For patterns with ``%V`` or ``%v``: the views meant. By default those of ``left`` and ``right`` that are
        found on disk.

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

    def __init__(
        self,
        pattern: str | os.PathLike[str],
        *,
        frames: str | int | Iterable[int] | None = None,
        views: Iterable[str] | None = None,
    ) -> None:
        text = os.fspath(pattern)
        checks.path(text)
        self._parsed, inline = split(text)
        self._given: tuple[int, ...] | None = None
        if frames is not None or inline is not None:
            self._given = parse_frames(frames if frames is not None else str(inline))
        self._pattern: str | None = text
        self._found: dict[int, str] | None = None
        self._frames: tuple[int, ...] = ()
        self._by_view = self._views_of(views)

    def _views_of(self, views: Iterable[str] | None) -> dict[str, Sequence]:
        """View → its sequence; empty where the pattern has no views."""
        plain = str(self._parsed.folder / self._parsed.name)
        if not has_view_token(plain):
            if views is not None:
                raise SequenceError(f"{plain}: views are given, but the pattern has no %V")
            return {}
        wanted = DEFAULT_VIEWS if views is None else (views,) if isinstance(views, str) else tuple(views)
        if not wanted or not all(isinstance(view, str) and view and not set(view) & set("/\\%#@") for view in wanted):
            raise SequenceError(f"{plain}: views must be names such as left and right, got {wanted!r}")
        made = {view: Sequence(with_view(plain, view), frames=self._given) for view in wanted}
        if views is None and self._given is None:
            made = {view: one for view, one in made.items() if one.frames} or made
        return made

    @classmethod
    def _of(cls, parsed: Pattern, found: dict[int, str] | None, given: tuple[int, ...] | None) -> Self:
        """A sequence of what is known already."""
        made = cls.__new__(cls)
        made._parsed, made._found, made._given = parsed, found, given
        made._pattern, made._frames, made._by_view = None, (), {}
        return made

    @classmethod
    def find(
        cls,
        folder: str | os.PathLike[str],
        *,
        extensions: Iterable[str] | None = None,
        views: Iterable[str] | None = None,
    ) -> list[Sequence]:
        """The sequences in a folder, sorted by name; hidden files are left out.

        The number of a frame is the last that stands by itself in the name, between points, underscores, hyphens or
        spaces, else the last before the extension. ``skin.u1_v1.tif`` is a tile.

        Parameters
        ----------
        folder : str or os.PathLike
            Folder to look in, not its subfolders.
        extensions : iterable of str, optional
            Only these, e.g. ``[".exr", ".dpx"]``; by default any.
        views : iterable of str, optional
            Sequences that differ in these words only, e.g. ``["left", "right"]``, become one with ``%V``.

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
        base = checks.path(folder)
        wanted = ("",) if extensions is None else tuple(ending.lower() for ending in extensions)
        with os.scandir(base) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_file()]
        names = [name for name in names if name.lower().endswith(wanted)]
        made: list[Sequence] = [cls._of(parsed, files, None) for parsed, files in group(names, base)]
        if views is None:
            return made
        found: list[Sequence] = []
        for name, members, present in join_views([one.name for one in made], tuple(views)):
            found += [cls(base / name, views=present)] if present else [made[place] for place in members]
        return sorted(found, key=lambda one: one.name)

    @property
    def pattern(self) -> str:
        """The pattern as given."""
        return self._pattern if self._pattern is not None else str(self._parsed.folder / self._parsed.name)

    @property
    def folder(self) -> Path:
        """The folder of the frames."""
        return self._parsed.folder

    @property
    def name(self) -> str:
        """The file name with one ``#`` per digit, e.g. ``"sh010.####.exr"``, or with the token of a tile."""
        return self._parsed.name

    @property
    def suffix(self) -> str:
        """The extension with its dot, e.g. ``".exr"``."""
        return Path(self._parsed.file_name(1001)).suffix

    @property
    def padding(self) -> int:
        """How many digits a frame number has at least; 4 for UDIM numbers, 1 for other tiles."""
        return self._parsed.width or (1 if self._parsed.style else 4)

    @property
    def udim(self) -> bool:
        """Whether the numbers are those of a texture's tiles."""
        return not self._parsed.width

    @property
    def views(self) -> tuple[str, ...]:
        """The views of a pattern with ``%V`` or ``%v``; empty for others."""
        return tuple(self._by_view)

    def view(self, name: str) -> Sequence:
        """The sequence of one view.

        Raises
        ------
        SequenceError
            If there is no such view.

        Examples
        --------
        >>> Sequence("sh.%V.####.exr", frames="1-2").view("right").path(1).name
        'sh.right.0001.exr'
        """
        if name not in self._by_view:
            raise SequenceError(f"{self._where()}: no view {name!r}; the views are: {', '.join(self.views) or 'none'}")
        return self._by_view[name]

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames meant: those given, in their order, else those on disk, ascending."""
        if self._given is not None:
            return self._given
        self._frames = self._frames or tuple(sorted(self._on_disk()))  # sorted once
        return self._frames

    @property
    def missing(self) -> tuple[int, ...]:
        """Frames without a file: of those given, or the holes between the first and the last on disk.

        With views, a frame is missing where any view lacks it; the tiles of a texture may have holes.
        """
        complete = self._complete()
        if self._given is not None:
            return tuple(frame for frame in self._given if frame not in complete)
        on_disk = self._on_disk()
        if not on_disk or self.udim:
            return tuple(frame for frame in self.frames if frame not in complete)
        first, last = self.frames[0], self.frames[-1]
        if last - first > MOST_FRAMES:
            raise SequenceError(f"{self._where()}: frames {first} and {last} are too far apart to list the holes")
        return tuple(frame for frame in range(first, last + 1) if frame not in complete)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Gaps, duplicates, files of another padding and frames that a view lacks. The folder is read again.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("sh.0001.exr", "sh.0003.exr", "sh.3.exr"):
        ...         pathlib.Path(folder, name).touch()
        ...     [problem.kind for problem in Sequence(folder + "/sh.####.exr").problems]
        ['gap', 'duplicate']
        """
        if self._by_view:
            members = [(view, one.problems, one._on_disk()) for view, one in self._by_view.items()]
            return tuple(view_problems(members, self.frames, gaps=self._given is None))
        return tuple(problems_of(self._parsed, self.missing))

    @property
    def first(self) -> int:
        """The lowest frame number."""
        return min(self._some())

    @property
    def last(self) -> int:
        """The highest frame number."""
        return max(self._some())

    def exists(self, frame: int) -> bool:
        """Whether the frame had a file, with views one in each, when the folder was read."""
        return frame in self._complete()

    def path(self, frame: int, *, view: str | None = None) -> Path:
        """The file of a frame, whether it exists or not.

        Parameters
        ----------
        frame : int
            Any number; of a texture a UDIM number.
        view : str, optional
            For patterns with ``%V`` or ``%v``, which need it.

        Raises
        ------
        SequenceError
            If there is no such view.

        Examples
        --------
        >>> Sequence("sh010.%04d.exr").path(-7).name
        'sh010.-007.exr'
        """
        number = checks.integer("frame", frame)
        if self._by_view or view is not None:
            return self._one_view(view).path(number)
        known = self._found.get(number) if self._found is not None else None
        return self._parsed.folder / (known or self._parsed.file_name(number))

    def _one_view(self, view: str | None) -> Sequence:
        """The sequence of a view, which must be named."""
        if view is None:
            raise SequenceError(f"{self._where()}: say which view: {', '.join(self.views)}")
        return self.view(view)

    def read(self, frame: int, **options: Any) -> Image:
        """The picture of one frame.

        Parameters
        ----------
        frame : int
            A frame that is on disk.
        **options
            Options of :func:`vfx.read`. For patterns with ``%V`` or ``%v``, ``view`` says which file.

        Raises
        ------
        SequenceError
            If the sequence has no file for the frame.
        FormatError
            If the file is damaged.
        """
        if self._by_view:
            return self._one_view(options.pop("view", None)).read(frame, **options)
        number = checks.integer("frame", frame)
        if not self.exists(number):
            raise SequenceError(f"{self._where()}: no frame {frame}{self._what_there_is()}")
        image: Image = _late.function("read")(self.path(number), **options)
        return image

    def stream(
        self,
        *,
        ahead: int = 4,
        memory: int = 2**31,
        workers: int | None = None,
        on_missing: str = "error",
        on_error: str = "raise",
        **options: Any,
    ) -> Stream:
        """The frames in their order, the next ones read ahead by threads: an iterator of :class:`Frame`.

        Parameters
        ----------
        ahead : int
            Frames that are read, or being read, beyond the one that was given last.
        memory : int
            Bytes of pixels that those may take together; one frame is always let through.
        workers : int, optional
            Frames that are read at the same time, each on one CPU; one alone uses all. Default: the CPUs, at most
            ``ahead``.
        on_missing : {"error", "skip", "hold"}
            For frames without a file: an error in their place, none, or the picture of the frame before.
        on_error : {"raise", "skip", "keep"}
            For frames that cannot be read: raise and end, leave them out, or give a frame whose ``error`` says why.
        **options
            Options of :func:`vfx.read`. For patterns with ``%V`` or ``%v``, ``view`` says which files.

        Returns
        -------
        Stream
            Also a context manager; leaving a loop over it early ends its threads too.

        Raises
        ------
        SequenceError
            If there are no frames, or no such view.
        FrameError
            From the iterator, in the place of a frame that cannot be read: with its number, path and reason.
        TypeError, ValueError
            If an option is wrong.

        Examples
        --------
        >>> for frame in Sequence("plates/sh010.####.exr").stream(on_missing="hold"):  # doctest: +SKIP
        ...     frame.image.exposure(1).write(f"graded/sh010.{frame.number:04d}.exr")
        """
        checks.one_of("on_error", on_error, ON_ERROR)
        checks.one_of("on_missing", on_missing, ON_MISSING)
        if self._by_view:
            chosen = self._one_view(options.pop("view", None)).at(self.frames)
            return chosen.stream(
                ahead=ahead, memory=memory, workers=workers, on_missing=on_missing, on_error=on_error, **options
            )
        depth, on_disk = checks.integer("ahead", ahead, low=1, high=1024), self._on_disk()
        holes = () if self._given is not None or self.udim else self.missing
        numbers = sorted({*self.frames, *holes}) if holes else self._some()
        files = [(number, self.path(number), number in on_disk) for number in numbers]
        return Stream(
            plan(files, on_missing, f"{self._where()}: no frame \0{self._what_there_is()}"),
            ahead=depth,
            memory=checks.integer("memory", memory, low=1),
            workers=min(depth, _threads.workers(workers)),
            on_error=on_error,
            options=options,
        )

    def at(self, frames: str | int | Iterable[int]) -> Sequence:
        """The same pattern with other frames.

        Examples
        --------
        >>> Sequence("sh010.####.exr").at("1-4").frames
        (1, 2, 3, 4)
        """
        other = Sequence._of(self._parsed, self._found, parse_frames(frames))
        other._by_view = {view: one.at(other.frames) for view, one in self._by_view.items()}
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
        return f"Sequence({str(self._parsed.folder / self.name)!r}, frames={format_frames(self.frames)!r})"

    def __eq__(self, other: object) -> bool:
        """Whether folder, name and frames are the same."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return (self.folder, self.name, self.frames, self.views) == (
            other.folder,
            other.name,
            other.frames,
            other.views,
        )

    def __hash__(self) -> int:
        """Hash of folder and name."""
        return hash((self.folder, self.name))

    def _on_disk(self) -> dict[int, str]:
        """Frame → file name, from one reading of the folder; with views, of the first that has it."""
        if self._found is None:
            if self._by_view:
                self._found = {}
                for sequence in self._by_view.values():
                    self._found = {**sequence._on_disk(), **self._found}
            else:
                self._found = scan(self._parsed)[0]
        return self._found

    def _complete(self) -> Iterable[int]:
        """The frames that have all their files."""
        if not self._by_view:
            return self._on_disk().keys()
        found = [sequence._on_disk().keys() for sequence in self._by_view.values()]
        return set(found[0]).intersection(*found[1:])

    def _some(self) -> tuple[int, ...]:
        """The frames meant, of which there must be one."""
        if not self.frames:
            raise SequenceError(f"{self._where()}: no frames{self._what_there_is()}")
        return self.frames

    def _where(self) -> str:
        """Pattern and folder for messages."""
        return f"{self.name} in {self.folder}"

    def _what_there_is(self) -> str:
        """What the folder offers instead, for messages."""
        if self._by_view:
            return ""
        if not os.path.isdir(self.folder):  # noqa: PTH112  Path.is_dir raises for names that are too long
            return "; there is no such folder"
        on_disk = self._on_disk()
        if on_disk:
            return f"; on disk are {format_frames(sorted(on_disk))}"
        others = [sequence.name for sequence in Sequence.find(self.folder)][:3]
        return f"; the folder has {', '.join(others)}" if others else "; the folder has no numbered files"
