"""Pixel formats in memory: moving elements between a picture and planes, and to and from float32.

Two separate jobs, so that every format works with every layout:

======================  ================================================================
``gather``/``scatter``  one channel of any strides <-> a dense plane of the same elements
``unpack``/``pack``     interleaved RGB or RGBA <-> three or four dense planes, by shuffles
``to_float``            dense plane -> float32: u8 is v/255, u16 is v/65535
``from_float``          float32 -> dense plane: integers round(clamp(v, 0, 1) * max), NaN is 0;
                        half rounds to nearest even, too large becomes inf
======================  ================================================================
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__F16C__) || defined(__AVX512F__)
    #include <immintrin.h>
    #endif
    typedef uint8_t *__restrict vfx_p8;
    typedef uint16_t *__restrict vfx_p16;
    typedef uint32_t *__restrict vfx_p32;
    typedef const float *__restrict vfx_floats;

    /* IEEE 754 binary16 <-> binary32 in integer arithmetic. Used where the CPU has no
       conversion; the same bytes as F16C for everything but NaN payloads. */
    static inline float vfx_half_value(uint16_t half) {
        uint32_t bits = (uint32_t)(half & 0x7fff) << 13, exponent = bits & 0x0f800000u, small;
        float value, normalised;
        bits += 112u << 23;
        bits += exponent == 0x0f800000u ? 112u << 23 : 0u;
        small = bits + (1u << 23);
        memcpy(&normalised, &small, 4);
        normalised -= 6.103515625e-05f;
        memcpy(&small, &normalised, 4);
        bits = exponent == 0 ? small : bits;
        bits |= (uint32_t)(half & 0x8000) << 16;
        memcpy(&value, &bits, 4);
        return value;
    }
    static inline uint16_t vfx_half_bits(float value) {
        uint32_t bits, sign, normal, small, huge, half;
        float shifted;
        memcpy(&bits, &value, 4);
        sign = bits & 0x80000000u;
        bits ^= sign;
        normal = (bits + 0xc8000fffu + ((bits >> 13) & 1u)) >> 13;
        memcpy(&shifted, &bits, 4);
        shifted = bits < 0x38800000u ? shifted + 0.5f : 0.5f;
        memcpy(&small, &shifted, 4);
        small -= 0x3f000000u;
        huge = bits > 0x7f800000u ? 0x7e00u | (bits >> 13 & 0x3ffu) : 0x7c00u;
        half = bits < 0x38800000u ? small : normal;
        half = bits >= 0x477ff000u ? huge : half; /* 65520 is the first that rounds to inf */
        return (uint16_t)(half | sign >> 16);
    }
    static inline void vfx_halves_to_floats(const uint16_t *from, float *to, int n) {
        int i = 0;
    #if defined(__AVX512F__)
        for (; i + 16 <= n; i += 16)
            _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(from + i))));
    #elif defined(__F16C__)
        for (; i + 8 <= n; i += 8)
            _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i))));
    #endif
    #if defined(__F16C__)
        for (; i < n; i++) to[i] = _cvtsh_ss(from[i]);
    #else
        for (; i < n; i++) to[i] = vfx_half_value(from[i]);
    #endif
    }
    static inline void vfx_floats_to_halves(const float *from, uint16_t *to, int n) {
        int i = 0;
    #if defined(__AVX512F__)
        for (; i + 16 <= n; i += 16)
            _mm256_storeu_si256((__m256i *)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), 0));
    #elif defined(__F16C__)
        for (; i + 8 <= n; i += 8)
            _mm_storeu_si128((__m128i *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), 0));
    #endif
    #if defined(__F16C__)
        for (; i < n; i++) to[i] = _cvtss_sh(from[i], 0);
    #else
        for (; i < n; i++) to[i] = vfx_half_bits(from[i]);
    #endif
    }
    """
    ctypedef uint8_t *bytes_plane "vfx_p8"
    ctypedef uint16_t *words_plane "vfx_p16"
    ctypedef uint32_t *longs_plane "vfx_p32"
    ctypedef const float *float_source "vfx_floats"
    void halves_to_floats "vfx_halves_to_floats"(const uint16_t *source, float *target, int n) noexcept nogil
    void floats_to_halves "vfx_floats_to_halves"(const float *source, uint16_t *target, int n) noexcept nogil

