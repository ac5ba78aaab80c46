"""Mattes shrunk by sizes that need not be whole: the least value within reach, between pixels too.

Between two pixels a matte is the straight line from one to the other. So within ``size`` of a pixel lie whole pixels
and, at each end, a point between two; the least of them all is the result::

    f  .       .    [  .       x       .  ]    .          size 1.3: three pixels and the two ends

``square``: the least along the row, then of those along the column. ``round``: the least over the rows of a disc, each
row's stretch being its chord, and the ends of the chords of its columns. Growing is shrinking of the negative.

The least of a stretch comes from two overlapping stretches of a power of two, whose least values are made by doubling,
so that a long stretch costs no more than a short one. Along columns, a square takes van Herk's and Gil and Werman's way
(``morphology.pyx``). A disc is made from its rows as they come in: each is spread over the rows of the result that it is
within reach of, and so are the points between it and the row before.
"""

from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, load_plane, store_plane
from vfx._ext.simd_math cimport INFINITY, fma
from vfx._ext.watch cimport Watch, watch

import math

import numpy as np

__all__ = ["LARGEST", "shrink"]

cdef enum:
    WIDEST = 512                # columns of a strip
    NARROWEST = 128
    RING = 8192                 # numbers of a strip's rows that are within reach: they stay in the first cache
    BAND = 64                   # rows of a part, at least
    PART = 16                   # and times the size
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
    int strip                   # columns, in whole vectors
    Py_ssize_t strips
    Py_ssize_t band             # rows of a part
    Py_ssize_t bands
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


# Loops have pointers of their own instead of sums of indices, which a compiler must let wrap around: those it loads one by
# one (3840x2160, a square of 10.5: 33 ms in place of 12).


cdef inline void _double(given one, given other, result to, int n) noexcept nogil:
    """The least of two stretches each."""
    cdef int i
    for i in range(n):
        to[i] = _less(one[i], other[i])


cdef inline void _ends(given near, given far, given other_near, given other_far, float part, result least,
                       int n) noexcept nogil:
    """Takes in the points at both ends."""
    cdef int i
    cdef float rest = <float>1.0 - part, v
    for i in range(n):
        v = _less(fma(part, far[i], rest * near[i]), least[i])
        least[i] = _less(fma(part, other_far[i], rest * other_near[i]), v)


cdef inline void _across(const Chord *c, const float *whole, const float *values, float *least, int n) noexcept nogil:
    """The least within a chord about each of ``n`` pixels; ``whole`` holds stretches, ``values`` pixels, at pixel 0."""
    _double(whole - c.whole, whole + c.whole + 1 - (1 << c.level), least, n)
    if c.part > <float>0.0:
        _ends(values + c.whole, values + c.whole + 1, values - c.whole, values - c.whole - 1, c.part, least, n)


cdef inline void _down(given row, given rest_of_block, result best, result least, int n) noexcept nogil:
    """``row`` joins the ``best`` of its block; with what is left of the block before, that is the least."""
    cdef int i
    cdef float v
    for i in range(n):
        v = _less(row[i], best[i])
        best[i] = v
        least[i] = _less(rest_of_block[i], v)


cdef inline void _join(given row, result least, int n) noexcept nogil:
    """The least of two rows."""
    cdef int i
    for i in range(n):
        least[i] = _less(row[i], least[i])


cdef inline void _spread(given row, result up, result down, int n) noexcept nogil:
    """A row joins two of the result."""
    cdef int i
    for i in range(n):
        up[i] = _less(row[i], up[i])
        down[i] = _less(row[i], down[i])


cdef inline void _between(given before, given row, given before_right, given right, float part, result up, result down,
                          int n) noexcept nogil:
    """The points between two rows, some columns to the left and to the right, join rows of the result above and below."""
    cdef int i
    cdef float rest = <float>1.0 - part, v
    for i in range(n):
        v = _less(fma(part, row[i], rest * before[i]), up[i])
        up[i] = _less(fma(part, right[i], rest * before_right[i]), v)
        v = _less(fma(part, before[i], rest * row[i]), down[i])
        down[i] = _less(fma(part, before_right[i], rest * right[i]), v)


