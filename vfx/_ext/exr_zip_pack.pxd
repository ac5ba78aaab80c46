"""The bytes of a ZIP chunk before deflate: halves taken apart, neighbours subtracted.

``exr_zip`` says how ZIP stores them. The library's byte loops take a tenth of its encoding time (perf,
OpenEXR 3.5.3), so they are vectors here; deflate itself stays the library's.
"""

from libc.stdint cimport int32_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_failure cimport OUT_OF_MEMORY
from vfx._ext.exr_pack cimport Packer
from vfx._ext.exrcore cimport Encoder

cdef extern from *:
    """
    #ifdef __SSSE3__
    #include <immintrin.h>
    #endif
    static void vfx_split_halves(const uint8_t *bytes, uint8_t *__restrict out, size_t n) {
        uint8_t *odd = out + (n + 1) / 2;
        size_t i = 0, pairs = n / 2;
    #ifdef __SSSE3__
        const __m128i low = _mm_set1_epi16(0xff);
        for (; i + 16 <= pairs; i += 16) {
            __m128i a = _mm_loadu_si128((const __m128i *)(bytes + 2 * i));
            __m128i b = _mm_loadu_si128((const __m128i *)(bytes + 2 * i + 16));
            _mm_storeu_si128((__m128i *)(out + i), _mm_packus_epi16(_mm_and_si128(a, low), _mm_and_si128(b, low)));
            _mm_storeu_si128((__m128i *)(odd + i), _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8)));
        }
    #endif
        for (; i < pairs; i++) { out[i] = bytes[2 * i]; odd[i] = bytes[2 * i + 1]; }
        if (n & 1) out[pairs] = bytes[n - 1];
    }
    /* from the end, so that a byte's neighbour is still what it was */
    static void vfx_take_differences(uint8_t *bytes, size_t n) {
    #ifdef __SSSE3__
        const __m128i flip = _mm_set1_epi8((char)0x80);
        for (; n >= 17; n -= 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(bytes + n - 16));
            __m128i p = _mm_loadu_si128((const __m128i *)(bytes + n - 17));
            _mm_storeu_si128((__m128i *)(bytes + n - 16), _mm_xor_si128(_mm_sub_epi8(v, p), flip));
        }
    #endif
        for (; n >= 2; n--) bytes[n - 1] = (uint8_t)(bytes[n - 1] - bytes[n - 2] + 128);
    }
    """
    void split_halves "vfx_split_halves"(const uint8_t *bytes, uint8_t *out, size_t n) noexcept nogil
    void take_differences "vfx_take_differences"(uint8_t *bytes, size_t n) noexcept nogil


cdef inline int32_t compress_zip(Encoder *encoder) noexcept nogil:
    """The pipeline's second step for ZIP and ZIPS; a chunk that does not shrink is as long as its pixels."""
    cdef Packer *packer = <Packer *> encoder.user_data
    cdef size_t size = encoder.packed_bytes, found = 0
    if packer.room < 2 * size:
        free(packer.scratch)
        packer.scratch = <uint8_t *> malloc(2 * size)
        packer.room = 2 * size if packer.scratch != NULL else 0
        if packer.scratch == NULL:
            return OUT_OF_MEMORY
    split_halves(<const uint8_t *> encoder.packed_buffer, packer.scratch, size)
    take_differences(packer.scratch, size)
    # An allocation size of 0 tells the library that the buffer is not its own.
    encoder.compressed_buffer = packer.scratch + size
    encoder.compressed_alloc_size = 0
    if packer.deflate(encoder.context, packer.level, packer.scratch, size, packer.scratch + size, size, &found) != 0:
        found = size
    encoder.compressed_bytes = found
    return 0
