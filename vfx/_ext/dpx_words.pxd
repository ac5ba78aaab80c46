"""The words of DPX image data: byte order, and codes to and from their packings.

Each function handles one line. ``n`` counts codes, ``words`` 32-bit words. Packing (ST 268-1:2014, annex C)::

    words, method A   | code 31-22 | code 21-12 | code 11-2 | 00 |    three 10-bit codes, padded below
    words, method B   | 00 | code 29-20 | code 19-10 | code 9-0 |      padded above
    halves            | code, padded below (A) or above (B) |          one code in 16 bits
    stream            the first code in the lowest bits of the first word, codes run over word borders
                      (so the 32 pixels of a word of one bit each begin at its lowest bit)

Pictures of several channels have their first sample in the highest field of a word, pictures of one
channel in the lowest. So real files have it, and the readers of FFmpeg agree.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, int32_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__GNUC__)
    static inline uint32_t vfx_swap32(uint32_t v) { return __builtin_bswap32(v); }
    static inline uint64_t vfx_swap64(uint64_t v) { return __builtin_bswap64(v); }
    #else
    static inline uint32_t vfx_swap32(uint32_t v) {
        return (v >> 24) | ((v >> 8) & 0xff00u) | ((v << 8) & 0xff0000u) | (v << 24);
    }
    static inline uint64_t vfx_swap64(uint64_t v) {
        return ((uint64_t)vfx_swap32((uint32_t)v) << 32) | vfx_swap32((uint32_t)(v >> 32));
    }
    #endif
    """
    uint32_t vfx_swap32(uint32_t) noexcept nogil
    uint64_t vfx_swap64(uint64_t) noexcept nogil