cdef inline void _clear(result row, int n) noexcept nogil:
    """A row that anything is less than."""
    cdef int i
    for i in range(n):
        row[i] = INFINITY


cdef void _store(const Shrink *s, Py_ssize_t y, Py_ssize_t x, float *values, int n) noexcept nogil:
    """A row's stretch of the result."""
    cdef int i
    if s.sign < 0:
        for i in range(n):
            values[i] = -values[i]
    store_plane(&s.target, y, x, s.channel, values, n)


cdef inline void _levels(const Shrink *s, float *levels, int level) noexcept nogil:
    """Doubles the stretches of a row up to a level."""
    cdef int k
    for k in range(1, level + 1):
        _double(levels + (k - 1) * s.width, levels + (k - 1) * s.width + (1 << (k - 1)), levels + k * s.width, _whole(s, k))


cdef inline float *_slot(const Shrink *s, float *ring, Py_ssize_t row) noexcept nogil:
    """A row, at least ``-2 * reach - 1``, of the ring of those within reach."""
    return ring + ((row + 2 * s.reach + 1) % (2 * s.reach + 1)) * s.strip


cdef inline void _take_row(const Shrink *s, Py_ssize_t row, const float *before, float *levels, float *ring,
                           float *chord) noexcept nogil:
    """Spreads a row, and the points between it and the one before, over the result's rows within reach."""
    cdef const float *values = levels + s.reach
    cdef const Chord *c
    cdef int k
    _clear(_slot(s, ring, row + s.reach), s.strip)
    for k in range(s.full.whole + 1):
        c = &s.chord[k]
        _across(c, values + c.level * s.width, values, chord, s.strip)
        if k:
            _spread(chord, _slot(s, ring, row - k), _slot(s, ring, row + k), s.strip)
        else:
            _join(chord, _slot(s, ring, row), s.strip)
        if c.part > <float>0.0:
            _between(before - k, values - k, before + k, values + k, c.part, _slot(s, ring, row - 1 - c.whole),
                     _slot(s, ring, row + c.whole), s.strip)


