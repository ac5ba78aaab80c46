"""Options that several commands share, and how their values become Python's."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

import vfx

__all__ = [
    "Choice",
    "FilterName",
    "Size",
    "batch_options",
    "json_option",
    "read_options",
    "read_options_but_view",
    "reading",
    "threads_option",
    "write_options",
    "writing",
]

F = TypeVar("F", bound=Callable[..., Any])


class Size(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """A size such as ``1920x1080``, as width and height.

    Parameters
    ----------
    low, high : int
        What both must lie between.
    """

    name = "WxH"

    def __init__(self, low: int = 1, high: int = 1 << 22) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Width and height."""
        if isinstance(value, tuple):
            return value
        width, _, height = value.lower().partition("x")
        if not all(s.isdecimal() and len(s) < 10 and self.low <= int(s) <= self.high for s in (width, height)):
            low, high = f"{self.low}x{self.low}", f"{self.high}x{self.high}"
            self.fail(f"a size is WIDTHxHEIGHT from {low} to {high}, got {value!r}", param, ctx)
        return int(width), int(height)


class FilterName(click.ParamType):  # type: ignore[type-arg]
    """A resampling filter, by any of its names."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Its first name."""
        from vfx.ops import filters

        try:
            return filters.find(value).name
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Choice(click.ParamType):  # type: ignore[type-arg]
    """One of some names, written with hyphens or underscores, small or large; a near miss is told.

    Parameters
    ----------
    names : sequence of str
        As the operation spells them, with underscores.
    """

    name = "NAME"

    def __init__(self, names: Sequence[str]) -> None:
        self.names = {name.replace("_", "-"): name for name in names}

    def get_metavar(self, *_args: Any, **_options: Any) -> str:
        """The names, for the help."""
        return f"[{'|'.join(self.names)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as the operation spells it."""
        plain = value.lower().replace("_", "-")
        if plain not in self.names:
            near = difflib.get_close_matches(plain, list(self.names), n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            self.fail(f"{value!r} is not one of {', '.join(self.names)}{hint}", param, ctx)
        return self.names[plain]


def _stack(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in the order given."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _set_threads(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int | None:
    """Apply ``--threads`` at once."""
    if value is not None:
        vfx.set_threads(value)
    return value


def _keep_for_reading(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Put an option of ``vfx.read`` where :func:`reading` finds it."""
    if value is not None and value != ():
        context.meta.setdefault(_READING, {})[parameter.name] = value


_READING = "vfx.cli.reading"
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    callback=_set_threads,
    expose_value=False,
    help="CPUs to use at most.  [default: all]",
)
batch_options = _stack(
    click.option("--frames", metavar="RANGE", help="Only these frames: 1001-1100, 1-10x2, 1,5,9."),
    threads_option,
    click.option("--workers", type=click.IntRange(1, 1024), help="Frames in work at the same time."),
    click.option(
        "--on-missing",
        type=click.Choice(["error", "skip", "hold", "black"]),
        default="error",
        show_default=True,
        help="What to do with frames that have no source.",
    ),
    click.option(
        "--on-error",
        type=click.Choice(["raise", "skip"]),
        default="raise",
        show_default=True,
        help="Stop at a frame that fails, or go on and report it.",
    ),
    click.option("--resume/--no-resume", default=True, help="Leave out frames that are already done.  [default: yes]"),
    click.option("--dry-run", is_flag=True, help="Only say what would be written."),
)
#: For commands whose --view is how pictures are shown: there a stereo view is --read view=left.
read_options_but_view = _stack(
    click.option("--part", metavar="PART", help="Part or page of the source, by index or name.  [default: 0]"),
    click.option("--layer", metavar="NAME", help="Only this layer's channels; beauty.R becomes R."),
    click.option("--channels", metavar="NAMES", help="Only these channels, in this order: R,G,B."),
    click.option(
        "--level",
        type=click.IntRange(0),
        callback=_keep_for_reading,
        expose_value=False,
        help="This level of a mipmap or of JPEG 2000.  [default: 0, the whole resolution]",
    ),
    click.option(
        "--read",
        "read_settings",
        multiple=True,
        metavar="OPTION=VALUE",
        callback=_keep_for_reading,
        expose_value=False,
        help="Any other option of the source's format, e.g. --read raw=yes. May be given again.",
    ),
)
read_options = _stack(
    read_options_but_view,
    click.option(
        "--view", metavar="NAME", callback=_keep_for_reading, expose_value=False, help="Only this stereo view: left."
    ),
)
write_options = _stack(
    click.option("--compression", metavar="NAME", help="As the output format names it: zip, dwaa, lzw, 9."),
    click.option("--bit-depth", type=int, metavar="BITS", help="Bits per sample in the file: 8, 10, 12, 16."),
    click.option("--dtype", type=click.Choice(["u8", "u16", "f16", "f32"]), help="Pixel format of the output."),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="OPTION=VALUE",
        help="Any other option of the output format, e.g. --set dwa_level=45. May be given again.",
    ),
)


def reading(part: str | None, layer: str | None, channels: str | None) -> dict[str, Any]:
    """The options for ``vfx.read`` that the command line asks for."""
    options: dict[str, Any] = {}
    if part is not None:
        options["part"] = int(part) if part.lstrip("-").isdigit() else part
    if layer is not None:
        options["layer"] = layer
    if channels is not None:
        options["channels"] = [name.strip() for name in channels.split(",")]
    kept = dict(click.get_current_context().meta.get(_READING, {}))
    settings = _settings("--read", kept.pop("read_settings", ()))
    return options | kept | settings


def _settings(option: str, texts: tuple[str, ...]) -> dict[str, Any]:
    """``OPTION=VALUE`` of the command line as options of Python."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"{option} needs OPTION=VALUE, got {text!r}", click.get_current_context())
        found[name] = _value(value)
    return found


def writing(compression: str | None, bit_depth: int | None, settings: tuple[str, ...]) -> dict[str, Any]:
    """The options for ``vfx.write`` that the command line asks for."""
    options: dict[str, Any] = {}
    if compression is not None:
        options["compression"] = _value(compression)
    if bit_depth is not None:
        options["bit_depth"] = bit_depth
    return options | _settings("--set", settings)


def _value(text: str) -> Any:
    """A number, yes/no, or the text itself; ``none`` is Python's None only where it cannot be a name."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)
