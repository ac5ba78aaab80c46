"""Rows of a picture in stretches, as the numbers that measurements add up.

Measurements read the codes of integers (0 to 255 or 65535) as they are and divide once at the end, so that sums and
differences of codes are exact. Whatever is added up is added in an order that depends on the picture's size alone:
stretches fill bands of rows, each band has sums of its own, the bands are added from top to bottom. So threads,
layouts and vector widths change no byte of a result.

=================  ==========================================================================
``view_codes``     a stretch of a row as interleaved float32 numbers, codes undivided
``band_rows``      how many rows one band has
``lanes_for``      how many sums stand side by side: a multiple of the channels and of vectors
``copy_elements``  a stretch from picture to picture of one format, bit for bit
=================  ==========================================================================
"""

from libc.stdint cimport uint8_t, uint16_t
from libc.string cimport memcpy

from vfx._ext.pictures cimport ELEMENTS, Picture, place
from vfx._ext.pixel_formats cimport U8, U16, gather, scatter, to_float

cdef enum:
    BAND = 16384                # pixels that one thread takes at once
    NUMBERS = 4096              # numbers of a stretch, about
    VECTOR = 16                 # floats of the widest vector

cdef extern from *:
    """
    #include <stdint.h>
    typedef double *__restrict vfx_sums;
    typedef float *__restrict vfx_extremes;
    typedef const float *__restrict vfx_numbers;
    """
    ctypedef double *sums "vfx_sums"
    ctypedef float *extremes "vfx_extremes"
    ctypedef const float *numbers "vfx_numbers"


cdef inline Py_ssize_t band_rows(Py_ssize_t width) noexcept nogil:
    """Rows of a band."""
    return max(<Py_ssize_t>1, BAND // width)


cdef inline int lanes_for(int channels) noexcept nogil:
    """A multiple of ``channels``, at least four vectors and whole vectors where that is below 1024; else channels."""
    cdef int lanes = channels
    if channels > 4 * VECTOR:
        return channels
    while lanes % VECTOR or lanes < 4 * VECTOR:
        lanes += channels
    return lanes


cdef inline void codes_to_floats(int format, const char *source, float *target, int n) noexcept nogil:
    """Elements as float32; the codes of integers keep their value."""
    cdef int i
    if format == U8:
        for i in range(n):
            target[i] = <float>(<const uint8_t *>source)[i]
    elif format == U16:
        for i in range(n):
            target[i] = <float>(<const uint16_t *>source)[i]
    else:
        to_float(format, source, target, n)


cdef inline const float *view_codes(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *scratch,
                                    Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on as interleaved numbers: the picture's memory, or ``scratch`` filled with them."""
    cdef char elements[4 * ELEMENTS]
    cdef float plane[ELEMENTS]
    cdef Py_ssize_t done = 0, i
    cdef int c, part
    if p.floats:
        return <const float *>place(p, y, x)
    if p.dense:
        codes_to_floats(p.format, place(p, y, x), scratch, <int>(n * p.channels))
        return scratch
    while done < n:
        part = <int>min(n - done, <Py_ssize_t>ELEMENTS)
        for c in range(p.channels):
            gather(p.item, place(p, y, x + done) + c * p.channel, p.column, elements, part)
            codes_to_floats(p.format, elements, plane, part)
            for i in range(part):
                scratch[(done + i) * p.channels + c] = plane[i]
        done += part
    return scratch


cdef inline void copy_elements(const Picture *source, const Picture *target, Py_ssize_t y, Py_ssize_t x,
                               Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on into the same place of a picture of the same format and channels."""
    cdef char elements[4 * ELEMENTS]
    cdef Py_ssize_t done = 0
    cdef int c, part
    if source.dense and target.dense:
        memcpy(place(target, y, x), place(source, y, x), <size_t>(n * source.channels * source.item))
        return
    while done < n:
        part = <int>min(n - done, <Py_ssize_t>ELEMENTS)
        for c in range(source.channels):
            gather(source.item, place(source, y, x + done) + c * source.channel, source.column, elements, part)
            scatter(source.item, elements, place(target, y, x + done) + c * target.channel, target.column, part)
        done += part
