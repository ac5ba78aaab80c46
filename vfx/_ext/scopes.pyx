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
    uint64_t *counts            # [signal][column][level], and a cell more after the last level
    int *column_of              # of each column of the picture
    Py_ssize_t columns
    Py_ssize_t levels
    float low
    float scale                 # levels per unit

ctypedef struct Chroma:
    Picture src
    uint64_t *grids             # one per thread, with a row and a column more
    Py_ssize_t size
    int channel[3]
    float across[3]
    float up[3]

cdef inline int sixteenths(float at, float last) noexcept nogil:
    """``at``, limited to [0, last], in whole sixteenths; -1 for NaN."""
    cdef float limited = at if at > <float>0 else <float>0
    limited = limited if limited < last else last
    return <int>(limited * <float>16 + <float>0.5) if at == at else -1


cdef inline void place_levels(const Levels *job, const float *pixel, int k, int *at, int n) noexcept nogil:
    """Where the values of one signal lie, in sixteenths of a level."""
    cdef float last = <float>(job.levels - 1)
    cdef int i, step = job.src.channels
    if job.signals.sums:
        for i in range(n):
            at[i] = sixteenths((weighted(pixel + i * step, job.signals.channel, job.signals.weight) - job.low)
                               * job.scale, last)
    else:
        pixel += job.signals.channel[k]
        for i in range(n):
            at[i] = sixteenths((pixel[i * step] - job.low) * job.scale, last)


cdef void level_band(const Levels *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The scope's columns of one band, over all rows: no other thread touches their counts."""
    cdef int at[STRETCH]
    cdef const float *pixel
    cdef uint64_t *cell
    cdef Py_ssize_t width = job.src.width, each = job.levels + 1, y, x, n, i
    cdef Py_ssize_t first = job.columns * band // BANDS, end = job.columns * (band + 1) // BANDS
    cdef Py_ssize_t left = (first * width + job.columns - 1) // job.columns
    cdef Py_ssize_t right = (end * width + job.columns - 1) // job.columns
    cdef int k, share
    for y in range(job.src.height):
        if look(watch, thread, 8 * (right - left)):
            return
        x = left
        while x < right:
            n = min(<Py_ssize_t>STRETCH, right - x)
            pixel = view_pixels(&job.src, y, x, scratch, n)
            for k in range(1 if job.signals.sums else job.signals.count):
                place_levels(job, pixel, k, at, <int>n)
                for i in range(n):
                    if at[i] >= 0:
                        cell = job.counts + (k * job.columns + job.column_of[x + i]) * each + (at[i] >> 4)
                        share = at[i] & 15
                        cell[0] += 16 - share
                        cell[1] += share
            x += n


cdef inline void place_pairs(const Chroma *job, const float *pixel, int *across, int *down, int n) noexcept nogil:
    """Where pixels lie, in sixteenths of a cell; -1 where one of the two is NaN."""
    cdef float last = <float>(job.size - 1), half = <float>(job.size - 1) / <float>2
    cdef int i, step = job.src.channels
    for i in range(n):
        across[i] = sixteenths(half + weighted(pixel + i * step, job.channel, job.across) * last, last)
    for i in range(n):
        down[i] = sixteenths(half - weighted(pixel + i * step, job.channel, job.up) * last, last)


cdef void chroma_band(const Chroma *job, Py_ssize_t band, float *scratch, int thread, Watch *watch) noexcept nogil:
    """The rows of one band, counted in the thread's own grid."""
    cdef int across[STRETCH]
    cdef int down[STRETCH]
    cdef Py_ssize_t side = job.size + 1, y, x, n, i
    cdef uint64_t *grid = job.grids + thread * side * side
    cdef uint64_t *cell
    cdef int right, below
    for y in range(job.src.height * band // BANDS, job.src.height * (band + 1) // BANDS):
        x = 0
        while x < job.src.width:
            n = min(<Py_ssize_t>STRETCH, job.src.width - x)
            if look(watch, thread, 8 * n):
                return
            place_pairs(job, view_pixels(&job.src, y, x, scratch, n), across, down, <int>n)
            for i in range(n):
                if across[i] >= 0 and down[i] >= 0:
                    cell = grid + (down[i] >> 4) * side + (across[i] >> 4)
                    right = across[i] & 15
                    below = down[i] & 15
                    cell[0] += (16 - right) * (16 - below)
                    cell[1] += right * (16 - below)
                    cell[side] += (16 - right) * below
                    cell[side + 1] += right * below
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
    cdef Py_ssize_t i, t, each = STRETCH * job.src.channels, cells = (job.size + 1) * (job.size + 1)
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
    counts = np.zeros((1 if weights is not None else job.signals.count, job.columns, job.levels + 1), np.uint64)
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
    return counts[:, :, : job.levels]


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
    grids = np.zeros((threads, size + 1, size + 1), np.uint64)
    job.grids = <uint64_t *><uintptr_t>grids.__array_interface__["data"][0]
    scratch = <float *>malloc(<size_t>threads * STRETCH * job.src.channels * sizeof(float))
    if scratch == NULL:
        raise MemoryError("no memory for a stretch of pixels")
    with nogil:
        all_chroma(&job, scratch, threads, &watch)
    free(scratch)
    finish(&watch)
    return grids[0, :size, :size].copy()
