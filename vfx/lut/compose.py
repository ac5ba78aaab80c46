"""Two LUTs as one, and chains between the identity and themselves.

=============  ===========  ============================================================================
first          then         is
=============  ===========  ============================================================================
1D             1D           a 1D LUT of the first one's kind, exact at its entries
1D             3D, chain    a chain, exact everywhere
3D             1D, 3D       a cube, exact at its entries: the larger size of the two, or ``n``
3D             chain        a cube, exact at its entries
chain          anything     a chain whose last cube takes in what follows; else the LUT is appended
=============  ===========  ============================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks
from vfx.lut._base import Curve, Table
from vfx.lut.chain import LutChain
from vfx.lut.half import HalfLut1D
from vfx.lut.knots import KnotLut1D
from vfx.lut.lut1d import MAX_SIZE, POINTS_SIZE, Lut1D
from vfx.lut.lut3d import Lut3D

__all__ = ["compose", "mix_chain"]


def compose(first: Table | LutChain, second: Any, n: int | None) -> Any:
    """What ``first`` followed by ``second`` is, as one object; the table above says of what kind.

    Raises
    ------
    TypeError
        If ``second`` is no LUT.
    """
    if not isinstance(second, (Curve, Lut3D, LutChain)):
        raise TypeError(f"compose takes a 1D LUT, a Lut3D or a LutChain, got {type(second).__name__}")
    if isinstance(first, LutChain):
        return _after_chain(first, second, n)
    if isinstance(first, Lut3D):
        return _after_cube(first, second, n)
    assert isinstance(first, Curve)
    if isinstance(second, Lut3D):
        return LutChain(first, second)
    if isinstance(second, LutChain):
        return LutChain(first, *second.luts, title=second.title)
    return _curves(first, second, n)


def _after_chain(first: LutChain, second: Any, n: int | None) -> LutChain:
    """A chain and what follows it."""
    *before, last = first.luts
    if isinstance(last, Lut3D):
        return LutChain(*before, _after_cube(last, second, n), title=first.title)
    return LutChain(*first.luts, *(second.luts if isinstance(second, LutChain) else (second,)), title=first.title)


def _after_cube(first: Lut3D, second: Any, n: int | None) -> Lut3D:
    """A cube that also does what follows it."""
    parts = second.luts if isinstance(second, LutChain) else (second,)
    size = max(part.size for part in (first, *parts) if isinstance(part, Lut3D)) if n is None else n
    resized = first if size == first.size else first.resize(size)
    return Lut3D(second.apply(np.array(resized.table)), (first.domain_min, first.domain_max), title=first.title)


def _curves(first: Curve, second: Curve, n: int | None) -> Curve:
    """One curve for two."""
    if isinstance(first, HalfLut1D):
        return first._sampled(lambda x: second._at(first._at(x)), first._single and second._single)
    uneven = isinstance(first, KnotLut1D) or not isinstance(second, Lut1D)
    size = n if n is not None else max(first.size, second.size, POINTS_SIZE if uneven else 2)
    frame = Lut1D.identity(min(size, MAX_SIZE) if n is None else n, (first.domain_min, first.domain_max))
    values = second._at(first._at(frame._nodes()))
    single = first._single and second._single
    return Lut1D(values[:, 0] if single else values, frame.domain, title=first.title)


def mix_chain(chain: LutChain, strength: float) -> LutChain:
    """The chain between the identity (0) and itself (1).

    Curves alone are composed to one, and that is mixed. Before a cube they stay: the cube then holds, at its
    entries u, ``(1 - strength) * x + strength * rest(u)``, where x is what the curves make u from.
    """
    share = checks.number("strength", strength, low=0.0, high=1.0)
    luts = chain.luts
    first_cube = next((index for index, one in enumerate(luts) if isinstance(one, Lut3D)), None)
    if first_cube is None:
        curve: Any = luts[0]
        for one in luts[1:]:
            curve = curve.compose(one)
        return LutChain(curve.mix(share), title=chain.title)
    before, rest = luts[:first_cube], luts[first_cube:]
    size = max(one.size for one in rest if isinstance(one, Lut3D))
    low, high = rest[0].domain_min, rest[0].domain_max
    lattice = Lut3D.identity(size, (low, high)).table
    mixed = (1.0 - share) * _undone(before, lattice) + share * LutChain(*rest).apply(np.array(lattice, np.float64))
    return LutChain(*before, Lut3D(mixed, (low, high)), title=chain.title)


def _undone(curves: tuple[Any, ...], colours: NDArray[np.float32]) -> NDArray[np.float64]:
    """The colours that the curves turn into these."""
    from vfx.lut.pixelops import apply_op, lut

    result = np.array(colours)
    for one in reversed(curves):
        result = apply_op(lut(one).inverse(), result)
    return result.astype(np.float64)
