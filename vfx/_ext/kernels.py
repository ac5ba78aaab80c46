"""What the engine's kernel steps take: the one table that the engine and the floors above it read.

A step itself is a C function in a ``steps_*.pxd``; that file's ``find`` gives the function of a name.
To add a step: write the function, name it in ``find``, and add its record here.
"""

from typing import NamedTuple

__all__ = ["KERNELS", "Kernel"]


class Kernel(NamedTuple):
    """What a kernel step takes and touches.

    Parameters
    ----------
    params : int
        How many numbers it takes.
    modes : int
        Where not 0, the last number picks one of so many variants.
    triples : tuple of int
        Where red-green-blue triples start among the numbers; when one differs within itself, a step that mixes
        nothing still needs R, G and B.
    mixes : bool
        Whether a channel's result depends on the others, always.
    unless : (int, float), optional
        It mixes channels unless the number at this position has this value.
    alpha : str
        ``""``, ``"reads"``, or ``"writes"`` (and reads).
    table : str
        ``""`` for none; ``"1d"``, (N, 3), and ``"3d"``, (N, N, N, 3 or 4), start their numbers with the two ends of
        the domain; ``"3d_inverse"`` is a table as ``"3d"``, to be undone; ``"rows"`` is (N, K), handed over as it is.
    rows : int
        Where not 0, a table of rows has exactly so many: one for red, green and blue each, once or more often.
    entries : int
        Where not 0, a 1D table has exactly so many.
    columns : int
        Of a table of rows: the K it must have, or 0.
    interleaved : bool
        Whether it heeds ``Tile.on``, so that it may run on interleaved pixels as they lie in memory. Dear steps do
        better on planes, where they do not work on alpha in vain.
    """

    params: int
    modes: int = 0
    triples: tuple[int, ...] = ()
    mixes: bool = False
    unless: tuple[int, float] | None = None
    alpha: str = ""
    table: str = ""
    rows: int = 0
    entries: int = 0
    columns: int = 0
    interleaved: bool = False

    def mixes_channels(self, params: tuple[float, ...]) -> bool:
        """Whether a channel's result depends on the others with these numbers."""
        return self.mixes or (self.unless is not None and params[self.unless[0]] != self.unless[1])


#: Kernel name -> its record.
KERNELS: dict[str, Kernel] = {
    "acescc_decode": Kernel(0, interleaved=True),
    "acescc_encode": Kernel(0, interleaved=True),
    "affine": Kernel(6, triples=(0, 3)),
    "at_most": Kernel(3, triples=(0,)),
    "cdl": Kernel(11, modes=2, triples=(0, 3, 6), unless=(9, 1.0)),
    "cdl_reverse": Kernel(11, modes=2, triples=(0, 3, 6), unless=(9, 1.0)),
    "clamp": Kernel(6, triples=(0, 3)),
    "contrast_log": Kernel(4, triples=(0,)),
    "cubic_curves": Kernel(17, triples=(0,), table="rows", columns=1),
    "cubic_curves_reverse": Kernel(17, triples=(0,), table="rows", columns=1),
    "curve_decode": Kernel(6, modes=2, interleaved=True),
    "curve_decode_rgb": Kernel(16, modes=2, triples=(0, 3, 6, 9, 12)),
    "curve_encode": Kernel(6, modes=2, interleaved=True),
    "curve_encode_rgb": Kernel(16, modes=2, triples=(0, 3, 6, 9, 12)),
    "double_log": Kernel(13, modes=2),
    "gain": Kernel(3, triples=(0,)),
    "gamma_log": Kernel(10, modes=2),
    "gamut_compress": Kernel(7, mixes=True),
    "gamut_expand": Kernel(7, mixes=True),
    "glow": Kernel(3, modes=2, mixes=True),
    "hlg_decode": Kernel(1, interleaved=True),
    "hlg_encode": Kernel(1, interleaved=True),
    "hsv_to_rgb": Kernel(0, mixes=True),
    "keep": Kernel(0),
    "log_codes": Kernel(5, interleaved=True),
    "log_decode": Kernel(7, interleaved=True),
    "log_decode_rgb": Kernel(21, triples=(0, 3, 6, 9, 12, 15, 18)),
    "log_encode": Kernel(7, interleaved=True),
    "log_encode_rgb": Kernel(21, triples=(0, 3, 6, 9, 12, 15, 18)),
    "luminance_power": Kernel(5, mixes=True),
    "lut1d": Kernel(7, modes=2, triples=(0, 3), table="1d"),
    "lut1d_cubic": Kernel(6, triples=(0, 3), table="rows", rows=3),
    "lut1d_cubic_dw3": Kernel(6, mixes=True, table="rows", rows=3),
    "lut1d_dw3": Kernel(7, modes=2, mixes=True, table="1d"),
    "lut1d_half": Kernel(6, table="1d", entries=65536),
    "lut1d_half_dw3": Kernel(6, mixes=True, table="1d", entries=65536),
    "lut1d_knots": Kernel(3, triples=(0,), table="rows", rows=6),
    "lut1d_knots_dw3": Kernel(3, mixes=True, table="rows", rows=6),
    "lut3d": Kernel(7, modes=3, mixes=True, table="3d"),
    "lut3d_inverse": Kernel(6, mixes=True, table="3d_inverse"),
    "luv_to_xyz": Kernel(0, mixes=True),
    "matrix": Kernel(12, mixes=True),
    "matrix4": Kernel(20, mixes=True, alpha="writes"),
    "mirror_log_decode": Kernel(6, interleaved=True),
    "mirror_log_encode": Kernel(6, interleaved=True),
    "mix": Kernel(1),
    "power": Kernel(4, modes=3, triples=(0,)),
    "power_linear": Kernel(3, triples=(0,)),
    "pq_decode": Kernel(1),
    "pq_encode": Kernel(1),
    "premult": Kernel(0, alpha="reads"),
    "red_mod": Kernel(4, modes=4, mixes=True),
    "rgb_to_hsv": Kernel(0, mixes=True),
    "root_log_decode": Kernel(5, interleaved=True),
    "root_log_encode": Kernel(6),
    "saturation": Kernel(4, mixes=True),
    "segments": Kernel(0, table="rows", columns=3),
    "square_log_decode": Kernel(6, interleaved=True),
    "square_log_encode": Kernel(6, interleaved=True),
    "surround": Kernel(6, modes=2, mixes=True),
    "tone": Kernel(7, mixes=True),
    "tone_reverse": Kernel(7, mixes=True),
    "unpremult": Kernel(0, alpha="reads"),
    "uvy_to_xyz": Kernel(0, mixes=True),
    "vibrance": Kernel(3, mixes=True),
    "vibrance_reverse": Kernel(3, mixes=True),
    "xyy_to_xyz": Kernel(0, mixes=True),
    "xyz_to_luv": Kernel(0, mixes=True),
    "xyz_to_uvy": Kernel(0, mixes=True),
    "xyz_to_xyy": Kernel(0, mixes=True),
}
