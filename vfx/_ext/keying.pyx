"""Mattes from colour: one number is measured at each pixel, and a ramp makes the matte of it.

=====================  =====================================================================================
measure                the number, for a pixel (r, g, b)
=====================  =====================================================================================
``"weighted"``         numbers[0] r + numbers[1] g + numbers[2] b
``"red"`` and so on    one channel
``"max"`` ``"min"``    the largest, the smallest channel
``"saturation"``       (max - min) / max; 0 where max is not above 0
``"screen"``           1 - (p - max(q, s)) * numbers[9], with (q, p, s) = the 3x3 matrix numbers[:9] times (r, g, b)
``"screen_average"``   the same with (q + s) / 2 for max(q, s)
``"chromaticity"``     |(r, g, b) / (r + g + b) - numbers[:3]| * numbers[3]; numbers[4] where there is no light
``"apart"``            the largest |difference| of a channel to another picture
``"distance"``         the root of the sum of squared differences
=====================  =====================================================================================

The ramp (A, B, C, D) is 0 up to A, rises straight to 1 at B, stays 1 up to C and falls straight to 0 at D. NaN is 0.
"""

from cython.parallel cimport prange, threadid

from vfx._ext.colour_planes cimport STRETCH, load_colours, packed
from vfx._ext.pictures cimport Picture, describe, describe_output, place, store_plane
from vfx._ext.pixel_formats cimport from_float, pack
from vfx._ext.simd_math cimport INFINITY, fabsf, fma, sqrtf
from vfx._ext.watch cimport Watch, watch

import math

import numpy as np

__all__ = ["MEASURES", "key"]

cdef enum Measure:
    WEIGHTED
    RED
    GREEN
    BLUE
    MAX
    MIN
    SATURATION
    SCREEN
    SCREEN_AVERAGE
    CHROMATICITY
    APART
    DISTANCE

cdef enum:
    NUMBERS = 10

#: Measure -> its number, and how many numbers it takes.
MEASURES = {
    "weighted": (WEIGHTED, 3),
    "red": (RED, 0),
    "green": (GREEN, 0),
    "blue": (BLUE, 0),
    "max": (MAX, 0),
    "min": (MIN, 0),
    "saturation": (SATURATION, 0),
    "screen": (SCREEN, 10),
    "screen_average": (SCREEN_AVERAGE, 10),
    "chromaticity": (CHROMATICITY, 5),
    "apart": (APART, 0),
    "distance": (DISTANCE, 0),
}

cdef extern from *:
    """
    typedef float *__restrict vfx_key_out;
    typedef const float *__restrict vfx_key_in;
    """
    ctypedef float *out_plane "vfx_key_out"
    ctypedef const float *in_plane "vfx_key_in"

ctypedef struct Key:
    Picture source
    Picture other
    Picture target
    bint two                    # whether there is another picture
    int index[3]
    int other_index[3]
    int measure
    float f[NUMBERS]
    float ramp[4]
    bint inverted
    bint whole                  # the target is the picture without the screen, and the matte is its alpha
    int alpha
    bint multiply               # colour is multiplied by the matte instead
    float screen[3]


cdef inline float _larger(float a, float b) noexcept nogil:
    return a if a > b else b


cdef inline float _smaller(float a, float b) noexcept nogil:
    return a if a < b else b


cdef void _simple(int measure, const float *f, in_plane r, in_plane g, in_plane b, out_plane v, int n) noexcept nogil:
    """The measures that look at channels as they are."""
    cdef int i
    cdef float most, least
    if measure == WEIGHTED:
        for i in range(n):
            v[i] = fma(f[0], r[i], fma(f[1], g[i], f[2] * b[i]))
    elif RED <= measure <= BLUE:
        for i in range(n):
            v[i] = r[i] if measure == RED else (g[i] if measure == GREEN else b[i])
    elif measure == MAX:
        for i in range(n):
            v[i] = _larger(_larger(r[i], g[i]), b[i])
    elif measure == MIN:
        for i in range(n):
            v[i] = _smaller(_smaller(r[i], g[i]), b[i])
    else:
        for i in range(n):
            most = _larger(_larger(r[i], g[i]), b[i])
            least = _smaller(_smaller(r[i], g[i]), b[i])
            v[i] = (most - least) / most if most > <float>0.0 else <float>0.0


cdef void _screen(bint average, const float *f, in_plane r, in_plane g, in_plane b, out_plane v, int n) noexcept nogil:
    """How far from a screen's colour: 0 on the screen, 1 where none of it is left."""
    cdef int i
    cdef float p, q, s, bound
    for i in range(n):
        q = fma(f[0], r[i], fma(f[1], g[i], f[2] * b[i]))
        p = fma(f[3], r[i], fma(f[4], g[i], f[5] * b[i]))
        s = fma(f[6], r[i], fma(f[7], g[i], f[8] * b[i]))
        bound = <float>0.5 * (q + s) if average else _larger(q, s)
        v[i] = <float>1.0 - (p - bound) * f[9]


