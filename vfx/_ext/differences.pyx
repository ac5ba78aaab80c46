"""How far two pictures are apart: sums, the largest difference and where it is, and pixels over a threshold.

The pictures may lie anywhere: each is 0 outside its own window, as in OpenImageIO's ``compare``. Differences are of
float32 numbers (of codes where both pictures are integers of one format) and are exact or nearly so in float64.

=============  =========================================================
two numbers    their difference
=============  =========================================================
finite         ``|a - b|``
the same       0; so are two NaN, and two infinities of one sign
anything else  infinite: over every threshold
=============  =========================================================
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport Picture, describe, load_pixels
from vfx._ext.stretches cimport NUMBERS, band_rows, extremes, numbers, sums, view_codes
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["differences"]

cdef extern from *:
    """
    typedef uint8_t *__restrict vfx_marks;
    """
    ctypedef uint8_t *marks "vfx_marks"

cdef enum:
    LANES = 64
    MOST_BANDS = 1 << 16        # windows may lie very far apart
    FIELDS = 9                  # sum, squares, largest, its y, x, channel, failing, warning, peak

cdef extern from "math.h":
    float INFINITY
    double fabs(double x) noexcept nogil
    float fabsf(float x) noexcept nogil
    bint isfinite(double x) noexcept nogil

# An infinite difference is over every limit.
cdef double LARGEST = 1e300

ctypedef struct Side:
    Picture picture
    Py_ssize_t y                # its corner in the union of the windows
    Py_ssize_t x

ctypedef struct Job:
    Side a
    Side b
    bint codes                  # compare the codes of integers
    Py_ssize_t height           # of the union
    Py_ssize_t width
    Py_ssize_t step             # pixels of a stretch
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    double limits[4]            # fail: absolute, relative; warn: absolute, relative
    double *found               # bands x FIELDS
    char *memory                # of all threads
    Py_ssize_t room             # bytes of one thread

ctypedef struct Lanes:
    double sum[LANES]
    double squares[LANES]
    double largest[LANES]
    float peak[LANES]


cdef inline double _gap(float a, float b) noexcept nogil:
    """The difference of two numbers, as the table above says."""
    cdef double d = fabs(<double>a - <double>b)
    cdef double other = <double>INFINITY if b == b else 0.0     # where a is NaN
    d = d if d == d else <double>INFINITY
    d = d if a == a else other
    return 0.0 if a == b else d


cdef inline void _add(numbers a, numbers b, Py_ssize_t n, sums total, sums squares, sums largest,
                      extremes peak) noexcept nogil:
    """Adds ``n`` differences; all numbers are taken to be finite."""
    cdef Py_ssize_t k = 0
    cdef int i
    cdef double d
    cdef float top
    while k + LANES <= n:
        for i in range(LANES):
            d = fabs(<double>a[k + i] - <double>b[k + i])
            total[i] += d
            squares[i] += d * d
            largest[i] = d if d > largest[i] else largest[i]
            top = fabsf(a[k + i]) if fabsf(a[k + i]) > fabsf(b[k + i]) else fabsf(b[k + i])
            peak[i] = top if top > peak[i] else peak[i]
        k += LANES
    for i in range(<int>(n - k)):
        d = fabs(<double>a[k + i] - <double>b[k + i])
        total[i] += d
        squares[i] += d * d
        largest[i] = d if d > largest[i] else largest[i]
        top = fabsf(a[k + i]) if fabsf(a[k + i]) > fabsf(b[k + i]) else fabsf(b[k + i])
        peak[i] = top if top > peak[i] else peak[i]


cdef void _add_any(const float *a, const float *b, Py_ssize_t n, Lanes *own) noexcept nogil:
    """The same for any numbers; the peak is of finite ones."""
    cdef Py_ssize_t k
    cdef int i
    cdef double d
    for k in range(n):
        i = <int>(k % LANES)
        d = _gap(a[k], b[k])
        own.sum[i] += d
        own.squares[i] += d * d
        own.largest[i] = max(own.largest[i], d)
        if isfinite(a[k]):
            own.peak[i] = max(own.peak[i], fabsf(a[k]))
        if isfinite(b[k]):
            own.peak[i] = max(own.peak[i], fabsf(b[k]))


cdef inline bint _all_finite(const Lanes *own) noexcept nogil:
    """Whether every number was: one that is not leaves its sum so."""
    cdef int i
    cdef double zero = 0.0
    for i in range(LANES):
        zero += own.sum[i] * 0.0
    return zero == 0.0


cdef inline void _mark(numbers a, numbers b, Py_ssize_t n, double most, double half, marks over) noexcept nogil:
    """Marks the numbers whose difference is over both limits."""
    cdef Py_ssize_t i
    cdef double limit
    for i in range(n):
        limit = half * (fabs(<double>a[i]) + fabs(<double>b[i]))
        limit = limit if limit > most else most
        limit = limit if limit < LARGEST else LARGEST
        over[i] = 1 if _gap(a[i], b[i]) > limit else 0


cdef inline void _mark_finite(numbers a, numbers b, Py_ssize_t n, double most, marks over) noexcept nogil:
    """The same for finite numbers and an absolute limit alone."""
    cdef Py_ssize_t i
    for i in range(n):
        over[i] = 1 if fabs(<double>a[i] - <double>b[i]) > most else 0


cdef inline Py_ssize_t _marked(const uint8_t *over, Py_ssize_t n, int channels) noexcept nogil:
    """How many of ``n`` pixels have a mark in a channel."""
    cdef Py_ssize_t i, count = 0
    cdef int c
    cdef uint32_t word
    cdef uint8_t found
    if channels == 4:
        for i in range(n):
            memcpy(&word, over + 4 * i, 4)
            count += word != 0
        return count
    for i in range(n):
        found = 0
        for c in range(channels):
            found |= over[i * channels + c]
        count += found
    return count


cdef inline Py_ssize_t _over(const float *a, const float *b, Py_ssize_t n, int channels, const double *limits,
                             bint finite) noexcept nogil:
    """How many of ``n`` pixels are over a pair of limits."""
    cdef uint8_t over[NUMBERS]
    if finite and limits[1] == 0.0:
        _mark_finite(a, b, n * channels, limits[0], over)
    else:
        _mark(a, b, n * channels, limits[0], 0.5 * limits[1], over)
    return _marked(over, n, channels)


cdef inline const float *_view(const Side *side, bint codes, Py_ssize_t y, Py_ssize_t x, float *scratch,
                               Py_ssize_t n) noexcept nogil:
    """``n`` pixels of the union from (y, x) on, 0 where this picture has none."""
    cdef const Picture *p = &side.picture
    cdef Py_ssize_t row = y - side.y, first = x - side.x, start, end
    if 0 <= row < p.height and first >= 0 and first + n <= p.width and (codes or p.floats):
        return view_codes(p, row, first, scratch, n)
    start, end = max(<Py_ssize_t>0, first), min(p.width, first + n)
    if not 0 <= row < p.height or start >= end:
        memset(scratch, 0, <size_t>(n * p.channels) * sizeof(float))
        return scratch
    memset(scratch, 0, <size_t>((start - first) * p.channels) * sizeof(float))
    _load(p, codes, row, start, scratch + (start - first) * p.channels, end - start)
    memset(scratch + (end - first) * p.channels, 0, <size_t>((first + n - end) * p.channels) * sizeof(float))
    return scratch


cdef inline void _load(const Picture *p, bint codes, Py_ssize_t y, Py_ssize_t x, float *target,
                       Py_ssize_t n) noexcept nogil:
    """Pixels as numbers, or codes of integers as numbers."""
    if codes and not p.floats:
        view_codes(p, y, x, target, n)
    else:
        load_pixels(p, y, x, target, n)


cdef void _stretch(const Job *job, const float *a, const float *b, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n,
                   double *found) noexcept nogil:
    """Adds one stretch to what its band found."""
    cdef Lanes own
    cdef bint finite
    cdef int i, channels = job.a.picture.channels
    cdef Py_ssize_t k
    cdef double most = 0.0
    memset(&own, 0, sizeof(Lanes))
    _add(a, b, n * channels, own.sum, own.squares, own.largest, own.peak)
    finite = _all_finite(&own)
    if not finite:
        memset(&own, 0, sizeof(Lanes))
        _add_any(a, b, n * channels, &own)
    for i in range(LANES):
        found[0] += own.sum[i]
        found[1] += own.squares[i]
        found[8] = max(found[8], <double>own.peak[i])
        most = max(most, own.largest[i])
    if most > found[2]:
        k = 0
        while _gap(a[k], b[k]) != most:
            k += 1
        found[2], found[3], found[4], found[5] = most, y, x + k // channels, k % channels
    if most > job.limits[0]:
        found[6] += _over(a, b, n, channels, &job.limits[0], finite)
    if most > job.limits[2]:
        found[7] += _over(a, b, n, channels, &job.limits[2], finite)


cdef inline Py_ssize_t _next_row(const Job *job, Py_ssize_t y) noexcept nogil:
    """The first row from ``y`` on in which a picture has pixels; the height where there is none."""
    cdef Py_ssize_t found = job.height
    if y < job.a.y + job.a.picture.height:
        found = min(found, max(y, job.a.y))
    if y < job.b.y + job.b.picture.height:
        found = min(found, max(y, job.b.y))
    return found


cdef inline Py_ssize_t _next_column(const Job *job, Py_ssize_t y, Py_ssize_t x) noexcept nogil:
    """The first column of a row from ``x`` on in which a picture has pixels; the width where there is none."""
    cdef Py_ssize_t found = job.width
    if 0 <= y - job.a.y < job.a.picture.height and x < job.a.x + job.a.picture.width:
        found = min(found, max(x, job.a.x))
    if 0 <= y - job.b.y < job.b.picture.height and x < job.b.x + job.b.picture.width:
        found = min(found, max(x, job.b.x))
    return found


cdef void _band(const Job *job, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """What one band adds up to."""
    cdef float *scratch = <float *>(job.memory + thread * job.room)
    cdef double *found = job.found + band * FIELDS
    cdef int channels = job.a.picture.channels
    cdef Py_ssize_t y, x, n
    cdef const float *a
    cdef const float *b
    memset(found, 0, FIELDS * sizeof(double))
    cdef Py_ssize_t end = min((band + 1) * job.rows, job.height)
    y = _next_row(job, band * job.rows)
    while y < end:
        if look(watch, thread, (job.a.picture.width + job.b.picture.width) * channels + 128):
            return
        x = _next_column(job, y, 0)
        while x < job.width:
            n = min(job.step, job.width - x)
            a = _view(&job.a, job.codes, y, x, scratch, n)
            b = _view(&job.b, job.codes, y, x, scratch + job.step * channels, n)
            _stretch(job, a, b, y, x, n, found)
            x = _next_column(job, y, x + n)
        y = _next_row(job, y + 1)


cdef void _bands(const Job *job, int threads, Watch *watch) noexcept nogil:
    """All bands, over ``threads`` threads."""
    cdef Py_ssize_t band
    if threads == 1:  # without OpenMP: also safe in a forked child
        for band in range(job.bands):
            _band(job, band, 0, watch)
        return
    for band in prange(job.bands, num_threads=threads, schedule="dynamic"):
        _band(job, band, threadid(), watch)


cdef int _execute(Job *job, int threads) except -1:
    """Fills in what the bands found; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    watch.stop = False
    watch.work = 0
    job.memory = <char *>malloc(<size_t>(threads * job.room))
    if job.memory == NULL:
        raise MemoryError("no memory for the differences")
    with nogil:
        _bands(job, threads, &watch)
    free(job.memory)
    return -1 if watch.stop else 0


