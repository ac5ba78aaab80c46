"""A row of ``median_histograms`` with the box's histogram in registers of 64 bytes, for columns that count below 128.

One step to the right is one pass over the 256 entries: the column that joins changes two pixels, its difference from
the column that leaves fits in a signed byte and is added to the box, and the entries up to the rank are counted. Only
the column is written.
"""

from libc.stdint cimport uint8_t, uint16_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__AVX512BW__)
    #include <immintrin.h>
    #define VFX_COUNT(g) __builtin_popcountll(_cvtmask32_u32(_mm512_cmple_epu16_mask(sums[2 * g], ranks))             \
        | (unsigned long long)_cvtmask32_u32(_mm512_cmple_epu16_mask(sums[2 * g + 1], ranks)) << 32)
    static inline __attribute__((always_inline)) void vfx_slide_groups(
            const uint8_t *new, const uint8_t *old, const uint8_t *ramp, uint8_t *columns, const uint16_t *first,
            Py_ssize_t width, uint16_t rank, uint8_t *result, Py_ssize_t n, const int groups) {
        const __m512i one = _mm512_set1_epi8(1), ranks = _mm512_set1_epi16((short)rank);
        __m512i sums[8], number[4];
        int found = 0;
    #pragma GCC unroll 4
        for (int g = 0; g < groups; g++) {
            number[g] = _mm512_loadu_si512(ramp + 64 * g);
            sums[2 * g] = _mm512_loadu_si512(first + 64 * g);
            sums[2 * g + 1] = _mm512_loadu_si512(first + 64 * g + 32);
            found += VFX_COUNT(g);
        }
        result[0] = (uint8_t)found;
        for (Py_ssize_t x = 1; x < n; x++) {
            uint8_t *right = columns + (x + width - 1) * 256;
            const uint8_t *left = columns + (x - 1) * 256;
            const __m512i joins = _mm512_set1_epi8((char)new[x + width - 1]);
            const __m512i leaves = _mm512_set1_epi8((char)old[x + width - 1]);
            found = 0;
    #pragma GCC unroll 4
            for (int g = 0; g < groups; g++) {
                __m512i c = _mm512_loadu_si512(right + 64 * g), d;
                c = _mm512_mask_add_epi8(c, _mm512_cmpge_epu8_mask(number[g], joins), c, one);
                c = _mm512_mask_sub_epi8(c, _mm512_cmpge_epu8_mask(number[g], leaves), c, one);
                _mm512_storeu_si512(right + 64 * g, c);
                d = _mm512_sub_epi8(c, _mm512_loadu_si512(left + 64 * g));
                sums[2 * g] = _mm512_add_epi16(sums[2 * g], _mm512_cvtepi8_epi16(_mm512_castsi512_si256(d)));
                sums[2 * g + 1] = _mm512_add_epi16(sums[2 * g + 1],
                                                   _mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(d, 1)));
                found += VFX_COUNT(g);
            }
            result[x] = (uint8_t)found;
        }
    }
    static inline int vfx_slide_row(const uint8_t *new, const uint8_t *old, const uint8_t *ramp, uint8_t *columns,
                                    const uint16_t *first, Py_ssize_t width, uint16_t rank, uint8_t *result,
                                    Py_ssize_t n, int groups) {
        switch (groups) {
        case 1: vfx_slide_groups(new, old, ramp, columns, first, width, rank, result, n, 1); return 1;
        case 2: vfx_slide_groups(new, old, ramp, columns, first, width, rank, result, n, 2); return 1;
        case 3: vfx_slide_groups(new, old, ramp, columns, first, width, rank, result, n, 3); return 1;
        case 4: vfx_slide_groups(new, old, ramp, columns, first, width, rank, result, n, 4); return 1;
        }
        return 0;
    }
    #else
    #define vfx_slide_row(new, old, ramp, columns, first, width, rank, result, n, groups) 0
    #endif
    """
    # ``n`` results of boxes ``width`` wide and at most 127 high. ``first`` is the cumulative histogram of the first box,
    # ``ramp`` 0, 1 ... 255, ``groups`` says how many times 64 entries count. False, and nothing done, where there are
    # no such registers.
    bint slide_row "vfx_slide_row"(const uint8_t *new, const uint8_t *old, const uint8_t *ramp, uint8_t *columns,
                                   const uint16_t *first, Py_ssize_t width, uint16_t rank, uint8_t *result,
                                   Py_ssize_t n, int groups) noexcept nogil
