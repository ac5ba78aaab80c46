"""Light of a screen taken out of colour: the screen's channel is held to a bound that the two others set.

With p the screen's channel and q, s the two others::

    bound    q/2 + s/2, max(q, s), min(q, s) or q alone
    spill    p - bound where that is above 0, else 0
    p        p - amount * spill
    all      + keep * spill          (with keep the weight of the screen in luminance, it stays the same)

With a matrix the same happens along three axes that are turned about grey, so that p is any hue. A pixel without
spill keeps its values, and so does any channel that does not change.
"""

from cython.parallel cimport prange, threadid

from vfx._ext.colour_planes cimport STRETCH, load_colours, packed
from vfx._ext.pictures cimport Picture, describe, describe_output, load_plane, place, store_plane
from vfx._ext.pixel_formats cimport from_float, pack
from vfx._ext.simd_math cimport fma
from vfx._ext.watch cimport Watch, watch

import numpy as np

__all__ = ["BOUNDS", "despill"]

cdef enum Bound:
    AVERAGE
    MAX
    MIN
    FIRST

#: Bound -> its number.
BOUNDS = {"average": AVERAGE, "max": MAX, "min": MIN, "first": FIRST}

cdef extern from *:
    """
    typedef float *__restrict vfx_spill_plane;
    """
    ctypedef float *a_plane "vfx_spill_plane"

ctypedef struct Despill:
    Picture source
    Picture target
    int index[3]                # q, p, s; red, green and blue with a matrix
    int bound
    bint turned
    bint alone                  # only p changes
    float amount
    float keep
    float f[9]


cdef inline float _bound(int bound, float q, float s) noexcept nogil:
    """What p is held to."""
    if bound == AVERAGE:
        return <float>0.5 * q + <float>0.5 * s
    if bound == MAX:
        return q if q > s else s
    if bound == MIN:
        return q if q < s else s
    return q


cdef inline void _straight(int bound, float amount, a_plane q, a_plane p, a_plane s, int n) noexcept nogil:
    """Only the screen's channel changes."""
    cdef int i
    cdef float most, left = <float>1.0 - amount
    if amount == <float>1.0:
        for i in range(n):
            most = _bound(bound, q[i], s[i])
            p[i] = most if p[i] > most else p[i]
        return
    for i in range(n):
        most = _bound(bound, q[i], s[i])
        p[i] = fma(left, p[i], amount * most) if p[i] > most else p[i]


cdef inline void _all(int bound, float amount, float keep, a_plane q, a_plane p, a_plane s, int n) noexcept nogil:
    """All three change, so that something stays the same."""
    cdef int i
    cdef float spill
    for i in range(n):
        spill = p[i] - _bound(bound, q[i], s[i])
        spill = spill if spill > <float>0.0 else <float>0.0
        q[i] = fma(keep, spill, q[i])
        p[i] = fma(keep - amount, spill, p[i])
        s[i] = fma(keep, spill, s[i])


cdef inline void _turned(int bound, const Despill *d, a_plane r, a_plane g, a_plane b, int n) noexcept nogil:
    """The same along turned axes: the screen's axis is the matrix's second row."""
    cdef int i
    cdef float p, q, s, spill
    cdef float red = d.keep - d.amount * d.f[3], green = d.keep - d.amount * d.f[4], blue = d.keep - d.amount * d.f[5]
    for i in range(n):
        q = fma(d.f[0], r[i], fma(d.f[1], g[i], d.f[2] * b[i]))
        p = fma(d.f[3], r[i], fma(d.f[4], g[i], d.f[5] * b[i]))
        s = fma(d.f[6], r[i], fma(d.f[7], g[i], d.f[8] * b[i]))
        spill = p - _bound(bound, q, s)
        spill = spill if spill > <float>0.0 else <float>0.0
        r[i] = fma(red, spill, r[i])
        g[i] = fma(green, spill, g[i])
        b[i] = fma(blue, spill, b[i])


cdef inline void _bounded(int bound, const Despill *d, float *planes, int n) noexcept nogil:
    """``n`` pixels, with ``bound`` a constant."""
    if d.turned:
        _turned(bound, d, planes, planes + STRETCH, planes + 2 * STRETCH, n)
    elif d.alone:
        _straight(bound, d.amount, planes, planes + STRETCH, planes + 2 * STRETCH, n)
    else:
        _all(bound, d.amount, d.keep, planes, planes + STRETCH, planes + 2 * STRETCH, n)


