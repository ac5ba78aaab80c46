"""Looks as LUTs: shapers, cubes, and how far the cube is from the look.

A cube has few entries along an axis, so the values that reach it must be spread evenly over what the look
does with them. Scene-linear light is not: most of a picture lies below 1, the lights far above. A shaper
spreads it. The automatic one is ``asinh(x / k)``, which is linear below ``k`` and logarithmic above it, and
treats negative values alike; ``k`` is the one for which the finished LUT is nearest to the look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.lut import Lut1D, Lut3D, LutChain
from vfx.lut.pixelops import lut
from vfx.transfer import curve as find
from vfx.transfer import curves
from vfx.transfer.pixelops import Decode

if TYPE_CHECKING:
    from vfx.look import Look

__all__ = ["BakeError", "bake", "bake_error"]

Domain = tuple[float, float]

# A tabulated curve may be off by one code of 10 bits, in one of these numbers of entries.
_SHAPER_ERROR = 0.001
_SHAPER_SIZES = (4096, 16384, 65536, 262144)
# The automatic shaper's k, as shares of the domain's larger end.
_SHARES = tuple(2.0**-power for power in range(0, 19, 2))
_LARGEST = 256
_COLOURS = 20_000
_GREYS = 4_096
# From so many of the worst samples the search for the largest difference goes on, this far in shares of the
# domain's stops.
_WORST = 64
_REACHES = (0.01, 0.004, 0.0015)


@dataclass(frozen=True)
class BakeError:
    """How far a LUT is from the look that it was baked from, over a domain.

    Differences are absolute up to 1 and relative above, over colours that are spread over the domain's
    stops, as many that are spread over it evenly, and its greys. The largest is searched for from the worst of
    them; a larger one that lies far from all of these stays unseen.

    Parameters
    ----------
    max_error, mean_error : float
        The largest and the mean difference.
    at : tuple of float
        The input colour with the largest difference.
    domain : (low, high)
        The inputs that were compared.
    """

    max_error: float
    mean_error: float
    at: tuple[float, float, float]
    domain: Domain

    def __str__(self) -> str:
        """The figures in one line."""
        low, high = self.domain
        where = ", ".join(f"{value:.4g}" for value in self.at)
        most = f"off by {self.max_error:.2g} at most (at {where})"
        return f"{most}, {self.mean_error:.2g} on average, over {low:g} to {high:g}"


def bake(
    look: Look,
    size: int,
    shaper: str | Lut1D | None,
    *,
    domain: Sequence[float] | None = None,
    tolerance: float | None = None,
) -> Lut3D | LutChain:
    """The look as a cube, behind a shaper where one is asked for. See :meth:`vfx.Look.bake`."""
    checks.integer("size", size, low=2, high=_LARGEST)
    bounds = None if domain is None else _bounds(domain)
    made = _bake(look, size, shaper, bounds)
    if tolerance is None:
        return made
    checks.number("tolerance", tolerance, low=0.0)
    while (error := bake_error(look, made, bounds)).max_error > tolerance:
        if size == _LARGEST:
            raise ValueError(f"no cube of up to {_LARGEST} entries keeps to a tolerance of {tolerance:g}: {error}")
        size = min(2 * size - 1, _LARGEST)
        made = _bake(look, size, shaper, bounds)
    return made


def _bake(look: Look, size: int, shaper: str | Lut1D | None, bounds: Domain | None) -> Lut3D | LutChain:
    """The same at one size."""
    if shaper is None:
        return Lut3D.from_look(look, size, domain=bounds or (0.0, 1.0))
    if isinstance(shaper, str):
        if checks.one_of("shaper", shaper, ("auto", *curves())) == "auto":
            return _automatic(look, size, bounds or _usual_domain(look))
        return _behind(_tabulated(shaper, bounds), look, size)
    if not isinstance(shaper, Lut1D):
        raise TypeError(f"shaper must be 'auto', the name of a curve or a Lut1D, got {type(shaper).__name__}")
    if bounds is not None:
        raise ValueError("a Lut1D shaper brings its own domain: leave domain= out")
    return _behind(shaper, look, size)


def _usual_domain(look: Look) -> Domain:
    """The inputs that a look is made for: codes in [0, 1] when it starts by decoding them, else scene light.

    Scene light spans what ACEScct's codes 0 to 1 hold (S-2016-001): -0.0069 to 222.9.
    """
    if look.ops and isinstance(look.ops[0], Decode) and look.ops[0].curve.name != "linear":
        return 0.0, 1.0
    low, high = find("acescct").decode(np.array([0.0, 1.0]))
    return float(low), float(high)


def bake_error(look: Look, baked: Any, domain: Sequence[float] | None) -> BakeError:
    """How far ``baked`` is from the look. See :meth:`vfx.Look.bake_error`."""
    bounds = _domain_of(baked) if domain is None else _bounds(domain)
    return _measure(baked, look, bounds, _samples(bounds))


def _domain_of(baked: Any) -> Domain:
    """The inputs that a LUT tells apart in all channels."""
    first = baked.luts[0] if isinstance(baked, LutChain) else baked
    if not isinstance(first, (Lut1D, Lut3D)):
        raise ValueError(f"domain= is needed: a {type(first).__name__} does not say what it is for")
    return max(first.domain_min), min(first.domain_max)


def _bounds(domain: Sequence[float]) -> Domain:
    """A checked domain."""
    if isinstance(domain, (str, bytes)) or len(domain) != 2:
        raise ValueError(f"domain must be (low, high), got {domain!r}")
    low, high = (checks.number("domain", value) for value in domain)
    if not low < high:
        raise ValueError(f"domain must rise, got {low:g} to {high:g}")
    return low, high


def _behind(shaper: Lut1D, look: Look, size: int) -> LutChain:
    """The shaper and the cube of what the look does after the shaper is exactly undone."""
    return LutChain(shaper, Lut3D.from_look(type(look)((lut(shaper).inverse(), *look)), size))


def _tabulated(name: str, domain: Domain | None) -> Lut1D:
    """A transfer function over a domain, by default from its black to its white, scaled to [0, 1]."""
    curve = find(name)
    if domain is None:
        codes = np.array([0.0, 1.0])
        domain = tuple(float(value) for value in curve.decode(codes))  # type: ignore[assignment]
        assert domain is not None
    bottom, top = (float(curve.encode(np.asarray(value))) for value in domain)
    if not bottom < top:
        raise ValueError(f"shaper {name!r} does not rise over {domain[0]:g} to {domain[1]:g}")

    def shape(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((curve.encode(x) - bottom) / (top - bottom))

    def light(code: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(curve.decode(bottom + code * (top - bottom)))

    found = _even(shape, light, domain)
    if found is None:
        raise ValueError(
            f"shaper {name!r} is too steep at black for a table of even steps: "
            f"use Look().encode({name!r}).lut((Look().decode({name!r}) + look).bake()), or 'acescct', or 'auto'"
        )
    return found


def _even(shape: Any, light: Any, domain: Domain) -> Lut1D | None:
    """A curve in the smallest table of even steps that follows it, None when the largest does not."""
    codes = np.linspace(0.0, 1.0, 4097)
    inputs = light(codes)
    for entries in _SHAPER_SIZES:
        table = Lut1D(np.clip(shape(np.linspace(*domain, entries)), 0.0, 1.0), domain)
        if float(np.abs(np.asarray(table.apply(inputs)) - codes).max()) <= _SHAPER_ERROR:
            return table
    return None


def _automatic(look: Look, size: int, domain: Domain) -> Lut3D | LutChain:
    """The LUT nearest to the look among those behind no shaper and behind ``asinh(x / k)``."""
    samples = _samples(domain)
    best: Lut3D | LutChain = Lut3D.from_look(look, size, domain=domain)
    least = _measure(best, look, domain, samples).max_error
    for share in _SHARES:
        shaper = _stretched(domain, share * max(map(abs, domain)))
        if shaper is None:
            continue
        made = _behind(shaper, look, size)
        error = _measure(made, look, domain, samples).max_error
        if error < least:
            best, least = made, error
    return best


def _stretched(domain: Domain, k: float) -> Lut1D | None:
    """``asinh(x / k)`` over the domain, scaled to [0, 1]."""
    bottom, top = (float(np.arcsinh(value / k)) for value in domain)
    return _even(
        lambda x: (np.arcsinh(x / k) - bottom) / (top - bottom),
        lambda code: np.clip(k * np.sinh(bottom + code * (top - bottom)), *domain),
        domain,
    )


def _cube(count: int) -> NDArray[np.float64]:
    """Colours that cover [0, 1] evenly, (count, 3)."""
    # An additive recurrence with the plastic number's cubic cousin (Roberts, 2018).
    root = 1.2207440846057596
    return np.mod(0.5 + np.outer(np.arange(count), (1.0 / root, 1.0 / root**2, 1.0 / root**3)), 1.0)


def _spread(places: NDArray[np.float64], domain: Domain) -> NDArray[np.float32]:
    """The values at places in [0, 1] along the stops of the domain."""
    k = max(map(abs, domain)) / 2.0**12
    bottom, top = (float(np.arcsinh(value / k)) for value in domain)
    return np.clip(k * np.sinh(bottom + places * (top - bottom)), *domain).astype(np.float32)


def _places(values: NDArray[np.float32], domain: Domain) -> NDArray[np.float64]:
    """Where values lie along the stops of the domain: undoes :func:`_spread`."""
    k = max(map(abs, domain)) / 2.0**12
    bottom, top = (float(np.arcsinh(value / k)) for value in domain)
    return np.asarray((np.arcsinh(values.astype(np.float64) / k) - bottom) / (top - bottom))


def _samples(domain: Domain) -> NDArray[np.float32]:
    """Colours and greys, (N, 3) float32, over the stops of the domain, half near black, and evenly over its values."""
    low, high = domain
    colours = _cube(_COLOURS)
    greys = np.repeat(np.linspace(0.0, 1.0, _GREYS)[:, None], 3, axis=1)
    even = np.clip(low + colours * (high - low), low, high).astype(np.float32)
    return np.vstack([_spread(np.vstack([colours, greys]), domain), even])


def _measure(baked: Any, look: Look, domain: Domain, samples: NDArray[np.float32]) -> BakeError:
    """The difference over the samples, and the largest near the worst of them."""
    off = _off(baked, look, samples)
    mean = float(off.mean())
    for reach in _REACHES:
        worst = np.argsort(off, kind="stable")[-_WORST:]
        around = _places(samples[worst], domain)[:, None] + reach * (2.0 * _cube(_WORST) - 1.0)
        near = _spread(np.clip(around.reshape(-1, 3), 0.0, 1.0), domain)
        off = np.concatenate([off[worst], _off(baked, look, near)])
        samples = np.vstack([samples[worst], near])
    most = int(off.argmax())
    red, green, blue = map(float, samples[most])
    return BakeError(float(off[most]), mean, (red, green, blue), domain)


def _off(baked: Any, look: Look, samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The largest difference of each sample's channels; where both are beyond float32 there is none."""
    wanted = look(samples[None])[0].astype(np.float64)
    got = np.asarray(baked(samples[None])[0] if callable(baked) else baked.apply(samples), np.float64)
    with np.errstate(invalid="ignore"):
        off = np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted))
    off[(got == wanted) | (np.isnan(got) & np.isnan(wanted))] = 0.0
    return np.asarray(np.nan_to_num(off, nan=np.inf).max(axis=1))
