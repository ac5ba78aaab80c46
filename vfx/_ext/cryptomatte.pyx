"""Cryptomatte over pixels in memory: hashes of names, sums of coverage, what ids there are, ranks to write.

``gather`` adds up the coverage of wanted ids; ``survey`` counts every id; ``rank`` puts one matte into the ranks
of a picture that is being made. Pixels are seen as 32-bit words, because an id is a pattern of bits.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from vfx._ext.cryptomatte_rows cimport BLOCK, Wanted, add_wanted, fill_wanted, insert
from vfx._ext.exr_rows cimport take32
from vfx._ext.watch cimport Watch, watch

import numpy as np

__all__ = ["MOST_IDS", "gather", "hash_text", "rank", "survey"]

#: More ids than this in one picture are noise, not mattes: 160 MB of counters.
MOST_IDS = 1 << 22

cdef extern from *:
    """
    static inline uint32_t vfx_turn(uint32_t x, int by) { return x << by | x >> (32 - by); }
    """
    uint32_t turn "vfx_turn"(uint32_t x, int by) noexcept nogil


def hash_text(text: bytes) -> int:
    """MurmurHash3 of ``text``, the 32-bit variant for x86 with seed 0 (Austin Appleby, 2011; public domain)."""
    cdef const uint8_t *data = text
    cdef Py_ssize_t size = len(text), blocks = size // 4, i
    cdef uint32_t h = 0, k
    for i in range(blocks):
        memcpy(&k, data + 4 * i, 4)
        h = turn(h ^ turn(k * 0xcc9e2d51u, 15) * 0x1b873593u, 13) * 5 + 0xe6546b64u
    k = 0
    for i in range(size - 1, 4 * blocks - 1, -1):
        k = k << 8 | data[i]
    if size % 4:
        h ^= turn(k * 0xcc9e2d51u, 15) * 0x1b873593u
    h ^= <uint32_t> size
    h = (h ^ h >> 16) * 0x85ebca6bu
    h = (h ^ h >> 13) * 0xc2b2ae35u
    return h ^ h >> 16


def gather(pixels: object, columns: object, ids: object, places: object, out: object, threads: int) -> None:
    """Add to ``out``, (H, W, outputs) float32, the coverage of ``ids`` in ``pixels``, (H, W, C) uint32, any strides.

    ``columns``, (ranks, 2) int32, says where each rank's ids and coverages are; ``ids``, ascending uint32, and
    ``places``, int32, which output each adds to.
    """
    cdef const uint32_t[:, :, :] source = pixels
    cdef const int32_t[:, ::1] pairs = columns
    cdef float[:, :, ::1] to = out
    cdef Wanted wanted
    cdef Watch look
    cdef Py_ssize_t y, height = source.shape[0]
    cdef int workers = threads
    look.stop, look.work = False, 0
    fill_wanted(&wanted, ids, places, <int> to.shape[2])
    if to.shape[0] != height or to.shape[1] != source.shape[1] or source.shape[1] >= 1 << 30:
        raise ValueError("the output does not fit the request")
    check_columns(pairs, source.shape[2])
    if height == 0 or source.shape[1] == 0 or source.shape[2] == 0:
        return
    if workers <= 1:
        with nogil:
            for y in range(height):
                if watch(&look, 0, source.shape[1] * pairs.shape[0]):
                    break
                gather_row(source, pairs, &wanted, to, y)
    else:
        with nogil:
            for y in prange(height, schedule="static", num_threads=workers):
                if not look.stop and not watch(&look, threadid(), source.shape[1] * pairs.shape[0]):
                    gather_row(source, pairs, &wanted, to, y)
    if look.stop:
        raise_pending()


cdef int check_columns(const int32_t[:, ::1] pairs, Py_ssize_t channels) except -1:
    """Raise for ranks that are no pairs of the picture's channels."""
    cdef Py_ssize_t r, k
    if pairs.shape[1] != 2:
        raise ValueError("a rank is a pair of channels")
    for r in range(pairs.shape[0]):
        for k in range(2):
            if not 0 <= pairs[r, k] < channels:
                raise ValueError(f"no channel {pairs[r, k]} among {channels}")
    return 0


