"""Elements as integers of the same order, for kernels that only compare: minimum, maximum, median.

=======  ==========  ===================================================================
format   key         how
=======  ==========  ===================================================================
u8, u16  unsigned    the element itself
f16      int16       the bits; of negative numbers all but the sign bit are turned round
f32      int32       the same
=======  ==========  ===================================================================

So -inf < ... < -0 < +0 < ... < inf, and a result is the very bits of one of its inputs. Every NaN becomes one key
that the caller chooses: above all numbers, or below all; both come back as NaN. The key of black is 0 in every format.

A row of keys is interleaved like the picture, and may reach beyond it on both sides.
"""

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uintptr_t
from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport Picture, edge_index, place
from vfx._ext.pixel_formats cimport F16, F32

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    typedef uint8_t *__restrict vfx_keys_u8;
    typedef uint16_t *__restrict vfx_keys_u16;
    typedef int16_t *__restrict vfx_keys_f16;
    typedef int32_t *__restrict vfx_keys_f32;
    typedef float *__restrict vfx_numbers;
    #if defined(__GNUC__)
    #define vfx_prefetch(at) __builtin_prefetch(at)
    #else
    #define vfx_prefetch(at) ((void)(at))
    #endif
    /* Copies past the caches: the lines of the target are not read first. */
    #if defined(__SSE2__)
    #include <immintrin.h>
    #if defined(__AVX512F__)
    #define VFX_WIDE 64
    #define VFX_STREAM(to, from) _mm512_stream_si512((__m512i *)(to), _mm512_loadu_si512((const __m512i *)(from)))
    #elif defined(__AVX__)
    #define VFX_WIDE 32
    #define VFX_STREAM(to, from) _mm256_stream_si256((__m256i *)(to), _mm256_loadu_si256((const __m256i *)(from)))
    #else
    #define VFX_WIDE 16
    #define VFX_STREAM(to, from) _mm_stream_si128((__m128i *)(to), _mm_loadu_si128((const __m128i *)(from)))
    #endif
    static inline void vfx_stream(char *to, const char *from, Py_ssize_t n) {
        Py_ssize_t i = -(intptr_t)to & (VFX_WIDE - 1);
        i = i < n ? i : n;
        memcpy(to, from, (size_t)i);
        for (; i + VFX_WIDE <= n; i += VFX_WIDE)
            VFX_STREAM(to + i, from + i);
        memcpy(to + i, from + i, (size_t)(n - i));
    }
    #define vfx_streamed() _mm_sfence()
    #else
    #define vfx_stream(to, from, n) memcpy((to), (from), (size_t)(n))
    #define vfx_streamed() ((void)0)
    #endif
    /* Whether any of n floats is NaN or -0: of those alone, which of two is smaller depends on who asks first. */
    static inline int vfx_unordered(const char *row, Py_ssize_t n) {
        uint32_t found = 0, bits;
        Py_ssize_t i = 0;
    #if defined(__AVX512DQ__)
        __mmask16 strange = 0;
        for (; i + 16 <= n; i += 16)
            strange |= _mm512_fpclass_ps_mask(_mm512_loadu_ps((const float *)row + i), 0x85);
        found = strange;
    #endif
        for (; i < n; i++) {
            bits = ((const uint32_t *)row)[i];
            found |= ((bits & 0x7fffffff) > 0x7f800000) | (bits == 0x80000000);
        }
        return found != 0;
    }
    """
    # Pointers that nothing else in the function writes through.
    ctypedef uint8_t *keys_u8 "vfx_keys_u8"
    ctypedef uint16_t *keys_u16 "vfx_keys_u16"
    ctypedef int16_t *keys_f16 "vfx_keys_f16"
    ctypedef int32_t *keys_f32 "vfx_keys_f32"
    ctypedef float *numbers "vfx_numbers"           # float32 that need no keys: none is ``unordered``
    # Whether any of ``n`` floats, aligned as such, is NaN or -0. All others compare as their keys do.
    bint unordered "vfx_unordered"(const char *row, Py_ssize_t n) noexcept nogil
    void prefetch "vfx_prefetch"(const void *at) noexcept nogil
    void stream "vfx_stream"(char *target, const char *source, Py_ssize_t n) noexcept nogil
    void streamed "vfx_streamed"() noexcept nogil   # after the last ``stream`` of a thread

cdef enum:
    LARGE_RESULT = 1 << 24      # bytes: does not stay in the caches anyway

ctypedef fused keys:
    keys_u8
    keys_u16
    keys_f16
    keys_f32
    numbers


cdef inline bint in_place(const Picture *p) noexcept nogil:
    """Whether rows are dense and aligned, so that elements may be compared where they are."""
    return p.dense and <uintptr_t>p.data % p.item == 0 and p.row % p.item == 0


cdef inline void halves_to_keys(const int16_t *source, int16_t *target, Py_ssize_t n, int16_t nan) noexcept nogil:
    cdef Py_ssize_t i
    cdef int16_t bits
    for i in range(n):
        bits = source[i]
        target[i] = nan if (bits & 0x7fff) > 0x7c00 else <int16_t>(bits ^ ((bits >> 15) & 0x7fff))


cdef inline void floats_to_keys(const int32_t *source, int32_t *target, Py_ssize_t n, int32_t nan) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t bits
    for i in range(n):
        bits = source[i]
        target[i] = nan if (bits & 0x7fffffff) > 0x7f800000 else bits ^ ((bits >> 31) & 0x7fffffff)


cdef inline void to_keys(int format, const void *source, void *target, Py_ssize_t n, bint nan_last) noexcept nogil:
    """``n`` elements as keys; every NaN is above all numbers, or below."""
    if format == F32:
        floats_to_keys(<const int32_t *>source, <int32_t *>target, n, 0x7fffffff if nan_last else <int32_t>0x80000000)
    elif format == F16:
        halves_to_keys(<const int16_t *>source, <int16_t *>target, n, 0x7fff if nan_last else <int16_t>0x8000)


cdef inline void from_keys_f16(keys_f16 source, keys_f16 target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = <int16_t>(source[i] ^ ((source[i] >> 15) & 0x7fff))


cdef inline void from_keys_f32(keys_f32 source, keys_f32 target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = source[i] ^ ((source[i] >> 31) & 0x7fffffff)


cdef inline void from_keys(int format, const void *source, void *target, Py_ssize_t n) noexcept nogil:
    """``n`` keys as elements, elsewhere."""
    if format == F32:
        from_keys_f32(<keys_f32>source, <keys_f32>target, n)
    elif format == F16:
        from_keys_f16(<keys_f16>source, <keys_f16>target, n)
    else:
        memcpy(target, source, <size_t>n * (1 if format == 0 else 2))


cdef inline void move(int item, const char *source, Py_ssize_t step, char *target, Py_ssize_t stride,
                      Py_ssize_t n) noexcept nogil:
    """``n`` elements that lie ``step`` bytes apart to places ``stride`` bytes apart; both may be unaligned."""
    cdef Py_ssize_t i
    if item == 4:
        for i in range(n):
            memcpy(target + i * stride, source + i * step, 4)
    elif item == 2:
        for i in range(n):
            memcpy(target + i * stride, source + i * step, 2)
    else:
        for i in range(n):
            target[i * stride] = source[i * step]


cdef inline void load_inside(const Picture *p, Py_ssize_t y, Py_ssize_t x, char *target, Py_ssize_t n,
                             bint nan_last) noexcept nogil:
    """``n`` pixels from (y, x) on as keys, all of them inside the picture."""
    cdef Py_ssize_t count = n * p.channels
    cdef const void *source = target
    cdef int c
    if p.dense:
        source = place(p, y, x)
        if p.format < F16:
            memcpy(target, source, <size_t>count * p.item)
            return
        if <size_t>source % p.item:
            memcpy(target, source, <size_t>count * p.item)
            source = target
    else:
        for c in range(p.channels):
            move(p.item, place(p, y, x) + c * p.channel, p.column, target + c * p.item,
                 <Py_ssize_t>p.item * p.channels, n)
    to_keys(p.format, source, target, count, nan_last)


cdef inline void _load_outside(const Picture *p, Py_ssize_t y, Py_ssize_t x, char *target, int edge,
                               bint nan_last) noexcept nogil:
    """The pixel that stands for (y, x), as keys; ``y`` is inside."""
    cdef Py_ssize_t at = edge_index(x, p.width, edge)
    if at < 0:
        memset(target, 0, <size_t>p.item * p.channels)
    else:
        load_inside(p, y, at, target, 1, nan_last)


cdef inline void load_keys(const Picture *p, Py_ssize_t y, Py_ssize_t x, char *target, Py_ssize_t n, int edge,
                           bint nan_last) noexcept nogil:
    """``n`` pixels from (y, x) on as interleaved keys; those outside the picture by the rule of ``edge``."""
    cdef Py_ssize_t size = <Py_ssize_t>p.item * p.channels, i, first, last
    y = edge_index(y, p.height, edge)
    if y < 0:
        memset(target, 0, <size_t>(n * size))
        return
    first = min(max(-x, <Py_ssize_t>0), n)
    last = max(min(p.width - x, n), first)
    for i in range(first):
        _load_outside(p, y, x + i, target + i * size, edge, nan_last)
    if first < last:
        load_inside(p, y, x + first, target + first * size, last - first, nan_last)
    for i in range(last, n):
        _load_outside(p, y, x + i, target + i * size, edge, nan_last)


cdef inline void fetch_row(const Picture *p, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n) noexcept nogil:
    """Asks for a stretch of a dense row that will be loaded later, which in strips the CPU does not foresee."""
    cdef const char *at = place(p, y, x)
    cdef Py_ssize_t i
    if p.dense and 0 <= y < p.height:
        for i in range(0, n * p.item * p.channels, 64):
            prefetch(at + i)


cdef inline void put_elements(const Picture *p, Py_ssize_t y, Py_ssize_t x, const char *source,
                              Py_ssize_t n) noexcept nogil:
    """``n`` interleaved pixels into the picture from (y, x) on."""
    cdef char *target = place(p, y, x)
    cdef Py_ssize_t size = <Py_ssize_t>p.item * p.channels
    cdef int c
    if p.dense and p.height * p.width * size >= LARGE_RESULT:
        stream(target, source, n * size)
    elif p.dense:
        memcpy(target, source, <size_t>(n * size))
    else:
        for c in range(p.channels):
            move(p.item, source + c * p.item, size, target + c * p.channel, p.column, n)


cdef inline void store_keys(const Picture *p, Py_ssize_t y, Py_ssize_t x, char *source, char *scratch,
                            Py_ssize_t n) noexcept nogil:
    """``n`` pixels of keys into the picture from (y, x) on; ``scratch`` has room for as many."""
    if p.format >= F16:
        from_keys(p.format, source, scratch, n * p.channels)
        source = scratch
    put_elements(p, y, x, source, n)
