"""Separable resampling: every pixel a weighted sum of rows, then of columns.

The work is cut into parts, bands of rows times stripes of columns, whose source stays in the cache::

    source rows --sum_rows--> one row of the result's height --spread_row--> block --sum_columns--> result

Rows that are no dense float32 are turned into it a stripe at a time, in a ring that keeps what the next rows need;
there is never a float copy of the picture. Which samples a pixel takes, and the edges, are the tables' business
(``vfx/ops/_filter_weights.py``). The result is the same bytes for any number of threads and any memory layout.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free

from vfx._ext.pictures cimport Picture, describe, describe_output, load_pixels, place, store_pixels
from vfx._ext.pixel_formats cimport U8, U16
from vfx._ext.resample_codes cimport load_codes, store_codes
from vfx._ext.resample_sums cimport STRETCH, WIDTH, Ahead, Pair, spread_row, sum_column, sum_pairs, sum_quads, sum_rows, sum_triples
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["resample"]

_MOST_THREADS = 1024

cdef enum:
    BAND = 64                   # rows of the result in a part, at least
    SPAN = 512                  # columns of the source in a stripe, at least
    LARGEST_RING = 1 << 18      # floats

ctypedef struct Axis:
    const int *first        # the first sample of each pixel
    const int *count        # how many it takes
    const float *weights        # of each pixel, `taps` apart
    Py_ssize_t taps
    Py_ssize_t size             # samples
    Py_ssize_t pixels           # of the result

ctypedef struct Plan:
    Picture src
    Picture dst
    Axis x
    Axis y
    int rows                    # of the result that are worked on together
    Py_ssize_t pitch            # floats of a column of the block
    Py_ssize_t stripe           # columns of the result in a part
    Py_ssize_t stripes
    Py_ssize_t band             # rows of the result in a part
    Py_ssize_t bands
    Py_ssize_t widest           # columns of the source that a stripe needs
    Py_ssize_t ring             # rows of the ring; 0 where it would be too large
    Py_ssize_t ring_pitch       # floats of a row of the ring
    bint converts               # the source cannot be used where it lies
    bint codes                  # both are of one integer format
    Py_ssize_t scratch          # floats for each thread

ctypedef struct Room:
    float *line                 # rows of the result, but of the source's columns
    float *block
    float *ring
    float *out                  # rows of the result, where it is no dense float32
    float *pixel
    Py_ssize_t low              # rows in the ring
    Py_ssize_t high


cdef inline Py_ssize_t within(Py_ssize_t i, Py_ssize_t n) noexcept nogil:
    """Sample ``i`` of a period of ``n``: only wrapped tables lie outside."""
    if 0 <= i < n:
        return i
    i = i % n
    return i + n if i < 0 else i


cdef inline void reach(const Axis *axis, Py_ssize_t first, Py_ssize_t end, Py_ssize_t *low,
                       Py_ssize_t *high) noexcept nogil:
    """The samples that pixels ``first`` to ``end`` take: ``low`` up to and without ``high``."""
    cdef Py_ssize_t i
    low[0] = axis.first[first]
    high[0] = low[0]
    for i in range(first, end):
        low[0] = min(low[0], <Py_ssize_t>axis.first[i])
        high[0] = max(high[0], <Py_ssize_t>axis.first[i] + axis.count[i])


cdef inline void load_row(const Plan *plan, Py_ssize_t y, Py_ssize_t x, Py_ssize_t n, float *target) noexcept nogil:
    """``n`` pixels of the source, wrapped round, as float32."""
    cdef Py_ssize_t part, at
    y = within(y, plan.y.size)
    while n > 0:
        at = within(x, plan.x.size)
        part = min(n, plan.x.size - at)
        if plan.codes:
            load_codes(&plan.src, y, at, target, part)
        else:
            load_pixels(&plan.src, y, at, target, part)
        target += part * plan.src.channels
        x += part
        n -= part


cdef inline void fill_ring(const Plan *plan, Room *room, Py_ssize_t low, Py_ssize_t high, Py_ssize_t x,
                           Py_ssize_t n) noexcept nogil:
    """Rows ``low`` to ``high`` of the source are then in the ring."""
    cdef Py_ssize_t y
    if low < room.low or low > room.high:
        room.low = room.high = low
    for y in range(room.high, high):
        load_row(plan, y, x, n, room.ring + within(y, plan.ring) * plan.ring_pitch)
    room.high = max(room.high, high)
    room.low = max(room.low, room.high - plan.ring)


cdef inline const float *source_row(const Plan *plan, const Room *room, Py_ssize_t y, Py_ssize_t x) noexcept nogil:
    """A row of the source from column ``x`` on, where it lies: in the ring, or in the picture."""
    if plan.ring:
        return room.ring + within(y, plan.ring) * plan.ring_pitch
    return <const float *>place(&plan.src, y, x)


cdef inline void mix_long(const Plan *plan, Room *room, Py_ssize_t y, float *line, Py_ssize_t x,
                          Py_ssize_t n) noexcept nogil:
    """Row ``y`` of the result, but in the source's columns ``x`` to ``x + n``, as the sum of any number of rows."""
    cdef const float *rows[STRETCH]
    cdef const float *weights = plan.y.weights + y * plan.y.taps
    cdef Py_ssize_t row
    cdef int done = 0, part, k, count = plan.y.count[y]
    while done < count or done == 0:
        part = min(count - done, <int>STRETCH)
        for k in range(part):
            row = <Py_ssize_t>plan.y.first[y] + done + k
            if plan.converts and not plan.ring:
                load_row(plan, row, x, n, room.ring + k * plan.ring_pitch)
                rows[k] = room.ring + k * plan.ring_pitch
            else:
                rows[k] = source_row(plan, room, row, x)
        sum_rows(rows, weights + done, part, line, n * plan.src.channels, done > 0)
        done += STRETCH


