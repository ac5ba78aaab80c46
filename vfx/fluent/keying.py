"""Keying: mattes out of colours, and what mattes need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from vfx.image import Image

__all__ = ["Keying"]


class Keying(PictureMethods):
    """Mixin: keying: mattes out of colours, and what mattes need."""

    __slots__ = ()

    def despill(
        self,
        screen: str | Sequence[float] = "green",
        *,
        method: str = "average",
        limiter: str | None = None,
        amount: float = 1.0,
        keep_luminance: bool = False,
    ) -> Image:
        """New: the picture without the light that a screen throws on it. See :func:`vfx.ops.despill`."""
        return self._ops_picture(
            "despill", screen, method=method, limiter=limiter, amount=amount, keep_luminance=keep_luminance
        )

    def edge_extend(
        self, matte: Image | NDArray[Any] | None = None, *, threshold: float = 0.95, premultiplied: bool = True
    ) -> Image:
        """New: a foreground whose soft edges have the colour of the solid parts nearby.

        See :func:`vfx.ops.edge_extend`.
        """
        return self._ops_picture("edge_extend", matte, threshold=threshold, premultiplied=premultiplied)

    def key_chroma(
        self,
        screen: str | Sequence[float] = "green",
        ramp: Sequence[float] = (0.1, 0.8),
        *,
        method: str = "max",
        invert: bool = False,
        output: str = "matte",
    ) -> Image:
        """A new image: the matte of what stands before a screen. See :func:`vfx.ops.key_chroma`."""
        return self._ops_picture("key_chroma", screen, ramp, method=method, invert=invert, output=output)

    def key_difference(
        self,
        clean: Image | NDArray[Any],
        ramp: Sequence[float] = (0.02, 0.1),
        *,
        of: str = "max",
        invert: bool = False,
        output: str = "matte",
    ) -> Image:
        """A new image: the matte of what is not in the clean plate. See :func:`vfx.ops.key_difference`."""
        return self._ops_picture("key_difference", clean, ramp, of=of, invert=invert, output=output)

    def key_luma(
        self, ramp: Sequence[float] = (0.0, 1.0), *, of: str = "luminance", invert: bool = False, output: str = "matte"
    ) -> Image:
        """A new image: the matte of what is bright, by a ramp over luminance. See :func:`vfx.ops.key_luma`."""
        return self._ops_picture("key_luma", ramp, of=of, invert=invert, output=output)

    def matte_dilate(
        self, size: float = 1.0, *, shape: str = "round", channels: Sequence[str] | None = None, edge: str = "clamp"
    ) -> Image:
        """New: the matte grown by ``size`` pixels on every side; a negative size shrinks it.

        See :func:`vfx.ops.matte_dilate`.
        """
        return self._ops_picture("matte_dilate", size, shape=shape, channels=channels, edge=edge)

    def matte_erode(
        self, size: float = 1.0, *, shape: str = "round", channels: Sequence[str] | None = None, edge: str = "clamp"
    ) -> Image:
        """New: the matte shrunk by ``size`` pixels on every side; a negative size grows it.

        See :func:`vfx.ops.matte_erode`.
        """
        return self._ops_picture("matte_erode", size, shape=shape, channels=channels, edge=edge)

    def screen_color(self, screen: str = "green") -> tuple[float, float, float]:
        """Red, green and blue of the screen in a picture: the median over the pixels that show it plainly.

        See :func:`vfx.ops.screen_color`.
        """
        result: tuple[float, float, float] = self._ops_call("screen_color", screen)
        return result
