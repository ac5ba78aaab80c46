"""Rows taken apart into phases, every ``step``-th pixel together, and put together again.

A filter that keeps or makes only every ``step``-th pixel is then a sum of dense streams (``weighing.pxd``).
"""

from libc.string cimport memcpy


cdef inline void split_pixels(const float *row, float *phases, Py_ssize_t length, Py_ssize_t n, int step,
                              int channels) noexcept nogil:
    cdef Py_ssize_t i = 0, x = 0
    cdef int p
    while x < n:
        for p in range(<int>min(<Py_ssize_t>step, n - x)):
            memcpy(phases + (p * length + i) * channels, row + (x + p) * channels, <size_t>channels * 4)
        x += step
        i += 1


cdef inline void split(const float *row, float *phases, Py_ssize_t length, Py_ssize_t n, int step,
                       int channels) noexcept nogil:
    """``n`` pixels taken apart; phase p begins ``p * length`` pixels into ``phases``."""
    if channels == 4:  # a copy of known size is one instruction
        split_pixels(row, phases, length, n, step, 4)
    elif channels == 3:
        split_pixels(row, phases, length, n, step, 3)
    elif channels == 1:
        split_pixels(row, phases, length, n, step, 1)
    else:
        split_pixels(row, phases, length, n, step, channels)


cdef inline void join_pixels(const float *phase, float *row, Py_ssize_t n, int step, int channels) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        memcpy(row + i * step * channels, phase + i * channels, <size_t>channels * 4)


cdef inline void join(const float *phase, float *row, Py_ssize_t n, int step, int channels) noexcept nogil:
    """``n`` pixels of one phase into every ``step``-th place from ``row`` on."""
    if channels == 4:
        join_pixels(phase, row, n, step, 4)
    elif channels == 3:
        join_pixels(phase, row, n, step, 3)
    elif channels == 1:
        join_pixels(phase, row, n, step, 1)
    else:
        join_pixels(phase, row, n, step, channels)
