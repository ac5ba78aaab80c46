"""The ``vfx`` command itself: finds its subcommands by name and imports only the one that is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import click

import vfx

__all__ = ["COMMANDS", "Interrupted", "app"]

#: Subcommands, each in the module of its name.
COMMANDS = (
    "comp",
    "convert",
    "cryptomatte",
    "demo",
    "diff",
    "doctor",
    "grade",
    "info",
    "lut",
    "resize",
    "scope",
    "sheet",
)


class Interrupted(Exception):
    """Ctrl-C inside a command."""


class _Lazy(click.Group):
    """A group that imports a subcommand when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands, sorted."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"vfx.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand, or a usage error that lists those there are."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no such command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; Ctrl-C becomes :class:`Interrupted`."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(vfx.__version__, prog_name="vfx", message="%(prog)s %(version)s")
def app() -> None:
    """Read, grade, composite, resize, convert and check pictures and frame sequences."""