cdef inline int pair_up(const Plan *plan, const Room *room, Py_ssize_t y, int used, Py_ssize_t x,
                        Pair *p) noexcept nogil:
    """Row ``y`` and, where both take much the same, the next: how many rows the pair is."""
    cdef Py_ssize_t first = plan.y.first[y]
    cdef int k, count = plan.y.count[y]
    p.one = p.other = plan.y.weights + y * plan.y.taps
    p.end = p.start = p.last = count
    if used > 1 and 0 <= plan.y.first[y + 1] - first <= count <= plan.y.first[y + 1] - first + plan.y.count[y + 1]:
        p.start = <int>(plan.y.first[y + 1] - first)
        p.last = p.start + plan.y.count[y + 1]
        p.other = p.one + plan.y.taps
    for k in range(p.last):
        p.rows[k] = source_row(plan, room, first + k, x)
    return 2 if p.start < p.last else 1


cdef inline void look_ahead(const Plan *plan, const Room *room, Py_ssize_t y, Py_ssize_t x, Ahead *ahead) noexcept nogil:
    """The rows of the source that the group at ``y`` will add to the ring, where they can be asked for ahead."""
    cdef Py_ssize_t low, high
    ahead.rows = 0
    if plan.ring and plan.src.dense and y < plan.y.pixels and 0 <= x:
        reach(&plan.y, y, min(y + plan.rows, plan.y.pixels), &low, &high)
        low = max(low, room.high)
        high = min(high, plan.y.size)
        if 0 <= low < high:
            ahead.first = place(&plan.src, low, x)
            ahead.row = plan.src.row
            ahead.rows = <int>min(high - low, <Py_ssize_t>STRETCH)
            ahead.item = plan.src.item


cdef inline void mix_group(const Plan *plan, Room *room, Py_ssize_t y, int used, Py_ssize_t x,
                           Py_ssize_t n) noexcept nogil:
    """Rows ``y`` to ``y + used``, but in the source's columns, in the block."""
    cdef Pair pairs[WIDTH]
    cdef Ahead ahead
    cdef int r = 0, count = 0, channels = plan.src.channels
    cdef bint quads = channels == 4
    cdef Py_ssize_t long_ = plan.widest * channels
    if plan.y.taps > STRETCH or (plan.converts and not plan.ring):
        for r in range(used):
            mix_long(plan, room, y + r, room.line, x, n)
            spread_row(room.line, room.block + r * channels, plan.pitch, channels, n)
        return
    look_ahead(plan, room, y + used, x, &ahead)
    while r < used:
        pairs[count].to_one = room.block + 4 * r if quads else room.line + r * long_
        pairs[count].to_other = NULL
        if pair_up(plan, room, y + r, used - r, x, &pairs[count]) == 2:
            r += 1
            pairs[count].to_other = room.block + 4 * r if quads else room.line + r * long_
        r += 1
        count += 1
    if quads:
        sum_pairs(pairs, count, n * 4, WIDTH, &ahead)
        return
    sum_pairs(pairs, count, n * channels, 0, &ahead)
    for r in range(used):
        spread_row(room.line + r * long_, room.block + r * channels, plan.pitch, channels, n)


