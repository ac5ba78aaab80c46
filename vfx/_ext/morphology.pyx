"""Minimum and maximum over a box around each pixel, at a cost that hardly grows with the box.

A strip of columns is walked down row by row, small enough to stay in the cache::

    row of the picture --> extremum over the box's width --> a block of rows --> extremum over its height

The width is done by doubling: extrema over 1, 2, 4, 8 ... neighbours, the last step overlaps (log2 of the width steps
over whole vectors). The height is done by van Herk's and Gil and Werman's way [1]_ [2]_: rows come in blocks as high as
the box; the extremum over a box is that of the rest of the last block, kept from its end on, and of the new block so
far. That is three comparisons a pixel whatever the height.

Elements are compared as the integers of ``rank_keys``, so results are exact, and NaN is left out: it is above all
numbers for the minimum and below all for the maximum. Integers are compared where they lie, and so are float32 down to
the first row of a strip that holds NaN or -0; what is kept of the rows above it then becomes keys.

.. [1] M. van Herk, "A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels",
   Pattern Recognition Letters 13 (1992).
.. [2] J. Gil and M. Werman, "Computing 2-D min, median, and max filters", IEEE PAMI 15 (1993).
"""

from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY
from libc.stdint cimport int16_t, int32_t, uintptr_t
from libc.stdlib cimport free, malloc

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, load_pixels, place, store_pixels
from vfx._ext.pixel_formats cimport F16, F32, U8, U16
from vfx._ext.rank_keys cimport (
    fetch_row, floats_to_keys, in_place, keys, keys_f16, keys_f32, keys_u8, keys_u16, load_keys, numbers, store_keys,
    streamed, unordered,
)
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["difference", "extremum"]

cdef enum:
    BLOCK_BYTES = 1 << 19       # a block of rows: a small L2
    STRIP_BYTES = 1 << 16       # a row of a strip, at most
    PIECE_BYTES = 1 << 12       # of that, what is taken at once
    BAND_ROWS = 256             # rows of a part, at least
    MOST_THREADS = 1024
    LARGEST_BOX = 65535
    STRETCH = 4096              # floats of a row taken at once

ctypedef struct Box:
    Py_ssize_t width            # both odd
    Py_ssize_t height
    int edge
    bint largest
    Py_ssize_t strip            # pixels across a part
    Py_ssize_t band             # rows of a part
    Py_ssize_t strips
    Py_ssize_t parts
    Py_ssize_t piece            # pixels taken at once
    Py_ssize_t row_bytes        # a strip's row with the box's reach, in bytes, rounded up
    Py_ssize_t piece_bytes      # the same of a piece
    Py_ssize_t block_bytes      # a row of a block, an odd number of cache lines: rows lie in different sets of the cache
    Py_ssize_t scratch          # bytes of one thread

ctypedef struct Rows:
    char *wide                  # a row with the box's reach
    char *first                 # of a piece, in turn
    char *second
    char *target
    char *best                  # the extremum of the block so far
    char *block                 # one row more than the box is high
    char *end


cdef inline void _both(keys a, keys b, keys target, Py_ssize_t n, bint largest) noexcept nogil:
    """The smaller, or larger, of two rows."""
    cdef Py_ssize_t i
    if largest:
        for i in range(n):
            target[i] = a[i] if a[i] > b[i] else b[i]
    else:
        for i in range(n):
            target[i] = a[i] if a[i] < b[i] else b[i]


cdef inline void _join(keys row, keys other, keys rest, keys best, keys kept, keys target, Py_ssize_t n,
                       bint largest) noexcept nogil:
    """The last step across; the result is kept, joins ``best``, and with ``rest`` that makes ``target``."""
    cdef Py_ssize_t i
    if largest:
        for i in range(n):
            kept[i] = row[i] if row[i] > other[i] else other[i]
            best[i] = best[i] if best[i] > kept[i] else kept[i]
            target[i] = best[i] if best[i] > rest[i] else rest[i]
    else:
        for i in range(n):
            kept[i] = row[i] if row[i] < other[i] else other[i]
            best[i] = best[i] if best[i] < kept[i] else kept[i]
            target[i] = best[i] if best[i] < rest[i] else rest[i]


