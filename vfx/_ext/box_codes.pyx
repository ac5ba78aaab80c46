"""Means over boxes of whole pixels for integer pictures: exact, rounded once, at the same cost for every box.

Codes are added up as integers, so running sums may subtract what leaves the box without a trace: down the columns one
row comes and one goes, along a row the sum from its beginning is taken at both ends of the box. Sums from the
beginning may run over: differences of unsigned integers stay right as long as a box's own sum fits.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place
from vfx._ext.pixel_formats cimport U8, U16
from vfx._ext.columns cimport band_height
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["box_codes"]

_MOST_THREADS = 1024

cdef extern from *:
    """
    #include <stdint.h>
    #include <stddef.h>
    #if defined(__AVX512F__)
    #include <immintrin.h>
    #endif
    typedef const uint8_t *__restrict vfx_codes8;
    typedef const uint16_t *__restrict vfx_codes16;
    typedef uint8_t *__restrict vfx_result8;
    typedef uint16_t *__restrict vfx_result16;
    typedef uint32_t *__restrict vfx_whole_sums;
    /* Sums from the beginning of a row; four channels at once where there are four. */
    static void vfx_run(const uint32_t *__restrict from, uint32_t *__restrict to, ptrdiff_t n, int channels) {
        ptrdiff_t i = 0;
    #if defined(__AVX512F__)
        if (channels == 4) {
            const __m512i none = _mm512_setzero_si512();
            __m512i before = none;
            _mm_storeu_si128((__m128i *)to, _mm_setzero_si128());
            for (; i < n; i += 16) {
                __mmask16 mask = n - i >= 16 ? 0xffff : (__mmask16)((1u << (n - i)) - 1u);
                __m512i sum = _mm512_maskz_loadu_epi32(mask, from + i);
                sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, none, 12));
                sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, none, 8));
                _mm512_mask_storeu_epi32(to + i + 4, mask, _mm512_add_epi32(sum, before));
                before = _mm512_add_epi32(before, _mm512_shuffle_i32x4(sum, sum, 0xff));
            }
            return;
        }
    #endif
        if (channels == 4) {
    #if defined(__GNUC__)
            typedef uint32_t four __attribute__((vector_size(16), aligned(4), may_alias));
            four sum = {0, 0, 0, 0};
            *(four *)to = sum;
            for (; i < n; i += 4) {
                sum += *(const four *)(from + i);
                *(four *)(to + i + 4) = sum;
            }
            return;
    #endif
        }
        for (i = 0; i < channels; i++) to[i] = 0;
        for (i = 0; i < n; i++) to[i + channels] = to[i] + from[i];
    }
    """
    ctypedef const uint8_t *codes8 "vfx_codes8"
    ctypedef const uint16_t *codes16 "vfx_codes16"
    ctypedef uint8_t *result8 "vfx_result8"
    ctypedef uint16_t *result16 "vfx_result16"
    ctypedef uint32_t *whole_sums "vfx_whole_sums"
    void run "vfx_run"(const uint32_t *source, uint32_t *target, Py_ssize_t n, int channels) noexcept nogil

ctypedef fused codes:
    codes8
    codes16

ctypedef fused result:
    result8
    result16

ctypedef struct Job:
    Picture src
    Picture dst
    Py_ssize_t width            # of a box
    Py_ssize_t height
    int edge
    bint exact                  # quotients by float64
    Py_ssize_t band             # the height of a part in rows
    Py_ssize_t bands
    Py_ssize_t scratch          # sums of one thread
    uint32_t *memory


cdef inline void _enter(whole_sums total, codes row, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        total[i] = total[i] + row[i]


cdef inline void _leave(whole_sums total, codes row, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        total[i] = total[i] - row[i]


cdef inline void _change(whole_sums total, codes come, codes gone, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        total[i] = total[i] + (<int>come[i] - <int>gone[i])


cdef inline void _quotients(const uint32_t *begin, const uint32_t *end, result out, float share,
                            Py_ssize_t n) noexcept nogil:
    """Rounded quotients of two sums' difference, where float32 is enough."""
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <int>(<float><int>(end[i] - begin[i]) * share + <float>0.5)


