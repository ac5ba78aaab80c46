"""Stretches of rows that reach beyond a picture's edge, and the cutting of a picture into columns for the caches.

A filter that looks sideways asks for a stretch with its neighbours on both sides; one that looks up and down works
in columns narrow enough that the rows it looks at stay in the second-level cache.
"""

from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport Picture, edge_index, load_pixels, place

cdef enum:
    CACHE = 3 << 17             # bytes of rows that one column keeps: a little less than half a megabyte
    NARROWEST = 32              # pixels


cdef inline const float *reach(const Picture *p, Py_ssize_t y, Py_ssize_t first, Py_ssize_t n, int edge,
                               float *scratch) noexcept nogil:
    """``n`` pixels of row ``y`` from column ``first`` on, which may lie outside: the memory, or ``scratch``."""
    cdef Py_ssize_t low = first if first > 0 else 0
    cdef Py_ssize_t high = first + n if first + n < p.width else p.width
    cdef Py_ssize_t x, source
    cdef size_t pixel = <size_t>p.channels * 4
    if low == first and high == first + n:
        if p.floats:
            return <const float *>place(p, y, first)
        load_pixels(p, y, first, scratch, n)
        return scratch
    if low < high:
        load_pixels(p, y, low, scratch + (low - first) * p.channels, high - low)
    for x in range(first, first + n):
        if low <= x < high:
            continue
        source = edge_index(x, p.width, edge)
        if source < 0:
            memset(scratch + (x - first) * p.channels, 0, pixel)
        elif low <= source < high:
            memcpy(scratch + (x - first) * p.channels, scratch + (source - first) * p.channels, pixel)
        else:
            load_pixels(p, y, source, scratch + (x - first) * p.channels, 1)
    return scratch


cdef inline Py_ssize_t column_width(const Picture *p, Py_ssize_t rows) noexcept nogil:
    """Pixels of a column of which ``rows`` rows of float32 stay in the cache."""
    cdef Py_ssize_t width = CACHE // (rows * p.channels * 4)
    return min(p.width, max(width, <Py_ssize_t>NARROWEST))


cdef inline Py_ssize_t band_height(Py_ssize_t height, Py_ssize_t columns, Py_ssize_t halo, int threads) noexcept nogil:
    """Rows of a band: enough parts for the threads, but no band for which the rows around it cost more than a third."""
    cdef Py_ssize_t bands = (4 * threads + columns - 1) // columns if threads > 1 else 1
    cdef Py_ssize_t rows = (height + bands - 1) // bands
    return min(height, max(rows, 3 * halo, <Py_ssize_t>16))
