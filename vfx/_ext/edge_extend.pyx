"""Colour carried from where a matte is solid to where it is not: pull and push over a pyramid of weighted means.

Weights are 1 where the matte reaches the threshold and the colour is a number below 1e37, else 0. Each level has half the size of
the one below: means by (1, 3, 3, 1)/8 along rows and columns, of the weights and of colour times weight. Means of weights
are multiplied by 4, up to 1, so that colour stays near its own edge. The last level is one pixel. Then, downwards, every
level takes what its weights lack from the one above, read on straight lines between its pixels.

S. J. Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.4 (pull-push).
"""

from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, describe_output, load_plane, store_plane
from vfx._ext.simd_math cimport fabsf, fma
from vfx._ext.watch cimport Watch, watch

import numpy as np

__all__ = ["extend"]

cdef enum:
    LEVELS = 34
    BAND = 32                   # rows of a level that one thread makes at a time
    SMALL = 1 << 20             # pixels of a level: waiting for other threads would cost more than they spare

cdef extern from *:
    """
    typedef float *__restrict vfx_extend_out;
    typedef const float *__restrict vfx_extend_in;
    """
    ctypedef float *result "vfx_extend_out"
    ctypedef const float *given "vfx_extend_in"

ctypedef struct Level:
    Py_ssize_t height, width
    float *weight               # NULL at the picture itself
    float *colour

ctypedef struct Extend:
    Picture source
    Picture matte
    Picture target
    int channel
    float threshold
    bint divide                 # colour comes multiplied by the matte
    bint multiply               # and goes so
    int levels
    Level level[LEVELS]


cdef inline void _read(const Extend *e, Py_ssize_t y, bint divide, result colour, result alpha) noexcept nogil:
    """A row's colour, divided where asked, and matte."""
    cdef Py_ssize_t i
    load_plane(&e.source, y, 0, e.channel, colour, e.source.width)
    load_plane(&e.matte, y, 0, 0, alpha, e.source.width)
    if divide:
        for i in range(e.source.width):
            # Only divided where it counts: a threshold is above 0.
            colour[i] = colour[i] / alpha[i] if alpha[i] >= e.threshold else colour[i]


cdef inline void _weigh(float threshold, result weight, result colour, Py_ssize_t n) noexcept nogil:
    """Turns a row's matte into weights, and its colour into colour times weight."""
    cdef Py_ssize_t i
    cdef bint counts
    for i in range(n):
        # Sums of larger numbers may not be finite, and 0 times that would spread NaN.
        counts = (weight[i] >= threshold) & (fabsf(colour[i]) < <float>1e37)
        weight[i] = <float>1.0 if counts else <float>0.0
        colour[i] = colour[i] if counts else <float>0.0