cdef inline void _exact_quotients(const uint32_t *begin, const uint32_t *end, result out, double share,
                                  Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <int>(<double>(end[i] - begin[i]) * share + 0.5)


cdef inline void _move(const Job *job, uint32_t *total, Py_ssize_t come, Py_ssize_t gone) noexcept nogil:
    """Rows enter and leave the sums; -1 is none, or a black one."""
    cdef Py_ssize_t n = job.src.width * job.src.channels
    cdef const char *new = place(&job.src, come, 0)
    cdef const char *old = place(&job.src, gone, 0)
    if come >= 0 and gone >= 0:
        if job.src.format == U8:
            _change(total, <codes8>new, <codes8>old, n)
        else:
            _change(total, <codes16>new, <codes16>old, n)
    elif come >= 0:
        if job.src.format == U8:
            _enter(total, <codes8>new, n)
        else:
            _enter(total, <codes16>new, n)
    elif gone >= 0:
        if job.src.format == U8:
            _leave(total, <codes8>old, n)
        else:
            _leave(total, <codes16>old, n)


cdef inline void _beside(const Job *job, uint32_t *total) noexcept nogil:
    """What lies left and right of a row of sums that has room there."""
    cdef Py_ssize_t side = job.width // 2, i, source, x
    cdef int c, channels = job.src.channels
    for i in range(2 * side):
        x = i - side if i < side else job.src.width + i - side
        source = edge_index(x, job.src.width, job.edge)
        for c in range(channels):
            total[x * channels + c] = total[source * channels + c] if source >= 0 else 0


cdef inline void _row(const Job *job, Py_ssize_t y, uint32_t *total, uint32_t *sums) noexcept nogil:
    """A row of results; ``total`` holds the sums down the columns."""
    cdef Py_ssize_t side = job.width // 2 * job.src.channels, n = job.src.width * job.src.channels
    cdef double share = 1.0 / (<double>job.width * <double>job.height)
    cdef const uint32_t *end = sums + job.width * job.src.channels
    cdef char *out = place(&job.dst, y, 0)
    _beside(job, total)
    run(total - side, sums, n + 2 * side, job.src.channels)
    if job.exact and job.dst.format == U8:
        _exact_quotients(sums, end, <result8>out, share, n)
    elif job.exact:
        _exact_quotients(sums, end, <result16>out, share, n)
    elif job.dst.format == U8:
        _quotients(sums, end, <result8>out, <float>share, n)
    else:
        _quotients(sums, end, <result16>out, <float>share, n)


cdef void _part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One band."""
    cdef Py_ssize_t line = (job.src.width + job.width) * job.src.channels, work = job.src.width * job.src.channels // 4
    cdef Py_ssize_t y = part * job.band, end = min(y + job.band, job.src.height), row, side = job.height // 2
    cdef uint32_t *sums = job.memory + thread * job.scratch
    cdef uint32_t *total = sums + line + job.width // 2 * job.src.channels
    memset(total, 0, <size_t>(job.src.width * job.src.channels) * 4)
    for row in range(y - side, y + side):
        if look(watch, thread, work):
            return
        _move(job, total, edge_index(row, job.src.height, job.edge), -1)
    for row in range(y, end):
        if look(watch, thread, 2 * work):
            return
        _move(job, total, edge_index(row + side, job.src.height, job.edge),
              edge_index(row - side - 1, job.src.height, job.edge) if row > y else -1)
        _row(job, row, total, sums)


cdef void _parts(const Job *job, int threads, Watch *watch) noexcept nogil:
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(job.bands):
            _part(job, i, 0, watch)
        return
    for i in prange(job.bands, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(job, i, threadid(), watch)


def box_codes(src, dst, Py_ssize_t width, Py_ssize_t height, int edge, int threads):
    """Nothing; ``dst`` then holds the means of ``src`` over boxes, rounded to the nearest code.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8 or uint16
        Of one shape and dtype, in memory that does not overlap; each row's elements lie densely.
    width, height : int
        The size of a box, odd; the sum of its codes must be below 2**32.
    edge : int
        What lies outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes or dtypes that differ, other dtypes or layouts, a read-only ``dst``, or sizes that do not fit.
    """
    cdef Job job
    cdef Py_ssize_t top
    describe(src, "src", &job.src)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape or job.src.format != job.dst.format:
        raise ValueError(f"src and dst must be alike, got {src.shape} {src.dtype} and {dst.shape} {dst.dtype}")
    if job.src.format not in (U8, U16) or not job.src.dense or not job.dst.dense:
        raise ValueError(f"src and dst must hold dense rows of uint8 or uint16, got {src.dtype}")
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    top = 255 if job.src.format == U8 else 65535
    if min(width, height) < 1 or width % 2 == 0 or height % 2 == 0 or max(width, height) > 1 << 24:
        raise ValueError(f"width and height must be odd, got {width} and {height}")
    if top * width * height >= <Py_ssize_t>1 << 32:
        raise ValueError(f"the sum of {width} x {height} codes must be below 2**32")
    job.width, job.height, job.edge = width, height, edge
    # In float32 a quotient is off by 3 * 2**-24 of the largest code at most. As areas are odd, the middle between two
    # codes is 1 / (2 * area) away.
    job.exact = 4 * top * width * height >= 1 << 23
    job.band = band_height(job.src.height, 1, height, threads)
    job.bands = (job.src.height + job.band - 1) // job.band
    job.scratch = (2 * (job.src.width + job.width) * job.src.channels + 31) // 16 * 16
    _run(&job, min(threads, job.bands))


cdef int _run(Job *job, int threads) except -1:
    """All parts; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory = <char *>malloc(<size_t>(threads * job.scratch) * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the box's rows")
    job.memory = <uint32_t *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        _parts(job, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0
