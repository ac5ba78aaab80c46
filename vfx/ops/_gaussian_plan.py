"""How a wide Gaussian is made of narrow ones on few samples: the widths, and the weights of each part.

Three Gaussians of variances ``a``, ``b - 2a`` and ``a`` (in units of the squared step) follow one another; ``b`` is the
whole. The first is sampled every ``step`` pixels, the second has those samples, the third interpolates between them.
A sum over samples of a product of two Gaussians differs from the integral by ``2 * exp(-2 * pi**2 * v)`` of it, where
``v`` is the variance of the product, ``p * q / (p + q)`` (Poisson's summation formula). Both sums here have a ``v`` of
at least ``a * (b - 2a) / (b - a)``; with 0.8 each is exact to 3e-7 for the worst picture there is, one that repeats
at just the rate of the samples.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Plan", "gaussian_plan", "gaussian_weights"]

#: A Gaussian's weights end where the rest of its tails, erfc(5.2 / sqrt 2), is 2e-7 of the whole.
TAILS = 5.2
#: The variance that makes sums over samples exact, see above.
EXACT = 0.8
#: Sigmas per step, and the largest step: from there on the samples are so few that they cost nothing.
SIGMAS_A_STEP, MOST_STEP = 3.5, 32
#: Below this sigma two plain passes are quicker.
LEAST_SIGMA = 4.6


class Plan(NamedTuple):
    """One axis of a Gaussian; ``down`` and ``middle`` have an odd number of weights, all but ``up`` a sum of 1.

    Parameters
    ----------
    step : int
        Pixels per sample; 1: there is only ``middle``.
    down : numpy.ndarray of float32
        Pixels to samples.
    middle : numpy.ndarray of float32
        Samples to samples.
    up : numpy.ndarray of float32, (step, taps)
        Samples to pixels: the weights for each place of a pixel in its step; each row has a sum of 1.
    up_first : numpy.ndarray of int32, (step,)
        Where those weights begin, counted from the sample that the step begins with.
    """

    step: int
    down: NDArray[np.float32]
    middle: NDArray[np.float32]
    up: NDArray[np.float32]
    up_first: NDArray[np.int32]


def _of_sum_one(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weights as float32, divided by their sum along the last axis."""
    return np.ascontiguousarray(weights / weights.sum(axis=-1, keepdims=True), np.float32)


def gaussian_weights(sigma: float) -> NDArray[np.float32]:
    """A sampled Gaussian of sum 1, as far as float32 results can tell; an odd number of weights, none of them 0."""
    if sigma < 0.15:  # exp(-1 / (2 * 0.15**2)) is 2e-10
        return np.ones(1, np.float32)
    radius = math.ceil(TAILS * sigma)
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    weights = np.exp(x * x / (-2.0 * sigma * sigma))
    return _of_sum_one(weights[weights > 1e-9])


def gaussian_plan(sigma: float) -> Plan:
    """The plan of a Gaussian of standard deviation ``sigma`` in pixels."""
    if sigma < LEAST_SIGMA:
        one: NDArray[Any] = np.ones((1, 1), np.float32)
        return Plan(1, one[0], gaussian_weights(sigma), one, np.zeros(1, np.int32))
    step = min(max(2, int(sigma / SIGMAS_A_STEP)), MOST_STEP)
    whole = (sigma / step) ** 2
    # a * (b - 2a) = EXACT * (b - a), solved for the smaller a
    outer = (whole + EXACT - math.sqrt((whole + EXACT) ** 2 - 8.0 * EXACT * whole)) / 4.0
    narrow = step * math.sqrt(outer)
    reach = TAILS * narrow
    phases = np.arange(step)
    first = np.ceil((phases - reach) / step).astype(np.int32)
    samples = first[:, None] + np.arange(int(2.0 * reach / step) + 1)
    away = phases[:, None] - step * samples.astype(np.float64)
    up = _of_sum_one(np.exp(away * away / (-2.0 * narrow * narrow)))
    return Plan(step, gaussian_weights(narrow), gaussian_weights(math.sqrt(whole - 2.0 * outer)), up, first)
