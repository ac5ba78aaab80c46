"""Mattes shrunk by sizes that need not be whole: the least value within reach, between pixels too.

Between two pixels a matte is the straight line from one to the other. So within ``size`` of a pixel lie whole pixels
and, at each end, a point between two; the least of them all is the result::

    f  .       .    [  .       x       .  ]    .          size 1.3: three pixels and the two ends

``square``: the least along the row, then of those along the column. ``round``: the least over the rows of a disc, each
row's stretch being its chord, and the ends of the chords of its columns. Growing is shrinking of the negative.

The least of a stretch comes from two overlapping stretches of a power of two, whose least values are made by doubling,
so that a long stretch costs no more than a short one.
"""

from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, load_plane, store_plane
from vfx._ext.simd_math cimport fma
from vfx._ext.watch cimport Watch, watch

import math

import numpy as np

__all__ = ["LARGEST", "shrink"]

cdef enum:
    STRIP = 128                 # columns of a strip; a strip's rows stay in the second cache
    MOST = 1000
    VECTOR = 16

#: The largest size.
LARGEST = MOST

cdef extern from *:
    """
    typedef float *__restrict vfx_matte_out;
    typedef const float *__restrict vfx_matte_in;
    """
    ctypedef float *result "vfx_matte_out"
    ctypedef const float *given "vfx_matte_in"

ctypedef struct Chord:
    int whole                   # pixels on either side
    float part                  # of the next one
    int level                   # stretches of 2**level values cover it, two of them

ctypedef struct Shrink:
    Picture source
    Picture target
    int channel
    int edge
    float sign                  # -1 grows
    bint round
    int reach                   # pixels on either side that are looked at
    int levels
    int used                    # floats of a row of a strip with its margins
    int width                   # the same with room for whole vectors
    Chord full                  # the size itself
    Chord chord[MOST + 1]       # of the rows 0 to size of a disc


cdef inline float _less(float a, float b) noexcept nogil:
    """``a`` where it is less: an ``a`` that is NaN never wins."""
    return a if a < b else b


cdef inline void _outside(const Shrink *s, Py_ssize_t y, Py_ssize_t x, float *value) noexcept nogil:
    """The value of a pixel that lies beside the picture."""
    cdef Py_ssize_t at = edge_index(x, s.source.width, s.edge)
    value[0] = <float>0.0
    if at >= 0:
        load_plane(&s.source, y, at, s.channel, value, 1)


cdef void _load(const Shrink *s, Py_ssize_t row, Py_ssize_t first, float *values) noexcept nogil:
    """``s.used`` values of a row from column ``first`` on, either of which may lie outside; NaN is 0."""
    cdef Py_ssize_t y = edge_index(row, s.source.height, s.edge), x = max(first, <Py_ssize_t>0)
    cdef Py_ssize_t end = min(first + s.used, s.source.width)
    cdef int i
    if y < 0:
        for i in range(s.used):
            values[i] = <float>0.0
        return
    if x < end:
        load_plane(&s.source, y, x, s.channel, values + (x - first), end - x)
    for i in range(<int>min(max(-first, <Py_ssize_t>0), <Py_ssize_t>s.used)):
        _outside(s, y, first + i, values + i)
    for i in range(<int>max(min(s.source.width - first, <Py_ssize_t>s.used), <Py_ssize_t>0), s.used):
        _outside(s, y, first + i, values + i)
    for i in range(s.used):
        values[i] = s.sign * (values[i] if values[i] == values[i] else <float>0.0)


cdef inline int _whole(const Shrink *s, int level) noexcept nogil:
    """How many stretches of a level a row has, and what is lacking to whole vectors: those hold no sense."""
    return (s.used - (1 << level) + VECTOR) // VECTOR * VECTOR


cdef inline void _double(given from_, result to, int apart, int n) noexcept nogil:
    """The least of stretches twice as long."""
    cdef int i
    for i in range(n):
        to[i] = _less(from_[i], from_[i + apart])


cdef inline void _stretch(const Chord *c, given whole, given values, result least, int n) noexcept nogil:
    """The least within a chord about each of ``n`` pixels; ``whole`` holds stretches, ``values`` pixels, at pixel 0."""
    cdef int i, left = c.whole, right = c.whole + 1 - (1 << c.level)
    cdef float part = c.part, rest = <float>1.0 - c.part, v
    for i in range(n):
        v = _less(whole[i - left], whole[i + right])
        least[i] = _less(v, least[i])
    if part > <float>0.0:
        for i in range(n):
            v = _less(fma(part, values[i + left + 1], rest * values[i + left]),
                      fma(part, values[i - left - 1], rest * values[i - left]))
            least[i] = _less(v, least[i])


