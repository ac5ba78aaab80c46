"""The config: what a show calls its colour spaces, displays and looks, and the transforms between them."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vfx import checks
from vfx.ocio import _names
from vfx.ocio._library import load, reported
from vfx.ocio._opening import BUILTIN, checked, opened
from vfx.ocio._transforms import Transforms

__all__ = ["ColorSpace", "Config"]


@dataclass(frozen=True)
class ColorSpace:
    """What a config says about one colour space.

    Attributes
    ----------
    name : str
        Its name in the config.
    family : str
        Where menus list it, e.g. ``"Input/ARRI"``.
    encoding : str
        ``"scene-linear"``, ``"log"``, ``"sdr-video"``, ``"hdr-video"``, ``"data"`` …, or empty.
    description : str
        In words.
    aliases, categories : tuple of str
        Other names, and what it is for.
    is_data : bool
        Whether it holds no colour (a normal map), so that transforms leave it alone.
    """

    name: str
    family: str
    encoding: str
    description: str
    aliases: tuple[str, ...]
    categories: tuple[str, ...]
    is_data: bool


class Config(Transforms):
    """An OpenColorIO config.

    LUT files are read when a transform first needs them, and then kept: open the config again to see changed ones.

    Parameters
    ----------
    source : str or os.PathLike, optional
        A ``.ocio`` file, a ``.ocioz`` archive, or a built-in: ``"ocio://default"``,
        ``"ocio://cg-config-latest"``, ``"ocio://studio-config-latest"`` or a name of :func:`vfx.ocio.builtin_configs`.
        None: what the environment variable ``OCIO`` names. A ``PyOpenColorIO.Config`` is taken as it is.
    context : mapping of str to str, optional
        Values of the config's variables, e.g. ``{"SHOT": "sh010"}``.

    Raises
    ------
    MissingExtraError
        If PyOpenColorIO is not installed.
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is no config, with the path, the reason and the line.
    ValueError
        If ``source`` is None and ``OCIO`` is not set.

    Examples
    --------
    >>> config = Config("ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4")
    >>> config.default_display
    'sRGB - Display'
    >>> config.processor("ACEScg", "ACEScct")
    <ocio.Processor 'ACEScg' → 'ACEScct', ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4>
    """

    __slots__ = ("__weakref__", "_context", "_inner", "_made_from", "_source")

    def __init__(self, source: Any = None, *, context: Mapping[str, str] | None = None) -> None:
        library = load()
        self._context = checked(context or {})
        self._made_from: tuple[str, str] | None = None
        if isinstance(source, library.Config):
            self._inner, self._source = source, source.getName() or "<PyOpenColorIO.Config>"
            self._made_from = ("object", "")
            return
        if source is None:
            source = os.environ.get("OCIO")
            if not source:
                raise ValueError(
                    "no config was named and the environment variable OCIO is not set; "
                    f"Config takes a path, or a built-in such as {BUILTIN}default"
                )
        self._source = os.fspath(source) if isinstance(source, str) else os.fspath(checks.path(source))
        self._inner = opened(self._source)

    @classmethod
    def from_text(
        cls, text: str, *, folder: str | os.PathLike[str] | None = None, context: Mapping[str, str] | None = None
    ) -> Config:
        """The config that a text in OpenColorIO's YAML describes.

        Parameters
        ----------
        text : str
            What a ``.ocio`` file would hold.
        folder : str or os.PathLike, optional
            Where its relative search paths start; the current folder by default.
        context : mapping of str to str, optional
            Values of the config's variables.

        Raises
        ------
        FormatError
            If it is no config.

        Examples
        --------
        >>> text = Config("ocio://default").to_text()
        >>> Config.from_text(text).default_display
        'sRGB - Display'
        """
        if not isinstance(text, str):
            raise TypeError(f"the text of a config must be str, got {type(text).__name__}")
        library = load()
        made = cls.__new__(cls)
        made._context = checked(context or {})
        made._source = "<text>"
        place = str(Path.cwd() if folder is None else checks.path(folder).absolute())
        made._made_from = (text, place)
        library.ClearAllCaches()  # as for a config from a path
        with reported(made._source):
            made._inner = library.Config.CreateFromStream(text)
        made._inner.setWorkingDir(place)
        return made

    def to_text(self) -> str:
        """The config in OpenColorIO's YAML.

        Raises
        ------
        FormatError
            If the config contradicts itself, so that it cannot be written.
        """
        with reported(self._source):
            return str(self._inner.serialize())

    # -- what is in it ---------------------------------------------------------------------

    @property
    def ocio(self) -> Any:
        """The ``PyOpenColorIO.Config`` itself, for everything that is not offered here."""
        return self._inner

    @property
    def source(self) -> str:
        """The path or name that it was opened by; messages begin with it."""
        return self._source

    @property
    def name(self) -> str:
        """The name that the config gives itself, or empty."""
        return str(self._inner.getName())

    @property
    def description(self) -> str:
        """What the config says about itself."""
        return str(self._inner.getDescription())

    @property
    def search_path(self) -> tuple[str, ...]:
        """The folders in which LUT files are looked for, as the config writes them."""
        return tuple(self._inner.getSearchPaths())

    @property
    def colorspaces(self) -> tuple[str, ...]:
        """The names of the active colour spaces, in the config's order."""
        return tuple(self._inner.getColorSpaceNames())

    @property
    def inactive_colorspaces(self) -> tuple[str, ...]:
        """The names of the colour spaces that menus hide; they work like the others."""
        library = load()
        every = library.SEARCH_REFERENCE_SPACE_ALL
        return tuple(self._inner.getColorSpaceNames(every, library.COLORSPACE_INACTIVE))

    @property
    def roles(self) -> dict[str, str]:
        """Role → colour space, e.g. ``{"scene_linear": "ACEScg"}``."""
        return dict(self._inner.getRoles())

    @property
    def displays(self) -> tuple[str, ...]:
        """The names of the active displays, the default one first."""
        default = self.default_display
        rest = [name for name in self._inner.getDisplays() if name != default]
        return (default, *rest) if default else tuple(rest)

    def views(self, display: str | None = None) -> tuple[str, ...]:
        """The names of the views of a display (None: of the default one), in the config's order.

        Raises
        ------
        ValueError
            If there is no such display.
        """
        return tuple(self._inner.getViews(self._display(display)))

    @property
    def looks(self) -> tuple[str, ...]:
        """The names of the looks."""
        return tuple(self._inner.getLookNames())

    @property
    def named_transforms(self) -> tuple[str, ...]:
        """The names of the active named transforms."""
        return tuple(self._inner.getNamedTransformNames())

    @property
    def default_display(self) -> str:
        """The display that is used where none is named."""
        return str(self._inner.getDefaultDisplay())

    def default_view(self, display: str | None = None) -> str:
        """The view of a display (None: of the default one) that is used where none is named."""
        return str(self._inner.getDefaultView(self._display(display)))

    def colorspace(self, name: str) -> ColorSpace:
        """What the config says about a colour space, by its name, a role or an alias.

        Raises
        ------
        ValueError
            If there is none.

        Examples
        --------
        >>> Config("ocio://cg-config-latest").colorspace("scene_linear").encoding
        'scene-linear'
        """
        _names.space(self._inner, name, what="name", where=self._source)
        found = self._inner.getColorSpace(name)
        if found is None:
            raise ValueError(f"{self._source}: {name!r} is a named transform, not a colour space")
        return ColorSpace(
            name=found.getName(),
            family=found.getFamily(),
            encoding=found.getEncoding(),
            description=found.getDescription(),
            aliases=tuple(found.getAliases()),
            categories=tuple(found.getCategories()),
            is_data=found.isData(),
        )

    def colorspace_of(self, path: str | os.PathLike[str]) -> str:
        """The colour space that the config's file rules give to a file, by its name; it need not exist.

        Examples
        --------
        >>> Config("ocio://cg-config-latest").colorspace_of("plate.exr")
        'ACES2065-1'
        """
        with reported(self._source):
            return str(self._inner.getColorSpaceFromFilepath(os.fspath(checks.path(path)))[0])

    def validate(self) -> None:
        """Nothing, when every reference inside the config holds; LUT files are not opened.

        Raises
        ------
        FormatError
            With the first contradiction.
        """
        with reported(self._source):
            self._inner.validate()

    # -- variables -------------------------------------------------------------------------

    @property
    def context(self) -> dict[str, str]:
        """The variables and their values: given here, from the environment, or the config's defaults."""
        return dict(self._ocio_context().getStringVars())

    def with_context(self, **variables: str) -> Config:
        """The same config with other values of its variables; this one is left alone.

        Examples
        --------
        >>> Config("ocio://default").with_context(SHOT="sh010").context["SHOT"]
        'sh010'
        """
        made = copy.copy(self)
        made._context = {**self._context, **checked(variables)}
        return made

    def _ocio_context(self) -> Any:
        """The config's context with our variables set."""
        context = self._inner.getCurrentContext()
        if self._context:
            context = copy.deepcopy(context)
            for name, value in self._context.items():
                context.setStringVar(name, value)
        return context

    # -- being a value ---------------------------------------------------------------------

    def __repr__(self) -> str:
        """How it was opened."""
        variables = f", context={self._context}" if self._context else ""
        return f"<ocio.Config {self._source!r}{variables}>"

    def __copy__(self) -> Config:
        """Another door to the same config."""
        made = type(self).__new__(type(self))
        for name in ("_inner", "_source", "_made_from", "_context"):
            setattr(made, name, getattr(self, name))
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as what it was made from: a path is opened again on the other side."""
        if self._made_from is None:
            return _reopened, (self._source, self._context)
        text, folder = self._made_from
        if folder:
            return _reread, (text, folder, self._context)
        return _reread, (self.to_text(), self._inner.getWorkingDir() or str(Path.cwd()), self._context)


def _reopened(source: str, context: dict[str, str]) -> Config:
    """Unpickle a config that was opened."""
    return Config(source, context=context)


def _reread(text: str, folder: str, context: dict[str, str]) -> Config:
    """Unpickle a config that was text or an object."""
    return Config.from_text(text, folder=folder, context=context)
