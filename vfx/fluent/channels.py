"""Channels and measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx.fluent._base import PictureMethods

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from vfx.image import Image
    from vfx.ops.comparison import Comparison
    from vfx.ops.statistics import Statistics

__all__ = ["Channels"]


class Channels(PictureMethods):
    """Mixin: channels and measurements."""

    __slots__ = ()

    def add_channels(self, names: str | Iterable[str] | Mapping[str, float]) -> Image:
        """A new image with more channels after its own, filled with 0 or with a number each.

        See :func:`vfx.ops.add_channels`.
        """
        return self._ops_picture("add_channels", names)

    def compare(
        self,
        b: Image | NDArray[Any],
        *,
        fail_threshold: float = 0.0,
        fail_relative: float = 0.0,
        warn_threshold: float = 0.0,
        warn_relative: float = 0.0,
    ) -> Comparison:
        """How far two pictures are apart: mean, rms, largest difference, PSNR, and pixels over a threshold.

        See :func:`vfx.ops.compare`.
        """
        result: Comparison = self._ops_call(
            "compare",
            b,
            fail_threshold=fail_threshold,
            fail_relative=fail_relative,
            warn_threshold=warn_threshold,
            warn_relative=warn_relative,
        )
        return result

    def copy_channels(
        self, source: Image | NDArray[Any], names: str | Iterable[str] | Mapping[str, str] | None = None
    ) -> Image:
        """A new image with channels taken over from another picture. See :func:`vfx.ops.copy_channels`."""
        return self._ops_picture("copy_channels", source, names)

    def drop_channels(self, names: str | Iterable[str]) -> Image:
        """A new image without these channels. See :func:`vfx.ops.drop_channels`."""
        return self._ops_picture("drop_channels", names)

    def percentile(self, q: float | Iterable[float]) -> NDArray[np.float64]:
        """The numbers below which ``q`` percent of each channel lies, exactly. See :func:`vfx.ops.percentile`."""
        result: NDArray[np.float64] = self._ops_call("percentile", q)
        return result

    def shuffle(self, expression: str) -> Image:
        """A new image with channels taken from others, filled with numbers, or worked out from both.

        See :func:`vfx.ops.shuffle`.
        """
        return self._ops_picture("shuffle", expression)

    def stats(self, *, percentiles: Iterable[float] = ()) -> Statistics:
        """The least and largest number, mean and standard deviation of every channel, and how many are not finite.

        See :func:`vfx.ops.stats`.
        """
        result: Statistics = self._ops_call("stats", percentiles=percentiles)
        return result
