"""The transfer functions this package knows, one standard to an entry, by name.

Constants are written as the cited document prints them, in ``display_curves``, ``film_curves`` and
``camera_curves``; a curve's shape and its arithmetic are in :mod:`vfx.transfer.families`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from vfx import checks
from vfx.transfer.camera_curves import CAMERA_CURVES
from vfx.transfer.display_curves import DISPLAY_CURVES
from vfx.transfer.families import Curve
from vfx.transfer.film_curves import FILM_CURVES

__all__ = ["curve", "curves"]

_CURVES: dict[str, Callable[..., Curve]] = {**CAMERA_CURVES, **DISPLAY_CURVES, **FILM_CURVES}


def curves() -> tuple[str, ...]:
    """The names of every transfer function, sorted.

    Returns
    -------
    tuple of str
        What ``encode`` and ``decode`` take as ``curve``.

    Examples
    --------
    >>> "srgb" in curves()
    True
    """
    return tuple(sorted(_CURVES))


def curve(name: str | Curve, **params: float | str) -> Curve:
    """The transfer function of that name, with its free parameters set.

    Parameters
    ----------
    name : str or Curve
        One of :func:`curves`; a curve is returned as it is.
    **params : float or str
        ``gamma`` for ``"gamma"``; ``gamma`` and ``offset`` for ``"moncurve"``; ``nits`` (cd/m² of 1.0) for
        ``"pq"``; ``white`` and ``black`` (luminances of codes 1 and 0) for ``"bt1886"``; ``ei`` (exposure index)
        and ``encoding`` (of scene ``"exposure"`` or of the ``"sensor"`` signal) for ``"logc3"``. The other curves
        have none.

    Returns
    -------
    Curve
        The record; ``.standard`` cites its document.

    Raises
    ------
    ValueError
        If there is no such curve or a parameter is out of its range.
    TypeError
        If the curve does not have a given parameter, or needs one that is missing.

    Examples
    --------
    >>> curve("logc3", ei=400)
    curve('logc3', ei=400.0)
    """
    if isinstance(name, Curve):
        checks.unknown_options(f"curve {name!r}", params, ())
        return name
    make = _CURVES[checks.one_of("curve", name, curves())]
    signature = inspect.signature(make).parameters
    checks.unknown_options(f"curve {name!r}", params, signature)
    missing = [key for key, param in signature.items() if param.default is param.empty and key not in params]
    if missing:
        raise TypeError(f"curve {name!r} needs {' and '.join(missing)}, for example {missing[0]}=2.4")
    return make(**params)
