"""Integer codes of DPX samples to and from pixel values, one line at a time.

A code of n bits means code/(2^n - 1). Back to codes, values are clamped to 0..1 and rounded to the nearest
code; NaN is 0. Every function is one plain loop that the compiler turns into vector code.
"""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t


cdef inline void codes_to_bytes(const uint16_t *src, uint8_t *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint8_t> src[i]


# Rounded scaling to 8 and 16 bits without a division: for v < 2^2n, v // (2^n - 1) is
# (v + 1 + (v >> n)) >> n. To 16 bits, 65535/(2^n - 1) = 2^(16-n) + (2^(16-n) - 1)/(2^n - 1) for n >= 8.
cdef inline void codes_to_unit8(const uint16_t *src, uint8_t *dst, Py_ssize_t n, int bits) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint32_t v, half = ((<uint32_t> 1 << bits) - 1) >> 1
    for i in range(n):
        v = <uint32_t> src[i] * 255 + half
        dst[i] = <uint8_t> ((v + 1 + (v >> bits)) >> bits)


cdef inline void codes_to_unit16(const uint16_t *src, uint16_t *dst, Py_ssize_t n, int bits) noexcept nogil:
    cdef Py_ssize_t i
    cdef int up = 16 - bits
    cdef uint32_t v, half = ((<uint32_t> 1 << bits) - 1) >> 1, rest = (<uint32_t> 1 << up) - 1
    for i in range(n):
        v = <uint32_t> src[i] * rest + half
        dst[i] = <uint16_t> ((<uint32_t> src[i] << up) + ((v + 1 + (v >> bits)) >> bits))


cdef inline void bits_to_unit8(const uint16_t *src, uint8_t *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint8_t> (src[i] * 255)


cdef inline void bits_to_unit16(const uint16_t *src, uint16_t *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint16_t> (src[i] * 65535)


cdef inline void doubles_to_floats(const double *src, float *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <float> src[i]


cdef inline void floats_to_doubles(const float *src, double *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = src[i]


cdef inline void codes_to_half(const uint16_t *src, uint16_t *dst, Py_ssize_t n, const uint16_t *table) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = table[src[i]]


cdef inline void codes_to_float(const uint16_t *src, float *dst, Py_ssize_t n, float full) noexcept nogil:
    # A true division: code times 1/full is off by an ulp for some codes.
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <float> <int32_t> src[i] / full


cdef inline void float_to_codes(const float *src, uint16_t *dst, Py_ssize_t n, float full) noexcept nogil:
    # A NaN fails the first comparison and becomes 0. Rounded half up exactly: x * (full + 1) is exact, so
    # the rounding error of subtracting x is known, and it decides near halves.
    cdef Py_ssize_t i
    cdef float x, scaled, lost, codes = full + <float> 1
    cdef int32_t whole
    for i in range(n):
        x = src[i]
        x = x if x > <float> 0 else <float> 0
        x = x if x < <float> 1 else <float> 1
        scaled = x * codes - x
        lost = (x * codes - scaled) - x
        whole = <int32_t> scaled
        dst[i] = <uint16_t> (whole + <int32_t> (((scaled - <float> whole) - <float> 0.5) + lost >= <float> 0))


cdef inline void unit16_to_codes(const uint16_t *src, uint16_t *dst, Py_ssize_t n, uint32_t full) noexcept nogil:
    # v // 65535 is (v + 1 + (v >> 16)) >> 16 for v < 2^32 - 2^16; a tie cannot happen.
    cdef Py_ssize_t i
    cdef uint32_t v
    for i in range(n):
        v = <uint32_t> src[i] * full + 32767
        dst[i] = <uint16_t> ((v + 1 + (v >> 16)) >> 16)


cdef inline void table_to_codes16(const uint16_t *src, uint16_t *dst, Py_ssize_t n, const uint16_t *table) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = table[src[i]]


cdef inline void table_to_codes8(const uint8_t *src, uint16_t *dst, Py_ssize_t n, const uint16_t *table) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = table[src[i]]


cdef inline bint copy_codes(const uint16_t *src, uint16_t *dst, Py_ssize_t n, uint16_t full) noexcept nogil:
    # Whether a code is above full.
    cdef Py_ssize_t i
    cdef uint16_t top = 0
    for i in range(n):
        dst[i] = src[i]
        top = src[i] if src[i] > top else top
    return top > full


cdef inline bint copy_bytes(const uint8_t *src, uint16_t *dst, Py_ssize_t n, uint8_t full) noexcept nogil:
    # Whether a code is above full.
    cdef Py_ssize_t i
    cdef uint8_t top = 0
    for i in range(n):
        dst[i] = src[i]
        top = src[i] if src[i] > top else top
    return top > full
