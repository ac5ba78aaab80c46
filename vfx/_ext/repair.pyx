"""A copy of a picture in which no number is NaN or infinite.

Rows are copied in stretches; while one is in the cache its bits are looked through, and only where some number is not
finite is it repaired, from the source, so that no repair depends on another.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, describe_output, place
from vfx._ext.pixel_formats cimport F16, F32, halves_to_floats, floats_to_halves
from vfx._ext.stretches cimport NUMBERS, band_rows, copy_elements
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["repair"]

cdef enum:
    CLOSER = 16                 # pixels that are looked through at once where a stretch has one to repair

cdef extern from *:
    """
    typedef const uint16_t *__restrict vfx_halves;
    typedef const uint32_t *__restrict vfx_words;
    """
    ctypedef const uint16_t *halves "vfx_halves"
    ctypedef const uint32_t *words "vfx_words"

cdef extern from "math.h":
    bint isfinite(double x) noexcept nogil

ctypedef struct Job:
    Picture source
    Picture target
    bint box                    # the mean of the finite neighbours, else ``value``
    float value
    Py_ssize_t step             # pixels of a stretch
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    Py_ssize_t *counts          # repaired pixels of each band


cdef inline bint _strange(const Picture *p, const char *at, Py_ssize_t n) noexcept nogil:
    """Whether one of ``n`` dense numbers is not finite: its exponent is all ones."""
    cdef Py_ssize_t i
    cdef uint32_t found = 0
    cdef words wide = <words><const uint32_t *>at
    cdef halves narrow = <halves><const uint16_t *>at
    if p.format == F32:
        for i in range(n):
            found |= (wide[i] & <uint32_t>0x7f800000) == <uint32_t>0x7f800000
    else:
        for i in range(n):
            found |= (narrow[i] & 0x7c00) == 0x7c00
    return found != 0


cdef inline float _number(const Picture *p, Py_ssize_t y, Py_ssize_t x, int c) noexcept nogil:
    """One number of a picture."""
    cdef float value
    cdef uint16_t half
    if p.format == F32:
        memcpy(&value, place(p, y, x) + c * p.channel, 4)
    else:
        memcpy(&half, place(p, y, x) + c * p.channel, 2)
        halves_to_floats(&half, &value, 1)
    return value


cdef inline void _put(const Picture *p, Py_ssize_t y, Py_ssize_t x, int c, float value) noexcept nogil:
    """Writes one number."""
    cdef uint16_t half
    if p.format == F32:
        memcpy(place(p, y, x) + c * p.channel, &value, 4)
    else:
        floats_to_halves(&value, &half, 1)
        memcpy(place(p, y, x) + c * p.channel, &half, 2)


cdef float _mean_around(const Picture *p, Py_ssize_t y, Py_ssize_t x, int c) noexcept nogil:
    """The mean of the finite numbers among the eight around, 0 where there is none."""
    cdef Py_ssize_t j, i
    cdef double total = 0.0
    cdef int count = 0
    cdef float value
    for j in range(max(y - 1, 0), min(y + 2, p.height)):
        for i in range(max(x - 1, 0), min(x + 2, p.width)):
            value = _number(p, j, i, c)
            if isfinite(value):
                total += value
                count += 1
    return <float>(total / count) if count else <float>0.0


cdef Py_ssize_t _mend(const Job *job, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n) noexcept nogil:
    """Repairs ``n`` pixels from (y, x) on; how many needed it."""
    cdef const Picture *p = &job.source
    cdef Py_ssize_t i = x, count = 0
    cdef int c
    cdef bint found
    while i < x + n:
        if (i - x) % CLOSER == 0 and not _strange(p, place(&job.target, y, i), min(<Py_ssize_t>CLOSER, x + n - i) * p.channels):
            i += CLOSER
            continue
        found = False
        for c in range(p.channels):
            if not isfinite(_number(p, y, i, c)):
                found = True
                _put(&job.target, y, i, c, _mean_around(p, y, i, c) if job.box else job.value)
        count += found
        i += 1
    return count


cdef void _band(const Job *job, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """One band of rows."""
    cdef const Picture *p = &job.source
    cdef Py_ssize_t y, x, n
    for y in range(band * job.rows, min((band + 1) * job.rows, p.height)):
        if look(watch, thread, p.width * p.channels // 2 + 32):
            return
        x = 0
        while x < p.width:
            n = min(job.step, p.width - x)
            copy_elements(p, &job.target, y, x, n)
            if p.format >= F16 and _strange(p, place(&job.target, y, x), n * p.channels):
                job.counts[band] += _mend(job, y, x, n)
            x += n


cdef void _bands(const Job *job, int threads, Watch *watch) noexcept nogil:
    """All bands, over ``threads`` threads."""
    cdef Py_ssize_t band
    if threads == 1:  # without OpenMP: also safe in a forked child
        for band in range(job.bands):
            _band(job, band, 0, watch)
        return
    for band in prange(job.bands, num_threads=threads, schedule="dynamic"):
        _band(job, band, threadid(), watch)


cdef Py_ssize_t _execute(Job *job, int threads) except -1:
    """How many pixels were repaired; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef Py_ssize_t band, total = 0
    watch.stop = False
    watch.work = 0
    job.counts = <Py_ssize_t *>calloc(job.bands, sizeof(Py_ssize_t))
    if job.counts == NULL:
        raise MemoryError("no memory for the counts")
    with nogil:
        _bands(job, threads, &watch)
        for band in range(job.bands):
            total += job.counts[band]
    free(job.counts)
    return -1 if watch.stop else total


def repair(source, target, bint box, float value, int threads):
    """How many pixels were repaired; ``target`` then is ``source`` with finite numbers only.

    Parameters
    ----------
    source : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The picture.
    target : numpy.ndarray, (H, W, C), the same shape and format, C-contiguous
        Shares no memory with it.
    box : bool
        Whether a number becomes the mean of the finite ones among its eight neighbours in the same channel.
    value : float
        What it becomes otherwise.
    threads : int
        How many threads to use; they change no byte.

    Raises
    ------
    ValueError
        For shapes or formats that differ.
    """
    cdef Job job
    describe(source, "source", &job.source)
    describe_output(target, "target", &job.target)
    if source.shape != target.shape or source.dtype != target.dtype or not target.flags.c_contiguous:
        raise ValueError("target must be C-contiguous, with the shape and format of source")
    job.box, job.value = box, value
    job.step = max(1, NUMBERS // job.source.channels)
    job.rows = band_rows(job.source.width)
    job.bands = (job.source.height + job.rows - 1) // job.rows
    return _execute(&job, max(1, min(threads, 1024)))
