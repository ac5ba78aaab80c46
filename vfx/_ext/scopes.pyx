"""What scopes count.

=================  ========================================================================================
``count_levels``   how often each level occurs in each stretch of columns: waveform, parade, histogram
``count_chroma``   how often each pair of colour differences occurs: vectorscope
=================  ========================================================================================

Counts are whole numbers of sixteenths (levels) or of 256ths (chroma) of a pixel: a value that falls between two cells
is shared by them in proportion, so that the codes of an 8-bit picture leave no comb. Whole numbers add up to the same
for any number of threads. NaN is not counted; values beyond the ends are counted in the cells at the ends.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint64_t, uintptr_t
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, view_pixels
from vfx._ext.signals cimport BANDS, STRETCH, Signals, check_threads, finish, take_signals, weighted
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

ctypedef struct Levels:
    Picture src
    Signals signals
    uint64_t *counts            # [signal][column][level]
    int *column_of              # of each column of the picture
    Py_ssize_t columns
    Py_ssize_t levels
    float low
    float scale                 # levels per unit

ctypedef struct Chroma:
    Picture src
    uint64_t *grids             # one per thread
    Py_ssize_t size
    int channel[3]
    float across[3]
    float up[3]

cdef inline float within(float at, float last) noexcept nogil:
    """``at`` limited to [0, last]."""
    at = at if at > <float>0 else <float>0
    return at if at < last else last


cdef inline void count_level(uint64_t *cells, float at, float last) noexcept nogil:
    """One pixel, in sixteenths, into the two cells around ``at``; nothing for NaN."""
    cdef int cell, share
    if at != at:
        return
    at = within(at, last)
    cell = <int>at
    share = <int>((at - <float>cell) * <float>16 + <float>0.5)
    cells[cell] += 16 - share
    if share:
        cells[cell + 1] += share


cdef void level_band(const Levels *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The scope's columns of one band, over all rows: no other thread touches their counts."""
    cdef const float *pixel
    cdef Py_ssize_t width = job.src.width, y, x, n, i, column
    cdef Py_ssize_t first = job.columns * band // BANDS, end = job.columns * (band + 1) // BANDS
    cdef Py_ssize_t left = (first * width + job.columns - 1) // job.columns
    cdef Py_ssize_t right = (end * width + job.columns - 1) // job.columns
    cdef float last = <float>(job.levels - 1)
    cdef int k
    for y in range(job.src.height):
        if look(watch, thread, 8 * (right - left)):
            return
        x = left
        while x < right:
            n = min(<Py_ssize_t>STRETCH, right - x)
            pixel = view_pixels(&job.src, y, x, scratch, n)
            for i in range(n):
                column = job.column_of[x + i] * job.levels
                if job.signals.sums:
                    count_level(job.counts + column,
                                (weighted(pixel, job.signals.channel, job.signals.weight) - job.low) * job.scale, last)
                else:
                    for k in range(job.signals.count):
                        count_level(job.counts + k * job.columns * job.levels + column,
                                    (pixel[job.signals.channel[k]] - job.low) * job.scale, last)
                pixel += job.src.channels
            x += n


cdef inline void count_pair(const Chroma *job, uint64_t *grid, const float *pixel) noexcept nogil:
    """One pixel, in 256ths, into the four cells around its place; nothing for NaN."""
    cdef float half = <float>(job.size - 1) / <float>2, last = <float>(job.size - 1)
    cdef float x = half + weighted(pixel, job.channel, job.across) * last
    cdef float y = half - weighted(pixel, job.channel, job.up) * last
    cdef Py_ssize_t column, row
    cdef int right, down
    cdef uint64_t *cell
    if x != x or y != y:
        return
    x = within(x, last)
    y = within(y, last)
    column = <Py_ssize_t>x
    row = <Py_ssize_t>y
    right = <int>((x - <float>column) * <float>16 + <float>0.5)
    down = <int>((y - <float>row) * <float>16 + <float>0.5)
    cell = grid + row * job.size + column
    cell[0] += (16 - right) * (16 - down)
    if right:
        cell[1] += right * (16 - down)
    if down:
        cell[job.size] += (16 - right) * down
        if right:
            cell[job.size + 1] += right * down


cdef void chroma_band(const Chroma *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The rows of one band, counted in the thread's own grid."""
    cdef uint64_t *grid = job.grids + thread * job.size * job.size
    cdef const float *pixel
    cdef Py_ssize_t y, x, n, i
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 16 * n):
                return
            pixel = view_pixels(&job.src, y, x, scratch, n)
            for i in range(n):
                count_pair(job, grid, pixel)
                pixel += job.src.channels
            x += n


