"""Pixels moved as they are: copies between two layouts of memory, in the order in which the caches like them.

Flips, transposes, crops and mosaics are one thing: the elements of one view of an array, put into another array of
the same shape and format. Nothing is converted, so every bit arrives, NaN payloads too.

A pixel whose channels lie side by side in both arrays moves as one piece, else its channels move one by one.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, describe_output
from vfx._ext.turns cimport block_columns, block_rows, mirror3, mirror16, turn_tile
from vfx._ext.watch cimport Watch, watch

import numpy as np

__all__ = ["move"]

cdef enum:
    ROWS = 32                   # of the target, taken at once at least
    PART = 1 << 22              # bytes of the target taken at once, if there are enough: new memory comes in pages of 2 MiB,
                                # which one thread should fill
    TURNED = 16                 # rows of the target made at once from the source's columns, and as many of their bytes:
    TURNED_BYTES = 512          # columns begin and end anywhere in a cache line (256 / 512 bytes: RGBA f32 19 / 16 ms)
    TILE = 64                   # bytes of the target's rows
    LINE = 64

ctypedef struct Move:
    # Rows and columns count pieces of ``size`` bytes; ``pieces`` of them, side by side by ``*_piece`` bytes, are a pixel.
    char *source
    Py_ssize_t source_row, source_column, source_piece
    char *target
    Py_ssize_t target_row, target_column, target_piece
    Py_ssize_t height, width
    int pieces
    int size
    Py_ssize_t rows             # of a part

ctypedef fused word:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef inline void _mirrored(const word *source, word *target, Py_ssize_t n) noexcept nogil:
    """``target[i] = source[-i]``: a loop that the compiler turns into whole vectors."""
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = source[-i]


cdef inline void _stepped(const char *source, Py_ssize_t source_step, char *target, Py_ssize_t target_step,
                          Py_ssize_t n, int size) noexcept nogil:
    """``n`` pieces of ``size`` bytes, which is a constant wherever this is inlined with one."""
    cdef Py_ssize_t i
    for i in range(n):
        memcpy(target + i * target_step, source + i * source_step, size)


cdef inline Py_ssize_t _to_line(const char *target, Py_ssize_t n, int size) noexcept nogil:
    """How many pieces come before the first one that starts a line of memory: stores across lines cost more."""
    cdef Py_ssize_t before = (LINE - <Py_ssize_t>(<uintptr_t>target % LINE)) % LINE
    return min(before // size, n)


cdef void _mirror(const char *source, char *target, Py_ssize_t n, int size) noexcept nogil:
    """``n`` pieces in the opposite order; the first of them is at ``source``."""
    cdef Py_ssize_t first = _to_line(target, n, size)
    cdef bint aligned = (<uintptr_t>source | <uintptr_t>target) % <uintptr_t>size == 0 if size <= 8 else False
    if size == 3:
        mirror3(source, target, n)
        return
    if size == 16:
        mirror16(source, target, n)
        return
    if not aligned:
        _stepped(source, -size, target, size, n, size)
        return
    _stepped(source, -size, target, size, first, size)
    source -= first * size
    target += first * size
    n -= first
    if size == 1:
        _mirrored[uint8_t](<const uint8_t *>source, <uint8_t *>target, n)
    elif size == 2:
        _mirrored[uint16_t](<const uint16_t *>source, <uint16_t *>target, n)
    elif size == 4:
        _mirrored[uint32_t](<const uint32_t *>source, <uint32_t *>target, n)
    else:
        _mirrored[uint64_t](<const uint64_t *>source, <uint64_t *>target, n)


cdef inline void _run(const char *source, Py_ssize_t source_step, char *target, Py_ssize_t target_step, Py_ssize_t n,
                      int size) noexcept nogil:
    """``n`` pieces, each so many bytes from the one before."""
    if source_step == size and target_step == size:
        memcpy(target, source, <size_t>n * size)
    elif source_step == -size and target_step == size and (size <= 4 or size == 8 or size == 16):
        _mirror(source, target, n, size)
    elif size == 1:
        _stepped(source, source_step, target, target_step, n, 1)
    elif size == 2:
        _stepped(source, source_step, target, target_step, n, 2)
    elif size == 3:
        _stepped(source, source_step, target, target_step, n, 3)
    elif size == 4:
        _stepped(source, source_step, target, target_step, n, 4)
    elif size == 6:
        _stepped(source, source_step, target, target_step, n, 6)
    elif size == 8:
        _stepped(source, source_step, target, target_step, n, 8)
    elif size == 12:
        _stepped(source, source_step, target, target_step, n, 12)
    elif size == 16:
        _stepped(source, source_step, target, target_step, n, 16)
    else:
        _stepped(source, source_step, target, target_step, n, size)


cdef inline Py_ssize_t _far(Py_ssize_t stride) noexcept nogil:
    """How far apart in memory."""
    return stride if stride >= 0 else -stride


cdef inline void _turned(const Move *m, const char *source, char *target, Py_ssize_t rows, int size) noexcept nogil:
    """``rows`` rows of a picture whose columns are the source's rows."""
    cdef Py_ssize_t x, y
    for x in range(m.width):
        for y in range(rows):
            memcpy(target + y * m.target_row + x * m.target_column, source + y * m.source_row + x * m.source_column,
                   size)


