"""The median of boxes of any numbers, at a cost that hardly grows with the box.

A tile of one channel is sorted once, and each pixel knows its place in that order: 65536 different numbers at most for
a tile of 256x256, however they are spread. The order is cut into 256 bins of as many pixels each (256 for that tile):

1. which bin the median of a box lies in, and how far into it, ``median_histograms`` says;
2. the pixels of that bin, in their order, are looked at until as many lie in the box as are wanted. Whether 64 of them
   do is two comparisons of vectors.

Neither depends on the box. Boxes over 127 need larger tiles, whose bins hold more pixels to look at.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__AVX2__)
    #include <immintrin.h>
    #endif
    /* Where the pixel of rank ``rest`` lies among those (x, y) that are in the box; there must be one. The lists are
       read in whole vectors beyond that pixel. A difference below 0 is a large unsigned number. */
    static inline Py_ssize_t vfx_nth8(const uint8_t *xs, const uint8_t *ys, int x, int y, int w, int h, int rest) {
        Py_ssize_t i = 0;
    #if defined(__AVX512BW__)
        const __m512i vx = _mm512_set1_epi8((char)x), vy = _mm512_set1_epi8((char)y);
        const __m512i vw = _mm512_set1_epi8((char)w), vh = _mm512_set1_epi8((char)h);
        for (;; i += 64) {
            __mmask64 in = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(_mm512_loadu_si512(xs + i), vx), vw);
            in = _mm512_mask_cmplt_epu8_mask(in, _mm512_sub_epi8(_mm512_loadu_si512(ys + i), vy), vh);
            const int count = (int)_mm_popcnt_u64(in);
            if (rest < count) return i + (Py_ssize_t)_tzcnt_u64(_pdep_u64(1ull << rest, in));
            rest -= count;
        }
    #elif defined(__AVX2__)
        const __m256i vx = _mm256_set1_epi8((char)x), vy = _mm256_set1_epi8((char)y);
        const __m256i vw = _mm256_set1_epi8((char)(w - 1)), vh = _mm256_set1_epi8((char)(h - 1));
        for (;; i += 32) {
            const __m256i dx = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(xs + i)), vx);
            const __m256i dy = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(ys + i)), vy);
            const __m256i in = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(dx, vw), dx),
                                                _mm256_cmpeq_epi8(_mm256_min_epu8(dy, vh), dy));
            const unsigned mask = (unsigned)_mm256_movemask_epi8(in);
            const int count = (int)_mm_popcnt_u32(mask);
            if (rest < count) return i + (Py_ssize_t)_tzcnt_u32(_pdep_u32(1u << rest, mask));
            rest -= count;
        }
    #else
        for (;; i++) {
            rest -= (uint8_t)(xs[i] - x) < w && (uint8_t)(ys[i] - y) < h;
            if (rest < 0) return i;
        }
    #endif
    }
    static inline Py_ssize_t vfx_nth16(const uint16_t *xs, const uint16_t *ys, int x, int y, int w, int h, int rest) {
        Py_ssize_t i = 0;
    #if defined(__AVX512BW__)
        const __m512i vx = _mm512_set1_epi16((short)x), vy = _mm512_set1_epi16((short)y);
        const __m512i vw = _mm512_set1_epi16((short)w), vh = _mm512_set1_epi16((short)h);
        for (;; i += 32) {
            __mmask32 in = _mm512_cmplt_epu16_mask(_mm512_sub_epi16(_mm512_loadu_si512(xs + i), vx), vw);
            in = _mm512_mask_cmplt_epu16_mask(in, _mm512_sub_epi16(_mm512_loadu_si512(ys + i), vy), vh);
            const int count = (int)_mm_popcnt_u32(in);
            if (rest < count) return i + (Py_ssize_t)_tzcnt_u32(_pdep_u32(1u << rest, in));
            rest -= count;
        }
    #else
        for (;; i += 32) {
            int count = 0;
            for (int k = 0; k < 32; k++)
                count += ((uint16_t)(xs[i + k] - x) < w) & ((uint16_t)(ys[i + k] - y) < h);
            if (rest < count) break;
            rest -= count;
        }
        for (;; i++) {
            rest -= (uint16_t)(xs[i] - x) < w && (uint16_t)(ys[i] - y) < h;
            if (rest < 0) return i;
        }
    #endif
    }
    """
    Py_ssize_t nth8 "vfx_nth8"(const uint8_t *xs, const uint8_t *ys, int x, int y, int w, int h,
                               int rest) noexcept nogil
    Py_ssize_t nth16 "vfx_nth16"(const uint16_t *xs, const uint16_t *ys, int x, int y, int w, int h,
                                 int rest) noexcept nogil

