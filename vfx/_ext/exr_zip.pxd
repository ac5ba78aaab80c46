"""The bytes of a ZIP chunk after inflating: neighbours summed, halves joined.

EXR's ZIP stores the bytes at even places before those at odd places, and of the whole the differences
of neighbours plus 128 (OpenEXR file format, "ZIP compression"). Summing is a chain from byte to byte; the
wheel's build does it one by one, a third of its decoding time (perf, OpenEXR 3.5.3). Here 16 bytes are
summed in four shifted additions, and only their total is chained. ``exr_zip_pack`` is the way back; inflating
itself stays the library's.
"""

from libc.stdint cimport int32_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_failure cimport OUT_OF_MEMORY
from vfx._ext.exr_unpack cimport Worker
from vfx._ext.exrcore cimport Decoder

cdef extern from *:
    """
    #ifdef __SSSE3__
    #include <immintrin.h>
    #endif
    /* byte i becomes the sum of bytes 0 to i, minus 128 i; modulo 256 that is a flipped top bit at odd places */
    static void vfx_sum_differences(uint8_t *bytes, size_t n) {
        size_t i = 0;
        uint8_t sum = 0;
    #ifdef __SSSE3__
        const __m128i last = _mm_set1_epi8(15), flip = _mm_set1_epi16((short)0x8000);
        __m128i carry = _mm_setzero_si128();
        for (; i + 16 <= n; i += 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(bytes + i));
            v = _mm_add_epi8(v, _mm_slli_si128(v, 1));
            v = _mm_add_epi8(v, _mm_slli_si128(v, 2));
            v = _mm_add_epi8(v, _mm_slli_si128(v, 4));
            v = _mm_add_epi8(v, _mm_slli_si128(v, 8));
            v = _mm_add_epi8(v, carry);
            carry = _mm_shuffle_epi8(v, last);
            _mm_storeu_si128((__m128i *)(bytes + i), _mm_xor_si128(v, flip));
        }
        sum = (uint8_t)_mm_cvtsi128_si32(carry);
    #endif
        for (; i < n; i++) { sum = (uint8_t)(sum + bytes[i]); bytes[i] = (uint8_t)(sum ^ ((i & 1) << 7)); }
    }
    static void vfx_join_halves(const uint8_t *bytes, uint8_t *__restrict out, size_t n) {
        const uint8_t *odd = bytes + (n + 1) / 2;
        size_t i = 0, pairs = n / 2;
    #ifdef __SSSE3__
        for (; i + 16 <= pairs; i += 16) {
            __m128i a = _mm_loadu_si128((const __m128i *)(bytes + i)), b = _mm_loadu_si128((const __m128i *)(odd + i));
            _mm_storeu_si128((__m128i *)(out + 2 * i), _mm_unpacklo_epi8(a, b));
            _mm_storeu_si128((__m128i *)(out + 2 * i + 16), _mm_unpackhi_epi8(a, b));
        }
    #endif
        for (; i < pairs; i++) { out[2 * i] = bytes[i]; out[2 * i + 1] = odd[i]; }
        if (n & 1) out[n - 1] = bytes[pairs];
    }
    """
    void sum_differences "vfx_sum_differences"(uint8_t *bytes, size_t n) noexcept nogil
    void join_halves "vfx_join_halves"(const uint8_t *bytes, uint8_t *out, size_t n) noexcept nogil

# EXR_ERR_CORRUPT_CHUNK (openexr_errors.h).
cdef enum:
    CORRUPT_CHUNK = 23


cdef inline int32_t decompress_zip(Decoder *decoder) noexcept nogil:
    """The pipeline's second step for ZIP and ZIPS: the library inflates, the rest is done here."""
    cdef Worker *worker = <Worker *> decoder.user_data
    cdef size_t size = decoder.chunk.unpacked_size, found = 0
    cdef int32_t code
    if decoder.chunk.packed_size == size or size == 0:
        return 0  # stored as it is: the pipeline unpacks what it read
    if worker.room < size:
        free(worker.scratch)
        worker.scratch = <uint8_t *> malloc(size)
        worker.room = size if worker.scratch != NULL else 0
        if worker.scratch == NULL:
            return OUT_OF_MEMORY
    code = worker.inflate(
        decoder.context, decoder.packed_buffer, decoder.chunk.packed_size, worker.scratch, size, &found)
    if code != 0 or found != size:
        return code if code != 0 else CORRUPT_CHUNK
    sum_differences(worker.scratch, size)
    join_halves(worker.scratch, <uint8_t *> decoder.unpacked_buffer, size)
    return 0
