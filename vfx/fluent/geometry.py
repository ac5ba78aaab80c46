"""Geometry: resizing, reformatting, cropping, turning and warping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from vfx.image import Image
    from vfx.ops.filters import Filter

__all__ = ["Geometry"]


class Geometry(PictureMethods):
    """Mixin: geometry: resizing, reformatting, cropping, turning and warping."""

    __slots__ = ()

    def circular_shift(self, x: int = 0, y: int = 0) -> Image:
        """New: the picture moved within its data window; what leaves on one side comes in on the other.

        See :func:`vfx.ops.circular_shift`.
        """
        return self._ops_picture("circular_shift", x, y)

    def corner_pin(
        self,
        to: ArrayLike,
        from_: ArrayLike | None = None,
        *,
        filter: str = "catmull-rom",
        edge: str = "black",
        expand: bool = False,
        window: Sequence[int] | None = None,
    ) -> Image:
        """A new image whose four corners are pinned to four points, in perspective. See
        :func:`vfx.ops.corner_pin`.
        """
        return self._ops_picture("corner_pin", to, from_, filter=filter, edge=edge, expand=expand, window=window)

    def crop(self, x: int, y: int, width: int, height: int, *, reformat: bool = False) -> Image:
        """New: the pixels of a box, which stay where they were; black where the box has none.

        See :func:`vfx.ops.crop`.
        """
        return self._ops_picture("crop", x, y, width, height, reformat=reformat)

    def fill(
        self,
        width: int,
        height: int,
        *,
        pixel_aspect: float | None = None,
        filter: str | Filter | None = None,
        edge: str = "clamp",
    ) -> Image:
        """New: the middle of the picture, as small as it covers this size. See :func:`vfx.ops.fill`."""
        return self._ops_picture("fill", width, height, pixel_aspect=pixel_aspect, filter=filter, edge=edge)

    def fit(
        self,
        width: int,
        height: int,
        *,
        pixel_aspect: float | None = None,
        pad: bool = True,
        filter: str | Filter | None = None,
        edge: str = "clamp",
    ) -> Image:
        """New: the whole picture, as large as it fits into this size, in the middle. See :func:`vfx.ops.fit`."""
        return self._ops_picture("fit", width, height, pixel_aspect=pixel_aspect, pad=pad, filter=filter, edge=edge)

    def flip(self, direction: str = "vertical") -> Image:
        """New: the picture mirrored within its display window. See :func:`vfx.ops.flip`."""
        return self._ops_picture("flip", direction)

    def flop(self) -> Image:
        """New: the picture mirrored left to right within its display window. See :func:`vfx.ops.flop`."""
        return self._ops_picture("flop")

    def lens_distort(
        self,
        model: str = "brown_conrady",
        *,
        direction: str = "distort",
        center: Sequence[float] | None = None,
        focal: float | Sequence[float] | None = None,
        filter: str = "catmull-rom",
        edge: str = "black",
        window: Sequence[int] | None = None,
        **coefficients: float,
    ) -> Image:
        """A new image with a lens's distortion put on, or taken off. See :func:`vfx.ops.lens_distort`."""
        return self._ops_picture(
            "lens_distort",
            model,
            direction=direction,
            center=center,
            focal=focal,
            filter=filter,
            edge=edge,
            window=window,
            **coefficients,
        )

    def pad(
        self,
        size: int | Sequence[int],
        *,
        edge: str = "black",
        value: float | Sequence[float] = 0.0,
        reformat: bool = False,
    ) -> Image:
        """New: the picture with a margin around it; the picture stays where it was. See :func:`vfx.ops.pad`."""
        return self._ops_picture("pad", size, edge=edge, value=value, reformat=reformat)

    def paste(self, other: Image | NDArray[Any], at: Sequence[int] | None = None) -> Image:
        """New: ``img`` with the pixels of ``other`` in the place of its own, whatever their alpha.

        See :func:`vfx.ops.paste`.
        """
        return self._ops_picture("paste", other, at)

    def reformat(
        self,
        width: int,
        height: int,
        *,
        pixel_aspect: float = 1.0,
        mode: str = "width",
        center: bool = True,
        turn: bool = False,
        flip: bool = False,
        flop: bool = False,
        preserve_bounds: bool = False,
        filter: str | Filter = "cubic",
        edge: str = "clamp",
    ) -> Image:
        """New: the picture in a format, a size with a pixel aspect, by the rules of Nuke's Reformat.

        See :func:`vfx.ops.reformat`.
        """
        return self._ops_picture(
            "reformat",
            width,
            height,
            pixel_aspect=pixel_aspect,
            mode=mode,
            center=center,
            turn=turn,
            flip=flip,
            flop=flop,
            preserve_bounds=preserve_bounds,
            filter=filter,
            edge=edge,
        )

    def resize(
        self,
        width: int | None = None,
        height: int | None = None,
        *,
        scale: float | None = None,
        filter: str | Filter | None = None,
        edge: str = "clamp",
    ) -> Image:
        """New: the picture resampled so that its display window has this size. See :func:`vfx.ops.resize`."""
        return self._ops_picture("resize", width, height, scale=scale, filter=filter, edge=edge)

    def rotate(
        self,
        angle: float,
        *,
        center: Sequence[float] | None = None,
        expand: bool = False,
        filter: str = "catmull-rom",
        edge: str = "black",
    ) -> Image:
        """A new image rotated counter-clockwise. See :func:`vfx.ops.rotate`."""
        return self._ops_picture("rotate", angle, center=center, expand=expand, filter=filter, edge=edge)

    def rotate90(self, times: int = 1) -> Image:
        """New: the picture turned counter-clockwise by quarter turns, without resampling.

        See :func:`vfx.ops.rotate90`.
        """
        return self._ops_picture("rotate90", times)

    def st_map(
        self,
        map: Image | NDArray[Any],
        *,
        channels: tuple[str, str] | None = None,
        origin: str = "bottom-left",
        filter: str = "catmull-rom",
        edge: str = "black",
    ) -> Image:
        """A new image of a map's size, each pixel taken from where the map says. See :func:`vfx.ops.st_map`."""
        return self._ops_picture("st_map", map, channels=channels, origin=origin, filter=filter, edge=edge)

    def tile(self, nx: int = 2, ny: int = 2) -> Image:
        """New: the picture repeated, ``nx`` times across and ``ny`` times down. See :func:`vfx.ops.tile`."""
        return self._ops_picture("tile", nx, ny)

    def transform(
        self,
        matrix: ArrayLike,
        *,
        filter: str = "catmull-rom",
        edge: str = "black",
        expand: bool = False,
        window: Sequence[int] | None = None,
    ) -> Image:
        """A new image moved by a matrix, or by several at once for motion blur. See :func:`vfx.ops.transform`."""
        return self._ops_picture("transform", matrix, filter=filter, edge=edge, expand=expand, window=window)

    def transpose(self) -> Image:
        """New: rows become columns; pixel (x, y) comes to (y, x), in both windows too.

        See :func:`vfx.ops.transpose`.
        """
        return self._ops_picture("transpose")