cdef enum:
    SLACK = 64                  # that many entries beyond a list may be read

ctypedef struct Order:
    Py_ssize_t pixels           # of the tile
    int shift                   # a place in the order, shifted by that, is its bin
    bint wide                   # coordinates take two bytes
    uint64_t *entries           # key << 32 | y << 16 | x; room for twice as many
    uint32_t *keys              # in order
    void *xs                    # likewise
    void *ys


cdef inline uint64_t *sort_by_digits(uint64_t *entries, uint64_t *other, Py_ssize_t n, int key_bits) noexcept nogil:
    """``entries`` in the order of their keys, in one of the two places; equal ones keep their order (radix sort)."""
    cdef Py_ssize_t counts[2048]
    cdef int bits = 11 if key_bits == 32 else 8, first = 32, k
    cdef uint64_t mask = (1 << bits) - 1
    cdef Py_ssize_t i, at, sum
    cdef uint64_t *swap
    while first < 32 + key_bits:
        memset(counts, 0, sizeof(counts))
        for i in range(n):
            counts[(entries[i] >> first) & mask] += 1
        if counts[(entries[0] >> first) & mask] < n:
            sum = 0
            for k in range(1 << bits):
                at = counts[k]
                counts[k] = sum
                sum += at
            for i in range(n):
                k = <int>((entries[i] >> first) & mask)
                other[counts[k]] = entries[i]
                counts[k] += 1
            swap = entries
            entries = other
            other = swap
        first += bits
    return entries


cdef inline void put_in_order(Order *o, int key_bits, uint8_t *bins, Py_ssize_t stride) noexcept nogil:
    """Sorts the entries, fills in the lists, and writes each pixel's bin."""
    cdef uint64_t *entries = sort_by_digits(o.entries, o.entries + o.pixels, o.pixels, key_bits)
    cdef Py_ssize_t i, x, y
    o.shift = 0
    while (o.pixels - 1) >> o.shift > 255:
        o.shift += 1
    for i in range(o.pixels):
        x = entries[i] & 0xffff
        y = (entries[i] >> 16) & 0xffff
        o.keys[i] = <uint32_t>(entries[i] >> 32)
        bins[y * stride + x] = <uint8_t>(i >> o.shift)
        if o.wide:
            (<uint16_t *>o.xs)[i] = <uint16_t>x
            (<uint16_t *>o.ys)[i] = <uint16_t>y
        else:
            (<uint8_t *>o.xs)[i] = <uint8_t>x
            (<uint8_t *>o.ys)[i] = <uint8_t>y


cdef inline uint32_t nth_key(const Order *o, Py_ssize_t x, Py_ssize_t y, Py_ssize_t width, Py_ssize_t height, int bin,
                             int rest) noexcept nogil:
    """The key of rank ``rest`` among those of a bin that lie in the box from (x, y) on."""
    cdef Py_ssize_t first = <Py_ssize_t>bin << o.shift
    if o.wide:
        return o.keys[first + nth16(<uint16_t *>o.xs + first, <uint16_t *>o.ys + first, <int>x, <int>y, <int>width,
                                    <int>height, rest)]
    return o.keys[first + nth8(<uint8_t *>o.xs + first, <uint8_t *>o.ys + first, <int>x, <int>y, <int>width,
                               <int>height, rest)]