cdef inline void run_group(const Plan *plan, Room *room, Py_ssize_t y, int used, Py_ssize_t x,
                           Py_ssize_t pixels) noexcept nogil:
    """Rows ``y`` to ``y + used`` of one stripe of the result."""
    cdef float *rows[WIDTH]
    cdef const float *weights = plan.x.weights + x * plan.x.taps
    cdef const float *block
    cdef Py_ssize_t left, right, low, high, i
    cdef int r, channels = plan.src.channels
    reach(&plan.x, x, x + pixels, &left, &right)
    if plan.ring:
        reach(&plan.y, y, y + used, &low, &high)
        fill_ring(plan, room, low, high, left, right - left)
    mix_group(plan, room, y, used, left, right - left)
    for r in range(used):
        if plan.dst.floats:
            rows[r] = <float *>place(&plan.dst, y + r, x)
        else:
            rows[r] = room.out + r * plan.stripe * channels
    block = room.block - left * plan.pitch
    if channels == 4 and used == 4:
        sum_quads(block, plan.x.first + x, plan.x.count + x, weights, plan.x.taps, rows[0], rows[1] - rows[0], pixels)
    elif channels == 3 and used == 5:
        sum_triples(block, plan.x.first + x, plan.x.count + x, weights, plan.x.taps, rows, pixels)
    else:
        for i in range(pixels):
            sum_column(block + plan.x.first[x + i] * plan.pitch, plan.pitch, weights + i * plan.x.taps,
                       plan.x.count[x + i], rows, used, channels, i, room.pixel)
    if not plan.dst.floats:
        for r in range(used):
            if plan.codes:
                store_codes(&plan.dst, y + r, x, rows[r], pixels)
            else:
                store_pixels(&plan.dst, y + r, x, rows[r], pixels)


cdef inline void run_part(const Plan *plan, Py_ssize_t part, float *scratch, int thread, Watch *watch) noexcept nogil:
    """One band of one stripe, unless the run was stopped."""
    cdef Room room
    cdef int channels = plan.src.channels
    cdef Py_ssize_t x = part % plan.stripes * plan.stripe, y = part // plan.stripes * plan.band
    cdef Py_ssize_t pixels = min(plan.stripe, plan.x.pixels - x), end = min(plan.y.pixels, y + plan.band)
    cdef Py_ssize_t work = plan.rows * channels * (plan.widest * plan.y.taps + pixels * plan.x.taps) // 8
    room.block = scratch
    room.ring = room.block + plan.widest * plan.pitch
    room.pixel = room.ring + (plan.ring or (STRETCH if plan.converts else 0)) * plan.ring_pitch
    room.line = room.pixel + plan.pitch
    room.out = room.line + plan.rows * plan.widest * channels
    room.low = room.high = 0
    while y < end and not look(watch, thread, work):
        run_group(plan, &room, y, <int>min(<Py_ssize_t>plan.rows, end - y), x, pixels)
        y += plan.rows


cdef void run_parts(const Plan *plan, float *scratch, int threads, Watch *watch) noexcept nogil:
    """All parts, over ``threads`` threads."""
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(plan.stripes * plan.bands):
            run_part(plan, i, scratch, 0, watch)
        return
    for i in prange(plan.stripes * plan.bands, num_threads=threads, schedule="dynamic", chunksize=1):
        run_part(plan, i, scratch + threadid() * plan.scratch, threadid(), watch)


cdef int _axis(tuple table, str name, Py_ssize_t pixels, Py_ssize_t size, bint wraps, Axis *axis) except -1:
    """Fills in one axis from its checked table."""
    first, count, weights = table
    fits = (first.dtype == np.int32 and count.dtype == np.int32 and weights.dtype == np.float32
            and first.shape == count.shape == (pixels,) and weights.ndim == 2 and weights.shape[0] == pixels
            and first.flags.c_contiguous and count.flags.c_contiguous and weights.flags.c_contiguous
            and count.min() >= 0 and count.max() <= weights.shape[1])
    if not fits:
        raise ValueError(f"the table of {name} must hold {pixels} firsts and counts (int32) and rows of float32 weights")
    if wraps:
        fits = abs(first.astype(np.int64)).max() < 1 << 30
    else:
        fits = first.min() >= 0 and (first.astype(np.int64) + count).max() <= size
    if not fits:
        raise ValueError(f"the table of {name} takes samples outside the picture")
    axis.first = <const int *><uintptr_t>first.__array_interface__["data"][0]
    axis.count = <const int *><uintptr_t>count.__array_interface__["data"][0]
    axis.weights = <const float *><uintptr_t>weights.__array_interface__["data"][0]
    axis.taps = weights.shape[1]
    axis.size = size
    axis.pixels = pixels
    return 0