cdef inline void _piece(const Box *box, keys source, keys a, keys b, keys best, keys block, Py_ssize_t j, keys target,
                        Py_ssize_t n, int channels) noexcept nogil:
    """``n`` elements of row ``j`` of a block: across, then the extremum of the block so far and the last one's rest."""
    cdef Py_ssize_t m = 1, count = n + (box.width - 1) * channels, row = box.block_bytes // sizeof(best[0])
    cdef keys swap
    while 2 * m < box.width:
        count -= m * channels
        _both(source, source + m * channels, a, count, box.largest)
        source = a
        swap = a
        a = b
        b = swap
        m *= 2
    _join(source, source + (box.width - m) * channels, block + (j + 1) * row, best, block + j * row, target, n,
          box.largest)


cdef inline void _from_end(keys row, keys next, Py_ssize_t n, bint largest) noexcept nogil:
    """``row`` becomes the extremum of itself and all rows after it."""
    cdef Py_ssize_t i
    if largest:
        for i in range(n):
            row[i] = row[i] if row[i] > next[i] else next[i]
    else:
        for i in range(n):
            row[i] = row[i] if row[i] < next[i] else next[i]


cdef inline void _neutral(keys row, Py_ssize_t n, bint largest) noexcept nogil:
    """What no extremum takes, all along a row."""
    cdef Py_ssize_t i
    for i in range(n):
        if keys is keys_u8:
            row[i] = 0 if largest else 0xff
        elif keys is keys_u16:
            row[i] = 0 if largest else 0xffff
        elif keys is keys_f16:
            row[i] = <int16_t>-0x8000 if largest else 0x7fff
        elif keys is keys_f32:
            row[i] = <int32_t>0x80000000 if largest else 0x7fffffff
        else:
            row[i] = -INFINITY if largest else INFINITY


