"""Least, largest, sum and sum of squares of every channel, in float64, and how many numbers are not finite.

``moments`` reads a picture once. The sums are of differences from a number of the channel itself, so that the
variance of a bright, even picture does not drown in its mean (Chan, Golub, LeVeque 1983, shifted data).
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport ELEMENTS, Picture, describe, place
from vfx._ext.pixel_formats cimport U8, gather, unpack
from vfx._ext.stretches cimport NUMBERS, band_rows, extremes, lanes_for, numbers, sums, view_codes
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["moments"]

cdef enum:
    FIELDS = 6                  # sum, squares, least, largest, NaN, infinite

cdef extern from *:
    """
    typedef const uint8_t *__restrict vfx_octets;
    """
    ctypedef const uint8_t *octets "vfx_octets"

cdef extern from "math.h":
    float INFINITY
    bint isfinite(double x) noexcept nogil
    bint isnan(double x) noexcept nogil

ctypedef struct Job:
    Picture picture
    int lanes
    Py_ssize_t step             # pixels of a stretch
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    const double *pivot         # one a channel
    double *found               # bands x channels x FIELDS
    char *memory                # of all threads
    Py_ssize_t room             # bytes of one thread

ctypedef struct Lanes:
    float *scratch
    double *pivot
    double *sum
    double *squares
    float *least
    float *largest


cdef inline void _add(numbers x, Py_ssize_t n, int lanes, const double *pivot_at, sums total, sums squares,
                      extremes least, extremes largest) noexcept nogil:
    """Adds ``n`` numbers, a multiple of the lanes or fewer than them; all are taken to be finite."""
    cdef Py_ssize_t k = 0
    cdef int i, part
    cdef double d
    while k < n:
        part = <int>min(n - k, <Py_ssize_t>lanes)
        for i in range(part):
            d = <double>x[k + i] - pivot_at[i]
            total[i] += d
            squares[i] += d * d
            least[i] = x[k + i] if x[k + i] < least[i] else least[i]
            largest[i] = x[k + i] if x[k + i] > largest[i] else largest[i]
        k += part


cdef void _add_finite(const float *x, Py_ssize_t n, int channels, Lanes *own, double *found) noexcept nogil:
    """The same where some are not finite: those are counted only."""
    cdef Py_ssize_t i
    cdef int c
    for i in range(n):
        c = <int>(i % channels)
        if isfinite(x[i]):
            _add(x + i, 1, 1, own.pivot + c, own.sum + c, own.squares + c, own.least + c, own.largest + c)
        elif isnan(x[i]):
            found[c * FIELDS + 4] += 1
        else:
            found[c * FIELDS + 5] += 1


cdef inline void _clear(Lanes *own, int lanes) noexcept nogil:
    cdef int i
    for i in range(lanes):
        own.sum[i] = own.squares[i] = 0.0
        own.least[i] = INFINITY
        own.largest[i] = -INFINITY


cdef inline bint _all_finite(const Lanes *own, int lanes) noexcept nogil:
    """Whether every number since ``_clear`` was: one that is not leaves its sum so."""
    cdef int i
    cdef double zero = 0.0
    for i in range(lanes):
        zero += own.sum[i] * 0.0
    return zero == 0.0


cdef inline void _settle(const Lanes *own, int lanes, int channels, double *found) noexcept nogil:
    """Adds the lanes to their channels."""
    cdef int i
    cdef double *at
    for i in range(lanes):
        at = found + (i % channels) * FIELDS
        at[0] += own.sum[i]
        at[1] += own.squares[i]
        at[2] = min(at[2], <double>own.least[i])
        at[3] = max(at[3], <double>own.largest[i])


cdef inline void _add_bytes(octets x, int n, double *found) noexcept nogil:
    """Adds up to ``ELEMENTS`` bytes of one channel; whole numbers, so in any order."""
    cdef int i
    cdef uint32_t total = 0, squares = 0
    cdef uint8_t least = 255, largest = 0
    for i in range(n):
        total += x[i]
    for i in range(n):
        squares += <uint32_t>(<int>x[i] * <int>x[i])
    for i in range(n):
        least = x[i] if x[i] < least else least
        largest = x[i] if x[i] > largest else largest
    found[0] += total
    found[1] += squares
    found[2] = min(found[2], <double>least)
    found[3] = max(found[3], <double>largest)


cdef void _row_of_bytes(const Picture *p, Py_ssize_t y, double *found) noexcept nogil:
    """Adds a row of bytes, channel by channel; their pivots are 0."""
    cdef uint8_t plane[4][ELEMENTS]
    cdef void *planes[4]
    cdef Py_ssize_t x = 0
    cdef int c, n
    for c in range(4):
        planes[c] = &plane[c][0]
    while x < p.width:
        n = <int>min(p.width - x, <Py_ssize_t>ELEMENTS)
        if p.dense and 3 <= p.channels <= 4:
            unpack(1, p.channels, place(p, y, x), planes, 0, n)
            for c in range(p.channels):
                _add_bytes(<octets><const uint8_t *>planes[c], n, found + c * FIELDS)
        else:
            for c in range(p.channels):
                gather(1, place(p, y, x) + c * p.channel, p.column, planes[0], n)
                _add_bytes(<octets><const uint8_t *>planes[0], n, found + c * FIELDS)
        x += n


cdef inline Lanes _lanes(const Job *job, int thread) noexcept nogil:
    """The memory of one thread, its pivots filled in."""
    cdef Lanes own
    cdef int i
    own.pivot = <double *>(job.memory + thread * job.room)
    own.sum = own.pivot + job.lanes
    own.squares = own.sum + job.lanes
    own.least = <float *>(own.squares + job.lanes)
    own.largest = own.least + job.lanes
    own.scratch = own.largest + job.lanes
    for i in range(job.lanes):
        own.pivot[i] = job.pivot[i % job.picture.channels]
    return own


cdef void _band(const Job *job, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """What one band adds up to."""
    cdef const Picture *p = &job.picture
    cdef Lanes own = _lanes(job, thread)
    cdef double *found = job.found + band * p.channels * FIELDS
    cdef Py_ssize_t y, x, n
    cdef const float *values
    cdef int c
    for c in range(p.channels):
        found[c * FIELDS] = found[c * FIELDS + 1] = found[c * FIELDS + 4] = found[c * FIELDS + 5] = 0.0
        found[c * FIELDS + 2] = INFINITY
        found[c * FIELDS + 3] = -INFINITY
    for y in range(band * job.rows, min((band + 1) * job.rows, p.height)):
        if look(watch, thread, p.width * p.channels // 2 + 64):
            return
        x = p.width if p.format == U8 else 0
        if p.format == U8:
            _row_of_bytes(p, y, found)
        while x < p.width:
            n = min(job.step, p.width - x)
            values = view_codes(p, y, x, own.scratch, n)
            _clear(&own, job.lanes)
            _add(values, n * p.channels, job.lanes, own.pivot, own.sum, own.squares, own.least, own.largest)
            if not _all_finite(&own, job.lanes):
                _clear(&own, job.lanes)
                _add_finite(values, n * p.channels, p.channels, &own, found)
            _settle(&own, job.lanes, p.channels, found)
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


cdef void _pivots(const Picture *p, float *scratch, double *pivots) noexcept nogil:
    """The first finite number of each channel in the first row, 0 where there is none; bytes need none."""
    cdef Py_ssize_t x
    cdef int c, missing = p.channels
    cdef const float *values
    for c in range(p.channels):
        pivots[c] = INFINITY
    if p.format == U8:
        for c in range(p.channels):
            pivots[c] = 0.0
        return
    for x in range(p.width):
        values = view_codes(p, 0, x, scratch, 1)
        for c in range(p.channels):
            if not isfinite(pivots[c]) and isfinite(values[c]):
                pivots[c] = values[c]
                missing -= 1
        if missing == 0:
            return
    for c in range(p.channels):
        pivots[c] = pivots[c] if isfinite(pivots[c]) else 0.0


cdef int _execute(Job *job, int threads, double *pivots) except -1:
    """Fills in the pivots and what the bands found; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    watch.stop = False
    watch.work = 0
    job.memory = <char *>malloc(<size_t>(threads * job.room))
    if job.memory == NULL:
        raise MemoryError("no memory for the sums")
    with nogil:
        _pivots(&job.picture, <float *>job.memory, pivots)
        _bands(job, threads, &watch)
    free(job.memory)
    return -1 if watch.stop else 0


