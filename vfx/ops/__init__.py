"""Operations on whole pictures: compositing, resampling, filters, keying, channels and measurements.

Each takes an :class:`vfx.Image` (or an array of pixels) first, leaves it alone and returns a new image of the same
pixel format; each is a method of ``Image`` too. Integer pixels mean [0, 1] and are rounded and clamped on the way
back; half and float results are never clamped. Colour is premultiplied, all channels are treated alike unless an
operation says otherwise, and pictures lie where their data windows say.
"""

from __future__ import annotations

from vfx.ops.arrange import circular_shift, crop, flip, flop, offset, pad, rotate90, transpose
from vfx.ops.assemble import mosaic, paste, tile
from vfx.ops.bilateral import bilateral
from vfx.ops.blend import blend
from vfx.ops.blur import blur, box_blur
from vfx.ops.burn_ins import burn_in, rectangle, text
from vfx.ops.channels import add_channels, copy_channels, drop_channels, shuffle
from vfx.ops.comparison import Comparison, compare
from vfx.ops.composite import (
    atop,
    clear,
    dst,
    dst_atop,
    dst_in,
    dst_out,
    held_out,
    in_,
    out,
    over,
    plus,
    src,
    under,
    xor,
)
from vfx.ops.contact_sheets import contact_sheet
from vfx.ops.convolve import convolve
from vfx.ops.defocus import defocus, directional_blur
from vfx.ops.derivatives import laplacian, sobel
from vfx.ops.despill import despill
from vfx.ops.fingerprint import hash
from vfx.ops.glow import glow
from vfx.ops.heat_maps import difference_map, false_colour
from vfx.ops.histograms import Histogram, histogram
from vfx.ops.keying import key_chroma, key_difference, key_luma, screen_color
from vfx.ops.lens import lens_distort
from vfx.ops.mattes import edge_extend, matte_dilate, matte_erode
from vfx.ops.median import median
from vfx.ops.merge import merge
from vfx.ops.mixing import dissolve, holdout, keymix
from vfx.ops.morphology import blackhat, close, dilate, erode, gradient, open, tophat
from vfx.ops.reformat import reformat
from vfx.ops.regions import nonzero_region
from vfx.ops.repair import fix_nan
from vfx.ops.resize import fill, fit, resize
from vfx.ops.scopes import histogram_picture, parade, vectorscope, waveform
from vfx.ops.sharpen import sharpen, unsharp_mask
from vfx.ops.statistics import ChannelStatistics, Statistics, percentile, stats
from vfx.ops.transform import affine_matrix, corner_pin, pin_matrix, rotate, transform
from vfx.ops.warp import st_map

__all__ = [
    "ChannelStatistics",
    "Comparison",
    "Histogram",
    "Statistics",
    "add_channels",
    "affine_matrix",
    "atop",
    "bilateral",
    "blackhat",
    "blend",
    "blur",
    "box_blur",
    "burn_in",
    "circular_shift",
    "clear",
    "close",
    "compare",
    "contact_sheet",
    "convolve",
    "copy_channels",
    "corner_pin",
    "crop",
    "defocus",
    "despill",
    "difference_map",
    "dilate",
    "directional_blur",
    "dissolve",
    "drop_channels",
    "dst",
    "dst_atop",
    "dst_in",
    "dst_out",
    "edge_extend",
    "erode",
    "false_colour",
    "fill",
    "fit",
    "fix_nan",
    "flip",
    "flop",
    "glow",
    "gradient",
    "hash",
    "held_out",
    "histogram",
    "histogram_picture",
    "holdout",
    "in_",
    "key_chroma",
    "key_difference",
    "key_luma",
    "keymix",
    "laplacian",
    "lens_distort",
    "matte_dilate",
    "matte_erode",
    "median",
    "merge",
    "mosaic",
    "nonzero_region",
    "offset",
    "open",
    "out",
    "over",
    "pad",
    "parade",
    "paste",
    "percentile",
    "pin_matrix",
    "plus",
    "rectangle",
    "reformat",
    "resize",
    "rotate",
    "rotate90",
    "screen_color",
    "sharpen",
    "shuffle",
    "sobel",
    "src",
    "st_map",
    "stats",
    "text",
    "tile",
    "tophat",
    "transform",
    "transpose",
    "under",
    "unsharp_mask",
    "vectorscope",
    "waveform",
    "xor",
]