cdef inline void _chords(const Chord *c, given one, given other, given one_values, given other_values, result least,
                         int n) noexcept nogil:
    """Takes in the chords of two rows, which lie as far above and below; the arguments are those of ``_stretch``."""
    cdef int i, left = c.whole, right = c.whole + 1 - (1 << c.level)
    cdef float part = c.part, rest = <float>1.0 - c.part, v, u
    if part > <float>0.0:
        for i in range(n):
            v = _less(_less(one[i - left], one[i + right]), _less(other[i - left], other[i + right]))
            u = _less(fma(part, one_values[i + left + 1], rest * one_values[i + left]),
                      fma(part, one_values[i - left - 1], rest * one_values[i - left]))
            v = _less(u, v)
            u = _less(fma(part, other_values[i + left + 1], rest * other_values[i + left]),
                      fma(part, other_values[i - left - 1], rest * other_values[i - left]))
            v = _less(u, v)
            least[i] = _less(v, least[i])
        return
    for i in range(n):
        v = _less(_less(one[i - left], one[i + right]), _less(other[i - left], other[i + right]))
        least[i] = _less(v, least[i])


cdef inline void _points(given near_up, given far_up, given near_down, given far_down, float part, result least,
                         int n) noexcept nogil:
    """Takes in the points between two rows above and two below."""
    cdef int i
    cdef float rest = <float>1.0 - part, v
    for i in range(n):
        v = _less(fma(part, far_up[i], rest * near_up[i]), fma(part, far_down[i], rest * near_down[i]))
        least[i] = _less(v, least[i])


cdef inline void _point(given near, given far, float part, result least, int n) noexcept nogil:
    """Takes in the points between two rows."""
    cdef int i
    cdef float rest = <float>1.0 - part, v
    for i in range(n):
        v = fma(part, far[i], rest * near[i])
        least[i] = _less(v, least[i])


cdef inline void _pair(given one, given other, result least, int n) noexcept nogil:
    """The least of two rows."""
    cdef int i
    for i in range(n):
        least[i] = _less(one[i], other[i])


cdef void _store(const Shrink *s, Py_ssize_t y, Py_ssize_t x, float *values, int n) noexcept nogil:
    """A row's stretch of the result."""
    cdef int i
    if s.sign < 0:
        for i in range(n):
            values[i] = -values[i]
    store_plane(&s.target, y, x, s.channel, values, n)


cdef inline float *_entry(const Shrink *s, float *table, Py_ssize_t row, int level) noexcept nogil:
    """A row of the ring of rows with their levels."""
    return table + ((row % (2 * s.reach + 1)) * s.levels + level) * s.width


cdef void _enter(const Shrink *s, float *table, Py_ssize_t row, Py_ssize_t x) noexcept nogil:
    """Puts a row and all its levels into the ring; row 0 of the ring is ``reach`` above the picture."""
    cdef int level
    _load(s, row - s.reach, x - s.reach, _entry(s, table, row, 0))
    for level in range(1, s.levels):
        _double(_entry(s, table, row, level - 1), _entry(s, table, row, level), 1 << (level - 1), _whole(s, level))


cdef void _disc(const Shrink *s, Py_ssize_t x, int n, float *table, float *least, int thread, Watch *w) noexcept nogil:
    """A strip, shrunk by a disc."""
    cdef Py_ssize_t y, row
    cdef int i, dy, dx, at, tall = s.full.whole
    cdef const Chord *c
    cdef const float *up
    cdef const float *down
    for row in range(2 * s.reach):
        _enter(s, table, row, x)
    for y in range(s.source.height):
        if watch(w, thread, (2 * tall + 1) * n + s.width):
            return
        _enter(s, table, y + 2 * s.reach, x)
        row = y + s.reach
        for i in range(n):
            least[i] = _entry(s, table, row, 0)[s.reach + i]
        for dy in range(tall + 1):
            c = &s.chord[dy]
            up = _entry(s, table, row - dy, 0) + s.reach
            down = _entry(s, table, row + dy, 0) + s.reach
            _chords(c, up + c.level * s.width, down + c.level * s.width, up, down, least, n)
        for dx in range(-tall, tall + 1):
            c = &s.chord[dx if dx > 0 else -dx]
            if c.part > <float>0.0:
                at = s.reach + dx
                _points(_entry(s, table, row - c.whole, 0) + at, _entry(s, table, row - c.whole - 1, 0) + at,
                        _entry(s, table, row + c.whole, 0) + at, _entry(s, table, row + c.whole + 1, 0) + at, c.part, least,
                        n)
        _store(s, y, x, least, n)


