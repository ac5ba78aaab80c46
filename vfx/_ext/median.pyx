"""The median of a box around each pixel: three ways, by the size of the box and the format.

=================  ======================  ==========================================================
3x3, 5x5           every format            sorting networks (``median_networks.pxd``, ``median_registers.pxd``)
other boxes        u8                      histograms of columns (``median_histograms.pxd``)
other boxes        u16, f16, f32           pixels in order, then the same (``median_ranks.pxd``)
=================  ======================  ==========================================================

Elements are compared as the integers of ``rank_keys``: results are exact, and NaN is above all numbers. Networks take
integers, and rows of float32 without NaN and -0, straight from the picture: minima and maxima of numbers are the same.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc

from vfx._ext.median_histograms cimport BINS, Boxes, column_bytes, counts8, counts16, counts32, medians, set_boxes
from vfx._ext.median_networks cimport NUMBERS, median_row
from vfx._ext.median_ranks cimport SLACK, Order, nth_key, put_in_order
from vfx._ext.median_registers cimport median_in_registers
from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place
from vfx._ext.pixel_formats cimport F16, F32, U8, U16, gather, scatter
from vfx._ext.rank_keys cimport from_keys, in_place, load_keys, put_elements, to_keys, unordered
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["median"]

cdef enum:
    STRIP_BYTES = 1 << 16       # of a row that a network takes at once: the picture is read row by row
    PIECE_BYTES = 1 << 11       # of that, what is sorted at once
    RING = 5                    # rows of keys
    BAND_ROWS = 128             # rows of a part
    TILE = 256                  # pixels along a side of a tile; coordinates below it fit in a byte
    WIDE_TILE = 1024            # pixels across a tile of bytes, whose columns' histograms then fit in L2
    FEWEST = 128                # results along a side of a tile, at least
    MOST_THREADS = 1024
    LARGEST_BOX = 1023

ctypedef struct Plan:
    Py_ssize_t width            # of the box, both odd
    Py_ssize_t height
    int edge
    bint network
    Py_ssize_t columns          # of a part's results
    Py_ssize_t rows
    Py_ssize_t across           # parts
    Py_ssize_t parts
    Py_ssize_t row_bytes        # of a network's row
    Py_ssize_t edge_bytes       # of its ends
    Py_ssize_t stride           # of a tile
    Py_ssize_t pixels           # of a tile
    Py_ssize_t scratch          # bytes of one thread


cdef inline void _network_rows(const Picture *dst, const Plan *plan, int kind, char **rows, Py_ssize_t y, Py_ssize_t x,
                               Py_ssize_t width, bint two, char *planes) noexcept nogil:
    """One row of results, or two, in pieces whose sorted columns stay in the fastest cache."""
    cdef Py_ssize_t pixel = <Py_ssize_t>dst.item * dst.channels, piece = PIECE_BYTES // pixel
    cdef Py_ssize_t room = ((piece + plan.width) * pixel + 63) // 64 * 64, done = 0, n, head
    cdef int k
    cdef char *target = planes + 6 * room
    cdef char *below = target + room
    cdef char *from_here[5]
    if two and in_place(dst) and median_in_registers(kind, rows, place(dst, y, x), place(dst, y + 1, x), width * pixel,
                                                     pixel):
        return
    piece = max(piece - piece % 64 if piece > 64 else piece, <Py_ssize_t>1)
    while done < width:
        # The first piece ends where a cache line of the result does, so that vectors of the others lie in one.
        head = -<uintptr_t>place(dst, y, x + done) & 63
        n = min(head // pixel if done == 0 and head > 0 and head % pixel == 0 else piece, width - done)
        for k in range(plan.width + two):
            from_here[k] = rows[k] + done * pixel
        if in_place(dst):
            median_row(kind, <int>plan.width, from_here, planes, room // dst.item, place(dst, y, x + done),
                       place(dst, y + 1, x + done) if two else NULL, n * dst.channels, dst.channels)
        else:
            median_row(kind, <int>plan.width, from_here, planes, room // dst.item, target, below if two else NULL,
                       n * dst.channels, dst.channels)
            put_elements(dst, y, x + done, target, n)
            if two:
                put_elements(dst, y + 1, x + done, below, n)
        done += n


cdef inline void _network_edge(const Picture *src, const Picture *dst, const Plan *plan, Py_ssize_t y, Py_ssize_t x,
                               Py_ssize_t width, bint two, char *memory, char *planes) noexcept nogil:
    """A few pixels of one row of results, or two, by way of keys."""
    cdef Py_ssize_t step = 2 * plan.width * src.item * src.channels
    cdef int k
    cdef char *rows[5]
    for k in range(plan.width + two if width > 0 else 0):
        rows[k] = memory + k * step
        load_keys(src, y + k - plan.width // 2, x - plan.width // 2, rows[k], width + plan.width - 1, plan.edge, True)
    _network_rows(dst, plan, dst.format, rows, y, x, width, two, planes)


cdef inline bint _in_place(const Picture *src, const Picture *dst, const Plan *plan, Py_ssize_t y, Py_ssize_t x,
                           Py_ssize_t width, bint two, char *memory, char *planes) noexcept nogil:
    """One row of results, or two, straight from the picture; False, and nothing done, where that cannot be."""
    cdef Py_ssize_t half = plan.width // 2, first = min(max(x, half), x + width), at
    cdef Py_ssize_t last = max(min(x + width, src.width - half), first)
    cdef int k
    cdef char *rows[5]
    for k in range(plan.width + two):
        at = edge_index(y + k - half, src.height, plan.edge)
        if at < 0:
            return False
        rows[k] = place(src, at, first - half)
    _network_edge(src, dst, plan, y, x, first - x, two, memory, planes)
    _network_rows(dst, plan, NUMBERS if src.format == F32 else src.format, rows, y, first, last - first, two, planes)
    _network_edge(src, dst, plan, y, last, x + width - last, two, memory, planes)
    return True


cdef inline bint _plain(const Picture *src, const Plan *plan, Py_ssize_t y, Py_ssize_t x,
                        Py_ssize_t width) noexcept nogil:
    """Whether the strip of row ``y``, which may be outside, can be compared as it is."""
    cdef Py_ssize_t first = max(x - plan.width // 2, <Py_ssize_t>0)
    cdef Py_ssize_t last = min(x + width + plan.width // 2, src.width)
    if src.format != F32:
        return True
    y = edge_index(y, src.height, plan.edge)
    return y < 0 or not unordered(place(src, y, first), (last - first) * src.channels)


cdef void _network(const Picture *src, const Picture *dst, const Plan *plan, Py_ssize_t part,
                   char *memory) noexcept nogil:
    """One strip of one band, all channels."""
    cdef Py_ssize_t x = part % plan.across * plan.columns, y = part // plan.across * plan.rows
    cdef Py_ssize_t width = min(plan.columns, src.width - x), height = min(plan.rows, src.height - y), done = 0, t = 0
    cdef Py_ssize_t seen = 0, keyed = 0 if in_place(src) and src.format != F16 else height + RING
    cdef int size = <int>plan.width, count, k
    cdef char *rows[5]
    cdef char *edges = memory + RING * plan.row_bytes
    cdef char *planes = edges + RING * plan.edge_bytes
    # Vectors of keys and of results are then aligned at once.
    memory = memory + (<uintptr_t>place(dst, y, x) & 63) // dst.item * dst.item
    while done < height:
        count = 2 if size == 3 and height - done > 1 else 1
        while seen < done + count - 1 + size and keyed < height:
            seen += 1
            if not _plain(src, plan, y + seen - 1 - size // 2, x, width):
                keyed = seen        # before that row is behind
        if keyed > done or not _in_place(src, dst, plan, y + done, x, width, count == 2, edges, planes):
            t = max(t, done)
            while t < done + count - 1 + size:
                load_keys(src, y + t - size // 2, x - size // 2, memory + t % RING * plan.row_bytes, width + size - 1,
                          plan.edge, True)
                t += 1
            for k in range(size + count - 1):
                rows[k] = memory + (done + k) % RING * plan.row_bytes
            _network_rows(dst, plan, dst.format, rows, y + done, x, width, count == 2, planes)
        done += count


cdef void _load_row(const Picture *p, Py_ssize_t y, Py_ssize_t x, int channel, char *target, Py_ssize_t n,
                    int edge) noexcept nogil:
    """``n`` elements of one channel from (y, x) on, which may lie outside the picture."""
    cdef Py_ssize_t first = min(max(-x, <Py_ssize_t>0), n), last = max(min(p.width - x, n), first), i, at
    cdef uint32_t black = 0
    cdef const char *source
    y = edge_index(y, p.height, edge)
    source = place(p, y if y >= 0 else 0, 0) + channel * p.channel
    if y >= 0 and first < last:
        gather(p.item, source + (x + first) * p.column, p.column, target + first * p.item, <int>(last - first))
    for i in range(n):
        if y >= 0 and first <= i < last:
            continue
        at = edge_index(x + i, p.width, edge)
        gather(p.item, source + at * p.column if y >= 0 and at >= 0 else <const char *>&black, p.item,
               target + i * p.item, 1)


cdef inline void _medians(const Boxes *b, const uint8_t *bins, char *columns, char *sums, uint8_t *result,
                          uint16_t *rest) noexcept nogil:
    """``medians`` with counters that are large enough."""
    if b.large:
        medians(b, bins, <counts16>columns, <counts32>sums, result, rest)
    else:
        medians(b, bins, <counts8>columns, <counts16>sums, result, rest)


cdef void _histograms(const Picture *src, const Picture *dst, const Plan *plan, Boxes *b, Py_ssize_t y, Py_ssize_t x,
                      int channel, char *memory) noexcept nogil:
    """A tile of one channel of bytes."""
    cdef Py_ssize_t high = b.rows + b.height - 1, i, j
    cdef uint8_t least = 255, most = 0
    cdef uint8_t *bins = <uint8_t *>memory
    cdef uint8_t *result = bins + plan.pixels
    cdef char *sums = <char *>((<uintptr_t>(result + plan.columns * plan.rows) + 63) & ~<uintptr_t>63)
    for i in range(high):
        _load_row(src, y + i - b.height // 2, x - b.width // 2, channel, <char *>bins + i * b.stride, b.stride,
                  plan.edge)
        for j in range(i * b.stride, (i + 1) * b.stride):
            least = min(least, bins[j])
            most = max(most, bins[j])
    for i in range(high * b.stride):
        bins[i] -= least
    b.bins = ((most - least) // 64 + 1) * 64
    _medians(b, bins, sums + 8 * BINS, sums, result, NULL)
    for i in range(b.rows * b.columns):
        result[i] += least
    for i in range(b.rows):
        scatter(1, result + i * b.columns, place(dst, y + i, x) + channel * dst.channel, dst.column, <int>b.columns)


cdef inline uint64_t _unsigned_key(int format, const char *keys, Py_ssize_t i) noexcept nogil:
    """A key among others of a row, as an unsigned number of the same order."""
    if format == F32:
        return <uint32_t>(<const int32_t *>keys)[i] ^ <uint32_t>0x80000000
    if format == F16:
        return <uint16_t>((<const int16_t *>keys)[i] ^ 0x8000)
    return (<const uint16_t *>keys)[i]


cdef inline void _set_key(int format, char *keys, Py_ssize_t i, uint32_t key) noexcept nogil:
    """The inverse of ``_unsigned_key``."""
    if format == F32:
        (<int32_t *>keys)[i] = <int32_t>(key ^ <uint32_t>0x80000000)
    elif format == F16:
        (<int16_t *>keys)[i] = <int16_t>(key ^ 0x8000)
    else:
        (<uint16_t *>keys)[i] = <uint16_t>key


cdef void _ranks(const Picture *src, const Picture *dst, const Plan *plan, Boxes *b, Py_ssize_t y, Py_ssize_t x,
                 int channel, char *memory) noexcept nogil:
    """A tile of one channel of any format."""
    cdef Order order
    cdef Py_ssize_t high = b.rows + b.height - 1, i, j
    cdef char *row = memory                                     # four bytes a pixel, three rows of a tile
    cdef char *keys = row + 4 * plan.stride
    cdef char *other = keys + 4 * plan.stride
    cdef uint16_t *rest = <uint16_t *>(other + 4 * plan.stride)
    cdef uint8_t *bins = <uint8_t *>(rest + plan.columns * plan.rows)
    cdef uint8_t *result = bins + plan.pixels
    cdef char *sums = <char *>((<uintptr_t>(result + plan.columns * plan.rows) + 63) & ~<uintptr_t>63)
    cdef char *columns = sums + 8 * BINS
    order.pixels = high * b.stride
    order.wide = b.stride > TILE or high > TILE
    order.entries = <uint64_t *>(columns + column_bytes(b, plan.columns))
    order.keys = <uint32_t *>(order.entries + 2 * plan.pixels)
    order.xs = order.keys + plan.pixels + SLACK
    order.ys = <uint16_t *>order.xs + plan.pixels + SLACK
    for i in range(high):
        _load_row(src, y + i - b.height // 2, x - b.width // 2, channel, row, b.stride, plan.edge)
        if src.format == U16:
            keys = row
        else:
            to_keys(src.format, row, keys, b.stride, True)
        for j in range(b.stride):
            order.entries[i * b.stride + j] = _unsigned_key(src.format, keys, j) << 32 | <uint64_t>(i << 16 | j)
    put_in_order(&order, 8 * src.item, bins, b.stride)
    _medians(b, bins, columns, sums, result, rest)
    for i in range(b.rows):
        for j in range(b.columns):
            _set_key(src.format, keys, j, nth_key(&order, j, i, b.width, b.height, result[i * b.columns + j],
                                                  rest[i * b.columns + j]))
        from_keys(src.format, keys, other, b.columns)
        scatter(src.item, other, place(dst, y + i, x) + channel * dst.channel, dst.column, <int>b.columns)


cdef inline void _part(const Picture *src, const Picture *dst, const Plan *plan, Py_ssize_t part, char *memory,
                       int thread, Watch *watch) noexcept nogil:
    """Part ``part``, unless the run was stopped."""
    cdef Boxes b
    cdef Py_ssize_t x, y, tile = part // src.channels
    memory = memory + thread * plan.scratch
    if look(watch, thread, plan.columns * plan.rows * (src.channels if plan.network else 32)):
        return
    if plan.network:
        _network(src, dst, plan, part, memory)
        return
    set_boxes(&b, plan.width, plan.height)
    x, y = tile % plan.across * plan.columns, tile // plan.across * plan.rows
    b.columns, b.rows = min(plan.columns, src.width - x), min(plan.rows, src.height - y)
    b.stride = b.columns + b.width - 1
    if src.format == U8:
        _histograms(src, dst, plan, &b, y, x, <int>(part % src.channels), memory)
    else:
        _ranks(src, dst, plan, &b, y, x, <int>(part % src.channels), memory)


cdef void _parts(const Picture *src, const Picture *dst, const Plan *plan, char *memory, int threads,
                 Watch *watch) noexcept nogil:
    """All parts, over ``threads`` threads."""
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(plan.parts):
            _part(src, dst, plan, i, memory, 0, watch)
        return
    for i in prange(plan.parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(src, dst, plan, i, memory, threadid(), watch)


cdef inline Py_ssize_t _side(Py_ssize_t box, Py_ssize_t picture, int format) noexcept nogil:
    """Results along a side of a tile."""
    if format == U8:    # what a tile begins with is worth it; the columns' histograms stay in the cache
        return min(max(<Py_ssize_t>TILE, 3 * box), picture)
    return min(max(TILE - (box - 1), <Py_ssize_t>FEWEST, box // 4), picture)


cdef int _lay_out(const Picture *src, Plan *plan) except -1:
    """Cuts the picture into parts."""
    cdef Boxes b
    cdef Py_ssize_t pixel = <Py_ssize_t>src.item * src.channels
    plan.network = plan.width == plan.height and (plan.width == 3 or plan.width == 5)
    if plan.network:
        plan.columns = min(max(STRIP_BYTES // pixel, 4 * plan.width), src.width)
        plan.rows = min(<Py_ssize_t>BAND_ROWS, src.height)
        plan.row_bytes = ((plan.columns + plan.width - 1) * pixel + 127) // 64 * 64
        plan.edge_bytes = (2 * plan.width * pixel + 63) // 64 * 64
        plan.scratch = RING * (plan.row_bytes + plan.edge_bytes) + 8 * (PIECE_BYTES + (plan.width + 1) * pixel + 64)
    else:
        plan.columns = _side(plan.width, src.width, src.format)
        if src.format == U8:    # each tile goes over what its box reaches too
            plan.columns = min(max(plan.columns, <Py_ssize_t>WIDE_TILE), src.width)
        plan.rows = _side(plan.height, src.height, src.format)
        plan.stride = plan.columns + plan.width - 1
        plan.pixels = plan.stride * (plan.rows + plan.height - 1)
        set_boxes(&b, plan.width, plan.height)
        plan.scratch = (plan.pixels + plan.columns * plan.rows + 128 + 8 * BINS + column_bytes(&b, plan.columns))
        if src.format != U8:
            plan.scratch += 12 * plan.stride + 2 * plan.columns * plan.rows + 24 * (plan.pixels + SLACK)
    plan.scratch = (plan.scratch + 63) // 64 * 64 + 64
    plan.across = (src.width + plan.columns - 1) // plan.columns
    plan.parts = plan.across * ((src.height + plan.rows - 1) // plan.rows)
    if not plan.network:
        plan.parts *= src.channels
    return 0


def median(src, dst, int width, int height, *, int edge, int threads):
    """Nothing; ``dst`` then holds the median of a box around each pixel, channel by channel.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of one dtype: uint8, uint16, float16 or float32, any strides
        ``dst`` has memory of its own.
    width, height : int
        Size of the box, odd.
    edge : int
        What stands outside (``pictures.Edge``).
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For arrays that do not fit one another, or numbers out of range.
    """
    cdef Picture a, b
    cdef Plan plan
    cdef Watch watch
    cdef char *memory
    describe(src, "src", &a)
    describe_output(dst, "dst", &b)
    if src.shape != dst.shape or src.dtype != dst.dtype:
        raise ValueError(f"src and dst must have one shape and dtype, got {src.shape}, {src.dtype} and {dst.shape}, "
                         f"{dst.dtype}")
    if np.may_share_memory(src, dst):
        raise ValueError("dst must have memory of its own")
    if not (1 <= width <= LARGEST_BOX and 1 <= height <= LARGEST_BOX and width % 2 and height % 2):
        raise ValueError(f"width and height must be odd and 1 to {LARGEST_BOX}, got {width} and {height}")
    if not 0 <= edge <= 3:
        raise ValueError(f"edge must be 0 to 3, got {edge}")
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, got {threads}")
    plan.width, plan.height, plan.edge = width, height, edge
    _lay_out(&a, &plan)
    watch.stop = False
    watch.work = 0
    threads = <int>min(<Py_ssize_t>threads, plan.parts)
    memory = <char *>malloc(<size_t>threads * plan.scratch + 64)
    if memory == NULL:
        raise MemoryError("no memory for the tiles of the median")
    with nogil:
        _parts(&a, &b, &plan, <char *>((<uintptr_t>memory + 63) & ~<uintptr_t>63), threads, &watch)
    free(memory)
    if watch.stop:
        return _stopped()


cdef int _stopped() except -1:
    """The exception of the signal handler is set."""
    return -1