cdef void _chromaticity(const float *f, in_plane r, in_plane g, in_plane b, out_plane v, int n) noexcept nogil:
    """How far from a screen's hue and saturation, however bright."""
    cdef int i
    cdef float light, scale, x, y, z, far = f[4]
    cdef float red = f[0], green = f[1], blue = f[2], unit = f[3]
    for i in range(n):
        light = r[i] + g[i] + b[i]
        scale = <float>1.0 / light
        x = fma(r[i], scale, -red)
        y = fma(g[i], scale, -green)
        z = fma(b[i], scale, -blue)
        x = sqrtf(fma(x, x, fma(y, y, z * z))) * unit
        x = far if light == INFINITY else x
        v[i] = far if light <= <float>0.0 else x


cdef void _differences(bint largest, in_plane r, in_plane g, in_plane b, in_plane other, out_plane v,
                       int n) noexcept nogil:
    """How far from another picture."""
    cdef int i
    cdef float x, y, z
    for i in range(n):
        x = r[i] - other[i]
        y = g[i] - other[STRETCH + i]
        z = b[i] - other[2 * STRETCH + i]
        if largest:
            v[i] = _larger(_larger(fabsf(x), fabsf(y)), fabsf(z))
        else:
            v[i] = sqrtf(fma(x, x, fma(y, y, z * z)))


cdef inline void _unit(out_plane v, int n) noexcept nogil:
    """Clamps to [0, 1]; NaN is 0. Two loops, as GCC 12 does not vectorise one."""
    cdef int i
    for i in range(n):
        v[i] = v[i] if v[i] > <float>0.0 else <float>0.0
    for i in range(n):
        v[i] = v[i] if v[i] < <float>1.0 else <float>1.0


cdef void _ramp(const float *ramp, bint inverted, in_plane v, out_plane matte, int n) noexcept nogil:
    """The ramp over measured numbers."""
    cdef int i
    cdef float first = ramp[0], scale
    if ramp[1] > first:
        scale = <float>1.0 / (ramp[1] - first)
        for i in range(n):
            matte[i] = (v[i] - first) * scale
        _unit(matte, n)
    else:
        for i in range(n):
            matte[i] = <float>1.0 if v[i] >= first else <float>0.0
    if ramp[3] < INFINITY:
        first = ramp[3]
        scale = <float>1.0 / (first - ramp[2])
        for i in range(n):
            if v[i] > ramp[2]:
                matte[i] = (first - v[i]) * scale if v[i] < first else <float>0.0
    if inverted:
        for i in range(n):
            matte[i] = <float>1.0 - matte[i]


cdef inline void _without(in_plane matte, float screen, out_plane colour, int n) noexcept nogil:
    """Takes out of colour what the screen gave to it."""
    cdef int i
    for i in range(n):
        colour[i] = fma(matte[i] - <float>1.0, screen, colour[i])


cdef inline void _times(in_plane matte, out_plane colour, int n) noexcept nogil:
    """Multiplies colour by the matte; where that is 0 so is the result, whatever the colour."""
    cdef int i
    for i in range(n):
        colour[i] = colour[i] * matte[i] if matte[i] > <float>0.0 else <float>0.0


cdef void _store_whole(const Key *k, Py_ssize_t y, Py_ssize_t x, float *raw, float *planes, float *matte,
                       int n) noexcept nogil:
    """Colour without the screen, and the matte; ``raw`` holds the source's elements where both pictures are packed."""
    cdef void *elements[4]
    cdef int c
    for c in range(3):
        if k.multiply:
            _times(matte, planes + c * STRETCH, n)
        else:
            _without(matte, k.screen[c], planes + c * STRETCH, n)
    if not (packed(&k.source) and packed(&k.target)):
        for c in range(3):
            store_plane(&k.target, y, x, k.index[c], planes + c * STRETCH, n)
        store_plane(&k.target, y, x, k.alpha, matte, n)
        return
    for c in range(4):
        elements[c] = raw + c * STRETCH
    for c in range(3):
        from_float(k.target.format, planes + c * STRETCH, elements[k.index[c]], n)
    from_float(k.target.format, matte, elements[k.alpha], n)
    pack(k.target.item, k.target.channels, elements, 0, place(&k.target, y, x), n)


cdef void _row(const Key *k, Py_ssize_t y, int thread, Watch *w) noexcept nogil:
    """One row of the matte."""
    cdef float raw[4 * STRETCH]
    cdef float planes[3 * STRETCH]
    cdef float other[3 * STRETCH]
    cdef float measured[STRETCH]
    cdef float matte[STRETCH]
    cdef float *g = planes + STRETCH
    cdef float *b = planes + 2 * STRETCH
    cdef Py_ssize_t x = 0
    cdef int n
    if watch(w, thread, 2 * k.source.width):
        return
    while x < k.source.width:
        n = <int>min(k.source.width - x, <Py_ssize_t>STRETCH)
        load_colours(&k.source, y, x, k.index, raw, planes, n)
        if k.two:
            load_colours(&k.other, y, x, k.other_index, raw, other, n)
            _differences(k.measure == APART, planes, g, b, other, measured, n)
        elif k.measure == SCREEN or k.measure == SCREEN_AVERAGE:
            _screen(k.measure == SCREEN_AVERAGE, k.f, planes, g, b, measured, n)
        elif k.measure == CHROMATICITY:
            _chromaticity(k.f, planes, g, b, measured, n)
        else:
            _simple(k.measure, k.f, planes, g, b, measured, n)
        _ramp(k.ramp, k.inverted, measured, matte, n)
        if k.whole:
            _store_whole(k, y, x, raw, planes, matte, n)
        else:
            store_plane(&k.target, y, x, 0, matte, n)
        x += n