cdef enum:
    U8 = 0
    U16 = 1
    F16 = 2
    F32 = 3


ctypedef fused element_plane:
    bytes_plane
    words_plane
    longs_plane


cdef inline int item_size(int format) noexcept nogil:
    """Bytes per element."""
    return 1 if format == U8 else (4 if format == F32 else 2)


cdef inline void bytes_to_floats(const uint8_t *source, float *target, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        target[i] = <float>source[i] / <float>255.0


cdef inline void words_to_floats(const uint16_t *source, float *target, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        target[i] = <float>source[i] / <float>65535.0


cdef inline void limit(float *x, int n) noexcept nogil:
    """Clamps to [0, 1]; NaN is 0. A loop of its own: with the rest in it GCC 12 does not vectorise."""
    cdef int i
    for i in range(n):
        x[i] = x[i] if x[i] > <float>0.0 else <float>0.0
    for i in range(n):
        x[i] = x[i] if x[i] < <float>1.0 else <float>1.0


cdef inline int code(float x, float codes) noexcept nogil:
    """``x * (codes - 1)`` for x in [0, 1] as an integer, rounded half up exactly."""
    # x * codes is exact, so the difference's rounding error is known and decides near halves.
    cdef float scaled = x * codes - x
    cdef float lost = (x * codes - scaled) - x
    cdef int whole = <int>scaled
    return whole + <int>(((scaled - <float>whole) - <float>0.5) + lost >= <float>0.0)


cdef inline void floats_to_bytes(float_source source, bytes_plane target, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        target[i] = <uint8_t>code(source[i], <float>256.0)


cdef inline void floats_to_words(float_source source, words_plane target, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        target[i] = <uint16_t>code(source[i], <float>65536.0)


cdef inline void to_float(int format, const void *source, float *target, int n) noexcept nogil:
    """A dense plane of elements as float32."""
    if format == U8:
        bytes_to_floats(<const uint8_t *>source, target, n)
    elif format == U16:
        words_to_floats(<const uint16_t *>source, target, n)
    elif format == F16:
        halves_to_floats(<const uint16_t *>source, target, n)
    elif <const void *>target != source:
        memcpy(target, source, 4 * n)


cdef inline void from_float(int format, float *source, void *target, int n) noexcept nogil:
    """A float32 plane as elements of ``format``; for integers the plane is clamped on the way."""
    if format == U8 or format == U16:
        limit(source, n)
    if format == U8:
        floats_to_bytes(source, <uint8_t *>target, n)
    elif format == U16:
        floats_to_words(source, <uint16_t *>target, n)
    elif format == F16:
        floats_to_halves(source, <uint16_t *>target, n)
    elif target != <const void *>source:
        memcpy(target, source, 4 * n)


cdef inline void gather(int item, const char *source, Py_ssize_t stride, void *target, int n) noexcept nogil:
    """``n`` elements that lie ``stride`` bytes apart, packed. Elements may be unaligned."""
    cdef int i
    if stride == item:
        memcpy(target, source, <size_t>n * item)
    elif item == 4:
        for i in range(n):
            memcpy(<char *>target + 4 * i, source + i * stride, 4)
    elif item == 2:
        for i in range(n):
            memcpy(<char *>target + 2 * i, source + i * stride, 2)
    else:
        for i in range(n):
            (<char *>target)[i] = source[i * stride]


cdef inline void scatter(int item, const void *source, char *target, Py_ssize_t stride, int n) noexcept nogil:
    """The inverse of ``gather``."""
    cdef int i
    if stride == item:
        memcpy(target, source, <size_t>n * item)
    elif item == 4:
        for i in range(n):
            memcpy(target + i * stride, <const char *>source + 4 * i, 4)
    elif item == 2:
        for i in range(n):
            memcpy(target + i * stride, <const char *>source + 2 * i, 2)
    else:
        for i in range(n):
            target[i * stride] = (<const char *>source)[i]


cdef inline void unpack4(element_plane s, element_plane r, element_plane g, element_plane b, element_plane a,
                         Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        r[i] = s[4 * i]
        g[i] = s[4 * i + 1]
        b[i] = s[4 * i + 2]
        a[i] = s[4 * i + 3]


cdef inline void unpack3(element_plane s, element_plane r, element_plane g, element_plane b, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        r[i] = s[3 * i]
        g[i] = s[3 * i + 1]
        b[i] = s[3 * i + 2]


cdef inline void pack4(element_plane d, element_plane r, element_plane g, element_plane b, element_plane a,
                       Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        d[4 * i] = r[i]
        d[4 * i + 1] = g[i]
        d[4 * i + 2] = b[i]
        d[4 * i + 3] = a[i]


cdef inline void pack3(element_plane d, element_plane r, element_plane g, element_plane b, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        d[3 * i] = r[i]
        d[3 * i + 1] = g[i]
        d[3 * i + 2] = b[i]


cdef inline void unpack(int item, int channels, const char *source, void **planes, int offset, int n) noexcept nogil:
    """Interleaved RGB(A) elements to planes, from element ``offset`` of each plane on."""
    if item == 4 and channels == 4:
        unpack4[longs_plane](<longs_plane>source, <longs_plane>planes[0] + offset, <longs_plane>planes[1] + offset,
                             <longs_plane>planes[2] + offset, <longs_plane>planes[3] + offset, n)
    elif item == 4:
        unpack3[longs_plane](<longs_plane>source, <longs_plane>planes[0] + offset, <longs_plane>planes[1] + offset,
                             <longs_plane>planes[2] + offset, n)
    elif item == 2 and channels == 4:
        unpack4[words_plane](<words_plane>source, <words_plane>planes[0] + offset, <words_plane>planes[1] + offset,
                             <words_plane>planes[2] + offset, <words_plane>planes[3] + offset, n)
    elif item == 2:
        unpack3[words_plane](<words_plane>source, <words_plane>planes[0] + offset, <words_plane>planes[1] + offset,
                             <words_plane>planes[2] + offset, n)
    elif channels == 4:
        unpack4[bytes_plane](<bytes_plane>source, <bytes_plane>planes[0] + offset, <bytes_plane>planes[1] + offset,
                             <bytes_plane>planes[2] + offset, <bytes_plane>planes[3] + offset, n)
    else:
        unpack3[bytes_plane](<bytes_plane>source, <bytes_plane>planes[0] + offset, <bytes_plane>planes[1] + offset,
                             <bytes_plane>planes[2] + offset, n)


cdef inline void pack(int item, int channels, void **planes, int offset, char *target, int n) noexcept nogil:
    """The inverse of ``unpack``."""
    if item == 4 and channels == 4:
        pack4[longs_plane](<longs_plane>target, <longs_plane>planes[0] + offset, <longs_plane>planes[1] + offset,
                           <longs_plane>planes[2] + offset, <longs_plane>planes[3] + offset, n)
    elif item == 4:
        pack3[longs_plane](<longs_plane>target, <longs_plane>planes[0] + offset, <longs_plane>planes[1] + offset,
                           <longs_plane>planes[2] + offset, n)
    elif item == 2 and channels == 4:
        pack4[words_plane](<words_plane>target, <words_plane>planes[0] + offset, <words_plane>planes[1] + offset,
                           <words_plane>planes[2] + offset, <words_plane>planes[3] + offset, n)
    elif item == 2:
        pack3[words_plane](<words_plane>target, <words_plane>planes[0] + offset, <words_plane>planes[1] + offset,
                           <words_plane>planes[2] + offset, n)
    elif channels == 4:
        pack4[bytes_plane](<bytes_plane>target, <bytes_plane>planes[0] + offset, <bytes_plane>planes[1] + offset,
                           <bytes_plane>planes[2] + offset, <bytes_plane>planes[3] + offset, n)
    else:
        pack3[bytes_plane](<bytes_plane>target, <bytes_plane>planes[0] + offset, <bytes_plane>planes[1] + offset,
                           <bytes_plane>planes[2] + offset, n)