cdef inline void _turned_blocks(const Move *m, const char *source, char *target, Py_ssize_t rows,
                                int size) noexcept nogil:
    """``_turned`` for pieces that lie side by side in the source's columns and the target's rows: by tiles as wide as
    a cache line, or a few, the source's next tile on its way meanwhile."""
    cdef Py_ssize_t x = 0, width, tile = max(<Py_ssize_t>TILE // size, <Py_ssize_t>block_columns(size))
    if m.width < block_columns(size) or rows < block_rows(size):
        _turned(m, source, target, rows, size)
        return
    # The first tile ends where a line of the target's memory does.
    width = tile - <Py_ssize_t>(<uintptr_t>target % LINE) // size
    if width < block_columns(size):
        width += tile
    while x < m.width:
        if m.width - x < width + block_columns(size):
            width = m.width - x
        turn_tile(source + x * m.source_column, m.source_column, 1 if m.source_row > 0 else -1, target + x * size,
                  m.target_row, width, rows, min(tile, m.width - x - width), size)
        x += width
        width = tile


cdef inline void _turn(const Move *m, const char *source, char *target, Py_ssize_t rows) noexcept nogil:
    """``_turned`` for any size of a piece."""
    cdef bint dense = _far(m.source_row) == m.target_column == m.size
    if dense and m.size == 1:
        _turned_blocks(m, source, target, rows, 1)
    elif dense and m.size == 2:
        _turned_blocks(m, source, target, rows, 2)
    elif dense and m.size == 3:
        _turned_blocks(m, source, target, rows, 3)
    elif dense and m.size == 4:
        _turned_blocks(m, source, target, rows, 4)
    elif dense and m.size == 6:
        _turned_blocks(m, source, target, rows, 6)
    elif dense and m.size == 8:
        _turned_blocks(m, source, target, rows, 8)
    elif dense and m.size == 12:
        _turned_blocks(m, source, target, rows, 12)
    elif dense and m.size == 16:
        _turned_blocks(m, source, target, rows, 16)
    elif m.size == 1:
        _turned(m, source, target, rows, 1)
    elif m.size == 2:
        _turned(m, source, target, rows, 2)
    elif m.size == 4:
        _turned(m, source, target, rows, 4)
    else:
        _turned(m, source, target, rows, m.size)


cdef void _part(const Move *m, Py_ssize_t part, int thread, Watch *w) noexcept nogil:
    """Some rows of the target."""
    cdef Py_ssize_t y, first = part * m.rows, end = min(m.height, (part + 1) * m.rows)
    cdef Py_ssize_t turned = max(<Py_ssize_t>TURNED, TURNED_BYTES // m.size // 16 * 16)
    cdef int c
    if watch(w, thread, (end - first) * m.width):
        return
    if _far(m.source_column) <= _far(m.source_row) or m.width == 1:
        for y in range(first, end):
            for c in range(m.pieces):
                _run(m.source + y * m.source_row + c * m.source_piece, m.source_column,
                     m.target + y * m.target_row + c * m.target_piece, m.target_column, m.width, m.size)
        return
    y = first
    while y < end:
        for c in range(m.pieces):
            _turn(m, m.source + y * m.source_row + c * m.source_piece, m.target + y * m.target_row + c * m.target_piece,
                  min(turned, end - y))
        y += turned


cdef void _parts(const Move *m, int threads, Watch *w) noexcept nogil:
    """Everything, over ``threads`` threads."""
    cdef Py_ssize_t i, parts = (m.height + m.rows - 1) // m.rows
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _part(m, i, 0, w)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        _part(m, i, threadid(), w)


def move(src, dst, int threads):
    """Nothing; ``dst`` then holds the elements of ``src``, bit for bit.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        One shape and one dtype; memory that does not overlap.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes or dtypes that differ, a read-only ``dst``, or memory that overlaps.
    """
    cdef Picture source, target
    cdef Move m
    cdef Watch w
    describe(src, "src", &source)
    describe_output(dst, "dst", &target)
    if src.shape != dst.shape or src.dtype != dst.dtype:
        raise ValueError(f"src and dst must be alike, got {src.shape} {src.dtype} and {dst.shape} {dst.dtype}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be 1 to 1024, got {threads}")
    if np.may_share_memory(src, dst):
        raise ValueError("src and dst overlap")
    m.source, m.source_row, m.source_column, m.source_piece = source.data, source.row, source.column, source.channel
    m.target, m.target_row, m.target_column, m.target_piece = target.data, target.row, target.column, target.channel
    m.height, m.width = source.height, source.width
    m.pieces, m.size = source.channels, source.item
    if source.channel == source.item and target.channel == source.item:
        m.pieces, m.size = 1, source.item * source.channels
    m.rows = min(PART // (m.width * m.pieces * m.size), m.height // (4 * threads)) // ROWS * ROWS
    m.rows = max(m.rows, <Py_ssize_t>ROWS)
    w.stop = False
    w.work = 0
    with nogil:
        _parts(&m, threads, &w)
    _stopped(&w)


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0
