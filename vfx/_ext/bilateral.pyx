"""Means over a disc around each pixel that leave out what looks different.

A tile of columns is walked down; a ring holds the rows that the disc reaches as planes of float32. Each pixel of the
disc is one pass over the tile's row: squared distances, 2 to the power of them, and what the neighbours add. Sums are
taken of differences to the pixel in the middle, so that large values lose nothing.

NaN, infinities and whatever is beyond 1e30 are 1e30 to that: farther from every other pixel than any weight reaches.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, load_plane, store_plane
from vfx._ext.simd_math cimport exp2_parts, fabsf, fma, plane, source
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["bilateral"]

cdef enum:
    TILE = 256                  # pixels; a multiple of a vector
    BAND_ROWS = 64
    MOST_THREADS = 1024
    LARGEST_DISC = 255
    MOST_CHANNELS = 1024

ctypedef struct Disc:
    Py_ssize_t radius
    int edge
    bint manhattan
    float color                 # log2(e) / (2 sigma^2)
    float space
    int compared                # channels that distances are taken of
    int channel[MOST_CHANNELS]
    bint weighs[MOST_CHANNELS]  # whether a channel is one of them
    Py_ssize_t across           # parts
    Py_ssize_t parts
    Py_ssize_t stride           # floats of a plane's row
    Py_ssize_t scratch          # floats of one thread


cdef inline void _clean(plane values, Py_ssize_t n) noexcept nogil:
    """Clamps to 1e30; NaN is 1e30 too."""
    cdef Py_ssize_t i
    for i in range(n):
        values[i] = values[i] if values[i] < <float>1e30 else <float>1e30
    for i in range(n):
        values[i] = values[i] if values[i] > <float>-1e30 else <float>-1e30


cdef inline void _load(const Picture *p, const Disc *disc, Py_ssize_t y, Py_ssize_t x, float *target,
                       Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on as planes; those outside the picture by the rule of the edge."""
    cdef Py_ssize_t i, at, first = min(max(-x, <Py_ssize_t>0), n), last = max(min(p.width - x, n), first)
    cdef int c
    y = edge_index(y, p.height, disc.edge)
    for c in range(p.channels):
        memset(target, 0, <size_t>disc.stride * 4)
        if y >= 0:
            load_plane(p, y, x + first, c, target + first, last - first)
            for i in range(n):
                at = edge_index(x + i, p.width, disc.edge)
                if at >= 0 and not first <= i < last:
                    load_plane(p, y, at, c, target + i, 1)
        _clean(target, n)
        target += disc.stride


