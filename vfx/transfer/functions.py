"""Transfer functions applied: to an image in place, or to an array or a number as a new one.

=====================================  ====================================================
argument                               result
=====================================  ====================================================
``Image``                              the same image, changed in place: R, G, B (or Y)
float64 array                          new, exact float64 arithmetic
float32, float16 array                 new, by the pixel engine: the numbers an image gets
uint8, uint16 array                    new, meaning [0, 1], rounded and clamped, as in an image
``int``, ``float``, nested lists       float, or a float64 array
=====================================  ====================================================

An array has no channel names, so each of its values is a colour value: pass ``a[..., :3]`` to spare alpha.
"""

from __future__ import annotations

import numbers
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from vfx import checks
from vfx.image import Image
from vfx.pixelop import on_array, run
from vfx.transfer.curves import curve as find
from vfx.transfer.families import Curve
from vfx.transfer.pixelops import Decode, Encode

__all__ = ["CurveFunction", "apply_hlg", "apply_pq", "decode", "encode", "from_linear", "to_linear"]

T = TypeVar("T", Image, npt.NDArray[Any], float)


class CurveFunction(Protocol):
    """A function that applies one curve in one direction."""

    def __call__(self, x: T, /, **params: float | str) -> T:
        """``x`` through the curve."""
        ...


def encode(x: T, curve: str | Curve, **params: float | str) -> T:
    """Code values of linear light; an image is changed in place and returned, anything else is new.

    Parameters
    ----------
    x : Image, array_like or float
        Linear light. See the table above for what each type gives.
    curve : str or Curve
        One of :func:`vfx.transfer.curves`.
    **params : float or str
        The curve's free parameters, such as ``nits=100`` or ``ei=800``.

    Returns
    -------
    Image, numpy.ndarray or float
        As ``x``.

    Raises
    ------
    ValueError
        If there is no such curve, or a parameter is out of its range.
    TypeError
        If the array has another dtype, or the curve has no such parameter.

    Examples
    --------
    >>> round(encode(0.18, "srgb"), 6)
    0.461356
    """
    result: T = _apply(x, Encode(find(curve, **params)))
    return result


def decode(x: T, curve: str | Curve, **params: float | str) -> T:
    """Linear light of code values; an image is changed in place and returned, anything else is new.

    Parameters
    ----------
    x : Image, array_like or float
        Code values, 1.0 the largest of an integer format.
    curve : str or Curve
        One of :func:`vfx.transfer.curves`.
    **params : float or str
        The curve's free parameters, such as ``nits=100`` or ``ei=800``.

    Returns
    -------
    Image, numpy.ndarray or float
        As ``x``.

    Raises
    ------
    ValueError
        If there is no such curve, or a parameter is out of its range.
    TypeError
        If the array has another dtype, or the curve has no such parameter.

    Examples
    --------
    >>> round(decode(0.5, "srgb"), 6)
    0.214041
    """
    result: T = _apply(x, Decode(find(curve, **params)))
    return result


def apply_pq(x: T, direction: str = "decode", nits: float = 100.0) -> T:
    """``x`` through the PQ curve of ST 2084; an image is changed in place and returned.

    Parameters
    ----------
    x : Image, array_like or float
        Code values in [0, 1] to decode, light to encode.
    direction : {"decode", "encode"}
        Code values to light, or light to code values.
    nits : float, optional
        The luminance in cd/m² that 1.0 stands for.

    Returns
    -------
    Image, numpy.ndarray or float
        As ``x``.

    Examples
    --------
    >>> round(apply_pq(1.0, "encode", nits=100), 6)
    0.508078
    """
    return _directed(x, direction, "pq", nits=nits)


def apply_hlg(x: T, direction: str = "decode") -> T:
    """``x`` through the HLG camera curve (OETF) of BT.2100; an image is changed in place and returned.

    Parameters
    ----------
    x : Image, array_like or float
        Signal in [0, 1] to decode, scene light in [0, 1] to encode.
    direction : {"decode", "encode"}
        Signal to scene light, or scene light to signal. The display's OOTF is not part of it.

    Returns
    -------
    Image, numpy.ndarray or float
        As ``x``.

    Examples
    --------
    >>> apply_hlg(0.5, "decode") * 12
    1.0
    """
    return _directed(x, direction, "hlg")


def _directed(x: T, direction: str, curve: str, **params: float | str) -> T:
    """Encode or decode, as ``direction`` says."""
    found = find(curve, **params)
    encoding = checks.one_of("direction", direction, ("decode", "encode")) == "encode"
    result: T = _apply(x, Encode(found) if encoding else Decode(found))
    return result


def _apply(x: Any, op: Encode | Decode) -> Any:
    """``x`` through the op."""
    if isinstance(x, Image):
        run((op,), x, x)
        return x
    if isinstance(x, numbers.Real) and not isinstance(x, np.generic):
        return float(_exactly(np.asarray(float(x)), op))
    values = np.asarray(x)
    if not isinstance(x, (np.ndarray, np.generic)) and values.dtype.kind in "iu":
        values = values.astype(np.float64)
    result = _exactly(values, op) if values.dtype == np.float64 else on_array(op, values, colours=False)
    return result if isinstance(x, np.ndarray) else result[()]


def _exactly(values: npt.NDArray[np.float64], op: Encode | Decode) -> npt.NDArray[np.float64]:
    """A new array in float64; infinities and NaN give what the arithmetic gives."""
    with np.errstate(all="ignore"):
        result = op.curve.encode(values) if isinstance(op, Encode) else op.curve.decode(values)
    return np.asarray(result, dtype=np.float64)


def to_linear(name: str) -> CurveFunction:
    """The function that decodes one curve."""

    def function(x: T, /, **params: float | str) -> T:
        return decode(x, name, **params)

    return _described(function, f"{name}_to_linear", f"Linear light of {name} code values", f'decode(x, "{name}")')


def from_linear(name: str) -> CurveFunction:
    """The function that encodes one curve."""

    def function(x: T, /, **params: float | str) -> T:
        return encode(x, name, **params)

    return _described(function, f"linear_to_{name}", f"Code values of linear light in {name}", f'encode(x, "{name}")')


def _described(function: Any, name: str, result: str, call: str) -> CurveFunction:
    """``function`` with a name and a docstring of its own."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = "vfx.transfer"
    function.__doc__ = f"""{result}; an image is changed in place and returned.

    The same as ``{call}``.

    Parameters
    ----------
    x : Image, array_like or float
        An array or a number is left alone and a new one comes back.
    **params : float or str
        The curve's free parameters, if it has any.

    Returns
    -------
    Image, numpy.ndarray or float
        As ``x``.
    """
    described: CurveFunction = function
    return described