cdef object _added(double[:, :, ::1] partial, double[::1] pivots):
    """The bands' numbers added from top to bottom, after the pivots."""
    cdef Py_ssize_t band
    cdef int c, f
    result = np.zeros((partial.shape[1], FIELDS + 1))
    cdef double[:, ::1] total = result
    for c in range(partial.shape[1]):
        total[c, 0], total[c, 3], total[c, 4] = pivots[c], INFINITY, -INFINITY
        for band in range(partial.shape[0]):
            for f in (0, 1, 4, 5):
                total[c, f + 1] += partial[band, c, f]
            total[c, 3] = min(total[c, 3], partial[band, c, 2])
            total[c, 4] = max(total[c, 4], partial[band, c, 3])
    return result


def moments(pixels, int threads):
    """Seven numbers a channel: the pivot, the sum and the sum of squares of the differences from it, the least and the
    largest number, how many NaN and how many infinities; all but the last two of finite numbers only.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Integers count as their codes.
    threads : int
        How many threads to use; they change no byte.

    Returns
    -------
    numpy.ndarray, (C, 7), float64
        Where no number is finite, the least is inf and the largest -inf.

    Raises
    ------
    ValueError
        For another shape or dtype.
    """
    cdef Job job
    cdef double[:, :, ::1] partial
    cdef double[::1] pivots
    describe(pixels, "pixels", &job.picture)
    job.lanes = lanes_for(job.picture.channels)
    job.step = max(1, NUMBERS // job.lanes) * (job.lanes // job.picture.channels)
    job.rows = band_rows(job.picture.width)
    job.bands = (job.picture.height + job.rows - 1) // job.rows
    job.room = (job.lanes * 32 + job.step * job.picture.channels * 4 + 127) // 64 * 64
    partial = np.empty((job.bands, job.picture.channels, FIELDS))
    pivots = np.empty(job.picture.channels)
    job.pivot, job.found = &pivots[0], &partial[0, 0, 0]
    _execute(&job, max(1, min(threads, 1024)), &pivots[0])
    return _added(partial, pivots)
