"""The bytes of a ZIP chunk after inflating: neighbours summed, halves joined.

EXR's ZIP stores the bytes at even places before those at odd places, and of the whole the differences
of neighbours plus 128 (OpenEXR file format, "ZIP compression"). Summing is a chain from byte to byte; the
wheel's build does it one by one, a third of its decoding time (perf, OpenEXR 3.5.3). Here 16 bytes, or 32 or 64
where vectors are wider, are summed in shifted additions, and only their total is chained. Of bytes that nobody wants
only the total is taken: of 64 channels, 4 then cost little more than inflating. ``exr_zip_pack`` is the way back;
inflating itself stays the library's.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_failure cimport OUT_OF_MEMORY
from vfx._ext.exr_pieces cimport Pieces, begin_pieces, in_pieces, next_piece
from vfx._ext.exr_unpack cimport Worker
from vfx._ext.exrcore cimport Decoder

cdef extern from *:
    """
    #ifdef __SSSE3__
    #include <immintrin.h>
    #endif
    /* byte i becomes the sum of bytes 0 to i, minus 128 i; modulo 256 that is a flipped top bit at odd places. `sum` is
       that of the bytes before these, whose first one is at an odd place where `odd` is 1; the sum of all is returned */
    static uint8_t vfx_sum_run(uint8_t *bytes, size_t n, uint8_t sum, int odd) {
        size_t i = 0;
    #ifdef __SSSE3__
        const __m128i last = _mm_set1_epi8(15), flip = _mm_set1_epi16((short)(odd ? 0x80 : 0x8000));
        __m128i carry = _mm_set1_epi8((char)sum);
    #ifdef __AVX512BW__
        /* each 16 bytes as below; then `upto`, the totals of the 16s, are summed in two steps more */
        const __m512i last64 = _mm512_set1_epi8(15), flip64 = _mm512_set1_epi16((short)(odd ? 0x80 : 0x8000));
        __m512i carry64 = _mm512_set1_epi8((char)sum);
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
        const __m256i last32 = _mm256_set1_epi8(15), flip32 = _mm256_set1_epi16((short)(odd ? 0x80 : 0x8000));
        __m256i carry32 = _mm256_set1_epi8((char)sum);
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
        for (; i < n; i++) {
            sum = (uint8_t)(sum + bytes[i]);
            bytes[i] = (uint8_t)(sum ^ (((i & 1) ^ (size_t)odd) << 7));
        }
        return sum;
    }
    static uint8_t vfx_total(const uint8_t *bytes, size_t n) {
        uint8_t sum = 0;
        size_t i;
        for (i = 0; i < n; i++) sum = (uint8_t)(sum + bytes[i]);
        return sum;
    }
    static void vfx_join_bytes(const uint8_t *even, const uint8_t *odd, uint8_t *__restrict out, size_t pairs) {
        size_t i = 0;
    #ifdef __SSSE3__
        for (; i + 16 <= pairs; i += 16) {
            __m128i a = _mm_loadu_si128((const __m128i *)(even + i)), b = _mm_loadu_si128((const __m128i *)(odd + i));
            _mm_storeu_si128((__m128i *)(out + 2 * i), _mm_unpacklo_epi8(a, b));
            _mm_storeu_si128((__m128i *)(out + 2 * i + 16), _mm_unpackhi_epi8(a, b));
        }
    #endif
        for (; i < pairs; i++) { out[2 * i] = even[i]; out[2 * i + 1] = odd[i]; }
    }
    """
    uint8_t sum_run "vfx_sum_run"(uint8_t *bytes, size_t n, uint8_t sum, int odd) noexcept nogil
    uint8_t total "vfx_total"(const uint8_t *bytes, size_t n) noexcept nogil
    void join_bytes "vfx_join_bytes"(const uint8_t *even, const uint8_t *odd, uint8_t *out, size_t pairs) noexcept nogil

# EXR_ERR_CORRUPT_CHUNK (openexr_errors.h).
cdef enum:
    CORRUPT_CHUNK = 23


# Wanted runs nearer than this are summed and joined as one.
cdef enum:
    NEAR = 128


cdef inline void sum_differences(uint8_t *bytes, size_t n) noexcept nogil:
    """Bytes out of the differences of neighbours, in place."""
    sum_run(bytes, n, 0, 0)


cdef inline void join_halves(const uint8_t *bytes, uint8_t *out, size_t n) noexcept nogil:
    """Bytes at even places out of the first half, at odd places out of the second."""
    join_bytes(bytes, bytes + (n + 1) // 2, out, n // 2)
    if n % 2:
        out[n - 1] = bytes[n // 2]


cdef inline void unfold_pieces(Worker *worker, Decoder *decoder) noexcept nogil:
    """The wanted bytes of an inflated chunk to their places; the others are only counted."""
    cdef uint8_t *bytes = worker.scratch
    cdef uint8_t *out = <uint8_t *> decoder.unpacked_buffer
    cdef Pieces place
    cdef int64_t half = decoder.chunk.unpacked_size // 2, at = 0, begin, end, offset
    cdef uint8_t sum = 0
    cdef int plane
    for plane in range(2):
        offset = plane * half
        begin_pieces(worker.plan, decoder, &place)
        while next_piece(worker.plan, decoder, &place, NEAR, &begin, &end):
            # Samples have 2 or 4 bytes, so runs begin and end at even places.
            begin, end = offset + begin // 2, offset + end // 2
            sum = sum + total(bytes + at, begin - at)
            sum = sum_run(bytes + begin, end - begin, sum, begin & 1)
            at = end
            if plane:
                join_bytes(bytes + begin - half, bytes + begin, out + 2 * (begin - half), end - begin)
        if not plane:
            sum = sum + total(bytes + at, half - at)
            at = half


cdef inline int32_t decompress_zip(Decoder *decoder) noexcept nogil:
    """The pipeline's second step for ZIP and ZIPS: the library inflates, the rest is done here."""
    cdef Worker *worker = <Worker *> decoder.user_data
    cdef size_t size = decoder.chunk.unpacked_size, found = 0
    cdef Pieces place
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
    if size % 2 == 0 and in_pieces(worker.plan, decoder) and begin_pieces(worker.plan, decoder, &place):
        unfold_pieces(worker, decoder)
        return 0
    sum_differences(worker.scratch, size)
    join_halves(worker.scratch, <uint8_t *> decoder.unpacked_buffer, size)
    return 0
