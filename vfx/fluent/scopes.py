"""Scopes, burn-ins and other pictures about a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any

    from vfx.image import Image
    from vfx.ops.burn_ins import Colour
    from vfx.ops.heat_maps import Picture

__all__ = ["Scopes"]


class Scopes(PictureMethods):
    """Mixin: scopes, burn-ins and other pictures about a picture."""

    __slots__ = ()

    def burn_in(self, fields: Mapping[str, str], *, values: Mapping[str, Any] | None = None, **style: Any) -> Image:
        """New: several texts at once, with fields such as frame and time code filled in.

        See :func:`vfx.ops.burn_in`.
        """
        return self._ops_picture("burn_in", fields, values=values, **style)

    def difference_map(
        self, b: Picture, *, maximum: float | None = None, threshold: float = 0.0, legend: bool = False
    ) -> Image:
        """New: a heat map of how far ``a`` and ``b`` are apart, over the union of their data windows.

        See :func:`vfx.ops.difference_map`.
        """
        return self._ops_picture("difference_map", b, maximum=maximum, threshold=threshold, legend=legend)

    def false_colour(
        self,
        scheme: str | Sequence[tuple[float, Sequence[float]]] = "stops",
        *,
        luma: str = "rec709",
        legend: bool = False,
    ) -> Image:
        """New: each pixel in the colour of its exposure. See :func:`vfx.ops.false_colour`."""
        return self._ops_picture("false_colour", scheme, luma=luma, legend=legend)

    def histogram_picture(
        self,
        *,
        size: tuple[int, int] = (1024, 576),
        limits: tuple[float, float] = (0.0, 1.0),
        scale: str = "sqrt",
        marks: Mapping[str, float] | None = None,
        graticule: bool = True,
    ) -> Image:
        """New: the histogram as a picture; values to the right, how many pixels have them upwards.

        See :func:`vfx.ops.histogram_picture`.
        """
        return self._ops_picture(
            "histogram_picture", size=size, limits=limits, scale=scale, marks=marks, graticule=graticule
        )

    def parade(
        self,
        *,
        size: tuple[int, int] = (1024, 576),
        limits: tuple[float, float] = (0.0, 1.0),
        marks: Mapping[str, float] | None = None,
        gain: float = 1.0,
        graticule: bool = True,
    ) -> Image:
        """New: the RGB parade; the waveforms of red, green and blue side by side. See :func:`vfx.ops.parade`."""
        return self._ops_picture("parade", size=size, limits=limits, marks=marks, gain=gain, graticule=graticule)

    def rectangle(
        self,
        area: Sequence[float],
        *,
        color: Colour = 1.0,
        opacity: float = 1.0,
        line: float | None = None,
        curve: str | None = None,
    ) -> Image:
        """New: a box drawn over the picture, filled or as a line; alpha becomes opaque where it is covered.

        See :func:`vfx.ops.rectangle`.
        """
        return self._ops_picture("rectangle", area, color=color, opacity=opacity, line=line, curve=curve)

    def text(
        self,
        content: str,
        at: str | Sequence[float] = "bottom left",
        *,
        size: float | None = None,
        color: Colour = 1.0,
        opacity: float = 1.0,
        font: str | os.PathLike[str] | None = None,
        align: str | None = None,
        outline: int = 0,
        plate: float = 0.0,
        shade: Colour = 0.0,
        margin: float | None = None,
        curve: str | None = None,
    ) -> Image:
        """New: text drawn over the picture; alpha becomes opaque where it is covered. See :func:`vfx.ops.text`."""
        return self._ops_picture(
            "text",
            content,
            at,
            size=size,
            color=color,
            opacity=opacity,
            font=font,
            align=align,
            outline=outline,
            plate=plate,
            shade=shade,
            margin=margin,
            curve=curve,
        )

    def vectorscope(
        self,
        *,
        size: tuple[int, int] = (640, 640),
        luma: str = "rec709",
        zoom: float = 1.0,
        gain: float = 1.0,
        graticule: bool = True,
    ) -> Image:
        """New: the vectorscope; each pixel at its colour differences, Cb to the right and Cr upwards.

        See :func:`vfx.ops.vectorscope`.
        """
        return self._ops_picture("vectorscope", size=size, luma=luma, zoom=zoom, gain=gain, graticule=graticule)

    def waveform(
        self,
        *,
        mode: str = "rgb",
        size: tuple[int, int] = (1024, 576),
        limits: tuple[float, float] = (0.0, 1.0),
        marks: Mapping[str, float] | None = None,
        luma: str = "rec709",
        gain: float = 1.0,
        graticule: bool = True,
    ) -> Image:
        """New: the waveform; left to right as in the picture, upwards the values of each column.

        See :func:`vfx.ops.waveform`.
        """
        return self._ops_picture(
            "waveform", mode=mode, size=size, limits=limits, marks=marks, luma=luma, gain=gain, graticule=graticule
        )
