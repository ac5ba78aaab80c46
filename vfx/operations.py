"""The list of grading operations, spelled out once for ``Image`` and ``Look``.

Each method hands its name and arguments to ``_operate``: an image answers with a new image, a
look with a longer look. ``Processor`` has the same list with the image in front; a test compares
the three. What an operation is lives in the rooms above (see ``vfx._late``).

Conventions: x is a channel's value, scene-linear unless the chain says otherwise; three values
mean red, green, blue and one number means all three; alpha is left alone. ``unpremult=True``
divides colour by alpha first and multiplies after (alpha 0 pixels keep their colour), which matters
for every operation that is not a plain multiplication.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from vfx import _late
from vfx.pixelop import PixelOp, Unpremultiplied

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ControlPoints", "Operations", "Triple", "build"]

#: The points (x, y) of a curve; None is no curve.
ControlPoints = Sequence[Sequence[float]] | None
#: One number, or three for red, green and blue.
Triple = float | Sequence[float]


def build(name: str, *args: Any, unpremult: bool = False, **kwargs: Any) -> PixelOp:
    """The pixel op of operation ``name`` with these arguments.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong; the message names it.
    """
    op: PixelOp = _late.builder(name)(*args, **kwargs)
    return Unpremultiplied((op,)) if unpremult else op


class Operations:
    """Mixin: every grading operation as a method that returns a new object of the same class."""

    __slots__ = ()

    def _operate(self, op: PixelOp) -> Self:
        """A new object with ``op`` applied or recorded."""
        raise NotImplementedError

    def exposure(self, stops: float) -> Self:
        """New: x · 2^stops.

        Parameters
        ----------
        stops : float
            Photographic stops; 1 doubles the light.
        """
        return self._operate(build("exposure", stops))

    def gain(self, gain: Triple) -> Self:
        """New: x · gain."""
        return self._operate(build("gain", gain))

    def offset(self, offset: Triple, *, unpremult: bool = False) -> Self:
        """New: x + offset."""
        return self._operate(build("offset", offset, unpremult=unpremult))

    def gamma(self, gamma: Triple, *, unpremult: bool = False) -> Self:
        """New: x^(1/gamma), Nuke's Gamma: above 1 brightens; negative values pass unchanged.

        Parameters
        ----------
        gamma : float or three floats
            Above 0.
        """
        return self._operate(build("gamma", gamma, unpremult=unpremult))

    def contrast(self, contrast: Triple, pivot: float = 0.18, *, unpremult: bool = False) -> Self:
        """New: (x − pivot) · contrast + pivot."""
        return self._operate(build("contrast", contrast, pivot, unpremult=unpremult))

    def contrast_log(self, contrast: Triple, pivot: float = 0.18, *, unpremult: bool = False) -> Self:
        """New: pivot · (x / pivot)^contrast, contrast in log space; values ≤ 0 pass unchanged."""
        return self._operate(build("contrast_log", contrast, pivot, unpremult=unpremult))

    def convert(self, src: Any, dst: Any, adaptation: str = "bradford", *, unpremult: bool = False) -> Self:
        """New: from one colour space to another, decoded, by a matrix and encoded in one pass.

        Parameters
        ----------
        src, dst : str, Space or Primaries
            Names of ``vfx.color.spaces()``, or records of one's own.
        adaptation : str, optional
            ``"bradford"``, ``"cat02"``, ``"cat16"``, ``"von_kries"``, ``"xyz_scaling"`` or ``"none"``: how the
            white of ``src`` becomes the white of ``dst``.
        """
        return self._operate(build("convert", src, dst, adaptation, unpremult=unpremult))

    def gamut_compress(
        self,
        *,
        threshold: Triple = (0.815, 0.803, 0.88),
        limit: Triple = (1.147, 1.264, 1.312),
        power: float = 1.2,
        space: Any = "ACEScg",
        unpremult: bool = False,
    ) -> Self:
        """New: the ACES 1.3 reference gamut compression, which brings colours outside AP1 inside.

        Parameters
        ----------
        threshold : float or three floats
            Distances from grey, of cyan, magenta and yellow, up to which colours stay.
        limit : float or three floats
            The distance that becomes 1, the hull of AP1.
        power : float
            How sharply the curve bends.
        space : str or Space
            What the pixels are in; others than ACEScg are converted there and back.
        """
        op = build("gamut_compress", threshold=threshold, limit=limit, power=power, space=space, unpremult=unpremult)
        return self._operate(op)

    def saturation(self, saturation: float) -> Self:
        """New: L + saturation · (x − L), with the luma L of Rec.709's weights .2126 .7152 .0722."""
        return self._operate(build("saturation", saturation))

    def vibrance(self, vibrance: float) -> Self:
        """New: L + (1 + vibrance · min/max) · (x − L): saturation, of pale colours above all.

        Parameters
        ----------
        vibrance : float
            -1 to 1. Luma and greys stay; pixels with a channel that is not above 0 pass.
        """
        return self._operate(build("vibrance", vibrance))

    def hue(self, degrees: float) -> Self:
        """New: hue turned by a matrix that keeps Rec.709 luma and greys.

        Parameters
        ----------
        degrees : float
            Positive from red to yellow to green to blue; 360 changes nothing.
        """
        return self._operate(build("hue", degrees))

    def to_hsv(self) -> Self:
        """New: hue in [0, 1), saturation and value in the places of R, G and B; bright and negative values too."""
        return self._operate(build("to_hsv"))

    def from_hsv(self) -> Self:
        """New: R, G and B out of hue, saturation and value; see :meth:`to_hsv`."""
        return self._operate(build("from_hsv"))

    def lift_gamma_gain(
        self,
        lift: Triple = 0.0,
        gamma: Triple = 1.0,
        gain: Triple = 1.0,
        *,
        unpremult: bool = False,
    ) -> Self:
        """New: (x · (gain − lift) + lift)^(1/gamma); negative values pass the power unchanged.

        Parameters
        ----------
        lift, gain : float or three floats
            What black and white become, before the gamma.
        gamma : float or three floats
            Above 0; above 1 brightens.
        """
        return self._operate(build("lift_gamma_gain", lift, gamma, gain, unpremult=unpremult))

    def grade(
        self,
        blackpoint: Triple = 0.0,
        whitepoint: Triple = 1.0,
        lift: Triple = 0.0,
        gain: Triple = 1.0,
        multiply: Triple = 1.0,
        offset: Triple = 0.0,
        gamma: Triple = 1.0,
        black_clamp: bool = False,
        white_clamp: bool = False,
        *,
        reverse: bool = False,
        above_one: str = "power",
        unpremult: bool = False,
    ) -> Self:
        """New: Nuke's Grade, (A · x + B)^(1/gamma), then the clamps; negative values pass the power.

        A = multiply · (gain − lift) / (whitepoint − blackpoint) and B = offset + lift − A · blackpoint.

        Parameters
        ----------
        blackpoint, whitepoint : float or three floats
            What becomes lift, and what becomes gain.
        lift, gain, multiply, offset : float or three floats
            As above.
        gamma : float or three floats
            Above 0.
        black_clamp, white_clamp : bool
            Limit the result to at least 0, and to at most 1.
        reverse : bool
            Undo the grade: (x^gamma − B) / A.
        above_one : {"power", "linear"}
            How the gamma goes on above 1: ``"linear"`` is the tangent that Nuke's node takes.
        """
        points = (blackpoint, whitepoint, lift, gain, multiply, offset, gamma)
        options: dict[str, Any] = {"reverse": reverse, "above_one": above_one, "unpremult": unpremult}
        return self._operate(build("grade", *points, black_clamp, white_clamp, **options))

    def curves(
        self,
        *,
        r: ControlPoints = None,
        g: ControlPoints = None,
        b: ControlPoints = None,
        master: ControlPoints = None,
        unpremult: bool = False,
    ) -> Self:
        """New: each channel through a smooth curve that rises and falls only as its control points do.

        Parameters
        ----------
        r, g, b : sequence of (x, y)
            The curve of each channel: two points or more, x rising. Beyond the ends it goes on as a straight line.
        master : sequence of (x, y)
            A curve for all three, before theirs.
        """
        return self._operate(build("curves", r=r, g=g, b=b, master=master, unpremult=unpremult))

    def tone(
        self,
        shadows: float = 0.0,
        midtones: float = 0.0,
        highlights: float = 0.0,
        *,
        pivot: float = 0.18,
        unpremult: bool = False,
    ) -> Self:
        """New: shadows, midtones and highlights exposed by their own stops, smoothly into each other.

        Parameters
        ----------
        shadows, midtones, highlights : float
            Stops, up to 10. Shadows may exceed midtones, and midtones highlights, by 3 at most.
        pivot : float
            Middle grey: the shadows have it all 5 stops below, the highlights 5 stops above.
        """
        return self._operate(build("tone", shadows, midtones, highlights, pivot=pivot, unpremult=unpremult))

    def cdl(
        self,
        slope: Any = 1.0,
        offset: Triple = 0.0,
        power: Triple = 1.0,
        saturation: float = 1.0,
        clamp: bool = False,
        *,
        unpremult: bool = False,
    ) -> Self:
        """New: the ASC CDL, (x · slope + offset)^power, then saturation.

        Parameters
        ----------
        slope : float, three floats, or CDL
            A ``vfx.color.CDL`` brings all four values.
        offset, power : float or three floats
            Power is above 0.
        saturation : float
            At least 0.
        clamp : bool
            True: clamp to [0, 1] before the power and at the end, as ASC CDL 1.2 has it. False:
            nothing is clamped and negative values pass the power unchanged.
        """
        op = build("cdl", slope, offset, power, saturation=saturation, clamp=clamp, unpremult=unpremult)
        return self._operate(op)

    def matrix(self, matrix: ArrayLike, *, unpremult: bool = False) -> Self:
        """New: matrix · (R, G, B).

        Parameters
        ----------
        matrix : array_like, (3, 3), (3, 4) or (4, 4)
            A fourth column of three rows is an offset. Four rows act on R, G, B, A.
        """
        return self._operate(build("matrix", matrix, unpremult=unpremult))

    def clamp(self, low: Triple = 0.0, high: Triple = 1.0, *, unpremult: bool = False) -> Self:
        """New: x limited to [low, high]; NaN becomes low."""
        return self._operate(build("clamp", low, high, unpremult=unpremult))

    def clf(self, process_list: Any, *, unpremult: bool = False) -> Self:
        """New: after the operations of a CLF or CTF process list.

        Parameters
        ----------
        process_list : ProcessList
            What :func:`vfx.lut.read_clf` or :func:`vfx.lut.read_ctf` gives, or one of your own.
        unpremult : bool
            Divide by alpha first and multiply after.
        """
        return self._operate(build("clf", process_list, unpremult=unpremult))

    def invert(self, *, unpremult: bool = False) -> Self:
        """New: 1 − x."""
        return self._operate(build("invert", unpremult=unpremult))

    def encode(self, curve: str, *, unpremult: bool = False, **parameters: float | str) -> Self:
        """New: scene-linear or display-linear values as code values of a transfer function.

        Parameters
        ----------
        curve : str
            One of ``vfx.transfer.curves()``.
        **parameters : float or str
            What the curve takes, e.g. ``ei=800`` or ``nits=100``.
        """
        return self._operate(build("encode", curve, unpremult=unpremult, **parameters))

    def decode(self, curve: str, *, unpremult: bool = False, **parameters: float | str) -> Self:
        """New: code values of a transfer function as linear values; see :meth:`encode`."""
        return self._operate(build("decode", curve, unpremult=unpremult, **parameters))

    def hlg_ootf(
        self, peak: float = 1000.0, *, gamma: float | None = None, nits: float = 100.0, reverse: bool = False,
        unpremult: bool = False,
    ) -> Self:  # fmt: skip
        """New: HLG scene light as the light of a display, ITU-R BT.2100-2.

        Parameters
        ----------
        peak : float
            The display's peak luminance, cd/m².
        gamma : float, optional
            The system gamma; 1.2 + 0.42 log10(peak / 1000) without it.
        nits : float
            The luminance in cd/m² that 1.0 stands for, as for ``encode("pq")``.
        reverse : bool
            Display light to scene light.
        """
        op = build("hlg_ootf", peak, gamma=gamma, nits=nits, reverse=reverse, unpremult=unpremult)
        return self._operate(op)

    def lut(self, lut: Any, interpolation: str | None = None, *, unpremult: bool = False) -> Self:
        """New: each pixel looked up in a LUT.

        Parameters
        ----------
        lut : Lut1D, Lut3D, LutChain or ProcessList
            Whatever :func:`vfx.lut.read` gives.
        interpolation : str, optional
            1D: ``"nearest"``, ``"linear"`` (default), ``"cubic"``. 3D: ``"nearest"``, ``"trilinear"``,
            ``"tetrahedral"`` (default). Process lists have their own.
        """
        return self._operate(build("lut", lut, interpolation, unpremult=unpremult))

    def white_balance(
        self, kelvin: float, tint: float = 0.0, *, space: Any = "Linear Rec.709 (sRGB)", unpremult: bool = False
    ) -> Self:
        """New: linear light as if the light of this colour temperature and tint had been neutral.

        Parameters
        ----------
        kelvin : float
            1667 to 25000; above 6504 the result is warmer, below it is cooler.
        tint : float
            -150 to 150; above 0 the result is more magenta, below it is greener.
        space : str, Space or Primaries
            Whose R, G, B the pixels are.
        """
        return self._operate(build("white_balance", kelvin, tint, space=space, unpremult=unpremult))
