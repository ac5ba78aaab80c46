"""Opening a config: a file, an archive, or one of the library's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vfx import checks
from vfx.errors import FormatError
from vfx.ocio import _names
from vfx.ocio._library import load, reported

__all__ = ["BUILTIN", "builtin_configs", "checked", "opened"]

#: How the names of the library's own configs begin.
BUILTIN = "ocio://"
# Names that mean the newest of a kind.
_LATEST = tuple(BUILTIN + name for name in ("default", "cg-config-latest", "studio-config-latest"))
#: The config in an archive.
_IN_ARCHIVE = "config.ocio"


def builtin_configs() -> tuple[str, ...]:
    """The configs inside the library, as :class:`Config` takes them.

    Examples
    --------
    >>> "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4" in builtin_configs()
    True
    """
    registry = load().BuiltinConfigRegistry()
    return tuple(BUILTIN + entry[0] for entry in registry.getBuiltinConfigs())


def opened(source: str) -> Any:
    """The ``PyOpenColorIO.Config`` of a file, an archive or a built-in name; see :class:`vfx.ocio.Config`."""
    library = load()
    if source.startswith(BUILTIN):
        known = (*_LATEST, *builtin_configs())
        if source not in known:
            raise _names.unknown("built-in config", source, known, "OpenColorIO")
        with reported(source):
            return library.Config.CreateFromFile(source)
    path = checks.path(source)
    if path.is_dir():
        raise FormatError("a config is a file, this is a folder; name the .ocio file in it", path=path)
    path.stat()  # a missing file says so
    if path.suffix.lower() == ".ocioz":
        _check_archive(path)
    # The library keeps every LUT file it ever read for as long as the process lives, changed on disk or not.
    library.ClearAllCaches()
    with reported(source):
        # Absolute: its search path starts at its folder, wherever the process goes.
        return library.Config.CreateFromFile(str(path.absolute()))


def _check_archive(path: Path) -> None:
    """Nothing, when the archive is whole: OpenColorIO reads what is left of a damaged one and says nothing."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            names = archive.namelist()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise FormatError(f"the archive is damaged: {error}", path=path) from None
    if broken is not None:
        raise FormatError(f"the archive is damaged: {broken} fails its checksum", path=path)
    if _IN_ARCHIVE not in names:
        raise FormatError(f"the archive has no {_IN_ARCHIVE}", path=path)


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """The variables of a context, checked to be text.

    Raises
    ------
    TypeError
        If a name or a value is not.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"context must be a mapping such as {{'SHOT': 'sh010'}}, got {given!r}")
    for name, value in given.items():
        if not (isinstance(name, str) and name and isinstance(value, str)):
            raise TypeError(f"context gives text to names, got {name!r}: {value!r}")
    return dict(given)
