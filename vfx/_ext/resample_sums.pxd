"""Weighted sums of rows and of columns: the two halves of separable resampling.

``sum_rows``     one row as the weighted sum of rows, element by element
``spread_row``   a row into a block of columns: the pixels of one column, of all rows of a group, side by side
``sum_columns``  one pixel of every row of a group as the weighted sum of columns of such a block

A block holds ``pitch`` floats a column, a multiple of sixteen: ``rows * channels`` values and what is left of the
last sixteen. Terms are added in order, in stretches of at most ``STRETCH`` whose sums are then added, so that the
rounding errors of thousands of terms stay small.
"""

from libc.string cimport memcpy

from vfx._ext.lanes cimport lanes, lanes_add, lanes_fma, lanes_quads, lanes_store, lanes_zero
from vfx._ext.simd_math cimport fma

cdef enum:
    STRETCH = 32                # terms that are added one after the other
    WIDTH = 16                  # lanes


cdef inline void sum_rows(const float **rows, const float *weights, int count, float *target, Py_ssize_t n,
                          bint more) noexcept nogil:
    """``target`` becomes the sum of ``count`` rows times their weights; with ``more`` that is added to it."""
    cdef Py_ssize_t i = 0
    cdef int k
    cdef float one, w
    cdef lanes a, b, c, d
    cdef const float *p
    while i + 4 * WIDTH <= n:
        a = b = c = d = lanes_zero()
        for k in range(count):
            p = rows[k] + i
            w = weights[k]
            a = lanes_fma(w, p, a)
            b = lanes_fma(w, p + WIDTH, b)
            c = lanes_fma(w, p + 2 * WIDTH, c)
            d = lanes_fma(w, p + 3 * WIDTH, d)
        if more:
            a = lanes_fma(1.0, target + i, a)
            b = lanes_fma(1.0, target + i + WIDTH, b)
            c = lanes_fma(1.0, target + i + 2 * WIDTH, c)
            d = lanes_fma(1.0, target + i + 3 * WIDTH, d)
        lanes_store(target + i, a)
        lanes_store(target + i + WIDTH, b)
        lanes_store(target + i + 2 * WIDTH, c)
        lanes_store(target + i + 3 * WIDTH, d)
        i += 4 * WIDTH
    while i < n:
        one = 0.0
        for k in range(count):
            one = fma(weights[k], rows[k][i], one)
        target[i] = one + target[i] if more else one
        i += 1


cdef inline void spread_row(const float *row, float *block, Py_ssize_t pitch, int channels,
                            Py_ssize_t n) noexcept nogil:
    """``n`` pixels of a row to ``block``, ``pitch`` floats apart."""
    cdef Py_ssize_t i
    cdef int c
    if channels == 4:
        for i in range(n):
            memcpy(block + i * pitch, row + i * 4, 16)
    elif channels == 3:
        for i in range(n):
            memcpy(block + i * pitch, row + i * 3, 12)
    elif channels == 1:
        for i in range(n):
            block[i * pitch] = row[i]
    else:
        for i in range(n):
            for c in range(channels):
                block[i * pitch + c] = row[i * channels + c]


cdef inline lanes column_sum(const float *block, Py_ssize_t pitch, const float *weights, int count) noexcept nogil:
    """Sixteen lanes of the weighted sum of ``count`` columns."""
    cdef lanes total, part
    cdef int k, end
    total = lanes_zero()
    for k in range(min(count, <int>STRETCH)):
        total = lanes_fma(weights[k], block + k * pitch, total)
    k = STRETCH
    while k < count:
        end = min(count, k + <int>STRETCH)
        part = lanes_zero()
        while k < end:
            part = lanes_fma(weights[k], block + k * pitch, part)
            k += 1
        total = lanes_add(total, part)
    return total


cdef inline void sum_columns(const float *block, Py_ssize_t pitch, const float *weights, int count,
                             float **rows, int used, int channels, Py_ssize_t x, float *scratch) noexcept nogil:
    """Pixel ``x`` of ``used`` rows as the weighted sum of ``count`` columns, the first of which is ``block``."""
    cdef Py_ssize_t j = 0
    cdef int r
    if channels == 4 and used == 4 and pitch == WIDTH:
        lanes_quads(rows[0] + 4 * x, rows[1] + 4 * x, rows[2] + 4 * x, rows[3] + 4 * x,
                    column_sum(block, WIDTH, weights, count))
        return
    while j < used * channels:
        lanes_store(scratch + j, column_sum(block + j, pitch, weights, count))
        j += WIDTH
    if channels == 3:
        for r in range(used):
            memcpy(rows[r] + 3 * x, scratch + 3 * r, 12)
    elif channels == 1:
        for r in range(used):
            rows[r][x] = scratch[r]
    else:
        for r in range(used):
            memcpy(rows[r] + channels * x, scratch + channels * r, <size_t>channels * 4)
