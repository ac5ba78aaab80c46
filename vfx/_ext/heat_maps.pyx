"""Pictures painted by value.

===============  ==========================================================================================
``largest_gap``  the largest finite difference of two pictures
``paint``        a colour for every pixel by its luma, or by its largest difference from another picture
===============  ==========================================================================================
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, describe_output, place, view_pixels
from vfx._ext.signals cimport BANDS, STRETCH, Signals, check_threads, finish, take_signals, weighted
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

cdef enum:
    COLOURS = 256               # of a palette; one more is for NaN

cdef float HIGHEST = <float>3.4028234663852886e38  # of float32

ctypedef struct Brush:
    Picture src
    Picture other
    Picture out
    bint compares
    Signals signals
    float bound[COLOURS]
    uint8_t colour[3 * (COLOURS + 1)]


cdef inline int colour_of(const Brush *job, float value) noexcept nogil:
    """The palette's entry of a value: how many bounds are not above it; the last one for NaN."""
    cdef int found = 0, step = COLOURS >> 1
    if value != value:
        return COLOURS
    while step:
        if value >= job.bound[found + step - 1]:
            found += step
        step >>= 1
    return found


cdef inline float gap(const float *a, const float *b, int channels) noexcept nogil:
    """The largest absolute difference of two pixels' channels; NaN where only one side is NaN."""
    cdef float largest = 0, off
    cdef int c
    for c in range(channels):
        if a[c] == b[c] or (a[c] != a[c] and b[c] != b[c]):
            continue
        off = a[c] - b[c]
        if off != off:
            return off
        off = off if off > <float>0 else -off
        largest = off if off > largest else largest
    return largest


cdef void gap_band(const Brush *job, Py_ssize_t band, float *scratch, float *largest, int thread,
                   Watch *watch) noexcept nogil:
    """The rows of one band, for their largest finite difference."""
    cdef const float *a
    cdef const float *b
    cdef float off
    cdef Py_ssize_t y, x, n, i
    cdef int channels = job.src.channels
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 4 * n):
                return
            a = view_pixels(&job.src, y, x, scratch, n)
            b = view_pixels(&job.other, y, x, scratch + STRETCH * channels, n)
            for i in range(n * channels):
                off = a[i] - b[i]
                off = off if off > <float>0 else -off
                if off > largest[0] and off <= HIGHEST:
                    largest[0] = off
            x += n


cdef void paint_band(const Brush *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The rows of one band."""
    cdef const float *pixel
    cdef const float *other
    cdef uint8_t *target
    cdef float value
    cdef Py_ssize_t y, x, n, i
    cdef int entry, channels = job.src.channels
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 16 * n):
                return
            pixel = view_pixels(&job.src, y, x, scratch, n)
            other = view_pixels(&job.other, y, x, scratch + STRETCH * channels, n) if job.compares else pixel
            target = <uint8_t *>place(&job.out, y, x)
            for i in range(n):
                if job.compares:
                    value = gap(pixel + i * channels, other + i * channels, channels)
                elif job.signals.sums:
                    value = weighted(pixel + i * channels, job.signals.channel, job.signals.weight)
                else:
                    value = pixel[i * channels + job.signals.channel[0]]
                entry = 3 * colour_of(job, value)
                target[3 * i] = job.colour[entry]
                target[3 * i + 1] = job.colour[entry + 1]
                target[3 * i + 2] = job.colour[entry + 2]
            x += n


cdef void paint_all(const Brush *job, float *scratch, int threads, Watch *watch) noexcept nogil:
    """Every band of rows."""
    cdef Py_ssize_t i, each = 2 * STRETCH * job.src.channels
    if threads == 1:
        for i in range(BANDS):
            paint_band(job, i, scratch, 0, watch)
        return
    for i in prange(BANDS, num_threads=threads, schedule="dynamic", chunksize=1):
        paint_band(job, i, scratch + threadid() * each, threadid(), watch)


cdef void all_gaps(const Brush *job, float *scratch, float *largest, int threads, Watch *watch) noexcept nogil:
    """Every band of rows; then the largest of the bands in the first."""
    cdef Py_ssize_t i, each = 2 * STRETCH * job.src.channels
    if threads == 1:
        for i in range(BANDS):
            gap_band(job, i, scratch, largest + i, 0, watch)
    else:
        for i in prange(BANDS, num_threads=threads, schedule="dynamic", chunksize=1):
            gap_band(job, i, scratch + threadid() * each, largest + i, threadid(), watch)
    for i in range(1, BANDS):
        if largest[i] > largest[0]:
            largest[0] = largest[i]


def largest_gap(src, other, int threads):
    """The largest finite difference of two pictures in any channel.

    Parameters
    ----------
    src, other : numpy.ndarray, (H, W, C)
    threads : int

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    cdef Brush job
    cdef Watch watch = Watch(False, 0)
    cdef float[BANDS] largest
    cdef float *scratch
    cdef int i
    check_threads(threads)
    describe(src, "src", &job.src)
    describe(other, "other", &job.other)
    if other.shape != src.shape:
        raise ValueError(f"src and other must have one shape, got {src.shape} and {other.shape}")
    for i in range(BANDS):
        largest[i] = 0
    scratch = <float *>malloc(2 * <size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        all_gaps(&job, scratch, largest, threads, &watch)
    free(scratch)
    finish(&watch)
    return largest[0]


def paint(src, other, out, channels, weights, bounds, palette, int threads):
    """Nothing; ``out`` then holds each pixel's colour.

    Parameters
    ----------
    src : numpy.ndarray, (H, W, C)
    other : numpy.ndarray, (H, W, C), or None
        Where given, the value is the largest difference of the two in any channel.
    out : numpy.ndarray of uint8, (H, W, 3), dense
    channels, weights
        Else the value is this channel, or the weighted sum of these three.
    bounds : sequence of at most 255 floats, ascending
        Entry n of the palette is for values that n bounds are not above.
    palette : numpy.ndarray of uint8, (len(bounds) + 2, 3)
        The last one is for NaN.
    threads : int

    Raises
    ------
    ValueError
        For shapes, bounds or a palette that do not fit.
    """
    cdef Brush job
    cdef Watch watch = Watch(False, 0)
    cdef float *scratch
    cdef int i, k, count = len(bounds)
    check_threads(threads)
    describe(src, "src", &job.src)
    describe_output(out, "out", &job.out)
    job.compares = other is not None
    if job.compares:
        describe(other, "other", &job.other)
    if out.shape != (*src.shape[:2], 3) or out.dtype != np.uint8 or not job.out.dense:
        raise ValueError("out must be dense uint8 of src's size and three channels")
    if job.compares and other.shape != src.shape:
        raise ValueError(f"src and other must have one shape, got {src.shape} and {other.shape}")
    take_signals(&job.signals, channels, weights, job.src.channels)
    if count >= COLOURS or palette.shape != (count + 2, 3) or palette.dtype != np.uint8:
        raise ValueError(f"paint takes at most {COLOURS - 1} bounds and two colours more, as uint8")
    if any(not low < high for low, high in zip(bounds, bounds[1:])):
        raise ValueError("bounds must ascend")
    for i in range(COLOURS):
        job.bound[i] = bounds[i] if i < count else float("inf")
    for i in range(COLOURS + 1):  # infinity is not below the bounds that are not there
        for k in range(3):
            job.colour[3 * i + k] = palette[(count + 1) if i == COLOURS else min(i, count), k]
    scratch = <float *>malloc(2 * <size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        paint_all(&job, scratch, threads, &watch)
    free(scratch)
    finish(&watch)
