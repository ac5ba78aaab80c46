"""What a config can be asked to do to pixels: its methods that make processors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from vfx import checks
from vfx.ocio import _names
from vfx.ocio._library import load, reported
from vfx.ocio.processor import Processor, Recipe

if TYPE_CHECKING:
    from vfx.ocio.config import Config

__all__ = ["Transforms"]


class Transforms:
    """The part of :class:`vfx.ocio.Config` that makes processors."""

    __slots__ = ()

    # What the config itself brings.
    _inner: Any
    _source: str

    @property
    def displays(self) -> tuple[str, ...]:
        """The names of the active displays, the default one first."""
        raise NotImplementedError

    @property
    def default_display(self) -> str:
        """The display that is used where none is named."""
        raise NotImplementedError

    @property
    def looks(self) -> tuple[str, ...]:
        """The names of the looks."""
        raise NotImplementedError

    def views(self, display: str | None = None) -> tuple[str, ...]:
        """The names of the views of a display."""
        raise NotImplementedError

    def _ocio_context(self) -> Any:
        """The config's context with our variables set."""
        raise NotImplementedError

    def processor(
        self,
        src: str,
        dst: str,
        *,
        looks: str | None = None,
        inverse: bool = False,
        optimization: str = "default",
    ) -> Processor:
        """The transform from one colour space to another.

        Parameters
        ----------
        src, dst : str
            Names, aliases or roles of colour spaces, or named transforms (as ``dst``: backwards).
        looks : str, optional
            Looks on the way, e.g. ``"grade, -neutral"``; a minus applies one backwards.
        inverse : bool, optional
            The other direction.
        optimization : str, optional
            What OpenColorIO may simplify: ``"default"`` (fast powers and logs, off by up to 1.5e-5), ``"lossless"``,
            ``"none"``, ``"very_good"``, ``"good"``, ``"draft"``.

        Raises
        ------
        ValueError
            If there is no such colour space; the message has the nearest name and all names.
        FileNotFoundError
            If a LUT of the config cannot be found.
        FormatError
            If the transform cannot be made.

        Examples
        --------
        >>> from vfx.ocio import Config
        >>> Config("ocio://cg-config-latest").processor("scene_linear", "texture_paint").mixes_channels
        True
        """
        library = load()
        start, end = self._space(src, "src"), self._space(dst, "dst")
        if looks:
            transform = library.LookTransform(start, end, self._looks(looks))
        else:
            transform = library.ColorSpaceTransform(start, end)
        label = f"{src!r} → {dst!r}" + (f" with {looks}" if looks else "")
        arguments = {"src": src, "dst": dst, "looks": looks, "inverse": inverse, "optimization": optimization}
        return self._made("processor", transform, label, arguments, ends=(start, end))

    def display_processor(
        self,
        src: str | None = None,
        display: str | None = None,
        view: str | None = None,
        *,
        looks: str | None = None,
        inverse: bool = False,
        optimization: str = "default",
    ) -> Processor:
        """The transform from a colour space to what a display needs to show it.

        Parameters
        ----------
        src : str, optional
            A colour space or role; None: the role ``scene_linear``.
        display, view : str, optional
            Their names. Other case, or a part of the name that only one has, will do: ``"sRGB"`` finds
            ``"sRGB - Display"``. None as the display: the default one where it has the view, else the first that
            has it. None as the view: the default view of the display.
        looks : str, optional
            Looks in place of the view's own; ``""``: none.
        inverse : bool, optional
            From the display back to ``src``.
        optimization : str, optional
            As for :meth:`processor`.

        Raises
        ------
        ValueError
            If there is no such colour space, display or view, or several match.
        FileNotFoundError, FormatError
            As for :meth:`processor`.

        Examples
        --------
        >>> from vfx.ocio import Config
        >>> Config("ocio://studio-config-latest").display_processor(display="gamma 2.6", view="raw").is_noop
        True
        """
        library = load()
        start = self._space("scene_linear" if src is None else src, "src")
        shown, seen = self._display_and_view(display, view, start)
        transform = library.DisplayViewTransform(start, shown, seen, looksBypass=looks is not None)
        if looks:
            transform = library.GroupTransform([library.LookTransform(start, start, self._looks(looks)), transform])
        label = f"{start!r} → {shown!r} {seen!r}" + ("" if looks is None else f" with {looks or 'no looks'}")
        arguments = {"src": src, "display": shown, "view": seen, "looks": looks, "inverse": inverse}
        arguments["optimization"] = optimization
        return self._made("display_processor", transform, label, arguments, ends=(start, self._space_of(shown, seen)))

    def look_processor(
        self,
        looks: str,
        src: str | None = None,
        dst: str | None = None,
        *,
        inverse: bool = False,
        optimization: str = "default",
    ) -> Processor:
        """The transform of one or more looks of the config.

        Parameters
        ----------
        looks : str
            Names, e.g. ``"grade"`` or ``"grade, -neutral"``; a minus applies one backwards.
        src : str, optional
            The colour space of the pixels; None: the role ``scene_linear``.
        dst : str, optional
            Where to go; None: back to ``src``.
        inverse, optimization : optional
            As for :meth:`processor`.

        Raises
        ------
        ValueError
            If there is no such look or colour space.
        FileNotFoundError, FormatError
            As for :meth:`processor`.
        """
        start = self._space("scene_linear" if src is None else src, "src")
        end = start if dst is None else self._space(dst, "dst")
        transform = load().LookTransform(start, end, self._looks(looks))
        label = f"look {looks!r} on {start!r}" + ("" if dst is None else f" → {dst!r}")
        arguments = {"looks": looks, "src": src, "dst": dst, "inverse": inverse, "optimization": optimization}
        return self._made("look_processor", transform, label, arguments, ends=(start, end))

    def transform_processor(
        self, transform: Any, *, id: str = "", inverse: bool = False, optimization: str = "default"
    ) -> Processor:
        """The processor of a named transform, of a LUT or CDL file, or of any object of PyOpenColorIO.

        Parameters
        ----------
        transform : str, os.PathLike or PyOpenColorIO.Transform
            A named transform of the config; else a file, looked for in the config's search path.
        id : str, optional
            Which correction of a ``.ccc`` or ``.cdl`` file.
        inverse, optimization : optional
            As for :meth:`processor`.

        Raises
        ------
        FileNotFoundError
            If there is no such named transform and no such file.
        FormatError
            If OpenColorIO cannot read the file, or the transform is not complete.
        """
        library = load()
        arguments = {"transform": transform, "id": id, "inverse": inverse, "optimization": optimization}
        if isinstance(transform, library.Transform):
            return self._made("transform_processor", transform, type(transform).__name__, arguments)
        place = os.fspath(checks.path(transform))
        arguments["transform"] = place
        named = self._inner.getNamedTransform(place)
        if named is None:
            made = library.FileTransform(place, id)
        else:
            made = library.NamedTransform.GetTransform(named, library.TRANSFORM_DIR_FORWARD)
        return self._made("transform_processor", made, repr(place), arguments)

    # -- names to objects ------------------------------------------------------------------

    def _made(
        self,
        method: str,
        transform: Any,
        label: str,
        arguments: dict[str, Any],
        *,
        ends: tuple[str, str] = ("", ""),
    ) -> Processor:
        """The processor of one of OpenColorIO's transforms, and how ``method`` was asked for it."""
        library = load()
        backwards = arguments["inverse"]
        direction = library.TRANSFORM_DIR_INVERSE if backwards else library.TRANSFORM_DIR_FORWARD
        said = f"inverse of {label}" if backwards else label
        with reported(f"{self._source}: {said}"):
            inner = self._inner.getProcessor(self._ocio_context(), transform, direction)
        first, last = map(self._canonical, reversed(ends) if backwards else ends)
        recipe = Recipe(cast("Config", self), method, arguments, said, first, last)
        return Processor(inner, recipe, arguments["optimization"])

    def _space(self, name: str, what: str) -> str:
        """The name of a colour space, role or named transform that exists, variables filled in."""
        text = self._ocio_context().resolveStringVar(name) if isinstance(name, str) else name
        return _names.space(self._inner, text, what=what, where=self._source)

    def _canonical(self, name: str) -> str:
        """The config's own name of a colour space; empty for a named transform."""
        found = self._inner.getColorSpace(name) if name else None
        return "" if found is None else str(found.getName())

    def _space_of(self, display: str, view: str) -> str:
        """The colour space of a view; shared views may take the display's name for it."""
        name = str(self._inner.getDisplayViewColorSpaceName(display, view))
        return display if name == load().OCIO_VIEW_USE_DISPLAY_NAME else name

    def _looks(self, looks: str) -> str:
        """A list of looks that all exist; ``a | b`` means the first whose files are there."""
        if not isinstance(looks, str):
            raise TypeError(f"looks must be names such as 'grade, -neutral', got {looks!r}")
        names = [part.strip().lstrip("+-").strip() for part in looks.replace("|", ",").replace(":", ",").split(",")]
        for name in filter(None, names):
            if self._inner.getLook(self._ocio_context().resolveStringVar(name)) is None:
                raise _names.unknown("look", name, self.looks, self._source)
        return looks

    def _display(self, display: str | None) -> str:
        """The name of a display that exists."""
        if display is None:
            return self.default_display
        if not isinstance(display, str):
            raise TypeError(f"display must be a name, got {display!r}")
        return _names.one_near("display", display, self.displays, self._source)

    def _display_and_view(self, display: str | None, view: str | None, src: str) -> tuple[str, str]:
        """The names of a display and of one of its views."""
        if view is None:
            shown = self._display(display)
            return shown, str(self._inner.getDefaultView(shown, src))
        if not isinstance(view, str):
            raise TypeError(f"view must be a name, got {view!r}")
        chosen = self.displays if display is None else (self._display(display),)
        return _names.near_view(view, {name: self.views(name) for name in chosen}, self._source)