cdef void _rows(const Key *k, int threads, Watch *w) noexcept nogil:
    """All rows, over ``threads`` threads."""
    cdef Py_ssize_t y
    if threads == 1:  # without OpenMP: also safe in a forked child
        for y in range(k.source.height):
            _row(k, y, 0, w)
        return
    for y in prange(k.source.height, num_threads=threads, schedule="dynamic", chunksize=8):
        _row(k, y, threadid(), w)


cdef int _indices(object wanted, int channels, int *index) except -1:
    """Three checked channel indexes."""
    cdef int c
    found = [int(i) for i in wanted]
    if len(found) != 3 or any(not 0 <= i < channels for i in found):
        raise ValueError(f"channels must be three indexes below {channels}, got {tuple(found)}")
    for c in range(3):
        index[c] = found[c]
    return 0


cdef int _check_whole(object src, object dst, object channels, int alpha) except -1:
    """Whether ``dst`` may hold the picture without its screen."""
    count = dst.shape[2]
    if dst.shape[:2] != src.shape[:2] or dst.dtype != src.dtype or not 0 <= count - src.shape[2] <= 1:
        raise ValueError(f"dst must be like src with at most one more channel, got {dst.shape} and {src.shape}")
    if alpha in channels or not 0 <= alpha < count or (count > src.shape[2] and alpha != count - 1):
        raise ValueError(f"alpha must be a channel of its own, got {alpha} beside {tuple(channels)}")
    if np.may_share_memory(src, dst):
        raise ValueError("src and dst overlap")
    return 0


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0


def key(src, dst, channels, *, measure, numbers=(), ramp, inverted=False, other=None, other_channels=(0, 1, 2),
        int alpha=-1, screen=None, int threads=1):
    """Nothing; ``dst`` then holds the matte of ``src``.

    Parameters
    ----------
    src : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
    dst : numpy.ndarray, (H, W, 1) of the same, memory of its own
    channels : three ints
        Indexes of red, green and blue; may repeat.
    measure : str
        One of ``MEASURES``.
    numbers : sequence of float
        What the measure takes.
    ramp : four floats
        A <= B <= C <= D; C and D may be infinite.
    inverted : bool
        Whether ``dst`` becomes 1 - matte.
    other : numpy.ndarray, optional
        The other picture of ``"apart"`` and ``"distance"``, of the same height and width.
    other_channels : three ints
        Its red, green and blue.
    alpha : int, optional
        Where not -1: ``dst`` is (H, W, C or C + 1), gets colour times the matte in the places that it has in ``src``,
        and the matte here; its other channels are left alone.
    screen : three floats, optional
        Colour is then minus (1 - matte) * screen, not times the matte.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For an unknown measure, and for shapes, numbers or channels that do not fit.
    """
    cdef Key k
    cdef Watch w
    cdef int i
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}, got {measure!r}")
    k.measure, count = MEASURES[measure]
    if len(numbers) != count or len(ramp) != 4:
        raise ValueError(f"{measure} takes {count} numbers and a ramp of 4, got {len(numbers)} and {len(ramp)}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be 1 to 1024, got {threads}")
    describe(src, "src", &k.source)
    describe_output(dst, "dst", &k.target)
    _indices(channels, k.source.channels, k.index)
    k.whole, k.alpha, k.multiply = alpha != -1, alpha, screen is None
    if not k.whole and dst.shape != (*src.shape[:2], 1):
        raise ValueError(f"dst must have shape {(*src.shape[:2], 1)}, got {dst.shape}")
    if k.whole:
        _check_whole(src, dst, channels, alpha)
        for i in range(3):
            k.screen[i] = 0.0 if k.multiply else screen[i]
    k.two = k.measure >= APART
    if k.two != (other is not None):
        raise ValueError(f"{measure} takes {'another' if k.two else 'no other'} picture")
    if k.two:
        describe(other, "other", &k.other)
        if other.shape[:2] != src.shape[:2]:
            raise ValueError(f"other must be as large as src, got {other.shape} and {src.shape}")
        _indices(other_channels, k.other.channels, k.other_index)
    for i in range(count):
        k.f[i] = numbers[i]
    for i in range(4):
        k.ramp[i] = ramp[i]
    if math.isnan(sum(ramp[:2])) or not ramp[0] <= ramp[1] <= ramp[2] <= ramp[3]:
        raise ValueError(f"a ramp must rise, got {tuple(ramp)}")
    k.inverted = inverted
    w.stop = False
    w.work = 0
    with nogil:
        _rows(&k, threads, &w)
    _stopped(&w)