cdef void _square(const Shrink *s, Py_ssize_t x, int n, float *table, float *least, int thread,
                  Watch *w) noexcept nogil:
    """A strip, shrunk along rows and then along columns."""
    cdef Py_ssize_t rows = s.source.height + 2 * s.reach, y
    cdef float *across = table
    cdef float *whole = table + rows * STRIP
    cdef float *levels = table + 2 * rows * STRIP
    cdef const Chord *c = &s.full
    cdef int i, level, k
    for y in range(rows):
        if watch(w, thread, 2 * s.width):
            return
        _load(s, y - s.reach, x - s.reach, levels)
        for level in range(1, c.level + 1):
            _double(levels + (level - 1) * s.width, levels + level * s.width, 1 << (level - 1), _whole(s, level))
        for i in range(n):
            across[y * STRIP + i] = levels[s.reach + i]
        _stretch(c, levels + c.level * s.width + s.reach, levels + s.reach, across + y * STRIP, n)
        for i in range(n):
            whole[y * STRIP + i] = across[y * STRIP + i]
    for level in range(1, c.level + 1):
        k = 1 << (level - 1)
        for y in range(rows - 2 * k + 1):
            for i in range(n):
                whole[y * STRIP + i] = _less(whole[y * STRIP + i], whole[(y + k) * STRIP + i])
    for y in range(s.source.height):
        if watch(w, thread, n):
            return
        _pair(whole + (y + s.reach - c.whole) * STRIP, whole + (y + s.reach + c.whole + 1 - (1 << c.level)) * STRIP, least,
              n)
        if c.part > <float>0.0:
            _point(across + (y + s.reach + c.whole) * STRIP, across + (y + s.reach + c.whole + 1) * STRIP, c.part, least, n)
            _point(across + (y + s.reach - c.whole) * STRIP, across + (y + s.reach - c.whole - 1) * STRIP, c.part, least, n)
        _store(s, y, x, least, n)


cdef void _strip(const Shrink *s, Py_ssize_t i, float *memory, int thread, Watch *w) noexcept nogil:
    """Strip ``i``."""
    cdef float least[STRIP]
    cdef Py_ssize_t x = i * STRIP
    cdef int n = <int>min(s.source.width - x, <Py_ssize_t>STRIP)
    if w.stop:
        return
    if s.round:
        _disc(s, x, n, memory, least, thread, w)
    else:
        _square(s, x, n, memory, least, thread, w)


cdef void _strips(const Shrink *s, float *memory, Py_ssize_t each, int threads, Watch *w) noexcept nogil:
    """All strips, over ``threads`` threads with memory of their own."""
    cdef Py_ssize_t i, strips = (s.source.width + STRIP - 1) // STRIP
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(strips):
            _strip(s, i, memory, 0, w)
        return
    for i in prange(strips, num_threads=threads, schedule="dynamic"):
        _strip(s, i, memory + threadid() * each, threadid(), w)


cdef void _chord(Chord *c, double half) noexcept:
    """The chord that reaches ``half`` to either side."""
    c.whole = <int>half
    c.part = <float>(half - c.whole)
    c.level = 0
    while (2 << c.level) <= 2 * c.whole + 1:
        c.level += 1


def shrink(src, dst, channels, double size, *, bint round=True, bint grow=False, int edge=0, int threads=1):
    """Nothing; the given channels of ``dst`` then hold those of ``src``, shrunk; its others are left alone.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        One shape and one dtype; memory that does not overlap.
    channels : sequence of int
        Which channels.
    size : float
        In pixels, 0 to ``LARGEST``.
    round : bool
        By a disc; else by a square.
    grow : bool
        Whether what is large wins instead of what is small.
    edge : int
        What stands outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    MemoryError
        If there is no room for a strip's rows.
    ValueError
        For shapes or dtypes that differ, and for arguments out of range.
    """
    cdef Shrink s
    cdef Watch w
    cdef float *memory
    cdef Py_ssize_t each
    cdef int i
    describe(src, "src", &s.source)
    describe_output(dst, "dst", &s.target)
    if src.shape != dst.shape or src.dtype != dst.dtype:
        raise ValueError(f"src and dst must be alike, got {src.shape} {src.dtype} and {dst.shape} {dst.dtype}")
    if np.may_share_memory(src, dst):
        raise ValueError("src and dst overlap")
    wanted = [int(channel) for channel in channels]
    if any(not 0 <= channel < s.source.channels for channel in wanted):
        raise ValueError(f"channels must be below {s.source.channels}, got {tuple(wanted)}")
    if not 0.0 <= size <= MOST or not 1 <= threads <= 1024 or not 0 <= edge <= 3:
        raise ValueError(f"size must be 0 to {MOST}, threads 1 to 1024, edge 0 to 3, got {size}, {threads}, {edge}")
    s.edge, s.round, s.sign = edge, round, -1.0 if grow else 1.0
    s.reach = math.ceil(size)
    for i in range(<int>size + 1):
        _chord(&s.chord[i], math.sqrt(max(size * size - i * i, 0.0)))
    _chord(&s.full, size)
    s.levels = s.full.level + 1
    s.used = STRIP + 2 * s.reach
    s.width = (s.used + VECTOR - 1) // VECTOR * VECTOR + VECTOR
    each = (2 * s.reach + 1) * s.levels * s.width
    if not round:
        each = 2 * (s.source.height + 2 * s.reach) * STRIP + s.levels * s.width
    threads = min(threads, (s.source.width + STRIP - 1) // STRIP)
    w.stop = False
    w.work = 0
    memory = <float *>malloc(<size_t>(threads * each) * sizeof(float))
    if memory == NULL:
        raise MemoryError("no memory for the rows of a matte")
    for channel in wanted:
        s.channel = channel
        with nogil:
            _strips(&s, memory, each, threads, &w)
        if w.stop:
            break
    free(memory)
    _stopped(&w)


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0
