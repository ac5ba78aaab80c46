"""The smallest box around all pixels of a picture that are not 0.

Rows are looked through from the top until one is not 0, then from the bottom; of the rows between only what lies
beside the box that is known already. A picture full of numbers costs a few rows, an empty one a single reading.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, place
from vfx._ext.pixel_formats cimport F16, F32, U8
from vfx._ext.stretches cimport band_rows
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["extent"]

cdef enum:
    AT_ONCE = 8                 # bands that threads look through before the box is settled again, at first
    MOST_AT_ONCE = 128

cdef extern from *:
    """
    typedef const uint8_t *__restrict vfx_octets;
    """
    ctypedef const uint8_t *octets "vfx_octets"

ctypedef struct Job:
    Picture picture
    Py_ssize_t rows             # of a band
    Py_ssize_t left             # columns of the box so far: [left, right]
    Py_ssize_t right
    bint whole                  # look for any number in a row, not beside the box
    Py_ssize_t *found           # two a row


cdef inline bint _zero(const Picture *p, const char *at) noexcept nogil:
    """Whether a number is 0 or -0."""
    cdef uint32_t wide
    cdef uint16_t narrow
    if p.format == U8:
        return at[0] == 0
    if p.format == F32:
        memcpy(&wide, at, 4)
        return wide << 1 == 0
    memcpy(&narrow, at, 2)
    return (narrow & 0x7fff if p.format == F16 else narrow) == 0


cdef inline bint _pixel(const Picture *p, Py_ssize_t y, Py_ssize_t x) noexcept nogil:
    """Whether a channel of a pixel is not 0."""
    cdef const char *at = place(p, y, x)
    cdef int c
    for c in range(p.channels):
        if not _zero(p, at + c * p.channel):
            return True
    return False


cdef inline bint _dense(const Picture *p, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n) noexcept nogil:
    """Whether one of ``n`` pixels that lie densely may not be 0; only zeros with a sign are mistaken for numbers."""
    cdef octets at = <octets><const uint8_t *>place(p, y, x)
    cdef Py_ssize_t i
    cdef uint8_t found = 0
    for i in range(n * p.channels * p.item):
        found |= at[i]
    return found != 0


cdef Py_ssize_t _first(const Picture *p, Py_ssize_t y, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """The first pixel of a row in [start, end) that is not 0; ``end`` where there is none."""
    cdef Py_ssize_t x = start, n, i
    while x < end:
        n = min(<Py_ssize_t>256, end - x)
        if not p.dense or _dense(p, y, x, n):
            for i in range(x, x + n):
                if _pixel(p, y, i):
                    return i
        x += n
    return end


cdef Py_ssize_t _last(const Picture *p, Py_ssize_t y, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """The last pixel of a row in [start, end) that is not 0; ``start - 1`` where there is none."""
    cdef Py_ssize_t x = end, n, i
    while x > start:
        n = min(<Py_ssize_t>256, x - start)
        x -= n
        if not p.dense or _dense(p, y, x, n):
            i = x + n - 1
            while i >= x:
                if _pixel(p, y, i):
                    return i
                i -= 1
    return start - 1


cdef void _band(const Job *job, Py_ssize_t top, Py_ssize_t bottom, int thread, Watch *watch) noexcept nogil:
    """For each row of [top, bottom): its first and last pixel that matters."""
    cdef const Picture *p = &job.picture
    cdef Py_ssize_t y
    for y in range(top, bottom):
        if look(watch, thread, p.width * p.channels // 4 + 16):
            return
        job.found[2 * y] = _first(p, y, 0, p.width if job.whole else job.left)
        if job.whole:
            job.found[2 * y + 1] = job.found[2 * y]
        else:
            job.found[2 * y + 1] = _last(p, y, job.right + 1, p.width)


cdef void _bands(const Job *job, Py_ssize_t top, Py_ssize_t bottom, int threads, Watch *watch) noexcept nogil:
    """Rows [top, bottom), over ``threads`` threads."""
    cdef Py_ssize_t band, bands = (bottom - top + job.rows - 1) // job.rows
    if threads == 1:  # without OpenMP: also safe in a forked child
        _band(job, top, bottom, 0, watch)
        return
    for band in prange(bands, num_threads=threads, schedule="dynamic"):
        _band(job, top + band * job.rows, min(top + (band + 1) * job.rows, bottom), threadid(), watch)


cdef void _find(Job *job, int threads, Py_ssize_t *box, Watch *watch) noexcept nogil:
    """Fills in top and bottom of the box, then left and right; top is the height where all is 0."""
    cdef Py_ssize_t height = job.picture.height, step = 1, y = 0, start, top = height, bottom = -1
    job.whole = True
    while y < height and top == height and not watch.stop:
        _bands(job, y, min(y + step, height), threads if y else 1, watch)
        for start in range(y, min(y + step, height)):
            if top == height and job.found[2 * start] < job.picture.width:
                top = start
        y += step
        step = min(max(2 * step, AT_ONCE * job.rows), MOST_AT_ONCE * job.rows)
    y, step = height, 1
    while y > top and bottom < 0 and not watch.stop:
        start = max(top, y - step)
        _bands(job, start, y, threads if y < height else 1, watch)
        step = min(max(2 * step, AT_ONCE * job.rows), MOST_AT_ONCE * job.rows)
        while y > start:
            y -= 1
            if bottom < 0 and job.found[2 * y] < job.picture.width:
                bottom = y
    job.whole = False
    job.left, job.right = job.picture.width, -1
    if bottom >= 0 and not watch.stop:
        job.left = _first(&job.picture, top, 0, job.picture.width)
        job.right = _last(&job.picture, top, 0, job.picture.width)
    y, step = top + 1, AT_ONCE * job.rows
    while y <= bottom and not watch.stop and (job.left > 0 or job.right < job.picture.width - 1):
        _bands(job, y, min(y + step, bottom + 1), threads, watch)
        for start in range(y, min(y + step, bottom + 1)):
            job.left = min(job.left, job.found[2 * start])
            job.right = max(job.right, job.found[2 * start + 1])
        y += step
        step = min(2 * step, MOST_AT_ONCE * job.rows)
    box[0], box[1], box[2], box[3] = job.left, top, job.right, bottom


def extent(pixels, int threads):
    """The inclusive box (x0, y0, x1, y1) around all pixels with a channel that is not 0, or None.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        NaN is not 0, -0 is.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For another shape or dtype.
    """
    cdef Job job
    cdef Watch watch
    cdef Py_ssize_t box[4]
    describe(pixels, "pixels", &job.picture)
    job.rows = band_rows(job.picture.width)
    job.found = <Py_ssize_t *>malloc(<size_t>job.picture.height * 2 * sizeof(Py_ssize_t))
    if job.found == NULL:
        raise MemoryError("no memory for the rows")
    watch.stop = False
    watch.work = 0
    with nogil:
        _find(&job, max(1, min(threads, 1024)), box, &watch)
    free(job.found)
    _raise_if(watch.stop)
    return (box[0], box[1], box[2], box[3]) if box[3] >= 0 else None


cdef int _raise_if(bint stopped) except -1:
    """Raises what a signal handler raised."""
    return -1 if stopped else 0
