"""Integer pixels as float32 codes: 0 to 255 or 65535, not [0, 1].

Where both pictures have the same integer format, weights that add up to one need no division on the way in and no
multiplication on the way out: a sum of codes is a code.
"""

from vfx._ext.pictures cimport Picture, place
from vfx._ext.pixel_formats cimport U8, bytes_plane, float_source, gather, scatter, words_plane
from vfx._ext.simd_math cimport plane

cdef enum:
    CODES = 1024                # taken at once


cdef inline void codes_to_floats(int format, const void *source, plane target, Py_ssize_t n) noexcept nogil:
    """Dense codes as floats."""
    cdef const unsigned char *bytes_ = <const unsigned char *>source
    cdef const unsigned short *words = <const unsigned short *>source
    cdef Py_ssize_t i
    if format == U8:
        for i in range(n):
            target[i] = <float>bytes_[i]
    else:
        for i in range(n):
            target[i] = <float>words[i]


cdef inline void clamp_codes(float *x, float top, Py_ssize_t n) noexcept nogil:
    """Clamped to [0, top]; NaN is 0. Loops of their own, as ``pixel_formats.limit``."""
    cdef Py_ssize_t i
    for i in range(n):
        x[i] = x[i] if x[i] > <float>0.0 else <float>0.0
    for i in range(n):
        x[i] = x[i] if x[i] < top else top


cdef inline void floats_to_bytes(float_source source, bytes_plane target, Py_ssize_t n) noexcept nogil:
    """Codes rounded half up."""
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = <unsigned char><int>(source[i] + <float>0.5)


cdef inline void floats_to_words(float_source source, words_plane target, Py_ssize_t n) noexcept nogil:
    """Codes rounded half up."""
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = <unsigned short><int>(source[i] + <float>0.5)


cdef inline void floats_to_codes(int format, float *source, void *target, Py_ssize_t n) noexcept nogil:
    """Floats as dense codes; ``source`` is clamped on the way."""
    if format == U8:
        clamp_codes(source, 255.0, n)
        floats_to_bytes(source, <unsigned char *>target, n)
    else:
        clamp_codes(source, 65535.0, n)
        floats_to_words(source, <unsigned short *>target, n)


cdef inline void load_codes(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *target, Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on, interleaved."""
    cdef char elements[2 * CODES]
    cdef float values[CODES]
    cdef Py_ssize_t i, done = 0, part
    cdef int c
    if p.dense:
        codes_to_floats(p.format, place(p, y, x), target, n * p.channels)
        return
    while done < n:
        part = min(n - done, <Py_ssize_t>CODES)
        for c in range(p.channels):
            gather(p.item, place(p, y, x + done) + c * p.channel, p.column, elements, <int>part)
            codes_to_floats(p.format, elements, values, part)
            for i in range(part):
                target[(done + i) * p.channels + c] = values[i]
        done += part


cdef inline void store_codes(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *source, Py_ssize_t n) noexcept nogil:
    """``n`` interleaved pixels into the picture from (y, x) on; ``source`` is clamped on the way."""
    cdef char elements[2 * CODES]
    cdef float values[CODES]
    cdef Py_ssize_t i, done = 0, part
    cdef int c
    if p.dense:
        floats_to_codes(p.format, source, place(p, y, x), n * p.channels)
        return
    while done < n:
        part = min(n - done, <Py_ssize_t>CODES)
        for c in range(p.channels):
            for i in range(part):
                values[i] = source[(done + i) * p.channels + c]
            floats_to_codes(p.format, values, elements, part)
            scatter(p.item, elements, place(p, y, x + done) + c * p.channel, p.column, <int>part)
        done += part
