"""The memory of a batch: what each finished frame was made with.

One small JSON file, ``.vfx-batch.json``, lies beside the outputs::

    {"format": "vfx-batch", "version": 1,
     "frames": {"sh010.1001.exr": {"recipe": "9f…",                  look, options, version of vfx
                                   "source": ["/plates/sh010.1001.exr", size, mtime_ns],
                                   "output": [size, mtime_ns]}}}

A frame counts as finished when recipe and source are the same, the output has the recorded size
and time, and its header can be read. Runs that write into one folder at the same time merge their
entries; a lost entry costs one frame made again, never a frame wrongly skipped.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vfx._atomic import replace_bytes

__all__ = ["STATE_NAME", "State", "fingerprint", "identity"]

STATE_NAME = ".vfx-batch.json"
#: Seconds between two savings: a killed run loses the frames of at most this time.
SAVE_EVERY = 2.0
#: A state file larger than this is not ours (100 000 frames are about 25 MB).
_MOST_BYTES = 256 << 20


def identity(path: Path) -> list[Any]:
    """What tells a source file from a changed one: resolved path, size, time of change."""
    status = path.stat()
    return [str(path.resolve()), status.st_size, status.st_mtime_ns]


def fingerprint(*parts: object) -> str:
    """A digest of plain values, arrays, mappings and sequences; equal content gives equal digests.

    Raises
    ------
    TypeError
        If a part has no stable content.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: Any, part: object) -> None:
    """Add one value, its type in front, so that neighbours cannot be confused."""
    if isinstance(part, (bytes, str, int, float, bool, type(None))):
        content = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(f"{type(part).__name__}:{len(content)}:".encode() + content)
    elif isinstance(part, (np.ndarray, np.generic)):
        array = np.ascontiguousarray(part)
        digest.update(f"array:{array.dtype.str}:{array.shape}:".encode() + array.tobytes())
    elif isinstance(part, os.PathLike):
        _feed(digest, os.fspath(part))
    elif isinstance(part, Mapping):
        digest.update(f"map:{len(part)}:".encode())
        for key in sorted(part, key=repr):
            _feed(digest, key)
            _feed(digest, part[key])
    elif isinstance(part, (tuple, list)):
        digest.update(f"list:{len(part)}:".encode())
        for item in part:
            _feed(digest, item)
    else:
        raise TypeError(f"cannot remember what a frame was made with: {type(part).__name__} has no stable content")


class State:
    """What earlier runs made in one output folder, and what this one makes.

    Parameters
    ----------
    folder : Path
        The output folder.
    recipe : str
        :func:`fingerprint` of everything but the source that decides the pixels.
    kept : bool
        Whether there is a file at all; a single picture leaves none beside it.
    """

    def __init__(self, folder: Path, recipe: str, *, kept: bool = True) -> None:
        self.path = folder / STATE_NAME
        self.recipe = recipe
        self.warnings: list[str] = []
        self._kept = kept
        self._known = self._load() if kept else {}
        self._mine: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._saved_at = time.monotonic()
        self._unsaved = 0

    def finished(self, source: list[Any], target: Path, stand_in: str) -> bool:
        """Whether ``target`` is there, whole, and made from this source with this recipe."""
        entry = self._known.get(target.name)
        if not isinstance(entry, dict) or entry.get("recipe") != self.recipe:
            return False
        if entry.get("source") != source or entry.get("stand_in", "") != stand_in:
            return False
        try:
            status = target.stat()
        except OSError:
            return False
        return entry.get("output") == [status.st_size, status.st_mtime_ns] and _opens(target)

    def record(self, source: list[Any], target: Path, stand_in: str) -> int:
        """Remember a frame just made; the size of its file."""
        status = target.stat()
        entry = {"recipe": self.recipe, "source": source, "output": [status.st_size, status.st_mtime_ns]}
        if stand_in:
            entry["stand_in"] = stand_in
        with self._lock:
            self._mine[target.name] = entry
            self._unsaved += 1
        return status.st_size

    def save(self, *, now: bool = False) -> None:
        """Write the file, at most every two seconds unless ``now``; what others wrote meanwhile stays."""
        with self._lock:
            due = now or time.monotonic() - self._saved_at >= SAVE_EVERY
            if not self._unsaved or not due or not self._kept:
                return
            mine, self._unsaved = dict(self._mine), 0
        with _exclusive(self.path.parent):
            frames = {**self._load(quiet=True), **mine}
            content = {"format": "vfx-batch", "version": 1, "frames": dict(sorted(frames.items()))}
            replace_bytes(self.path, json.dumps(content, separators=(",", ":")).encode())
        self._saved_at = time.monotonic()

    def _load(self, *, quiet: bool = False) -> dict[str, dict[str, Any]]:
        """The entries of the file; a damaged file counts as empty, with a warning."""
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise ValueError("it is too large")
            content = json.loads(self.path.read_bytes())
            if not isinstance(content, dict) or content.get("format") != "vfx-batch" or content.get("version") != 1:
                raise ValueError("it is not a version 1 vfx-batch file")
            frames = content.get("frames")
            if not isinstance(frames, dict):
                raise ValueError("it has no frames")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            if not quiet:
                self.warnings.append(f"{self.path}: ignored, every frame is made again: {error}")
            return {}
        return {name: entry for name, entry in frames.items() if isinstance(entry, dict)}


def _opens(path: Path) -> bool:
    """Whether the file's header can be read."""
    from vfx import io

    try:
        io.probe(path)
    except (OSError, ValueError):
        return False
    return True


@contextlib.contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """A block that one process at a time runs for a folder, where the system has folder locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