cdef int raise_pending() except -1:
    """The exception that a signal handler left."""
    return -1


cdef void gather_row(const uint32_t[:, :, :] source, const int32_t[:, ::1] pairs, Wanted *wanted,
                     float[:, :, ::1] to, Py_ssize_t y) noexcept nogil:
    """One row of all ranks."""
    cdef uint32_t ids[BLOCK]
    cdef uint32_t coverage[BLOCK]
    cdef Py_ssize_t r, x, step = source.strides[1]
    cdef int n
    for r in range(pairs.shape[0]):
        x = 0
        while x < source.shape[1]:
            n = <int> min(<Py_ssize_t> BLOCK, source.shape[1] - x)
            take32(ids, <const uint8_t *> &source[y, x, pairs[r, 0]], step, n)
            take32(coverage, <const uint8_t *> &source[y, x, pairs[r, 1]], step, n)
            add_wanted(wanted, ids, <const float *> coverage, &to[y, x, 0], n)
            x += n


ctypedef struct Entry:
    int64_t pixels
    double coverage
    uint32_t id
    int32_t x0
    int32_t y0
    int32_t x1
    int32_t y1

ctypedef struct Table:
    Entry *entries
    uint32_t bits
    int64_t count


cdef inline Entry *entry_of(Table *table, uint32_t id) noexcept nogil:
    """The place of an id in the table; there is always a free one. Its ``pixels`` are 0 when it is new."""
    cdef uint32_t mask = (<uint32_t> 1 << table.bits) - 1
    cdef uint32_t at = (id * 2654435769u) >> (32 - table.bits)  # 2**32 over the golden ratio (Knuth, 6.4)
    while table.entries[at].pixels and table.entries[at].id != id:
        at = (at + 1) & mask
    return &table.entries[at]


cdef bint grow(Table *table) noexcept nogil:
    """Twice the room; False when there is no memory."""
    cdef Table larger
    cdef Py_ssize_t i
    larger.bits, larger.count = table.bits + 1, table.count
    larger.entries = <Entry *> calloc(<size_t> 1 << larger.bits, sizeof(Entry))
    if larger.entries == NULL:
        return False
    for i in range(<Py_ssize_t> 1 << table.bits):
        if table.entries[i].pixels:
            entry_of(&larger, table.entries[i].id)[0] = table.entries[i]
    free(table.entries)
    table[0] = larger
    return True


# How a row of the survey ended.
cdef enum:
    FINE = 0
    NO_MEMORY = 1
    TOO_MANY = 2


cdef int survey_row(const uint32_t[:, :, :] source, const int32_t[:, ::1] pairs, Table *table,
                    Py_ssize_t y) noexcept nogil:
    """Count one row of all ranks."""
    cdef uint32_t ids[BLOCK]
    cdef uint32_t coverage[BLOCK]
    cdef Entry *entry = NULL
    cdef Py_ssize_t r, x, step = source.strides[1]
    cdef int i, n
    cdef float weight
    for r in range(pairs.shape[0]):
        x = 0
        while x < source.shape[1]:
            n = <int> min(<Py_ssize_t> BLOCK, source.shape[1] - x)
            take32(ids, <const uint8_t *> &source[y, x, pairs[r, 0]], step, n)
            take32(coverage, <const uint8_t *> &source[y, x, pairs[r, 1]], step, n)
            for i in range(n):
                weight = (<const float *> coverage)[i]
                if not weight > 0.0 or weight > <float> 3.4e38:
                    continue
                if entry == NULL or entry.id != ids[i]:
                    if table.count >= (<int64_t> 1 << table.bits) // 2:
                        if table.count >= MOST_COUNTED:
                            return TOO_MANY
                        if not grow(table):
                            return NO_MEMORY
                    entry = entry_of(table, ids[i])
                if entry.pixels == 0:
                    entry.id, entry.x0, entry.x1 = ids[i], <int32_t> (x + i), <int32_t> (x + i)
                    entry.y0 = <int32_t> y
                    table.count += 1
                entry.pixels += 1
                entry.coverage += weight
                entry.x0 = min(entry.x0, <int32_t> (x + i))
                entry.x1 = max(entry.x1, <int32_t> (x + i))
                entry.y1 = <int32_t> y
            x += n
    return FINE


