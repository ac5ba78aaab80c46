"""Pixels moved as they are: copies between two layouts of memory, in the order in which the caches like them.

Flips, transposes, crops and mosaics are one thing: the elements of one view of an array, put into another array of
the same shape and format. Nothing is converted, so every bit arrives, NaN payloads too.

A pixel whose channels lie side by side in both arrays moves as one piece, else its channels move one by one.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, describe_output
from vfx._ext.watch cimport Watch, watch

import numpy as np

__all__ = ["move"]

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__SSE2__)
    #include <emmintrin.h>
    #endif
    /* Four by four words of 32 bits, columns to rows: source[j] of column i goes to row j, place i. ``down`` is 1
       where a column's words follow one another upwards in memory, -1 where downwards. */
    static inline void vfx_turn_words(const char *source, ptrdiff_t column, int down, char *target, ptrdiff_t row) {
    #if defined(__SSE2__)
        __m128i a, b, c, d, ab, cd;
        const char *first = down > 0 ? source : source - 12;
        a = _mm_loadu_si128((const __m128i *)first);
        b = _mm_loadu_si128((const __m128i *)(first + column));
        c = _mm_loadu_si128((const __m128i *)(first + 2 * column));
        d = _mm_loadu_si128((const __m128i *)(first + 3 * column));
        if (down < 0) { target += 3 * row; row = -row; }
        ab = _mm_unpacklo_epi32(a, b); cd = _mm_unpacklo_epi32(c, d);
        _mm_storeu_si128((__m128i *)target, _mm_unpacklo_epi64(ab, cd));
        _mm_storeu_si128((__m128i *)(target + row), _mm_unpackhi_epi64(ab, cd));
        ab = _mm_unpackhi_epi32(a, b); cd = _mm_unpackhi_epi32(c, d);
        _mm_storeu_si128((__m128i *)(target + 2 * row), _mm_unpacklo_epi64(ab, cd));
        _mm_storeu_si128((__m128i *)(target + 3 * row), _mm_unpackhi_epi64(ab, cd));
    #else
        int i, j;
        for (i = 0; i < 4; i++)
            for (j = 0; j < 4; j++)
                memcpy(target + j * row + 4 * i, source + i * column + 4 * down * j, 4);
    #endif
    }
    """
    void turn_words "vfx_turn_words"(const char *source, Py_ssize_t column, int down, char *target,
                                     Py_ssize_t row) noexcept nogil

cdef enum:
    ROWS = 32                   # of the target, taken at once
    # Of the target when the source's columns become its rows: each writes a stretch of its own, and more than the
    # first cache has ways drive each other out (3840x2160 RGBA f32, 4 / 8 / 16 / 32 rows: 37 / 43 / 19 / 25 ms).
    TURNED = 16

ctypedef struct Move:
    # Rows and columns count pieces of ``size`` bytes; ``pieces`` of them, side by side by ``*_piece`` bytes, are a pixel.
    char *source
    Py_ssize_t source_row, source_column, source_piece
    char *target
    Py_ssize_t target_row, target_column, target_piece
    Py_ssize_t height, width
    int pieces
    int size

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


cdef inline void _run(const char *source, Py_ssize_t source_step, char *target, Py_ssize_t target_step, Py_ssize_t n,
                      int size) noexcept nogil:
    """``n`` pieces, each so many bytes from the one before."""
    if source_step == size and target_step == size:
        memcpy(target, source, <size_t>n * size)
    elif source_step == -size and target_step == size and size == 1:
        _mirrored[uint8_t](<const uint8_t *>source, <uint8_t *>target, n)
    elif source_step == -size and target_step == size and size == 2 and <size_t>source % 2 == <size_t>target % 2 == 0:
        _mirrored[uint16_t](<const uint16_t *>source, <uint16_t *>target, n)
    elif source_step == -size and target_step == size and size == 4 and <size_t>source % 4 == <size_t>target % 4 == 0:
        _mirrored[uint32_t](<const uint32_t *>source, <uint32_t *>target, n)
    elif source_step == -size and target_step == size and size == 8 and <size_t>source % 8 == <size_t>target % 8 == 0:
        _mirrored[uint64_t](<const uint64_t *>source, <uint64_t *>target, n)
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


cdef inline void _turned_words(const Move *m, const char *source, char *target, Py_ssize_t rows) noexcept nogil:
    """``_turned`` for pieces of four bytes that lie side by side in the source's columns and the target's rows."""
    cdef Py_ssize_t x = 0, y
    cdef int down = 1 if m.source_row > 0 else -1
    while x + 4 <= m.width:
        for y in range(0, rows, 4):
            turn_words(source + y * m.source_row + x * m.source_column, m.source_column, down,
                       target + y * m.target_row + 4 * x, m.target_row)
        x += 4
    while x < m.width:
        for y in range(rows):
            memcpy(target + y * m.target_row + 4 * x, source + y * m.source_row + x * m.source_column, 4)
        x += 1


cdef inline void _turn(const Move *m, const char *source, char *target, Py_ssize_t rows) noexcept nogil:
    """``_turned`` for any size of a piece."""
    if m.size == 1:
        _turned(m, source, target, rows, 1)
    elif m.size == 2:
        _turned(m, source, target, rows, 2)
    elif m.size == 3:
        _turned(m, source, target, rows, 3)
    elif m.size == 4 and _far(m.source_row) == m.target_column == 4 and rows % 4 == 0:
        _turned_words(m, source, target, rows)
    elif m.size == 4:
        _turned(m, source, target, rows, 4)
    elif m.size == 6:
        _turned(m, source, target, rows, 6)
    elif m.size == 8:
        _turned(m, source, target, rows, 8)
    elif m.size == 12:
        _turned(m, source, target, rows, 12)
    elif m.size == 16:
        _turned(m, source, target, rows, 16)
    else:
        _turned(m, source, target, rows, m.size)


cdef void _part(const Move *m, Py_ssize_t part, int thread, Watch *w) noexcept nogil:
    """``ROWS`` rows of the target."""
    cdef Py_ssize_t y, first = part * ROWS, end = min(m.height, (part + 1) * ROWS)
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
                  min(<Py_ssize_t>TURNED, end - y))
        y += TURNED


cdef void _parts(const Move *m, int threads, Watch *w) noexcept nogil:
    """Everything, over ``threads`` threads."""
    cdef Py_ssize_t i, parts = (m.height + ROWS - 1) // ROWS
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
    w.stop = False
    w.work = 0
    with nogil:
        _parts(&m, threads, &w)
    _stopped(&w)


cdef int _stopped(const Watch *w) except -1:
    """0, or what the signal handler raised meanwhile."""
    return -1 if w.stop else 0
