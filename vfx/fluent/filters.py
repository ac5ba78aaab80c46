"""Filters: blurs, sharpening, ranks, morphology and convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from vfx.image import Image
    from vfx.ops._boxes import Size

__all__ = ["Filters"]


class Filters(PictureMethods):
    """Mixin: filters: blurs, sharpening, ranks, morphology and convolution."""

    __slots__ = ()

    def bilateral(
        self,
        size: int = 9,
        *,
        sigma_color: float = 0.1,
        sigma_space: float = 3.0,
        distance: str = "euclidean",
        edge: str = "clamp",
    ) -> Image:
        """New: each pixel is the mean of a disc around it, pixels of another colour counting less.

        See :func:`vfx.ops.bilateral`.
        """
        return self._ops_picture(
            "bilateral", size, sigma_color=sigma_color, sigma_space=sigma_space, distance=distance, edge=edge
        )

    def blackhat(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: the dark things that :func:`close` removes, ``close(img) - img``. See :func:`vfx.ops.blackhat`."""
        return self._ops_picture("blackhat", size, edge=edge)

    def blur(
        self,
        size: float | tuple[float, float] | None = None,
        *,
        sigma: float | tuple[float, float] | None = None,
        edge: str = "clamp",
    ) -> Image:
        """New: ``img`` convolved with a Gaussian. See :func:`vfx.ops.blur`."""
        return self._ops_picture("blur", size, sigma=sigma, edge=edge)

    def box_blur(self, size: float | tuple[float, float] = 5.0, *, edge: str = "clamp") -> Image:
        """New: each pixel the mean of a box around its centre. See :func:`vfx.ops.box_blur`."""
        return self._ops_picture("box_blur", size, edge=edge)

    def close(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: without the dark things that the box does not fit into, ``erode(dilate(img))``.

        See :func:`vfx.ops.close`.
        """
        return self._ops_picture("close", size, edge=edge)

    def convolve(
        self, kernel: ArrayLike, *, normalize: bool = False, method: str = "auto", edge: str = "clamp"
    ) -> Image:
        """New: each pixel the sum of its neighbours, weighted by ``kernel`` as it is written.

        See :func:`vfx.ops.convolve`.
        """
        return self._ops_picture("convolve", kernel, normalize=normalize, method=method, edge=edge)

    def defocus(
        self, radius: float = 8.0, *, blades: int = 0, rotation: float = 0.0, aspect: float = 1.0, edge: str = "clamp"
    ) -> Image:
        """New: ``img`` through a lens out of focus: every point becomes an evenly lit picture of the iris.

        See :func:`vfx.ops.defocus`.
        """
        return self._ops_picture("defocus", radius, blades=blades, rotation=rotation, aspect=aspect, edge=edge)

    def dilate(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: each value is the largest within a box around it, channel by channel. See :func:`vfx.ops.dilate`."""
        return self._ops_picture("dilate", size, edge=edge)

    def directional_blur(self, angle: float = 0.0, length: float = 20.0, *, edge: str = "clamp") -> Image:
        """New: ``img`` smeared evenly along a line one pixel wide, centred on each pixel.

        See :func:`vfx.ops.directional_blur`.
        """
        return self._ops_picture("directional_blur", angle, length, edge=edge)

    def erode(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: each value is the smallest within a box around it, channel by channel. See :func:`vfx.ops.erode`."""
        return self._ops_picture("erode", size, edge=edge)

    def glow(
        self,
        size: float | tuple[float, float] | None = None,
        *,
        sigma: float | tuple[float, float] | None = None,
        threshold: float = 1.0,
        intensity: float = 1.0,
        edge: str = "clamp",
    ) -> Image:
        """New: ``img + intensity * blur(max(img - threshold, 0))``, for colour only. See :func:`vfx.ops.glow`."""
        return self._ops_picture("glow", size, sigma=sigma, threshold=threshold, intensity=intensity, edge=edge)

    def gradient(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: how far the values in a box around each pixel lie apart, ``dilate(img) - erode(img)``.

        See :func:`vfx.ops.gradient`.
        """
        return self._ops_picture("gradient", size, edge=edge)

    def laplacian(self, *, edge: str = "clamp") -> Image:
        """New: the four neighbours of each pixel minus four times the pixel. See :func:`vfx.ops.laplacian`."""
        return self._ops_picture("laplacian", edge=edge)

    def median(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: each value is the middle one of a box around it, channel by channel. See :func:`vfx.ops.median`."""
        return self._ops_picture("median", size, edge=edge)

    def open(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: without the bright things that the box does not fit into, ``dilate(erode(img))``.

        See :func:`vfx.ops.open`.
        """
        return self._ops_picture("open", size, edge=edge)

    def sharpen(
        self,
        amount: float = 1.0,
        *,
        size: float | tuple[float, float] | None = None,
        sigma: float | tuple[float, float] | None = None,
        edge: str = "clamp",
    ) -> Image:
        """New: ``img + amount * (img - blur(img))``. See :func:`vfx.ops.sharpen`."""
        return self._ops_picture("sharpen", amount, size=size, sigma=sigma, edge=edge)

    def sobel(self, direction: str = "magnitude", *, edge: str = "clamp") -> Image:
        """New: the slope of ``img``, by Sobel's 3x3 kernels, which are not normalised: a ramp of 1 per pixel gives 8.

        See :func:`vfx.ops.sobel`.
        """
        return self._ops_picture("sobel", direction, edge=edge)

    def tophat(self, size: Size = 3, *, edge: str = "clamp") -> Image:
        """New: the bright things that :func:`open` removes, ``img - open(img)``. See :func:`vfx.ops.tophat`."""
        return self._ops_picture("tophat", size, edge=edge)

    def unsharp_mask(
        self,
        size: float = 3.0,
        *,
        contrast: float = 1.0,
        threshold: float = 0.0,
        kernel: str = "gaussian",
        edge: str = "clamp",
    ) -> Image:
        """New: ``img + contrast * (img - soft)`` where the difference exceeds ``threshold``, as OpenImageIO's.

        See :func:`vfx.ops.unsharp_mask`.
        """
        return self._ops_picture("unsharp_mask", size, contrast=contrast, threshold=threshold, kernel=kernel, edge=edge)
