"""What a picture and a soft copy of it make together: sharpened edges, and the light around highlights.

=============  =====================================================================
``sharpen``    p + amount * (p - soft), where that differs by more than ``threshold``
``highlights`` max(p - threshold, 0), the light above a level
``add_light``  p + amount * light
=============  =====================================================================

Soft pictures and light are float32, so that an 8-bit picture is rounded once.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, describe_output, store_pixels, view_pixels
from vfx._ext.simd_math cimport fabsf, fma, plane, source
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["add_light", "highlights", "sharpen"]

_MOST_THREADS = 1024

cdef enum:
    STRETCH = 512               # pixels
    SHARPEN = 0
    HIGHLIGHTS = 1
    ADD_LIGHT = 2

ctypedef struct Job:
    Picture src
    Picture soft
    Picture dst
    int kind
    float amount
    float threshold
    const float *chosen         # 1 for each channel that changes, else 0
    Py_ssize_t scratch          # floats of one thread
    float *memory


cdef inline void _sharpen(source p, source soft, plane out, float amount, float threshold, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef float difference
    for i in range(n):
        difference = p[i] - soft[i]
        # "not at most": a NaN stays one
        out[i] = p[i] if fabsf(difference) <= threshold else fma(amount, difference, p[i])


cdef inline void _highlights(source p, plane out, float threshold, source chosen, int channels,
                             Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t x
    cdef int c
    cdef float v
    for x in range(n):
        for c in range(channels):
            v = p[x * channels + c] - threshold
            out[x * channels + c] = v if v > <float>0.0 and chosen[c] != <float>0.0 else <float>0.0


cdef inline void _add_light(source p, source light, plane out, float amount, source chosen, int channels,
                            Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t x, i
    cdef int c
    for x in range(n):
        for c in range(channels):
            i = x * channels + c
            out[i] = fma(amount, light[i], p[i]) if chosen[c] != <float>0.0 else p[i]


cdef void _row(const Job *job, Py_ssize_t y, float *memory) noexcept nogil:
    cdef Py_ssize_t x = 0, n, floats = STRETCH * job.src.channels
    cdef int channels = job.src.channels
    cdef float *out = memory + 2 * floats
    cdef const float *p
    cdef const float *soft = NULL
    while x < job.src.width:
        n = min(<Py_ssize_t>STRETCH, job.src.width - x)
        p = view_pixels(&job.src, y, x, memory, n)
        if job.kind != HIGHLIGHTS:
            soft = view_pixels(&job.soft, y, x, memory + floats, n)
        if job.kind == SHARPEN:
            _sharpen(p, soft, out, job.amount, job.threshold, n * channels)
        elif job.kind == HIGHLIGHTS:
            _highlights(p, out, job.threshold, job.chosen, channels, n)
        else:
            _add_light(p, soft, out, job.amount, job.chosen, channels, n)
        store_pixels(&job.dst, y, x, out, n)
        x += n


cdef void _rows(const Job *job, int threads, Watch *watch) noexcept nogil:
    cdef Py_ssize_t y, work = job.src.width * job.src.channels // 4
    cdef int thread
    if threads == 1:  # without OpenMP: also safe in a forked child
        for y in range(job.src.height):
            if look(watch, 0, work):
                return
            _row(job, y, job.memory)
        return
    for y in prange(job.src.height, num_threads=threads, schedule="dynamic", chunksize=16):
        thread = threadid()
        if not look(watch, thread, work):
            _row(job, y, job.memory + thread * job.scratch)


cdef int _run(Job *job, object src, object soft, object dst, const float[::1] chosen, int threads) except -1:
    """Checks the pictures and goes over all rows; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory
    describe(src, "src", &job.src)
    describe(soft, "soft", &job.soft)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape or src.shape != soft.shape:
        raise ValueError(f"the pictures must have one shape, got {src.shape}, {soft.shape} and {dst.shape}")
    if not 1 <= threads <= _MOST_THREADS:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS}, got {threads}")
    if job.kind != SHARPEN:
        if chosen.shape[0] != job.src.channels:
            raise ValueError(f"chosen must say 0 or 1 for {job.src.channels} channels, got {chosen.shape[0]}")
        job.chosen = &chosen[0]
    job.scratch = 3 * STRETCH * job.src.channels + 16
    memory = <char *>malloc(<size_t>(threads * job.scratch) * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the pictures' rows")
    job.memory = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        _rows(job, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0


def sharpen(src, soft, dst, float amount, float threshold, int threads):
    """Nothing; ``dst`` then holds ``src + amount * (src - soft)`` where the difference reaches ``threshold``.

    Parameters
    ----------
    src, soft, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape; ``dst`` may be ``soft``. Formats may differ.
    amount, threshold : float
        What the difference is multiplied with, and below what it is left out.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, or a read-only ``dst``.
    """
    cdef Job job
    job.kind = SHARPEN
    job.amount = amount
    job.threshold = threshold
    _run(&job, src, soft, dst, None, threads)


def highlights(src, dst, float threshold, const float[::1] chosen not None, int threads):
    """Nothing; ``dst`` then holds ``src - threshold`` where that is positive, else 0; a NaN gives 0.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape, in memory that does not overlap. Formats may differ.
    threshold : float
        The level.
    chosen : numpy.ndarray of float32, (C,)
        1 for each channel that counts; the others become 0.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, or a read-only ``dst``.
    """
    cdef Job job
    job.kind = HIGHLIGHTS
    job.threshold = threshold
    _run(&job, src, src, dst, chosen, threads)


def add_light(src, light, dst, float amount, const float[::1] chosen not None, int threads):
    """Nothing; ``dst`` then holds ``src + amount * light`` in the chosen channels, ``src`` in the others.

    Parameters
    ----------
    src, light, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape; ``dst`` may be ``light``. Formats may differ.
    amount : float
        What the light is multiplied with.
    chosen : numpy.ndarray of float32, (C,)
        1 for each channel that takes light, else 0.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, or a read-only ``dst``.
    """
    cdef Job job
    job.kind = ADD_LIGHT
    job.amount = amount
    _run(&job, src, light, dst, chosen, threads)