cdef void all_levels(const Levels *job, float *scratch, int threads, Watch *watch) noexcept nogil:
    """Every band of columns."""
    cdef Py_ssize_t i, each = STRETCH * job.src.channels
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(BANDS):
            level_band(job, i, scratch, 0, watch)
        return
    for i in prange(BANDS, num_threads=threads, schedule="dynamic", chunksize=1):
        level_band(job, i, scratch + threadid() * each, threadid(), watch)


cdef void all_chroma(const Chroma *job, float *scratch, int threads, Watch *watch) noexcept nogil:
    """Every band of rows; then the sum of the threads' grids in the first."""
    cdef Py_ssize_t i, t, each = STRETCH * job.src.channels, cells = job.size * job.size
    if threads == 1:
        for i in range(BANDS):
            chroma_band(job, i, scratch, 0, watch)
        return
    for i in prange(BANDS, num_threads=threads, schedule="dynamic", chunksize=1):
        chroma_band(job, i, scratch + threadid() * each, threadid(), watch)
    for t in range(1, threads):
        for i in range(cells):
            job.grids[i] += job.grids[t * cells + i]


def count_levels(src, channels, weights, shape, limits, int threads):
    """How often each level occurs in each stretch of columns: uint64 (signals, columns, levels), in sixteenths.

    Parameters
    ----------
    src : numpy.ndarray, (H, W, C)
    channels : sequence of 1 to 3 ints
        The signals; with ``weights``, the three channels of the only signal.
    weights : sequence of 3 floats, or None
        Of that signal's sum.
    shape : (columns, levels)
        At most W columns; 2 to 65536 levels. Column x of the picture falls in x * columns // W.
    limits : (low, high)
        The values that the first and the last level stand for.
    threads : int

    Raises
    ------
    ValueError
        For channels, weights or a shape that do not fit.
    """
    cdef Levels job
    cdef Watch watch = Watch(False, 0)
    cdef float *scratch
    check_threads(threads)
    describe(src, "src", &job.src)
    take_signals(&job.signals, channels, weights, job.src.channels)
    job.columns, job.levels = shape
    low, high = limits
    if not 1 <= job.columns <= job.src.width or not 2 <= job.levels <= 65536 or not low < high:
        raise ValueError(f"a count takes 1 to {job.src.width} columns, 2 to 65536 levels and low < high")
    job.low = low
    job.scale = (job.levels - 1) / (high - low)
    counts = np.zeros((1 if weights is not None else job.signals.count, job.columns, job.levels), np.uint64)
    job.counts = <uint64_t *><uintptr_t>counts.__array_interface__["data"][0]
    columns = (np.arange(job.src.width, dtype=np.int64) * job.columns // job.src.width).astype(np.intc)
    job.column_of = <int *><uintptr_t>columns.__array_interface__["data"][0]
    scratch = <float *>malloc(<size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        all_levels(&job, scratch, threads, &watch)
    free(scratch)
    finish(&watch)
    return counts


def count_chroma(src, channels, matrix, int size, int threads):
    """How often each pair of colour differences occurs: uint64 (size, size), in 256ths of a pixel.

    Parameters
    ----------
    src : numpy.ndarray, (H, W, C)
    channels : three ints
        Red, green and blue.
    matrix : two rows of three floats
        Colour to (across, up); 0 is the grid's middle, 0.5 its right and upper ends.
    size : int
        Cells on a side, 2 to 4096.
    threads : int

    Raises
    ------
    ValueError
        For channels, a matrix or a size that do not fit.
    """
    cdef Chroma job
    cdef Signals signals
    cdef Watch watch = Watch(False, 0)
    cdef float *scratch
    cdef int k
    check_threads(threads)
    describe(src, "src", &job.src)
    take_signals(&signals, channels, matrix[0], job.src.channels)
    if len(matrix) != 2 or len(matrix[1]) != 3 or not 2 <= size <= 4096:
        raise ValueError(f"chroma takes a 2x3 matrix and a size of 2 to 4096, got a size of {size}")
    for k in range(3):
        job.channel[k] = signals.channel[k]
        job.across[k], job.up[k] = matrix[0][k], matrix[1][k]
    job.size = size
    grids = np.zeros((threads, size, size), np.uint64)
    job.grids = <uint64_t *><uintptr_t>grids.__array_interface__["data"][0]
    scratch = <float *>malloc(<size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        all_chroma(&job, scratch, threads, &watch)
    free(scratch)
    finish(&watch)
    return grids[0].copy()
