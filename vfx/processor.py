"""Eager grading: every operation changes the image in place, at once.

NumPy views of the image's memory see each change as soon as the call returns. To run several operations in one
pass over memory, record them in a ``Look`` and use :meth:`Processor.apply`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from vfx import backends, checks
from vfx.image import Image
from vfx.operations import ControlPoints, Triple, build
from vfx.pixelop import PixelOp

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from vfx.look import Look

__all__ = ["Processor"]

# What every operation takes first.
Picture = Image | npt.NDArray[Any]


class Processor:
    """Runs grading operations on images in place; every method returns the processor.

    The first argument of every operation is an ``Image``, or a NumPy array that becomes one without a copy.
    Alpha is left alone, and channels that are not R, G, B or Y too.

    Parameters
    ----------
    backend : {"auto", "cpu", "wgpu"}, optional
        Where to compute. ``"auto"`` takes what is there.
    threads : int, optional
        At most this many threads; ``vfx.set_threads`` otherwise.

    Raises
    ------
    BackendError
        If the backend cannot run here; the message says why.

    Examples
    --------
    >>> image = Image(np.full((2, 2, 3), 0.25, np.float32))
    >>> _ = Processor().exposure(image, 1).saturation(image, 1.2)
    >>> float(image.numpy()[0, 0, 0])
    0.5
    """

    __slots__ = ("_backend", "_threads")

    def __init__(self, backend: str = "auto", threads: int | None = None) -> None:
        self._backend = backends.select(backend)
        self._threads = None if threads is None else checks.integer("threads", threads, low=1, high=1024)

    @property
    def backend(self) -> str:
        """The backend's name, ``"cpu"`` or ``"wgpu"``."""
        return self._backend.name

    @property
    def device_name(self) -> str:
        """The hardware it computes on."""
        return self._backend.device_name

    @property
    def threads(self) -> int | None:
        """The most threads it uses; None follows ``vfx.set_threads``."""
        return self._threads

    def __repr__(self) -> str:
        """The backend and its hardware."""
        return f"<Processor {self.backend}: {self.device_name}>"

    def _run(self, img: Picture, *ops: PixelOp) -> Self:
        """The ops on the image, in place."""
        if isinstance(img, np.ndarray):
            img = Image(img)
        if not isinstance(img, Image):
            raise TypeError(f"the first argument must be an Image or a NumPy array, got {type(img).__name__}")
        self._backend.run(ops, img, threads=self._threads)
        return self

    def apply(self, img: Picture, look: Look) -> Self:
        """In place: a whole look, in one pass over memory.

        Parameters
        ----------
        img : Image
            Changed.
        look : Look
            The recorded chain.
        """
        ops = tuple(look) if isinstance(look, Iterable) else ()
        if not isinstance(look, Iterable) or not all(isinstance(op, PixelOp) for op in ops):
            raise TypeError(f"look must be a Look, got {type(look).__name__}")
        return self._run(img, *ops)

    def apply_clf(self, img: Picture, clf: Any) -> Self:
        """In place: after the operations of a process list; the same as :meth:`clf`."""
        return self.clf(img, clf)

    def apply_lut(self, img: Picture, lut: Any, interpolation: str | None = None) -> Self:
        """In place: each pixel looked up in a LUT; the same as :meth:`lut`."""
        return self.lut(img, lut, interpolation)

    def exposure(self, img: Picture, stops: float) -> Self:
        """In place: x · 2^stops.

        Parameters
        ----------
        img : Image
            Changed.
        stops : float
            Photographic stops; 1 doubles the light.
        """
        return self._run(img, build("exposure", stops))

    def gain(self, img: Picture, gain: Triple) -> Self:
        """In place: x · gain."""
        return self._run(img, build("gain", gain))

    def offset(self, img: Picture, offset: Triple, *, unpremult: bool = False) -> Self:
        """In place: x + offset."""
        return self._run(img, build("offset", offset, unpremult=unpremult))

    def gamma(self, img: Picture, gamma: Triple, *, unpremult: bool = False) -> Self:
        """In place: x^(1/gamma), Nuke's Gamma: above 1 brightens; negative values pass unchanged.

        Parameters
        ----------
        img : Image
            Changed.
        gamma : float or three floats
            Above 0.
        """
        return self._run(img, build("gamma", gamma, unpremult=unpremult))

    def contrast(self, img: Picture, contrast: Triple, pivot: float = 0.18, *, unpremult: bool = False) -> Self:
        """In place: (x − pivot) · contrast + pivot."""
        return self._run(img, build("contrast", contrast, pivot, unpremult=unpremult))

    def contrast_log(self, img: Picture, contrast: Triple, pivot: float = 0.18, *, unpremult: bool = False) -> Self:
        """In place: pivot · (x / pivot)^contrast, contrast in log space; values ≤ 0 pass unchanged."""
        return self._run(img, build("contrast_log", contrast, pivot, unpremult=unpremult))

    def convert(
        self, img: Picture, src: Any, dst: Any, adaptation: str = "bradford", *, unpremult: bool = False
    ) -> Self:
        """In place: from one colour space to another, decoded, by a matrix and encoded in one pass.

        Parameters
        ----------
        img : Image
            Changed.
        src, dst : str, Space or Primaries
            Names of ``vfx.color.spaces()``, or records of one's own.
        adaptation : str, optional
            ``"bradford"``, ``"cat02"``, ``"cat16"``, ``"von_kries"``, ``"xyz_scaling"`` or ``"none"``: how the
            white of ``src`` becomes the white of ``dst``.
        """
        return self._run(img, build("convert", src, dst, adaptation, unpremult=unpremult))

    def gamut_compress(
        self,
        img: Picture,
        *,
        threshold: Triple = (0.815, 0.803, 0.88),
        limit: Triple = (1.147, 1.264, 1.312),
        power: float = 1.2,
        space: Any = "ACEScg",
        unpremult: bool = False,
    ) -> Self:
        """In place: the ACES 1.3 reference gamut compression, which brings colours outside AP1 inside.

        Parameters
        ----------
        img : Image
            Changed.
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
        return self._run(img, op)

    def saturation(self, img: Picture, saturation: float) -> Self:
        """In place: L + saturation · (x − L), with the luma L of Rec.709's weights .2126 .7152 .0722."""
        return self._run(img, build("saturation", saturation))

    def vibrance(self, img: Picture, vibrance: float) -> Self:
        """In place: L + (1 + vibrance · min/max) · (x − L): saturation, of pale colours above all.

        Parameters
        ----------
        img : Image
            Changed.
        vibrance : float
            -1 to 1. Luma and greys stay; pixels with a channel that is not above 0 pass.
        """
        return self._run(img, build("vibrance", vibrance))

    def hue(self, img: Picture, degrees: float) -> Self:
        """In place: hue turned by a matrix that keeps Rec.709 luma and greys.

        Parameters
        ----------
        img : Image
            Changed.
        degrees : float
            Positive from red to yellow to green to blue; 360 changes nothing.
        """
        return self._run(img, build("hue", degrees))

    def to_hsv(self, img: Picture) -> Self:
        """In place: hue in [0, 1), saturation and value in the places of R, G and B; bright and negative values too."""
        return self._run(img, build("to_hsv"))

    def from_hsv(self, img: Picture) -> Self:
        """In place: R, G and B out of hue, saturation and value; see :meth:`to_hsv`."""
        return self._run(img, build("from_hsv"))

    def lift_gamma_gain(
        self,
        img: Picture,
        lift: Triple = 0.0,
        gamma: Triple = 1.0,
        gain: Triple = 1.0,
        *,
        unpremult: bool = False,
    ) -> Self:
        """In place: (x · (gain − lift) + lift)^(1/gamma); negative values pass the power unchanged.

        Parameters
        ----------
        img : Image
            Changed.
        lift, gain : float or three floats
            What black and white become, before the gamma.
        gamma : float or three floats
            Above 0; above 1 brightens.
        """
        return self._run(img, build("lift_gamma_gain", lift, gamma, gain, unpremult=unpremult))

    def grade(
        self,
        img: Picture,
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
        """In place: Nuke's Grade, (A · x + B)^(1/gamma), then the clamps; negative values pass the power.

        A = multiply · (gain − lift) / (whitepoint − blackpoint) and B = offset + lift − A · blackpoint.

        Parameters
        ----------
        img : Image
            Changed.
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
        return self._run(img, build("grade", *points, black_clamp, white_clamp, **options))

    def curves(
        self,
        img: Picture,
        *,
        r: ControlPoints = None,
        g: ControlPoints = None,
        b: ControlPoints = None,
        master: ControlPoints = None,
        unpremult: bool = False,
    ) -> Self:
        """In place: each channel through a smooth curve that rises and falls only as its control points do.

        Parameters
        ----------
        img : Image
            Changed.
        r, g, b : sequence of (x, y)
            The curve of each channel: two points or more, x rising. Beyond the ends it goes on as a straight line.
        master : sequence of (x, y)
            A curve for all three, before theirs.
        """
        return self._run(img, build("curves", r=r, g=g, b=b, master=master, unpremult=unpremult))

    def tone(
        self,
        img: Picture,
        shadows: float = 0.0,
        midtones: float = 0.0,
        highlights: float = 0.0,
        *,
        pivot: float = 0.18,
        unpremult: bool = False,
    ) -> Self:
        """In place: shadows, midtones and highlights exposed by their own stops, smoothly into each other.

        Parameters
        ----------
        img : Image
            Changed.
        shadows, midtones, highlights : float
            Stops, up to 10. Shadows may exceed midtones, and midtones highlights, by 3 at most.
        pivot : float
            Middle grey: the shadows have it all 5 stops below, the highlights 5 stops above.
        """
        return self._run(img, build("tone", shadows, midtones, highlights, pivot=pivot, unpremult=unpremult))

    def cdl(
        self,
        img: Picture,
        slope: Any = 1.0,
        offset: Triple = 0.0,
        power: Triple = 1.0,
        saturation: float = 1.0,
        clamp: bool = False,
        *,
        unpremult: bool = False,
    ) -> Self:
        """In place: the ASC CDL, (x · slope + offset)^power, then saturation.

        Parameters
        ----------
        img : Image
            Changed.
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
        return self._run(img, op)

    def matrix(self, img: Picture, matrix: ArrayLike, *, unpremult: bool = False) -> Self:
        """In place: matrix · (R, G, B).

        Parameters
        ----------
        img : Image
            Changed.
        matrix : array_like, (3, 3), (3, 4) or (4, 4)
            A fourth column of three rows is an offset. Four rows act on R, G, B, A.
        """
        return self._run(img, build("matrix", matrix, unpremult=unpremult))

    def clamp(self, img: Picture, low: Triple = 0.0, high: Triple = 1.0, *, unpremult: bool = False) -> Self:
        """In place: x limited to [low, high]; NaN becomes low."""
        return self._run(img, build("clamp", low, high, unpremult=unpremult))

    def clf(self, img: Picture, process_list: Any, *, unpremult: bool = False) -> Self:
        """In place: after the operations of a CLF or CTF process list.

        Parameters
        ----------
        img : Image
            Changed.
        process_list : ProcessList
            What :func:`vfx.lut.read_clf` or :func:`vfx.lut.read_ctf` gives, or one of your own.
        unpremult : bool
            Divide by alpha first and multiply after.
        """
        return self._run(img, build("clf", process_list, unpremult=unpremult))

    def invert(self, img: Picture, *, unpremult: bool = False) -> Self:
        """In place: 1 − x."""
        return self._run(img, build("invert", unpremult=unpremult))

    def encode(self, img: Picture, curve: str, *, unpremult: bool = False, **parameters: float | str) -> Self:
        """In place: scene-linear or display-linear values as code values of a transfer function.

        Parameters
        ----------
        img : Image
            Changed.
        curve : str
            One of ``vfx.transfer.curves()``.
        **parameters : float or str
            What the curve takes, e.g. ``ei=800`` or ``nits=100``.
        """
        return self._run(img, build("encode", curve, unpremult=unpremult, **parameters))

    def decode(self, img: Picture, curve: str, *, unpremult: bool = False, **parameters: float | str) -> Self:
        """In place: code values of a transfer function as linear values; see :meth:`encode`."""
        return self._run(img, build("decode", curve, unpremult=unpremult, **parameters))

    def hlg_ootf(
        self, img: Picture, peak: float = 1000.0, *, gamma: float | None = None, nits: float = 100.0,
        reverse: bool = False, unpremult: bool = False,
    ) -> Self:  # fmt: skip
        """In place: HLG scene light as the light of a display, ITU-R BT.2100-2.

        Parameters
        ----------
        img : Image
            Changed.
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
        return self._run(img, op)

    def lut(self, img: Picture, lut: Any, interpolation: str | None = None, *, unpremult: bool = False) -> Self:
        """In place: each pixel looked up in a LUT.

        Parameters
        ----------
        img : Image
            Changed.
        lut : Lut1D, Lut3D, LutChain or ProcessList
            Whatever :func:`vfx.lut.read` gives.
        interpolation : str, optional
            1D: ``"nearest"``, ``"linear"`` (default), ``"cubic"``. 3D: ``"nearest"``, ``"trilinear"``,
            ``"tetrahedral"`` (default). Process lists have their own.
        """
        return self._run(img, build("lut", lut, interpolation, unpremult=unpremult))

    def white_balance(
        self,
        img: Picture,
        kelvin: float,
        tint: float = 0.0,
        *,
        space: Any = "Linear Rec.709 (sRGB)",
        unpremult: bool = False,
    ) -> Self:
        """In place: linear light as if the light of this colour temperature and tint had been neutral.

        Parameters
        ----------
        img : Image
            Changed.
        kelvin : float
            1667 to 25000; above 6504 the result is warmer, below it is cooler.
        tint : float
            -150 to 150; above 0 the result is more magenta, below it is greener.
        space : str, Space or Primaries
            Whose R, G, B the pixels are.
        """
        return self._run(img, build("white_balance", kelvin, tint, space=space, unpremult=unpremult))