cdef object _added(double[:, ::1] partial):
    """The bands' numbers together, from top to bottom; of equal differences the first counts."""
    cdef Py_ssize_t band
    cdef double total = 0.0, squares = 0.0, largest = 0.0, failing = 0.0, warning = 0.0, peak = 0.0
    place = (-1, -1, -1)
    for band in range(partial.shape[0]):
        total += partial[band, 0]
        squares += partial[band, 1]
        failing += partial[band, 6]
        warning += partial[band, 7]
        peak = max(peak, partial[band, 8])
        if partial[band, 2] > largest:
            largest = partial[band, 2]
            place = int(partial[band, 3]), int(partial[band, 4]), int(partial[band, 5])
    return total, squares, largest, place, int(failing), int(warning), peak


def differences(a, b, offsets, limits, int threads):
    """Sum, sum of squares and largest of the differences, its (y, x, channel), pixels failing and warning, the peak.

    Parameters
    ----------
    a, b : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        As many channels each. Integers of one format count as their codes, others as [0, 1].
    offsets : sequence of four ints
        y and x of ``a``, then of ``b``, 0 or more, counted from the union's corner.
    limits : sequence of four floats
        A pixel fails where a channel's difference is over the first number and over the second times the mean of the
        two magnitudes; it warns where it is so over the third and fourth.
    threads : int
        How many threads to use; they change no byte.

    Raises
    ------
    ValueError
        For another shape or dtype, channels that differ, or offsets below 0.
    """
    cdef Job job
    cdef double[:, ::1] partial
    describe(a, "a", &job.a.picture)
    describe(b, "b", &job.b.picture)
    if job.a.picture.channels != job.b.picture.channels:
        raise ValueError(f"a and b must have as many channels, got {job.a.picture.channels} and {job.b.picture.channels}")
    job.a.y, job.a.x, job.b.y, job.b.x = offsets
    if min(job.a.y, job.a.x, job.b.y, job.b.x) < 0:
        raise ValueError(f"offsets must be 0 or more, got {tuple(offsets)}")
    job.limits = [min(float(limit), LARGEST) for limit in limits]
    job.codes = a.dtype == b.dtype
    job.height = max(job.a.y + job.a.picture.height, job.b.y + job.b.picture.height)
    job.width = max(job.a.x + job.a.picture.width, job.b.x + job.b.picture.width)
    job.step = max(1, NUMBERS // job.a.picture.channels)
    job.rows = max(band_rows(job.width), job.height // MOST_BANDS + 1)
    job.bands = (job.height + job.rows - 1) // job.rows
    job.room = (2 * job.step * job.a.picture.channels * 4 + 127) // 64 * 64
    partial = np.empty((job.bands, FIELDS))
    job.found = &partial[0, 0]
    _execute(&job, max(1, min(threads, 1024)))
    return _added(partial)