cdef inline void _colours(const Despill *d, float *planes, int n) noexcept nogil:
    """``n`` pixels."""
    if d.bound == AVERAGE:
        _bounded(AVERAGE, d, planes, n)
    elif d.bound == MAX:
        _bounded(MAX, d, planes, n)
    elif d.bound == MIN:
        _bounded(MIN, d, planes, n)
    else:
        _bounded(FIRST, d, planes, n)


cdef inline bint _changes(const Despill *d, int channel) noexcept nogil:
    """Whether a channel is written with colour."""
    return channel == d.index[1] or (not d.alone and (channel == d.index[0] or channel == d.index[2]))


cdef void _row(const Despill *d, Py_ssize_t y, int thread, Watch *w) noexcept nogil:
    """One row."""
    cdef float raw[4 * STRETCH]
    cdef float planes[3 * STRETCH]
    cdef void *elements[4]
    cdef Py_ssize_t x = 0
    cdef int n, c
    cdef int first = 1 if d.alone else 0
    cdef int end = 2 if d.alone else 3
    cdef bint both = packed(&d.source) and packed(&d.target)
    if watch(w, thread, 3 * d.source.width):
        return
    for c in range(4):
        elements[c] = raw + c * STRETCH
    while x < d.source.width:
        n = <int>min(d.source.width - x, <Py_ssize_t>STRETCH)
        load_colours(&d.source, y, x, d.index, raw, planes, n)
        _colours(d, planes, n)
        if both:
            for c in range(first, end):
                from_float(d.target.format, planes + c * STRETCH, elements[d.index[c]], n)
            pack(d.target.item, d.target.channels, elements, 0, place(&d.target, y, x), n)
        else:
            for c in range(first, end):
                store_plane(&d.target, y, x, d.index[c], planes + c * STRETCH, n)
            for c in range(d.source.channels):
                if not _changes(d, c):
                    load_plane(&d.source, y, x, c, raw, n)
                    store_plane(&d.target, y, x, c, raw, n)
        x += n


cdef void _rows(const Despill *d, int threads, Watch *w) noexcept nogil:
    """All rows, over ``threads`` threads."""
    cdef Py_ssize_t y
    if threads == 1:  # without OpenMP: also safe in a forked child
        for y in range(d.source.height):
            _row(d, y, 0, w)
        return
    for y in prange(d.source.height, num_threads=threads, schedule="dynamic", chunksize=8):
        _row(d, y, threadid(), w)


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0


def despill(src, dst, channels, *, bound="average", double amount=1.0, double keep=0.0, matrix=None, int threads=1):
    """Nothing; ``dst`` then holds ``src`` without the light of a screen.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        One shape and one dtype; memory that does not overlap.
    channels : three ints
        Indexes of q, p and s; of red, green and blue with a matrix.
    bound : str
        One of ``BOUNDS``.
    amount, keep : float
        How much of the spill goes, and how much of it all channels get.
    matrix : nine floats, optional
        Rows that turn red, green and blue to q, p and s: a rotation.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For an unknown bound, and for shapes, dtypes or channels that do not fit.
    """
    cdef Despill d
    cdef Watch w
    cdef int c
    if bound not in BOUNDS:
        raise ValueError(f"bound must be one of {', '.join(BOUNDS)}, got {bound!r}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be 1 to 1024, got {threads}")
    describe(src, "src", &d.source)
    describe_output(dst, "dst", &d.target)
    if src.shape != dst.shape or src.dtype != dst.dtype:
        raise ValueError(f"src and dst must be alike, got {src.shape} {src.dtype} and {dst.shape} {dst.dtype}")
    if np.may_share_memory(src, dst):
        raise ValueError("src and dst overlap")
    wanted = [int(i) for i in channels]
    if len(set(wanted)) != 3 or len(wanted) != 3 or not 0 <= min(wanted) <= max(wanted) < d.source.channels:
        raise ValueError(f"channels must be three indexes below {d.source.channels}, got {tuple(wanted)}")
    if matrix is not None and len(matrix) != 9:
        raise ValueError(f"matrix must be nine numbers, got {len(matrix)}")
    for c in range(3):
        d.index[c] = wanted[c]
    for c in range(9):
        d.f[c] = matrix[c] if matrix is not None else 0.0
    d.bound = BOUNDS[bound]
    d.turned = matrix is not None
    d.alone = not d.turned and keep == 0.0
    d.amount = amount
    d.keep = keep
    w.stop = False
    w.work = 0
    with nogil:
        _rows(&d, threads, &w)
    _stopped(&w)