cdef inline void _add_square(source a, source b, plane squares, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float d
    for i in range(n):
        d = a[i] - b[i]
        squares[i] = fma(d, d, squares[i])


cdef inline void _add_length(source a, source b, plane lengths, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        lengths[i] = lengths[i] + fabsf(a[i] - b[i])


cdef inline void _squares3(source a0, source a1, source a2, source b0, source b1, source b2, plane squares,
                           Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float d0, d1, d2
    for i in range(n):
        d0 = a0[i] - b0[i]
        d1 = a1[i] - b1[i]
        d2 = a2[i] - b2[i]
        squares[i] = fma(d2, d2, fma(d1, d1, d0 * d0))


cdef inline void _squared_lengths3(source a0, source a1, source a2, source b0, source b1, source b2, plane squares,
                                   Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float d
    for i in range(n):
        d = fabsf(a0[i] - b0[i]) + fabsf(a1[i] - b1[i]) + fabsf(a2[i] - b2[i])
        squares[i] = d * d


cdef inline void _distances(const Disc *disc, const float *a, const float *b, plane squares,
                            Py_ssize_t n) noexcept nogil:
    """Squared distances of two rows of pixels."""
    cdef Py_ssize_t i, at
    cdef Py_ssize_t x = disc.channel[0] * disc.stride, y = disc.channel[1] * disc.stride
    cdef Py_ssize_t z = disc.channel[2] * disc.stride
    cdef int k
    if disc.compared == 3:
        if disc.manhattan:
            _squared_lengths3(a + x, a + y, a + z, b + x, b + y, b + z, squares, n)
        else:
            _squares3(a + x, a + y, a + z, b + x, b + y, b + z, squares, n)
        return
    memset(squares, 0, <size_t>n * 4)
    for k in range(disc.compared):
        at = disc.channel[k] * disc.stride
        if disc.manhattan:
            _add_length(a + at, b + at, squares, n)
        else:
            _add_square(a + at, b + at, squares, n)
    if disc.manhattan:
        for i in range(n):
            squares[i] = squares[i] * squares[i]


cdef inline void _weights(plane squares, plane total, float scale, float space, Py_ssize_t n) noexcept nogil:
    """Squared distances become weights; ``total`` grows by them."""
    cdef Py_ssize_t i
    cdef float x, w
    for i in range(n):
        x = fma(squares[i], scale, space)
        w = exp2_parts(x, <float>0.0)
        w = w if x > <float>-120.0 else <float>0.0
        squares[i] = w
        total[i] = total[i] + w


cdef inline void _add(source weights, source a, source b, plane sums, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        sums[i] = fma(weights[i], a[i] - b[i], sums[i])


cdef inline void _add_where_near(source weights, source a, source b, plane sums, Py_ssize_t n) noexcept nogil:
    """The same for a channel that was not compared: 1e30 adds nothing to its neighbours."""
    cdef Py_ssize_t i
    cdef float d
    for i in range(n):
        d = a[i] - b[i]
        d = d if fabsf(d) < <float>1e29 else <float>0.0
        sums[i] = fma(weights[i], d, sums[i])


cdef inline void _finish(plane values, source sums, source total, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        values[i] = values[i] + sums[i] / total[i]


cdef void _row(const Picture *src, const Picture *dst, const Disc *disc, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n,
               Py_ssize_t center, float *ring, float *work) noexcept nogil:
    """One row of results; its pixels are row ``center`` of the ring."""
    cdef Py_ssize_t radius = disc.radius, rows = 2 * radius + 1, size = disc.stride * src.channels, dx, dy
    # Whole vectors: what they hold beyond n pixels is never stored.
    cdef Py_ssize_t m = (n + 15) // 16 * 16
    cdef const float *middle = ring + center * size + radius
    cdef const float *other
    cdef float *weights = work
    cdef float *total = work + disc.stride
    cdef float *sums = total + disc.stride
    cdef int c
    memset(sums, 0, <size_t>size * 4)
    for dx in range(m):
        total[dx] = <float>1.0
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx * dx + dy * dy > radius * radius or (dx == 0 and dy == 0):
                continue
            other = ring + ((center + dy + rows) % rows) * size + radius + dx
            _distances(disc, other, middle, weights, m)
            _weights(weights, total, -disc.color, -disc.space * <float>(dx * dx + dy * dy), m)
            for c in range(src.channels):
                if disc.weighs[c]:
                    _add(weights, other + c * disc.stride, middle + c * disc.stride, sums + c * disc.stride, m)
                else:
                    _add_where_near(weights, other + c * disc.stride, middle + c * disc.stride,
                                    sums + c * disc.stride, m)
    for c in range(src.channels):
        load_plane(src, y, x, c, weights, n)
        _finish(weights, sums + c * disc.stride, total, n)
        store_plane(dst, y, x, c, weights, n)


cdef void _part(const Picture *src, const Picture *dst, const Disc *disc, Py_ssize_t part, float *memory, int thread,
                Watch *watch) noexcept nogil:
    """One tile of one band, unless the run was stopped."""
    cdef Py_ssize_t x = part % disc.across * TILE, top = part // disc.across * BAND_ROWS, t
    cdef Py_ssize_t n = min(<Py_ssize_t>TILE, src.width - x), height = min(<Py_ssize_t>BAND_ROWS, src.height - top)
    cdef Py_ssize_t radius = disc.radius, rows = 2 * radius + 1, size = disc.stride * src.channels
    cdef float *ring = memory + thread * disc.scratch
    for t in range(height + 2 * radius):
        _load(src, disc, top + t - radius, x - radius, ring + t % rows * size, n + 2 * radius)
        if t < 2 * radius:
            continue
        if look(watch, thread, n * rows * rows * (src.channels + 3) // 4):
            return
        _row(src, dst, disc, top + t - 2 * radius, x, n, (t - radius) % rows, ring, ring + rows * size)


cdef void _parts(const Picture *src, const Picture *dst, const Disc *disc, float *memory, int threads,
                 Watch *watch) noexcept nogil:
    """All parts, over ``threads`` threads."""
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(disc.parts):
            _part(src, dst, disc, i, memory, 0, watch)
        return
    for i in prange(disc.parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(src, dst, disc, i, memory, threadid(), watch)


cdef int _set_disc(Disc *disc, object channels, int count) except -1:
    """Checks the channels that are compared."""
    cdef int k
    wanted = [int(index) for index in channels]
    if not 1 <= len(wanted) <= count or len(set(wanted)) != len(wanted) or not all(0 <= c < count for c in wanted):
        raise ValueError(f"channels must be different indexes below {count}, got {tuple(wanted)}")
    disc.compared = len(wanted)
    for k in range(3):
        disc.channel[k] = 0
    for k in range(count):
        disc.weighs[k] = k in wanted
    for k in range(disc.compared):
        disc.channel[k] = wanted[k]
    return 0


def bilateral(src, dst, int size, channels, *, double color, double space, bint manhattan, int edge, int threads):
    """Nothing; ``dst`` then holds the bilateral mean over a disc around each pixel.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of one shape: uint8, uint16, float16 or float32, any strides
        ``dst`` has memory of its own.
    size : int
        Diameter of the disc, odd.
    channels : sequence of int
        The channels that distances are taken of.
    color, space : float
        Standard deviations of both Gaussians, 1e-6 to 1e6.
    manhattan : bool
        Distances are sums of absolute differences.
    edge : int
        What stands outside (``pictures.Edge``).
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For arrays that do not fit one another, or numbers out of range.
    """
    cdef Picture a, b
    cdef Disc disc
    cdef Watch watch
    cdef char *memory
    describe(src, "src", &a)
    describe_output(dst, "dst", &b)
    if src.shape != dst.shape or np.may_share_memory(src, dst):
        raise ValueError(f"dst must have the shape of src, {src.shape}, and memory of its own")
    if not (1 <= size <= LARGEST_DISC and size % 2):
        raise ValueError(f"size must be odd and 1 to {LARGEST_DISC}, got {size}")
    if not (1e-6 <= color <= 1e6 and 1e-6 <= space <= 1e6):
        raise ValueError(f"color and space must be 1e-6 to 1e6, got {color} and {space}")
    if not 0 <= edge <= 3:
        raise ValueError(f"edge must be 0 to 3, got {edge}")
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, got {threads}")
    _set_disc(&disc, channels, a.channels)
    disc.radius, disc.edge, disc.manhattan = size // 2, edge, manhattan
    disc.color = <float>(0.5 * 1.4426950408889634 / (color * color))
    disc.space = <float>(0.5 * 1.4426950408889634 / (space * space))
    disc.stride = TILE + (size - 1 + 15) // 16 * 16 + 16
    disc.scratch = disc.stride * (a.channels * (size + 1) + 2)
    disc.across = (a.width + TILE - 1) // TILE
    disc.parts = disc.across * ((a.height + BAND_ROWS - 1) // BAND_ROWS)
    watch.stop = False
    watch.work = 0
    threads = <int>min(<Py_ssize_t>threads, disc.parts)
    memory = <char *>malloc(<size_t>threads * disc.scratch * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the rows of the filter")
    with nogil:
        _parts(&a, &b, &disc, <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63), threads, &watch)
    free(memory)
    if watch.stop:
        return _stopped()


cdef int _stopped() except -1:
    """The exception of the signal handler is set."""
    return -1