cdef void _lay_out(Plan *plan, bint wraps) noexcept:
    """Cuts the work into parts and works out how much room each thread needs."""
    cdef Py_ssize_t low, high, i, span = 0
    cdef int channels = plan.src.channels
    plan.rows = max(1, WIDTH // channels)
    plan.pitch = (plan.rows * channels + WIDTH - 1) // WIDTH * WIDTH
    reach(&plan.x, 0, plan.x.pixels, &low, &high)
    span = max(<Py_ssize_t>SPAN * 4 // max(channels, 4), 8 * plan.x.taps)
    plan.stripe = max(<Py_ssize_t>1, min(plan.x.pixels, plan.x.pixels * span // max(<Py_ssize_t>1, high - low)))
    plan.stripes = (plan.x.pixels + plan.stripe - 1) // plan.stripe
    plan.widest = 0
    for i in range(plan.stripes):
        reach(&plan.x, i * plan.stripe, min(plan.x.pixels, (i + 1) * plan.stripe), &low, &high)
        plan.widest = max(plan.widest, high - low)
    plan.band = (BAND + plan.rows - 1) // plan.rows * plan.rows
    plan.bands = (plan.y.pixels + plan.band - 1) // plan.band
    plan.codes = plan.src.format == plan.dst.format and plan.src.format in (U8, U16)
    plan.converts = wraps or not plan.src.floats
    # An odd number of cache lines: rows a multiple of 4096 bytes apart, as those of UHD pictures, would all meet in
    # the same few sets of the first cache (1.0 became 0.7 ns a pixel).
    plan.ring_pitch = ((plan.widest * channels + WIDTH - 1) // WIDTH | 1) * WIDTH
    span = 1
    for i in range((plan.y.pixels + plan.rows - 1) // plan.rows):
        reach(&plan.y, i * plan.rows, min(plan.y.pixels, (i + 1) * plan.rows), &low, &high)
        span = max(span, high - low)
    plan.ring = span if span * plan.ring_pitch <= LARGEST_RING else 0
    plan.scratch = plan.widest * (plan.pitch + plan.rows * channels) + plan.pitch + plan.rows * plan.stripe * channels
    plan.scratch += (plan.ring or (STRETCH if plan.converts else 0)) * plan.ring_pitch
    plan.scratch = (plan.scratch + 2 * WIDTH - 1) // WIDTH * WIDTH


cdef int _execute(const Plan *plan, int threads) except -1:
    """Runs the plan; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory
    watch.stop = False
    watch.work = 0
    if plan.stripes * plan.bands == 1:
        threads = 1
    memory = <char *>calloc(<size_t>threads * plan.scratch * sizeof(float) + 64, 1)
    if memory == NULL:
        raise MemoryError("no memory for the resampler's rows")
    with nogil:
        run_parts(plan, <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63), threads, &watch)
    free(memory)
    return -1 if watch.stop else 0


def resample(src, dst, tuple columns, tuple rows, bint wraps, int threads):
    """Nothing; ``dst`` then holds ``src`` resampled.

    Parameters
    ----------
    src : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The source.
    dst : numpy.ndarray, (h, w, C)
        Memory that does not overlap it, of any of these formats.
    columns, rows : tuple of (first, count, weights)
        For each of the w columns (h rows) of ``dst``: the first sample that it takes and how many, int32, and their
        weights, float32 of shape (w, at least the largest count).
    wraps : bool
        Whether samples outside the source are those of the other side; otherwise there must be none.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that do not fit, other dtypes, a read-only ``dst``, or tables that leave the picture.
    """
    cdef Plan plan
    if not 1 <= threads <= _MOST_THREADS:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS}, got {threads}")
    describe(src, "src", &plan.src)
    describe_output(dst, "dst", &plan.dst)
    if plan.src.channels != plan.dst.channels:
        raise ValueError(f"src and dst must have as many channels, got {plan.src.channels} and {plan.dst.channels}")
    if np.may_share_memory(src, dst):
        raise ValueError("src and dst overlap: give memory of its own")
    _axis(columns, "columns", plan.dst.width, plan.src.width, wraps, &plan.x)
    _axis(rows, "rows", plan.dst.height, plan.src.height, wraps, &plan.y)
    _lay_out(&plan, wraps)
    _execute(&plan, threads)
