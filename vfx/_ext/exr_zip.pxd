"""The bytes of a ZIP chunk after inflating: neighbours summed, halves joined.

EXR's ZIP stores the bytes at even places before those at odd places, and of the whole the differences
of neighbours plus 128 (OpenEXR file format, "ZIP compression"). Summing is a chain from byte to byte; the
wheel's build does it one by one, a third of its decoding time (perf, OpenEXR 3.5.3). Here 16 bytes, or 32 or 64
where vectors are wider, are summed in shifted additions, and only their total is chained. ``exr_zip_pack`` is the
way back; inflating itself stays the library's.
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
    #ifdef __AVX512BW__
        /* each 16 bytes as below; then `upto`, the totals of the 16s, are summed in two steps more */
        const __m512i last64 = _mm512_set1_epi8(15), flip64 = _mm512_set1_epi16((short)0x8000);
        __m512i carry64 = _mm512_setzero_si512();
        for (; i + 64 <= n; i += 64) {
            __m512i v = _mm512_loadu_si512((const void *)(bytes + i)), own, upto;
            v = _mm512_add_epi8(v, _mm512_bslli_epi128(v, 1));
            v = _mm512_add_epi8(v, _mm512_bslli_epi128(v, 2));
            v = _mm512_add_epi8(v, _mm512_bslli_epi128(v, 4));
            v = _mm512_add_epi8(v, _mm512_bslli_epi128(v, 8));
            own = _mm512_shuffle_epi8(v, last64);
            upto = _mm512_add_epi8(own, _mm512_maskz_shuffle_i64x2(0xfc, own, own, _MM_SHUFFLE(2, 1, 0, 0)));
            upto = _mm512_add_epi8(upto, _mm512_maskz_shuffle_i64x2(0xf0, upto, upto, _MM_SHUFFLE(1, 0, 0, 0)));
            v = _mm512_add_epi8(v, _mm512_add_epi8(_mm512_sub_epi8(upto, own), carry64));
            carry64 = _mm512_add_epi8(carry64, _mm512_shuffle_i64x2(upto, upto, 0xff));
            _mm512_storeu_si512((void *)(bytes + i), _mm512_xor_si512(v, flip64));
        }
        carry = _mm512_castsi512_si128(carry64);
    #elif defined(__AVX2__)
        const __m256i last32 = _mm256_set1_epi8(15), flip32 = _mm256_set1_epi16((short)0x8000);
        __m256i carry32 = _mm256_setzero_si256();
        for (; i + 32 <= n; i += 32) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(bytes + i)), own, before;
            v = _mm256_add_epi8(v, _mm256_slli_si256(v, 1));
            v = _mm256_add_epi8(v, _mm256_slli_si256(v, 2));
            v = _mm256_add_epi8(v, _mm256_slli_si256(v, 4));
            v = _mm256_add_epi8(v, _mm256_slli_si256(v, 8));
            own = _mm256_shuffle_epi8(v, last32);
            before = _mm256_permute2x128_si256(own, own, 0x08);
            v = _mm256_add_epi8(v, _mm256_add_epi8(before, carry32));
            own = _mm256_add_epi8(own, before);
            carry32 = _mm256_add_epi8(carry32, _mm256_permute2x128_si256(own, own, 0x11));
            _mm256_storeu_si256((__m256i *)(bytes + i), _mm256_xor_si256(v, flip32));
        }
        carry = _mm256_castsi256_si128(carry32);
    #endif
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
