"""Weighted sums of rows and of columns: the two halves of separable resampling.

``sum_pair``      sixteen or 64 floats of two rows of the result as sums of the rows that they share
``sum_rows``      a whole row as the sum of rows, added to what it is
``spread_row``    a row into a block of columns: the pixels of one column, of all rows of a group, side by side
``sum_column``    a pixel of each row of a group as a sum of the columns of a block; ``sum_quads`` and ``sum_triples``
                  do so for many pixels of RGBA and RGB

A block holds ``pitch`` floats a column, a multiple of sixteen: ``rows * channels`` values and what is left of the
last sixteen. Terms are added in order, in stretches of at most ``STRETCH`` whose sums are then added, so that the
rounding errors of thousands of terms stay small.
"""

from libc.string cimport memcpy

from vfx._ext.lanes cimport lanes, lanes_add, lanes_fma, lanes_quads, lanes_store, lanes_zero
from vfx._ext.simd_math cimport fma

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define vfx_prefetch(p) __builtin_prefetch((p), 0, 2)
    #else
    #define vfx_prefetch(p) ((void)(p))
    #endif
    """
    void prefetch "vfx_prefetch"(const void *p) noexcept nogil

cdef enum:
    STRETCH = 32                # terms that are added one after the other
    WIDTH = 16                  # lanes

ctypedef struct Pair:
    # Two rows of the result: one takes terms 0 to `end`, the other `start` to `last`, with start <= end <= last.
    const float *rows[2 * STRETCH]
    const float *one            # weights
    const float *other
    int start
    int end
    int last
    float *to_one
    float *to_other             # NULL where there is no other row

ctypedef struct Ahead:
    # Rows of the source that will be read next: asked for while there is time.
    const char *first
    Py_ssize_t row              # bytes from row to row
    int rows
    int item                    # bytes of an element


cdef inline void ask(const Ahead *ahead, Py_ssize_t i) noexcept nogil:
    """Asks for elements ``i`` to ``i + 64`` of these rows."""
    cdef const char *p = ahead.first + i * ahead.item
    cdef int j, line
    for j in range(ahead.rows):
        for line in range(ahead.item):
            prefetch(p + 64 * line)
        p += ahead.row


cdef inline void put(float *target, Py_ssize_t i, Py_ssize_t pitch, lanes values) noexcept nogil:
    """Lanes to a row, from element ``i`` on, or as four pixels of four channels to a block of this pitch."""
    cdef float *at
    if pitch:
        at = target + i // 4 * pitch
        lanes_quads(at, at + pitch, at + 2 * pitch, at + 3 * pitch, values)
    else:
        lanes_store(target + i, values)


cdef inline void sum_pair(const Pair *p, Py_ssize_t i, Py_ssize_t pitch) noexcept nogil:
    """Elements ``i`` to ``i + 64`` of both rows."""
    cdef lanes a, b, c, d, e, f, g, h
    cdef const float *row
    cdef float w
    cdef int k, start = p.start, end = p.end, last = p.last
    cdef const float *one = p.one
    cdef const float *other = p.other - start
    cdef const float **rows = <const float **>p.rows
    a = b = c = d = e = f = g = h = lanes_zero()
    for k in range(start):
        row = rows[k] + i
        w = one[k]
        a = lanes_fma(w, row, a)
        b = lanes_fma(w, row + WIDTH, b)
        c = lanes_fma(w, row + 2 * WIDTH, c)
        d = lanes_fma(w, row + 3 * WIDTH, d)
    for k in range(start, end):
        row = rows[k] + i
        w = one[k]
        a = lanes_fma(w, row, a)
        b = lanes_fma(w, row + WIDTH, b)
        c = lanes_fma(w, row + 2 * WIDTH, c)
        d = lanes_fma(w, row + 3 * WIDTH, d)
        w = other[k]
        e = lanes_fma(w, row, e)
        f = lanes_fma(w, row + WIDTH, f)
        g = lanes_fma(w, row + 2 * WIDTH, g)
        h = lanes_fma(w, row + 3 * WIDTH, h)
    for k in range(end, last):
        row = rows[k] + i
        w = other[k]
        e = lanes_fma(w, row, e)
        f = lanes_fma(w, row + WIDTH, f)
        g = lanes_fma(w, row + 2 * WIDTH, g)
        h = lanes_fma(w, row + 3 * WIDTH, h)
    put(p.to_one, i, pitch, a)
    put(p.to_one, i + WIDTH, pitch, b)
    put(p.to_one, i + 2 * WIDTH, pitch, c)
    put(p.to_one, i + 3 * WIDTH, pitch, d)
    if p.to_other != NULL:
        put(p.to_other, i, pitch, e)
        put(p.to_other, i + WIDTH, pitch, f)
        put(p.to_other, i + 2 * WIDTH, pitch, g)
        put(p.to_other, i + 3 * WIDTH, pitch, h)


cdef inline void sum_pair_narrow(const Pair *p, Py_ssize_t i, Py_ssize_t pitch) noexcept nogil:
    """Elements ``i`` to ``i + 16`` of both rows."""
    cdef lanes a = lanes_zero(), e = lanes_zero()
    cdef int k
    for k in range(p.end):
        a = lanes_fma(p.one[k], p.rows[k] + i, a)
    put(p.to_one, i, pitch, a)
    if p.to_other != NULL:
        for k in range(p.start, p.last):
            e = lanes_fma(p.other[k - p.start], p.rows[k] + i, e)
        put(p.to_other, i, pitch, e)


cdef inline float sum_term(const float **rows, const float *weights, int count, Py_ssize_t i) noexcept nogil:
    """One element."""
    cdef float total = 0.0
    cdef int k
    for k in range(count):
        total = fma(weights[k], rows[k][i], total)
    return total


cdef inline void sum_pairs(Pair *pairs, int count, Py_ssize_t n, Py_ssize_t pitch, const Ahead *ahead) noexcept nogil:
    """``n`` elements of the rows of ``count`` pairs, a stretch of all of them after the other."""
    cdef Py_ssize_t i = 0, at
    cdef int j
    while i + 4 * WIDTH <= n:
        for j in range(count):
            sum_pair(&pairs[j], i, pitch)
        ask(ahead, i)
        i += 4 * WIDTH
    while i < n and n >= WIDTH:
        at = min(i, n - WIDTH)  # some are worked out twice, to the same
        for j in range(count):
            sum_pair_narrow(&pairs[j], at, pitch)
        i += WIDTH
    while i < n:
        at = i // 4 * pitch + i % 4 if pitch else i
        for j in range(count):
            pairs[j].to_one[at] = sum_term(pairs[j].rows, pairs[j].one, pairs[j].end, i)
            if pairs[j].to_other != NULL:
                pairs[j].to_other[at] = sum_term(pairs[j].rows + pairs[j].start, pairs[j].other,
                                                 pairs[j].last - pairs[j].start, i)
        i += 1


cdef inline void sum_rows(const float **rows, const float *weights, int count, float *target, Py_ssize_t n,
                          bint more) noexcept nogil:
    """``target`` becomes the sum of ``count`` rows times their weights; with ``more`` that is added to it."""
    cdef Py_ssize_t i = 0
    cdef lanes a
    cdef float one
    cdef int k
    while i + WIDTH <= n:
        a = lanes_zero()
        for k in range(count):
            a = lanes_fma(weights[k], rows[k] + i, a)
        if more:
            a = lanes_fma(1.0, target + i, a)
        lanes_store(target + i, a)
        i += WIDTH
    while i < n:
        one = sum_term(rows, weights, count, i)
        target[i] = one + target[i] if more else one
        i += 1


cdef inline void spread_row(const float *row, float *block, Py_ssize_t pitch, int channels,
                            Py_ssize_t n) noexcept nogil:
    """``n`` pixels of a row to ``block``, ``pitch`` floats apart; the rows of a group in order.

    Of three channels, one float is read past the end.
    """
    cdef Py_ssize_t i
    cdef int c
    if channels == 4:
        for i in range(n):
            memcpy(block + i * pitch, row + i * 4, 16)
    elif channels == 3:
        for i in range(n):  # the fourth float is the next row's place, or nobody's
            memcpy(block + i * pitch, row + i * 3, 16)
    elif channels == 1:
        for i in range(n):
            block[i * pitch] = row[i]
    else:
        for i in range(n):
            for c in range(channels):
                block[i * pitch + c] = row[i * channels + c]


cdef inline lanes column_sum(const float *block, Py_ssize_t pitch, const float *weights, int count) noexcept nogil:
    """Sixteen lanes of the weighted sum of ``count`` columns."""
    cdef lanes total = lanes_zero(), part
    cdef int k = 0, end = min(count, <int>STRETCH)
    while k + 4 <= end:
        total = lanes_fma(weights[k], block, total)
        total = lanes_fma(weights[k + 1], block + pitch, total)
        total = lanes_fma(weights[k + 2], block + 2 * pitch, total)
        total = lanes_fma(weights[k + 3], block + 3 * pitch, total)
        block += 4 * pitch
        k += 4
    while k < end:
        total = lanes_fma(weights[k], block, total)
        block += pitch
        k += 1
    while k < count:
        end = min(count, k + <int>STRETCH)
        part = lanes_zero()
        while k < end:
            part = lanes_fma(weights[k], block, part)
            block += pitch
            k += 1
        total = lanes_add(total, part)
    return total


cdef inline void sum_quads(const float *block, const int *first, const int *count, const float *weights,
                           Py_ssize_t taps, float *target, Py_ssize_t row, Py_ssize_t n) noexcept nogil:
    """``sum_column`` for four rows of four channels, ``row`` floats apart."""
    cdef Py_ssize_t x
    for x in range(n):
        lanes_quads(target + 4 * x, target + row + 4 * x, target + 2 * row + 4 * x, target + 3 * row + 4 * x,
                    column_sum(block + <Py_ssize_t>first[x] * WIDTH, WIDTH, weights + x * taps, count[x]))


cdef inline void sum_triples(const float *block, const int *first, const int *count, const float *weights,
                             Py_ssize_t taps, float **rows, Py_ssize_t n) noexcept nogil:
    """``sum_column`` for five rows of three channels."""
    cdef float scratch[WIDTH]
    cdef float *p = rows[0]
    cdef float *q = rows[1]
    cdef float *r = rows[2]
    cdef float *s = rows[3]
    cdef float *t = rows[4]
    cdef Py_ssize_t x
    for x in range(n):
        lanes_store(scratch, column_sum(block + <Py_ssize_t>first[x] * WIDTH, WIDTH, weights + x * taps, count[x]))
        if x == n - 1:
            memcpy(p + 3 * x, scratch, 12)
            memcpy(q + 3 * x, scratch + 3, 12)
            memcpy(r + 3 * x, scratch + 6, 12)
            memcpy(s + 3 * x, scratch + 9, 12)
        else:  # the fourth float is overwritten by the next pixel
            memcpy(p + 3 * x, scratch, 16)
            memcpy(q + 3 * x, scratch + 3, 16)
            memcpy(r + 3 * x, scratch + 6, 16)
            memcpy(s + 3 * x, scratch + 9, 16)
        memcpy(t + 3 * x, scratch + 12, 12)


cdef inline void sum_column(const float *block, Py_ssize_t pitch, const float *weights, int count,
                            float **rows, int used, int channels, Py_ssize_t x, float *scratch) noexcept nogil:
    """Pixel ``x`` of ``used`` rows as the weighted sum of ``count`` columns, the first of which is ``block``."""
    cdef Py_ssize_t j = 0
    cdef int r
    while j < used * channels:
        lanes_store(scratch + j, column_sum(block + j, pitch, weights, count))
        j += WIDTH
    if channels == 4:
        for r in range(used):
            memcpy(rows[r] + 4 * x, scratch + 4 * r, 16)
    elif channels == 3:
        for r in range(used):
            memcpy(rows[r] + 3 * x, scratch + 3 * r, 12)
    elif channels == 1:
        for r in range(used):
            rows[r][x] = scratch[r]
    else:
        for r in range(used):
            memcpy(rows[r] + channels * x, scratch + channels * r, <size_t>channels * 4)
