"""Compositing: Porter-Duff, merges and blends over another picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from vfx.image import Image
    from vfx.ops.composite import Picture

__all__ = ["Compositing"]


class Compositing(PictureMethods):
    """Mixin: compositing: Porter-Duff, merges and blends over another picture."""

    __slots__ = ()

    def atop(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` where there is ``b``, on ``b``, A·β + B·(1 − α). See :func:`vfx.ops.atop`."""
        return self._ops_picture("atop", b, mask=mask, mix=mix)

    def blend(
        self,
        b: Image | NDArray[Any],
        mode: str = "normal",
        opacity: float = 1.0,
        *,
        mask: Image | NDArray[Any] | None = None,
        mix: float = 1.0,
    ) -> Image:
        """A new image of ``a`` blended with the backdrop ``b``. See :func:`vfx.ops.blend`."""
        return self._ops_picture("blend", b, mode, opacity, mask=mask, mix=mix)

    def clear(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: black without alpha, as large as both pictures, 0. See :func:`vfx.ops.clear`."""
        return self._ops_picture("clear", b, mask=mask, mix=mix)

    def dst(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``b`` alone, on the canvas of both, B. See :func:`vfx.ops.dst`."""
        return self._ops_picture("dst", b, mask=mask, mix=mix)

    def dst_atop(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``b`` where there is ``a``, on ``a``, B·α + A·(1 − β). See :func:`vfx.ops.dst_atop`."""
        return self._ops_picture("dst_atop", b, mask=mask, mix=mix)

    def dst_in(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``b`` where there is ``a``, B·α. See :func:`vfx.ops.dst_in`."""
        return self._ops_picture("dst_in", b, mask=mask, mix=mix)

    def dst_out(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``b`` where there is no ``a``, B·(1 − α). See :func:`vfx.ops.dst_out`."""
        return self._ops_picture("dst_out", b, mask=mask, mix=mix)

    def held_out(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` held out by ``b``: another name of :func:`out`, A·(1 − β). See :func:`vfx.ops.held_out`."""
        return self._ops_picture("held_out", b, mask=mask, mix=mix)

    def holdout(self, matte: Picture, *, mix: float = 1.0) -> Image:
        """A new image with a hole where the matte is: every channel of ``img`` times 1 − matte.

        See :func:`vfx.ops.holdout`.
        """
        return self._ops_picture("holdout", matte, mix=mix)

    def in_(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` where there is ``b``, A·β. See :func:`vfx.ops.in_`."""
        return self._ops_picture("in_", b, mask=mask, mix=mix)

    def keymix(self, b: Picture, mask: Picture, *, mix: float = 1.0) -> Image:
        """New: ``a`` where the mask is 1, ``b`` where it is 0, B + (A − B)·mask·mix; as Nuke's Keymix.

        See :func:`vfx.ops.keymix`.
        """
        return self._ops_picture("keymix", b, mask, mix=mix)

    def merge(
        self,
        b: Image | NDArray[Any] | None = None,
        operation: str = "over",
        *,
        mask: Image | NDArray[Any] | None = None,
        mix: float = 1.0,
        alpha_masking: bool = False,
        channels: str | Iterable[str] | None = None,
    ) -> Image:
        """A new image of ``a`` merged with ``b``, or of a stack of images merged in one pass.

        See :func:`vfx.ops.merge`.
        """
        return self._ops_picture(
            "merge", b, operation, mask=mask, mix=mix, alpha_masking=alpha_masking, channels=channels
        )

    def out(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` where there is no ``b``, A·(1 − β). See :func:`vfx.ops.out`."""
        return self._ops_picture("out", b, mask=mask, mix=mix)

    def over(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` over ``b``, A + B·(1 − α). See :func:`vfx.ops.over`."""
        return self._ops_picture("over", b, mask=mask, mix=mix)

    def plus(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: the sum of ``a`` and ``b``, A + B. See :func:`vfx.ops.plus`."""
        return self._ops_picture("plus", b, mask=mask, mix=mix)

    def src(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` alone, on the canvas of both, A. See :func:`vfx.ops.src`."""
        return self._ops_picture("src", b, mask=mask, mix=mix)

    def under(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` under ``b``, A·(1 − β) + B. See :func:`vfx.ops.under`."""
        return self._ops_picture("under", b, mask=mask, mix=mix)

    def xor(self, b: Picture, *, mask: Picture | None = None, mix: float = 1.0) -> Image:
        """New: ``a`` where there is no ``b``, and ``b`` where there is no ``a``, A·(1 − β) + B·(1 − α).

        See :func:`vfx.ops.xor`.
        """
        return self._ops_picture("xor", b, mask=mask, mix=mix)