cdef inline void swap16(uint16_t *v, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = <uint16_t> ((v[i] << 8) | (v[i] >> 8))


cdef inline void swap32(uint32_t *v, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = vfx_swap32(v[i])


cdef inline void swap64(uint64_t *v, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = vfx_swap64(v[i])


cdef inline void unpack_bytes(const uint8_t *src, uint16_t *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = src[i]


cdef inline void unpack_halves(const uint16_t *src, uint16_t *dst, Py_ssize_t n, int shift, int mask) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint16_t> ((src[i] >> shift) & mask)


cdef inline void unpack_words(const uint32_t *src, uint16_t *dst, Py_ssize_t words, int s0, int s1, int s2) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint32_t w
    for i in range(words):
        w = src[i]
        dst[3 * i] = <uint16_t> ((w >> s0) & 1023)
        dst[3 * i + 1] = <uint16_t> ((w >> s1) & 1023)
        dst[3 * i + 2] = <uint16_t> ((w >> s2) & 1023)


cdef inline void unpack_words_float(const uint32_t *src, float *dst, Py_ssize_t words, int s0, int s1, int s2) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint32_t w
    for i in range(words):
        w = src[i]
        dst[3 * i] = <float> <int32_t> ((w >> s0) & 1023) / <float> 1023
        dst[3 * i + 1] = <float> <int32_t> ((w >> s1) & 1023) / <float> 1023
        dst[3 * i + 2] = <float> <int32_t> ((w >> s2) & 1023) / <float> 1023


cdef inline void unpack_stream12(const uint32_t *src, uint16_t *dst, Py_ssize_t n) noexcept nogil:
    # Eight codes in three words.
    cdef Py_ssize_t i
    cdef uint32_t a, b, c
    for i in range((n + 7) // 8):
        a = src[3 * i]
        b = src[3 * i + 1]
        c = src[3 * i + 2]
        dst[8 * i] = <uint16_t> (a & 4095)
        dst[8 * i + 1] = <uint16_t> ((a >> 12) & 4095)
        dst[8 * i + 2] = <uint16_t> ((a >> 24) | ((b & 15) << 8))
        dst[8 * i + 3] = <uint16_t> ((b >> 4) & 4095)
        dst[8 * i + 4] = <uint16_t> ((b >> 16) & 4095)
        dst[8 * i + 5] = <uint16_t> ((b >> 28) | ((c & 255) << 4))
        dst[8 * i + 6] = <uint16_t> ((c >> 8) & 4095)
        dst[8 * i + 7] = <uint16_t> (c >> 20)


cdef inline void unpack_stream10(const uint32_t *src, uint16_t *dst, Py_ssize_t n) noexcept nogil:
    # Sixteen codes in five words.
    cdef Py_ssize_t i
    cdef const uint32_t *s
    cdef uint16_t *d
    cdef uint32_t w0, w1, w2, w3, w4
    for i in range((n + 15) // 16):
        s = src + 5 * i
        d = dst + 16 * i
        w0, w1, w2, w3, w4 = s[0], s[1], s[2], s[3], s[4]
        d[0] = <uint16_t> (w0 & 1023)
        d[1] = <uint16_t> ((w0 >> 10) & 1023)
        d[2] = <uint16_t> ((w0 >> 20) & 1023)
        d[3] = <uint16_t> ((w0 >> 30) | ((w1 & 255) << 2))
        d[4] = <uint16_t> ((w1 >> 8) & 1023)
        d[5] = <uint16_t> ((w1 >> 18) & 1023)
        d[6] = <uint16_t> ((w1 >> 28) | ((w2 & 63) << 4))
        d[7] = <uint16_t> ((w2 >> 6) & 1023)
        d[8] = <uint16_t> ((w2 >> 16) & 1023)
        d[9] = <uint16_t> ((w2 >> 26) | ((w3 & 15) << 6))
        d[10] = <uint16_t> ((w3 >> 4) & 1023)
        d[11] = <uint16_t> ((w3 >> 14) & 1023)
        d[12] = <uint16_t> ((w3 >> 24) | ((w4 & 3) << 8))
        d[13] = <uint16_t> ((w4 >> 2) & 1023)
        d[14] = <uint16_t> ((w4 >> 12) & 1023)
        d[15] = <uint16_t> (w4 >> 22)


cdef inline void unpack_stream(const uint32_t *src, uint16_t *dst, Py_ssize_t n, int bits) noexcept nogil:
    # Reads one word past the last code: the scratch has room for it.
    cdef Py_ssize_t i, bit
    cdef uint32_t mask = (<uint32_t> 1 << bits) - 1
    cdef uint64_t pair
    for i in range(n):
        bit = i * bits
        pair = src[bit >> 5] | (<uint64_t> src[(bit >> 5) + 1] << 32)
        dst[i] = <uint16_t> ((pair >> (bit & 31)) & mask)


cdef inline void pack_bytes(const uint16_t *src, uint8_t *dst, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint8_t> src[i]


cdef inline void pack_halves(const uint16_t *src, uint16_t *dst, Py_ssize_t n, int shift) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <uint16_t> (src[i] << shift)


cdef inline void pack_words(const uint16_t *src, uint32_t *dst, Py_ssize_t words, int s0, int s1, int s2) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(words):
        dst[i] = (
            (<uint32_t> src[3 * i] << s0) | (<uint32_t> src[3 * i + 1] << s1) | (<uint32_t> src[3 * i + 2] << s2)
        )


cdef inline void pack_stream(const uint16_t *src, uint32_t *dst, Py_ssize_t n, int bits) noexcept nogil:
    cdef Py_ssize_t i, word = 0
    cdef uint64_t held = 0
    cdef int have = 0
    for i in range(n):
        held |= <uint64_t> src[i] << have
        have += bits
        if have >= 32:
            dst[word] = <uint32_t> held
            word += 1
            held >>= 32
            have -= 32
    if have > 0:
        dst[word] = <uint32_t> held


cdef inline void pack_stream12(const uint16_t *src, uint32_t *dst, Py_ssize_t groups) noexcept nogil:
    # Eight codes to three words.
    cdef Py_ssize_t i
    cdef const uint16_t *s
    for i in range(groups):
        s = src + 8 * i
        dst[3 * i] = s[0] | (<uint32_t> s[1] << 12) | (<uint32_t> s[2] << 24)
        dst[3 * i + 1] = (
            (<uint32_t> s[2] >> 8) | (<uint32_t> s[3] << 4) | (<uint32_t> s[4] << 16) | (<uint32_t> s[5] << 28)
        )
        dst[3 * i + 2] = (<uint32_t> s[5] >> 4) | (<uint32_t> s[6] << 8) | (<uint32_t> s[7] << 20)


cdef inline void pack_stream10(const uint16_t *src, uint32_t *dst, Py_ssize_t groups) noexcept nogil:
    # Sixteen codes to five words.
    cdef Py_ssize_t i
    cdef const uint16_t *s
    cdef uint32_t *d
    for i in range(groups):
        s = src + 16 * i
        d = dst + 5 * i
        d[0] = s[0] | (<uint32_t> s[1] << 10) | (<uint32_t> s[2] << 20) | (<uint32_t> s[3] << 30)
        d[1] = (<uint32_t> s[3] >> 2) | (<uint32_t> s[4] << 8) | (<uint32_t> s[5] << 18) | (<uint32_t> s[6] << 28)
        d[2] = (<uint32_t> s[6] >> 4) | (<uint32_t> s[7] << 6) | (<uint32_t> s[8] << 16) | (<uint32_t> s[9] << 26)
        d[3] = (<uint32_t> s[9] >> 6) | (<uint32_t> s[10] << 4) | (<uint32_t> s[11] << 14) | (<uint32_t> s[12] << 24)
        d[4] = (<uint32_t> s[12] >> 8) | (<uint32_t> s[13] << 2) | (<uint32_t> s[14] << 12) | (<uint32_t> s[15] << 22)
