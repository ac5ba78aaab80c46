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

cdef extern from *:
    """
    #include <string.h>
    static inline int vfx_gap_bits(float a, float b) {
        float off = a - b;
        int bits;
        memcpy(&bits, &off, 4);
        return (a == b) | ((a != a) & (b != b)) ? 0 : bits & 0x7fffffff;
    }
    static inline float vfx_float_of(int bits) {
        float value;
        memcpy(&value, &bits, 4);
        return value;
    }
    """
    int gap_bits "vfx_gap_bits"(float a, float b) noexcept nogil
    float float_of "vfx_float_of"(int bits) noexcept nogil

cdef enum:
    COLOURS = 256               # of a palette; one more is for NaN
    INFINITY_BITS = 0x7f800000

ctypedef struct Brush:
    Picture src
    Picture other
    Picture out
    bint compares
    Signals signals
    float bound[COLOURS]
    uint8_t colour[3 * (COLOURS + 1)]


cdef inline void entries_of(const Brush *job, const float *values, int *found, int n) noexcept nogil:
    """The palette's entries of values: how many bounds are not above each; the last one for NaN."""
    cdef int i, step = COLOURS >> 1
    for i in range(n):
        found[i] = 0
    while step:  # a binary search for all of them at once
        for i in range(n):
            found[i] += step if values[i] >= job.bound[found[i] + step - 1] else 0
        step >>= 1
    for i in range(n):
        found[i] = found[i] if values[i] == values[i] else COLOURS


cdef inline void gaps(const float *a, const float *b, int *bits, int n) noexcept nogil:
    """How far values are apart, as bits: 0 for equal ones and two NaN, NaN where one side is NaN."""
    cdef int i
    for i in range(n):
        bits[i] = gap_bits(a[i], b[i])


cdef inline float largest_of(const int *bits, int channels) noexcept nogil:
    """The largest of a pixel's gaps: NaN is above infinity, as its bits are."""
    cdef int largest = bits[0], c
    for c in range(1, channels):
        largest = bits[c] if bits[c] > largest else largest
    return float_of(largest)


cdef void gap_band(const Brush *job, Py_ssize_t band, float *scratch, float *largest, int thread,
                   Watch *watch) noexcept nogil:
    """The rows of one band, for their largest finite difference."""
    cdef const float *a
    cdef const float *b
    cdef int *bits = <int *>(scratch + 2 * STRETCH * job.src.channels)
    cdef Py_ssize_t y, x, n
    cdef int i, most = 0, channels = job.src.channels
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 4 * n):
                return
            a = view_pixels(&job.src, y, x, scratch, n)
            b = view_pixels(&job.other, y, x, scratch + STRETCH * channels, n)
            gaps(a, b, bits, <int>n * channels)
            for i in range(<int>n * channels):
                bits[i] = bits[i] if bits[i] < INFINITY_BITS else 0
            for i in range(<int>n * channels):
                most = bits[i] if bits[i] > most else most
            x += n
    largest[0] = float_of(most)


cdef inline void measure(const Brush *job, Py_ssize_t y, Py_ssize_t x, float *scratch, float *values,
                         int n) noexcept nogil:
    """What pixels are painted by."""
    cdef int channels = job.src.channels, i
    cdef const float *pixel = view_pixels(&job.src, y, x, scratch, n)
    cdef int *bits = <int *>(scratch + 2 * STRETCH * channels)
    if job.compares:
        gaps(pixel, view_pixels(&job.other, y, x, scratch + STRETCH * channels, n), bits, n * channels)
        for i in range(n):
            values[i] = largest_of(bits + i * channels, channels)
    elif job.signals.sums:
        for i in range(n):
            values[i] = weighted(pixel + i * channels, job.signals.channel, job.signals.weight)
    else:
        for i in range(n):
            values[i] = pixel[i * channels + job.signals.channel[0]]


cdef void paint_band(const Brush *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The rows of one band."""
    cdef float values[STRETCH]
    cdef int found[STRETCH]
    cdef uint8_t *target
    cdef const uint8_t *colour
    cdef Py_ssize_t y, x, n, i
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 8 * n):
                return
            measure(job, y, x, scratch, values, <int>n)
            entries_of(job, values, found, <int>n)
            target = <uint8_t *>place(&job.out, y, x)
            for i in range(n):
                colour = job.colour + 3 * found[i]
                target[3 * i] = colour[0]
                target[3 * i + 1] = colour[1]
                target[3 * i + 2] = colour[2]
            x += n


cdef void paint_all(const Brush *job, float *scratch, int threads, Watch *watch) noexcept nogil:
    """Every band of rows."""
    cdef Py_ssize_t i, each = 3 * STRETCH * job.src.channels
    if threads == 1:
        for i in range(BANDS):
            paint_band(job, i, scratch, 0, watch)
        return
    for i in prange(BANDS, num_threads=threads, schedule="dynamic", chunksize=1):
        paint_band(job, i, scratch + threadid() * each, threadid(), watch)


cdef void all_gaps(const Brush *job, float *scratch, float *largest, int threads, Watch *watch) noexcept nogil:
    """Every band of rows; then the largest of the bands in the first."""
    cdef Py_ssize_t i, each = 3 * STRETCH * job.src.channels
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
    scratch = <float *>malloc(3 * <size_t>threads * STRETCH * job.src.channels * sizeof(float))
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
    scratch = <float *>malloc(3 * <size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        paint_all(&job, scratch, threads, &watch)
    free(scratch)
    finish(&watch)