cdef inline void _row(const Picture *dst, const Box *box, const Rows *rows, keys source, Py_ssize_t j, Py_ssize_t y,
                      Py_ssize_t x, Py_ssize_t width, bint full) noexcept nogil:
    """Row ``j`` of a block, in pieces that stay in the fastest cache; ``full``: that makes row ``y`` of results."""
    cdef Py_ssize_t pixel = <Py_ssize_t>dst.item * dst.channels, done = 0, n, i, k = 0
    cdef Py_ssize_t head = -<uintptr_t>place(dst, y, x) & 63 if full else 0
    cdef Py_ssize_t row = box.block_bytes // sizeof(source[0])
    if j == 0:
        _neutral(<keys>rows.best, width * dst.channels, box.largest)
    if j == box.height - 1:     # nothing is left of the last block
        _neutral(<keys>rows.block + box.height * row, width * dst.channels, box.largest)
    while done < width:
        # The first piece ends where a cache line of the result does.
        n = min(head // pixel if done == 0 and head >= pixel and head % pixel == 0 else box.piece, width - done)
        k = done * dst.channels
        _piece(box, source + k, <keys>rows.first, <keys>rows.second, <keys>rows.best + k, <keys>rows.block + k, j,
               <keys>rows.target, n * dst.channels, dst.channels)
        if full:
            store_keys(dst, y, x + done, rows.target, rows.first, n)
        done += n
    if j == box.height - 1:
        for i in range(box.height - 2, 0, -1):
            _from_end(<keys>rows.block + i * row, <keys>rows.block + (i + 1) * row, width * dst.channels, box.largest)


cdef inline char *_source(const Picture *src, const Box *box, Py_ssize_t y, Py_ssize_t x, Py_ssize_t width,
                          char *wide) noexcept nogil:
    """A strip's row with the box's reach: the picture's memory, or a copy as keys where it cannot be."""
    cdef Py_ssize_t at = edge_index(y, src.height, box.edge), first = x - box.width // 2
    if at >= 0 and src.format < F16 and in_place(src) and first >= 0 and first + width + box.width - 1 <= src.width:
        return place(src, at, first)
    load_keys(src, y, first, wide, width + box.width - 1, box.edge, not box.largest)
    return wide


cdef inline void _begin_keys(const Box *box, const Rows *rows) noexcept nogil:
    """All that is kept of numbers becomes keys."""
    cdef int32_t *kept = <int32_t *>rows.best
    floats_to_keys(kept, kept, (rows.end - rows.best) // 4, 0)


cdef void _strip(const Picture *src, const Picture *dst, const Box *box, Py_ssize_t part, char *memory,
                 keys kind) noexcept nogil:
    """One strip of one band. ``kind`` says the type of keys."""
    cdef Py_ssize_t x = part % box.strips * box.strip, y = part // box.strips * box.band
    cdef Py_ssize_t width = min(box.strip, src.width - x), height = min(box.band, src.height - y), t, top
    cdef bint plain = keys is keys_f32 and in_place(src)
    cdef Picture source = src[0], target = dst[0]
    cdef Rows rows
    cdef char *row
    rows.wide = memory
    rows.first = rows.wide + box.row_bytes
    rows.second = rows.first + box.piece_bytes
    rows.target = rows.second + box.piece_bytes
    rows.best = rows.target + box.piece_bytes
    rows.block = rows.best + box.block_bytes
    rows.end = rows.block + (box.height + 1) * box.block_bytes
    if plain:
        source.format = target.format = U16     # of any size: its elements are taken as they are
    for t in range(height + box.height - 1):
        top = y + t - box.height + 1
        fetch_row(src, y + t - box.height // 2 + 2, x, width)
        row = _source(&source, box, y + t - box.height // 2, x, width, rows.wide)
        if plain and unordered(row, (width + box.width - 1) * src.channels):
            plain = False
            source.format = target.format = F32
            _begin_keys(box, &rows)
            row = _source(&source, box, y + t - box.height // 2, x, width, rows.wide)
        if plain:
            _row(&target, box, &rows, <numbers>row, t % box.height, top, x, width, t >= box.height - 1)
        else:
            _row(&target, box, &rows, <keys>row, t % box.height, top, x, width, t >= box.height - 1)
    streamed()


cdef inline void _part(const Picture *src, const Picture *dst, const Box *box, Py_ssize_t part, char *memory,
                       int thread, Watch *watch) noexcept nogil:
    """Part ``part``, unless the run was stopped."""
    memory = memory + thread * box.scratch
    if look(watch, thread, box.strip * (box.band + box.height) * src.channels):
        return
    if src.format == U8:
        _strip(src, dst, box, part, memory, <keys_u8>NULL)
    elif src.format == U16:
        _strip(src, dst, box, part, memory, <keys_u16>NULL)
    elif src.format == F16:
        _strip(src, dst, box, part, memory, <keys_f16>NULL)
    else:
        _strip(src, dst, box, part, memory, <keys_f32>NULL)


cdef void _parts(const Picture *src, const Picture *dst, const Box *box, char *memory, int threads,
                 Watch *watch) noexcept nogil:
    """All parts, over ``threads`` threads."""
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(box.parts):
            _part(src, dst, box, i, memory, 0, watch)
        return
    for i in prange(box.parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(src, dst, box, i, memory, threadid(), watch)


cdef int _lay_out(const Picture *src, Box *box) except -1:
    """Cuts the picture into strips and bands."""
    cdef Py_ssize_t pixel = <Py_ssize_t>src.item * src.channels
    # A box that reaches farther than the picture is large sees nothing more, whatever the edge.
    box.width = min(box.width, 2 * src.width + 1)
    box.height = min(box.height, 2 * src.height + 1)
    box.strip = max(min(<Py_ssize_t>STRIP_BYTES, BLOCK_BYTES // box.height) // pixel, 2 * box.width, <Py_ssize_t>16)
    box.strip = min(box.strip, src.width)
    box.strips = (src.width + box.strip - 1) // box.strip
    box.strip = (src.width + box.strips - 1) // box.strips
    box.strips = (src.width + box.strip - 1) // box.strip
    box.band = min(max(<Py_ssize_t>BAND_ROWS, 8 * box.height), src.height)
    box.parts = box.strips * ((src.height + box.band - 1) // box.band)
    box.piece = max(PIECE_BYTES // pixel // 64 * 64, 4 * box.width, <Py_ssize_t>64)
    box.row_bytes = ((box.strip + box.width - 1) * pixel + 63) // 64 * 64
    box.piece_bytes = ((min(box.piece, box.strip) + box.width - 1) * pixel + 63) // 64 * 64
    box.block_bytes = ((box.strip * pixel + 63) // 64 | 1) * 64
    box.scratch = box.row_bytes + 3 * box.piece_bytes + (box.height + 2) * box.block_bytes
    return 0


def extremum(src, dst, int width, int height, *, int edge, bint largest, int threads):
    """Nothing; ``dst`` then holds the extremum over a box around each pixel, channel by channel.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of one dtype: uint8, uint16, float16 or float32, any strides
        ``dst`` has memory of its own.
    width, height : int
        Size of the box, odd.
    edge : int
        What stands outside (``pictures.Edge``).
    largest : bool
        The maximum instead of the minimum.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For arrays that do not fit one another, or numbers out of range.
    """
    cdef Picture a, b
    cdef Box box
    cdef Watch watch
    cdef char *memory
    describe(src, "src", &a)
    describe_output(dst, "dst", &b)
    _check(src, dst, edge, threads)
    if not (1 <= width <= LARGEST_BOX and 1 <= height <= LARGEST_BOX and width % 2 and height % 2):
        raise ValueError(f"width and height must be odd and 1 to {LARGEST_BOX}, got {width} and {height}")
    box.width, box.height, box.edge, box.largest = width, height, edge, largest
    _lay_out(&a, &box)
    watch.stop = False
    watch.work = 0
    threads = <int>min(<Py_ssize_t>threads, box.parts)
    memory = <char *>malloc(<size_t>threads * box.scratch + 64)
    if memory == NULL:
        raise MemoryError("no memory for the rows of the filter")
    with nogil:
        _parts(&a, &b, &box, <char *>((<uintptr_t>memory + 63) & ~<uintptr_t>63), threads, &watch)
    free(memory)
    if watch.stop:
        return _stopped()


cdef int _stopped() except -1:
    """The exception of the signal handler is set."""
    return -1


cdef int _check(object src, object dst, int edge, int threads) except -1:
    """Arrays of one shape and dtype that share no memory, an edge and a number of threads that exist."""
    if src.shape != dst.shape or src.dtype != dst.dtype:
        raise ValueError(f"src and dst must have one shape and dtype, got {src.shape}, {src.dtype} and {dst.shape}, "
                         f"{dst.dtype}")
    if np.may_share_memory(src, dst):
        raise ValueError("dst must have memory of its own")
    if not 0 <= edge <= 3:
        raise ValueError(f"edge must be 0 to 3, got {edge}")
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, got {threads}")
    return 0


cdef inline void _row_difference(const Picture *a, const Picture *b, const Picture *dst, Py_ssize_t y, int thread,
                                 Watch *watch) noexcept nogil:
    """One row of ``difference``."""
    cdef float first[STRETCH]
    cdef float second[STRETCH]
    cdef Py_ssize_t x = 0, i, part, most = STRETCH // a.channels
    if look(watch, thread, a.width * a.channels):
        return
    while x < a.width:
        part = min(most, a.width - x)
        load_pixels(a, y, x, first, part)
        load_pixels(b, y, x, second, part)
        for i in range(part * a.channels):
            first[i] = first[i] - second[i]
        store_pixels(dst, y, x, first, part)
        x += part


cdef void _difference(const Picture *a, const Picture *b, const Picture *dst, int threads, Watch *watch) noexcept nogil:
    """All rows of ``difference``."""
    cdef Py_ssize_t y
    if threads == 1:
        for y in range(a.height):
            _row_difference(a, b, dst, y, 0, watch)
        return
    for y in prange(a.height, num_threads=threads, schedule="static"):
        _row_difference(a, b, dst, y, threadid(), watch)


def difference(a, b, dst, *, int threads):
    """Nothing; ``dst`` then holds ``a - b``; integers stop at 0.

    Parameters
    ----------
    a, b, dst : numpy.ndarray, (H, W, C) of one shape: uint8, uint16, float16 or float32, any strides
        ``dst`` may be one of the others.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For arrays of different shapes, or a read-only ``dst``.
    """
    cdef Picture first, second, result
    cdef Watch watch
    describe(a, "a", &first)
    describe(b, "b", &second)
    describe_output(dst, "dst", &result)
    if not a.shape == b.shape == dst.shape:
        raise ValueError(f"a, b and dst must have one shape, got {a.shape}, {b.shape} and {dst.shape}")
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, got {threads}")
    watch.stop = False
    watch.work = 0
    with nogil:
        _difference(&first, &second, &result, threads, &watch)
    if watch.stop:
        return _stopped()
