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
    from vfx.ops.histograms import Histogram
    from vfx.ops.statistics import Statistics
    from vfx.pixelformat import Box

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

    def fix_nan(self, mode: str = "box3", *, value: float = 0.0) -> Image:
        """A new image in which NaN and infinities are replaced by numbers; everything else keeps its bits.

        See :func:`vfx.ops.fix_nan`.
        """
        return self._ops_picture("fix_nan", mode, value=value)

    def hash(self) -> str:
        """The hash of a picture's pixels, 32 hexadecimal digits: equal for equal pixels, whatever their layout in
        memory.

        See :func:`vfx.ops.hash`.
        """
        result: str = self._ops_call("hash")
        return result

    def histogram(self, *, bins: int = 256, low: float = 0.0, high: float = 1.0) -> Histogram:
        """How many numbers of each channel lie in each of ``bins`` equal parts of [``low``, ``high``].

        See :func:`vfx.ops.histogram`.
        """
        result: Histogram = self._ops_call("histogram", bins=bins, low=low, high=high)
        return result

    def nonzero_region(self) -> Box | None:
        """The smallest window around all pixels with a channel that is not 0, or None where everything is 0.

        See :func:`vfx.ops.nonzero_region`.
        """
        result: Box | None = self._ops_call("nonzero_region")
        return result

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
