"""Small blocks of pixels turned inside vector registers: columns of the source become rows of the target.

A block has columns of 16 bytes, a column of the source in each lane of a register, so that whole registers are stored:

========  =========  ================================
size      in a lane  columns of a block, v2 / v3 / v4
========  =========  ================================
1         16         16
2         8          8
3         4          4
4         4          4 / 8 / 16
6         2          2
8         2          2 / 4 / 8
12        1          1
16        1          1 / 2 / 4
========  =========  ================================

The functions share their arguments. ``column`` is how far the source's columns are apart and ``row`` the target's rows,
in bytes; ``down`` is 1 where a column's pixels follow one another upwards in memory, -1 where downwards.
"""

cdef extern from *:
    """
    #include <stddef.h>
    #include <string.h>
    #if defined(__SSSE3__)
    #include <immintrin.h>
    #endif
    #define VFX_TURN_ROWS(size) ((size) == 3 ? 4 : 16 / (size))
    #define VFX_TURN_COLUMNS(size) (VFX_TURN_ROWS(size) * ((size) % 4 || (size) == 12 ? 1 : VFX_TURN_LANES))
    #if defined(__AVX512BW__)
    #define VFX_TURN_LANES 4
    #define vfx_lanes __m512i
    #define vfx_lanes_do(name) _mm512_##name
    #define vfx_lanes_store(p, x) _mm512_storeu_si512(p, x)
    #elif defined(__AVX2__)
    #define VFX_TURN_LANES 2
    #define vfx_lanes __m256i
    #define vfx_lanes_do(name) _mm256_##name
    #define vfx_lanes_store(p, x) _mm256_storeu_si256((__m256i *)(p), x)
    #else
    #define VFX_TURN_LANES 1
    #define vfx_lanes __m128i
    #define vfx_lanes_do(name) _mm_##name
    #define vfx_lanes_store(p, x) _mm_storeu_si128((__m128i *)(p), x)
    #endif
    #if defined(__SSSE3__)
    #define vfx_sixteen(p) _mm_loadu_si128((const __m128i *)(p))
    /* Columns so far apart, one in each lane. */
    static inline vfx_lanes vfx_lanes_load(const char *p, ptrdiff_t apart) {
    #if VFX_TURN_LANES == 4
        vfx_lanes x = _mm512_castsi128_si512(vfx_sixteen(p));
        x = _mm512_inserti32x4(x, vfx_sixteen(p + apart), 1);
        x = _mm512_inserti32x4(x, vfx_sixteen(p + 2 * apart), 2);
        return _mm512_inserti32x4(x, vfx_sixteen(p + 3 * apart), 3);
    #elif VFX_TURN_LANES == 2
        return _mm256_inserti128_si256(_mm256_castsi128_si256(vfx_sixteen(p)), vfx_sixteen(p + apart), 1);
    #else
        return vfx_sixteen(p);
    #endif
    }
    static inline void vfx_turn1(const char *source, ptrdiff_t column, char *target, ptrdiff_t row) {
        __m128i a[16], b[16];
        int i, stage;
        for (i = 0; i < 16; i++) a[i] = vfx_sixteen(source + i * column);
        for (stage = 0; stage < 4; stage++) {
            for (i = 0; i < 8; i++) {
                b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
                b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
            }
            for (i = 0; i < 16; i++) a[i] = b[i];
        }
        for (i = 0; i < 16; i++) _mm_storeu_si128((__m128i *)(target + i * row), a[i]);
    }
    static inline void vfx_turn2(const char *source, ptrdiff_t column, char *target, ptrdiff_t row) {
        __m128i a[8], b[8];
        int i, stage;
        for (i = 0; i < 8; i++) a[i] = vfx_sixteen(source + i * column);
        for (stage = 0; stage < 3; stage++) {
            for (i = 0; i < 4; i++) {
                b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
                b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
            }
            for (i = 0; i < 8; i++) a[i] = b[i];
        }
        for (i = 0; i < 8; i++) _mm_storeu_si128((__m128i *)(target + i * row), a[i]);
    }
    /* Twelve bytes are loaded and stored as eight and four, so that nothing beyond them is touched. */
    static inline void vfx_turn3(const char *source, ptrdiff_t column, char *target, ptrdiff_t row) {
        const __m128i apart = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
        const __m128i close = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
        __m128i a[4], b[4];
        int i, last;
        for (i = 0; i < 4; i++) {
            memcpy(&last, source + i * column + 8, 4);
            a[i] = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(source + i * column)), _mm_cvtsi32_si128(last));
            a[i] = _mm_shuffle_epi8(a[i], apart);
        }
        for (i = 0; i < 2; i++) {
            b[2 * i] = _mm_unpacklo_epi32(a[i], a[i + 2]);
            b[2 * i + 1] = _mm_unpackhi_epi32(a[i], a[i + 2]);
        }
        for (i = 0; i < 2; i++) {
            a[2 * i] = _mm_unpacklo_epi32(b[i], b[i + 2]);
            a[2 * i + 1] = _mm_unpackhi_epi32(b[i], b[i + 2]);
        }
        for (i = 0; i < 4; i++) {
            a[i] = _mm_shuffle_epi8(a[i], close);
            _mm_storel_epi64((__m128i *)(target + i * row), a[i]);
            last = _mm_cvtsi128_si32(_mm_unpackhi_epi64(a[i], a[i]));
            memcpy(target + i * row + 8, &last, 4);
        }
    }
    static inline void vfx_turn4(const char *source, ptrdiff_t column, char *target, ptrdiff_t row) {
        vfx_lanes a = vfx_lanes_load(source, 4 * column), b = vfx_lanes_load(source + column, 4 * column);
        vfx_lanes c = vfx_lanes_load(source + 2 * column, 4 * column), d = vfx_lanes_load(source + 3 * column, 4 * column);
        vfx_lanes ac = vfx_lanes_do(unpacklo_epi32)(a, c), bd = vfx_lanes_do(unpacklo_epi32)(b, d);
        vfx_lanes_store(target, vfx_lanes_do(unpacklo_epi32)(ac, bd));
        vfx_lanes_store(target + row, vfx_lanes_do(unpackhi_epi32)(ac, bd));
        ac = vfx_lanes_do(unpackhi_epi32)(a, c), bd = vfx_lanes_do(unpackhi_epi32)(b, d);
        vfx_lanes_store(target + 2 * row, vfx_lanes_do(unpacklo_epi32)(ac, bd));
        vfx_lanes_store(target + 3 * row, vfx_lanes_do(unpackhi_epi32)(ac, bd));
    }
    static inline void vfx_turn8(const char *source, ptrdiff_t column, char *target, ptrdiff_t row) {
        vfx_lanes a = vfx_lanes_load(source, 2 * column), b = vfx_lanes_load(source + column, 2 * column);
        vfx_lanes_store(target, vfx_lanes_do(unpacklo_epi64)(a, b));
        vfx_lanes_store(target + row, vfx_lanes_do(unpackhi_epi64)(a, b));
    }
    #endif
    static inline void vfx_turn_block(const char *source, ptrdiff_t column, int down, char *target, ptrdiff_t row,
                                      int size) {
        int i, j;
        if (down < 0) {
            source -= (VFX_TURN_ROWS(size) - 1) * size;
            target += (VFX_TURN_ROWS(size) - 1) * row;
            row = -row;
        }
    #if defined(__SSSE3__)
        if (size == 1) vfx_turn1(source, column, target, row);
        else if (size == 2) vfx_turn2(source, column, target, row);
        else if (size == 3) vfx_turn3(source, column, target, row);
        else if (size == 4) vfx_turn4(source, column, target, row);
        else if (size == 8) vfx_turn8(source, column, target, row);
        else if (size == 16) vfx_lanes_store(target, vfx_lanes_load(source, column));
        else
    #endif
            for (j = 0; j < VFX_TURN_ROWS(size); j++)
                for (i = 0; i < VFX_TURN_COLUMNS(size); i++)
                    memcpy(target + j * row + i * size, source + i * column + j * size, size);
    }
    #if defined(__GNUC__)
    #define vfx_prefetch(address) __builtin_prefetch(address)
    #else
    #define vfx_prefetch(address) ((void)0)
    #endif
    /* The last blocks of both directions lie over the ones before where there is no room for another whole one. */
    static inline void vfx_turn_tile(const char *source, ptrdiff_t column, int down, char *target, ptrdiff_t row,
                                     ptrdiff_t width, ptrdiff_t height, ptrdiff_t ahead, int size) {
        const ptrdiff_t across = VFX_TURN_COLUMNS(size), along = VFX_TURN_ROWS(size), step = down * size;
        ptrdiff_t x, y, block;
        for (x = width; x < width + ahead; x++)
            for (y = 0; y < height; y += 64 / size)
                vfx_prefetch(source + x * column + y * step);
        for (block = 0; block < height; block += along) {
            y = block + along <= height ? block : height - along;
            for (x = 0; x + across <= width; x += across)
                vfx_turn_block(source + x * column + y * step, column, down, target + y * row + x * size, row, size);
            if (x < width) {
                x = width - across;
                vfx_turn_block(source + x * column + y * step, column, down, target + y * row + x * size, row, size);
            }
        }
    }
    /* Pixels of 3 and 16 bytes in the opposite order; ``source`` is the last one, which comes first. */
    static inline void vfx_mirror3(const char *source, char *target, ptrdiff_t n) {
        ptrdiff_t i = 0;
    #if defined(__SSSE3__)
        /* Five pixels and a byte of a sixth, which the next five write over. */
        const __m128i order = _mm_setr_epi8(13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, -1);
        for (; i + 6 <= n; i += 5)
            _mm_storeu_si128((__m128i *)(target + 3 * i), _mm_shuffle_epi8(vfx_sixteen(source - 3 * i - 13), order));
    #endif
        for (; i < n; i++) memcpy(target + 3 * i, source - 3 * i, 3);
    }
    static inline void vfx_mirror16(const char *source, char *target, ptrdiff_t n) {
        ptrdiff_t i = 0;
    #if defined(__SSSE3__)
        for (; i < n && (size_t)(target + 16 * i) % (16 * VFX_TURN_LANES) >= 16; i++)
            memcpy(target + 16 * i, source - 16 * i, 16);
        for (; i + VFX_TURN_LANES <= n; i += VFX_TURN_LANES)
            vfx_lanes_store(target + 16 * i, vfx_lanes_load(source - 16 * i, -16));
    #endif
        for (; i < n; i++) memcpy(target + 16 * i, source - 16 * i, 16);
    }
    """
    void mirror3 "vfx_mirror3"(const char *source, char *target, Py_ssize_t n) noexcept nogil
    void mirror16 "vfx_mirror16"(const char *source, char *target, Py_ssize_t n) noexcept nogil
    # The least width and height of a tile; ``size`` shall be a constant where these are inlined.
    int block_columns "VFX_TURN_COLUMNS"(int size) noexcept nogil
    int block_rows "VFX_TURN_ROWS"(int size) noexcept nogil
    # ``width`` by ``height`` pixels of 1, 2, 3, 4, 6, 8, 12 or 16 bytes; ``ahead`` columns of the source after them are
    # called into the cache.
    void turn_tile "vfx_turn_tile"(const char *source, Py_ssize_t column, int down, char *target, Py_ssize_t row,
                                   Py_ssize_t width, Py_ssize_t height, Py_ssize_t ahead, int size) noexcept nogil