cdef inline void _halve(given values, result half, Py_ssize_t n) noexcept nogil:
    """Every second mean of a row of ``n`` values; the row's ends are repeated."""
    cdef Py_ssize_t i, count = (n + 1) // 2, last = n - 1
    for i in range(count):
        if 0 < i and 2 * i + 2 <= last:
            continue
        half[i] = <float>0.125 * (values[max(2 * i - 1, <Py_ssize_t>0)] + values[min(2 * i + 2, last)]
                                  + <float>3.0 * (values[2 * i] + values[min(2 * i + 1, last)]))
    for i in range(1, (last - 2) // 2 + 1 if last >= 4 else 1):
        half[i] = <float>0.125 * (values[2 * i - 1] + values[2 * i + 2]
                                  + <float>3.0 * (values[2 * i] + values[2 * i + 1]))


cdef inline void _mean(given a, given b, given c, given d, result mean, Py_ssize_t n) noexcept nogil:
    """The same of four rows."""
    cdef Py_ssize_t i
    for i in range(n):
        mean[i] = <float>0.125 * (a[i] + d[i] + <float>3.0 * (b[i] + c[i]))


cdef inline void _stress(result weight, result colour, Py_ssize_t n) noexcept nogil:
    """Weights times 4, up to 1, and the colour with them."""
    cdef Py_ssize_t i
    cdef float more
    for i in range(n):
        more = <float>4.0 if weight[i] <= <float>0.25 else <float>1.0 / weight[i]
        colour[i] = colour[i] * more
        weight[i] = weight[i] * <float>4.0 if weight[i] <= <float>0.25 else <float>1.0


cdef void _pull_row(const Extend *e, int k, Py_ssize_t y, float *weight, float *colour, float *row) noexcept nogil:
    """Row ``y`` of level ``k``, halved along x; ``row`` has room for two rows of the picture."""
    cdef const Level *below = &e.level[k]
    cdef Py_ssize_t n = below.width
    if k > 0:
        _halve(below.weight + y * n, weight, n)
        _halve(below.colour + y * n, colour, n)
        return
    _read(e, y, e.divide, row, row + n)
    _weigh(e.threshold, row + n, row, n)
    _halve(row + n, weight, n)
    _halve(row, colour, n)


cdef void _pull(const Extend *e, int k, Py_ssize_t band, float *memory, int thread, Watch *w) noexcept nogil:
    """A band of rows of level ``k + 1`` from level ``k``."""
    cdef const Level *below = &e.level[k]
    cdef const Level *above = &e.level[k + 1]
    cdef Py_ssize_t n = above.width, last = below.height - 1, y, row, done, at
    cdef float *ring = memory + 2 * e.source.width
    cdef float *rows[8]
    cdef int i
    done = max(2 * band * BAND - 1, <Py_ssize_t>0)
    for y in range(band * BAND, min(above.height, (band + 1) * BAND)):
        if watch(w, thread, 4 * below.width):
            return
        while done <= min(2 * y + 2, last):
            at = (done & 3) * 2 * n
            _pull_row(e, k, done, ring + at, ring + at + n, memory)
            done += 1
        for i in range(4):
            row = min(max(2 * y - 1 + i, <Py_ssize_t>0), last)
            rows[2 * i] = ring + (row & 3) * 2 * n
            rows[2 * i + 1] = rows[2 * i] + n
        _mean(rows[0], rows[2], rows[4], rows[6], above.weight + y * n, n)
        _mean(rows[1], rows[3], rows[5], rows[7], above.colour + y * n, n)
        _stress(above.weight + y * n, above.colour + y * n, n)


cdef inline void _between(given near, given far, result row, Py_ssize_t n) noexcept nogil:
    """A quarter of the way from one row to the next."""
    cdef Py_ssize_t i
    for i in range(n):
        row[i] = fma(<float>0.25, far[i], <float>0.75 * near[i])


cdef inline void _wide(given row, Py_ssize_t count, result twice, Py_ssize_t n) noexcept nogil:
    """``n`` values on straight lines between ``count`` ones."""
    cdef Py_ssize_t i
    twice[0] = row[0]
    for i in range(1, n // 2):
        twice[2 * i] = fma(<float>0.25, row[i - 1], <float>0.75 * row[i])
        twice[2 * i - 1] = fma(<float>0.25, row[i], <float>0.75 * row[i - 1])
    if n > 1:
        # The last one or two: the row's end is repeated.
        i = n // 2
        twice[2 * i - 1] = fma(<float>0.25, row[min(i, count - 1)], <float>0.75 * row[i - 1])
        if n > 2 * i:
            twice[2 * i] = fma(<float>0.25, row[i - 1], <float>0.75 * row[i])


cdef void _above(const Level *above, Py_ssize_t y, float *memory, float *row, Py_ssize_t n) noexcept nogil:
    """Row ``y`` of a level, read from the level above."""
    cdef Py_ssize_t near = y // 2, far = near + (1 if y & 1 else -1), count = above.width
    far = min(max(far, <Py_ssize_t>0), above.height - 1)
    _between(above.colour + near * count, above.colour + far * count, memory, count)
    _wide(memory, count, row, n)


cdef inline void _complete(given weight, result colour, given row, Py_ssize_t n) noexcept nogil:
    """What the weights lack is taken from ``row``."""
    cdef Py_ssize_t i
    for i in range(n):
        colour[i] = fma(<float>1.0 - weight[i], row[i], colour[i])


cdef inline void _choose(float threshold, given alpha, given row, result colour, Py_ssize_t n) noexcept nogil:
    """The picture's own colour where its matte is solid, else what was carried there."""
    cdef Py_ssize_t i
    for i in range(n):
        colour[i] = colour[i] if alpha[i] >= threshold else row[i]


cdef inline void _multiply(float threshold, bint all, given alpha, result row, Py_ssize_t n) noexcept nogil:
    """Multiplies colour by the matte: all of it, or what is not solid."""
    cdef Py_ssize_t i
    if all:
        for i in range(n):
            row[i] = row[i] * alpha[i]
    else:
        for i in range(n):
            row[i] = row[i] if alpha[i] >= threshold else row[i] * alpha[i]


cdef void _push(const Extend *e, int k, Py_ssize_t band, float *memory, int thread, Watch *w) noexcept nogil:
    """A band of rows of level ``k`` completed from level ``k + 1``; level 0 is the result."""
    cdef const Level *here = &e.level[k]
    cdef Py_ssize_t n = here.width, y
    cdef float *colour = memory
    cdef float *alpha = memory + n
    cdef float *row = memory + 2 * n
    for y in range(band * BAND, min(here.height, (band + 1) * BAND)):
        if watch(w, thread, 3 * n):
            return
        _above(&e.level[k + 1], y, row + n, row, n)
        if k > 0:
            _complete(here.weight + y * n, here.colour + y * n, row, n)
            continue
        # Solid colour that comes and goes multiplied is left as it is.
        _read(e, y, e.divide and not e.multiply, colour, alpha)
        _choose(e.threshold, alpha, row, colour, n)
        if e.multiply:
            _multiply(e.threshold, not e.divide, alpha, colour, n)
        store_plane(&e.target, y, 0, e.channel, colour, n)


cdef inline void _bands(const Extend *e, int k, bint down, float *memory, Py_ssize_t each, int threads,
                        Watch *w) noexcept nogil:
    """All bands of one level, over ``threads`` threads with memory of their own."""
    cdef const Level *made = &e.level[k if down else k + 1]
    cdef Py_ssize_t i, bands = (made.height + BAND - 1) // BAND
    if threads == 1 or made.height * made.width < SMALL:  # without OpenMP: also safe in a forked child
        for i in range(bands):
            if down:
                _push(e, k, i, memory, 0, w)
            else:
                _pull(e, k, i, memory, 0, w)
        return
    for i in prange(bands, num_threads=threads, schedule="dynamic"):
        if down:
            _push(e, k, i, memory + threadid() * each, threadid(), w)
        else:
            _pull(e, k, i, memory + threadid() * each, threadid(), w)


cdef void _channel(const Extend *e, float *memory, Py_ssize_t each, int threads, Watch *w) noexcept nogil:
    """One channel: up the pyramid and down again."""
    cdef int k
    cdef const Level *top = &e.level[e.levels - 1]
    for k in range(e.levels - 1):
        if not w.stop:
            _bands(e, k, False, memory, each, threads, w)
    top.colour[0] = top.colour[0] / top.weight[0] if top.weight[0] > <float>0.0 else <float>0.0
    for k in range(e.levels - 2, -1, -1):
        if not w.stop:
            _bands(e, k, True, memory, each, threads, w)


cdef Py_ssize_t _plan(Extend *e) noexcept nogil:
    """The sizes of the levels; returns how many floats they take. There are two levels at least."""
    cdef Py_ssize_t height = e.source.height, width = e.source.width, floats = 0
    e.levels = 0
    while True:
        e.level[e.levels].height, e.level[e.levels].width = height, width
        if e.levels:
            floats += 2 * height * width
        e.levels += 1
        if height == 1 and width == 1 and e.levels > 1:
            return floats
        height, width = (height + 1) // 2, (width + 1) // 2


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0


def extend(src, matte, dst, channels, *, double threshold, bint divide, bint multiply, int threads=1):
    """Nothing; the given channels of ``dst`` then hold those of ``src``, carried on; its others are left alone.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The same height and width; memory that does not overlap. ``channels`` are positions in both.
    matte : numpy.ndarray, (H, W, 1) of the same formats
    channels : sequence of int
        Which channels.
    threshold : float
        Above 0: where the matte reaches it, colour stays.
    divide : bool
        Whether colour is multiplied by the matte in ``src``.
    multiply : bool
        Whether it shall be in ``dst``.
    threads : int
        How many threads to use.

    Raises
    ------
    MemoryError
        If there is no room for the pyramid, two thirds of one channel in float32.
    ValueError
        For shapes that differ, and for arguments out of range.
    """
    cdef Extend e
    cdef Watch w
    cdef float *pyramid
    cdef float *memory
    cdef Py_ssize_t each, floats, at = 0
    cdef int k
    describe(src, "src", &e.source)
    describe(matte, "matte", &e.matte)
    describe_output(dst, "dst", &e.target)
    if not src.shape[:2] == dst.shape[:2] == matte.shape[:2]:
        raise ValueError(f"src, matte and dst must be as large, got {src.shape}, {matte.shape} and {dst.shape}")
    if np.may_share_memory(src, dst) or np.may_share_memory(matte, dst):
        raise ValueError("dst overlaps what is read")
    wanted = [int(channel) for channel in channels]
    if any(not 0 <= channel < min(e.source.channels, e.target.channels) for channel in wanted):
        raise ValueError(f"channels must be in both pictures, got {tuple(wanted)}")
    e.threshold, e.divide, e.multiply = threshold, divide, multiply
    if not e.threshold > 0.0 or not 1 <= threads <= 1024:
        raise ValueError(f"threshold must be above 0 and threads 1 to 1024, got {threshold} and {threads}")
    floats = _plan(&e)
    each = 8 * (e.source.width + 1)
    threads = min(threads, <int>((e.source.height + BAND - 1) // BAND))
    pyramid = <float *>malloc(<size_t>(floats + threads * each) * sizeof(float))
    if pyramid == NULL:
        raise MemoryError("no memory for the pyramid of a picture")
    memory = pyramid + floats
    e.level[0].weight = e.level[0].colour = NULL
    for k in range(1, e.levels):
        e.level[k].weight = pyramid + at
        e.level[k].colour = pyramid + at + e.level[k].height * e.level[k].width
        at += 2 * e.level[k].height * e.level[k].width
    w.stop = False
    w.work = 0
    for channel in wanted:
        e.channel = channel
        with nogil:
            _channel(&e, memory, each, threads, &w)
        if w.stop:
            break
    free(pyramid)
    _stopped(&w)