cdef enum:
    MOST_COUNTED = 1 << 22


def survey(pixels: object, columns: object) -> tuple[object, object, object, object]:
    """Every id with coverage above 0 in ``pixels``: ids uint32 (n,), pixels int64, coverage float64, boxes int32 (n, 4).

    ``pixels`` and ``columns`` are those of :func:`gather`. A pixel counts once for each rank. Boxes are x0, y0, x1,
    y1, inclusive. Raises ``OverflowError`` above ``MOST_IDS`` ids. One thread, so that sums are always the same.
    """
    cdef const uint32_t[:, :, :] source = pixels
    cdef const int32_t[:, ::1] pairs = columns
    cdef Table table
    cdef Watch look
    cdef Py_ssize_t y
    cdef int status = FINE
    look.stop, look.work = False, 0
    check_columns(pairs, source.shape[2])
    table.bits, table.count = 10, 0
    table.entries = <Entry *> calloc(<size_t> 1 << table.bits, sizeof(Entry))
    if table.entries == NULL:
        raise MemoryError
    try:
        with nogil:
            for y in range(source.shape[0] if source.shape[1] else 0):
                if watch(&look, 0, source.shape[1] * pairs.shape[0]):
                    break
                status = survey_row(source, pairs, &table, y)
                if status != FINE:
                    break
        if look.stop:
            raise_pending()
        if status == NO_MEMORY:
            raise MemoryError
        if status == TOO_MANY:
            raise OverflowError(f"more than {MOST_IDS} ids")
        return counted(&table)
    finally:
        free(table.entries)


cdef tuple counted(Table *table):
    """The table as arrays, in the order of the ids."""
    found = np.empty(table.count, np.uint32)
    sizes, weights = np.empty(table.count, np.int64), np.empty(table.count, np.float64)
    boxes = np.empty((table.count, 4), np.int32)
    cdef uint32_t[::1] ids = found
    cdef int64_t[::1] counts = sizes
    cdef double[::1] sums = weights
    cdef int32_t[:, ::1] corners = boxes
    cdef Py_ssize_t i, at = 0
    for i in range(<Py_ssize_t> 1 << table.bits):
        if table.entries[i].pixels:
            ids[at], counts[at], sums[at] = table.entries[i].id, table.entries[i].pixels, table.entries[i].coverage
            corners[at, 0], corners[at, 1] = table.entries[i].x0, table.entries[i].y0
            corners[at, 2], corners[at, 3] = table.entries[i].x1, table.entries[i].y1
            at += 1
    order = np.argsort(found)
    return found[order], sizes[order], weights[order], boxes[order]


def rank(ranks: object, matte: object, identity: int, threads: int) -> None:
    """Put one matte, (H, W) float32, any strides, into ``ranks``, (H, W, 2 n) uint32: id, coverage, id, coverage …

    Ranks stay in falling order of coverage, the one put first before its equals; what finds no place is dropped.
    """
    cdef uint32_t[:, :, ::1] to = ranks
    cdef const float[:, :] source = matte
    cdef uint32_t id = identity
    cdef Py_ssize_t y, x
    cdef int count = <int> (to.shape[2] // 2), workers = threads
    if to.shape[0] != source.shape[0] or to.shape[1] != source.shape[1] or to.shape[2] < 2 or to.shape[2] % 2:
        raise ValueError("the ranks do not fit the matte")
    if workers <= 1:
        with nogil:
            for y in range(source.shape[0]):
                for x in range(source.shape[1]):
                    insert(&to[y, x, 0], count, id, source[y, x])
    else:
        with nogil:
            for y in prange(source.shape[0], schedule="static", num_threads=workers):
                for x in range(source.shape[1]):
                    insert(&to[y, x, 0], count, id, source[y, x])