cdef void _disc(const Shrink *s, Py_ssize_t x, Py_ssize_t first, Py_ssize_t end, float *memory, int thread,
                Watch *w) noexcept nogil:
    """A strip of a band, shrunk by a disc."""
    cdef float *chord = memory
    cdef float *ring = chord + s.strip
    cdef float *before = ring + (2 * s.reach + 1) * s.strip
    cdef float *levels = before + s.width
    cdef int n = <int>min(s.source.width - x, <Py_ssize_t>s.strip)
    cdef Py_ssize_t row
    for row in range(2 * s.reach + 1):
        _clear(ring + row * s.strip, s.strip)
    for row in range(first - s.reach, end + s.reach):
        if watch(w, thread, 8 * (s.full.whole + 1) * s.strip // VECTOR + s.width):
            return
        memcpy(before, levels, <size_t>s.used * sizeof(float))
        _load(s, row, x - s.reach, levels)
        if row == first - s.reach:
            memcpy(before, levels, <size_t>s.used * sizeof(float))
        _levels(s, levels, s.levels - 1)
        _take_row(s, row - first, before + s.reach, levels, ring, chord)
        if row - s.reach >= first:
            _store(s, row - s.reach, x, _slot(s, ring, row - s.reach - first), n)


cdef inline void _block(const Shrink *s, float *ring, float *block, Py_ssize_t last) noexcept nogil:
    """The least of each row of a block, which ends with row ``last``, and all rows after it."""
    cdef int i, height = 2 * s.full.whole + 1
    for i in range(height - 1, 0, -1):
        _double(_slot(s, ring, last - (height - 1 - i)), block + (i + 1) * s.strip, block + i * s.strip, s.strip)


cdef void _square(const Shrink *s, Py_ssize_t x, Py_ssize_t first, Py_ssize_t end, float *memory, int thread,
                  Watch *w) noexcept nogil:
    """A strip of a band, shrunk along rows and then along columns."""
    cdef int height = 2 * s.full.whole + 1, j
    cdef float *best = memory
    cdef float *ring = best + s.strip
    cdef float *least = ring + (2 * s.reach + 1) * s.strip
    cdef float *block = least + s.strip
    cdef float *levels = block + (height + 1) * s.strip
    cdef const Chord *c = &s.full
    cdef int n = <int>min(s.source.width - x, <Py_ssize_t>s.strip)
    cdef Py_ssize_t row, y, last
    _clear(block + height * s.strip, s.strip)
    for row in range(first - s.reach, end + s.reach):
        if watch(w, thread, 4 * s.width):
            return
        _load(s, row, x - s.reach, levels)
        _levels(s, levels, c.level)
        y = row - first
        _across(c, levels + c.level * s.width + s.reach, levels + s.reach, _slot(s, ring, y), s.strip)
        # The last row of the squares about row y - reach of the result, counted from the first one's first.
        last = y - (s.reach - c.whole)
        if last < -c.whole:
            continue
        j = <int>((last + c.whole) % height)
        if j == 0:
            _clear(best, s.strip)
        _down(_slot(s, ring, last), block + (j + 1) * s.strip, best, least, s.strip)
        if j == height - 1:
            _block(s, ring, block, last)
        y -= s.reach
        if y < 0:
            continue
        if c.part > <float>0.0:
            _ends(_slot(s, ring, y - c.whole), _slot(s, ring, y - c.whole - 1), _slot(s, ring, y + c.whole),
                  _slot(s, ring, y + c.whole + 1), c.part, least, s.strip)
        _store(s, first + y, x, least, n)


cdef void _part(const Shrink *s, Py_ssize_t i, float *memory, int thread, Watch *w) noexcept nogil:
    """Part ``i``: a strip of a band."""
    cdef Py_ssize_t x = i % s.strips * s.strip, first = i // s.strips * s.band
    cdef Py_ssize_t end = min(first + s.band, s.source.height)
    if w.stop:
        return
    if s.round:
        _disc(s, x, first, end, memory, thread, w)
    else:
        _square(s, x, first, end, memory, thread, w)


cdef void _parts(const Shrink *s, float *memory, Py_ssize_t each, int threads, Watch *w) noexcept nogil:
    """All parts, over ``threads`` threads with memory of their own."""
    cdef Py_ssize_t i, parts = s.strips * s.bands
    cdef int together = <int>s.strips if s.bands >= threads else 1  # a thread fills whole pages of memory
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _part(s, i, memory, 0, w)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=together):
        _part(s, i, memory + threadid() * each, threadid(), w)


cdef void _chord(Chord *c, double half) noexcept:
    """The chord that reaches ``half`` to either side."""
    c.whole = <int>half
    c.part = <float>(half - c.whole)
    c.level = 0
    while (2 << c.level) <= 2 * c.whole + 1:
        c.level += 1


cdef Py_ssize_t _lay_out(Shrink *s, int threads) noexcept:
    """Cuts the picture into strips and bands; returns how many floats a thread needs."""
    cdef Py_ssize_t rows = 2 * s.reach + 1, wide = max(min(RING // rows, <Py_ssize_t>WIDEST), <Py_ssize_t>NARROWEST)
    s.strips = (s.source.width + wide - 1) // wide
    s.strip = <int>(((s.source.width + s.strips - 1) // s.strips + VECTOR - 1) // VECTOR * VECTOR)
    s.strips = (s.source.width + s.strip - 1) // s.strip
    s.band = s.source.height
    if threads > 1:
        s.band = max(s.source.height // (4 * threads), <Py_ssize_t>BAND, PART * s.reach)
    s.bands = (s.source.height + s.band - 1) // s.band
    s.levels = s.full.level + 1
    s.used = s.strip + 2 * s.reach
    s.width = (s.used + VECTOR - 1) // VECTOR * VECTOR + VECTOR
    return (2 * rows + 4) * s.strip + (s.levels + 1) * s.width


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
    each = _lay_out(&s, threads)
    threads = <int>min(<Py_ssize_t>threads, s.strips * s.bands)
    w.stop = False
    w.work = 0
    memory = <float *>malloc(<size_t>(threads * each) * sizeof(float))
    if memory == NULL:
        raise MemoryError("no memory for the rows of a matte")
    for channel in wanted:
        s.channel = channel
        with nogil:
            _parts(&s, memory, each, threads, &w)
        if w.stop:
            break
    free(memory)
    _stopped(&w)


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0
