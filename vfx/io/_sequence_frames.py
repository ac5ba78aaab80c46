"""Frame numbers as text: ``"1001-1100x2,1200"``, and back."""

from __future__ import annotations

from collections.abc import Iterable

from vfx import checks
from vfx.errors import SequenceError

__all__ = ["MOST_FRAMES", "format_frames", "parse_frames"]

#: More frames than a day at 1000 frames a second: a slip of the keyboard, not a shot.
MOST_FRAMES = 86_400_000


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
        if not text or len(found) > MOST_FRAMES or found.hasSubFrames():
            raise SequenceError(
                f"frames must be whole numbers, as 1001-1100, and 1 to {MOST_FRAMES} of them; got {frames!r}"
            )
    except SequenceError:
        raise
    except (ValueError, ArithmeticError) as error:
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
