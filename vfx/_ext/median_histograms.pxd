"""The median of boxes of numbers below 256, at a cost that does not grow with the box.

Every column of a tile keeps a histogram of the box's height, and the box the sum of its columns' [1]_; one step to the
right adds a column and takes one away, one step down changes two pixels of each column. All histograms are cumulative:
entry j counts the numbers up to j. So the rank-th number is how many entries are at most ``rank``, which vectors count
without a search and without a branch; sums and differences of cumulative histograms are cumulative too.

.. [1] S. Perreault and P. Hebert, "Median Filtering in Constant Time", IEEE Transactions on Image Processing 16 (2007).
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

from vfx._ext.median_slide cimport slide_row

cdef extern from *:
    """
    #include <stdint.h>
    typedef uint8_t *__restrict vfx_counts8;
    typedef uint16_t *__restrict vfx_counts16;
    typedef uint32_t *__restrict vfx_counts32;
    typedef const uint8_t *__restrict vfx_bins;
    """
    ctypedef uint8_t *counts8 "vfx_counts8"
    ctypedef uint16_t *counts16 "vfx_counts16"
    ctypedef uint32_t *counts32 "vfx_counts32"
    ctypedef const uint8_t *bin_row "vfx_bins"

cdef enum:
    BINS = 256

# A column counts to the box's height, the box to its area.
ctypedef fused column:
    counts8
    counts16

ctypedef fused total:
    counts16
    counts32

ctypedef struct Boxes:
    Py_ssize_t width            # of the box
    Py_ssize_t height
    Py_ssize_t columns          # of results
    Py_ssize_t rows
    Py_ssize_t stride           # numbers from row to row; results lie as densely as they can
    uint32_t rank               # of the wanted number, from 0
    bint large                  # counts8 and counts16 are too small, take counts16 and counts32
    int bins                    # a multiple of 64: all numbers are below
    uint8_t number[256]         # 0, 1, 2 ...


cdef inline void set_boxes(Boxes *b, Py_ssize_t width, Py_ssize_t height) noexcept nogil:
    """The box and the rank of its median: the upper one of two."""
    cdef int i
    b.width, b.height = width, height
    b.rank = <uint32_t>(width * height // 2)
    b.large = height > 255 or width * height > 65535
    b.bins = BINS
    for i in range(BINS):
        b.number[i] = <uint8_t>i


cdef inline Py_ssize_t column_bytes(const Boxes *b, Py_ssize_t columns) noexcept nogil:
    """Bytes of the histograms that ``columns`` results in a row need."""
    return (columns + b.width) * BINS * (2 if b.large else 1)


cdef inline void _exchange(column counts, bin_row number, uint8_t new, uint8_t old, int bins) noexcept nogil:
    """A column's histogram with one number more and one less."""
    cdef int j
    for j in range(bins):
        counts[j] = counts[j] + (number[j] >= new) - (number[j] >= old)


cdef inline void _slide(total sums, column new, column old, int bins) noexcept nogil:
    """The box's histogram with one column more and one less."""
    cdef int j
    for j in range(bins):
        sums[j] = sums[j] + new[j] - old[j]


cdef inline uint32_t _slide_and_find16(counts16 sums, column new, column old, uint16_t rank, int bins) noexcept nogil:
    """``_slide``, and how many entries are then at most ``rank``."""
    cdef uint16_t found = 0
    cdef int j
    for j in range(bins):
        sums[j] = sums[j] + new[j] - old[j]
        found += sums[j] <= rank
    return found


cdef inline uint32_t _slide_and_find32(counts32 sums, column new, column old, uint32_t rank, int bins) noexcept nogil:
    """The same for large boxes."""
    cdef uint32_t found = 0
    cdef int j
    for j in range(bins):
        sums[j] = sums[j] + new[j] - old[j]
        found += sums[j] <= rank
    return found


cdef inline void _accumulate(column counts) noexcept nogil:
    """A histogram, made cumulative."""
    cdef int j
    for j in range(1, BINS):
        counts[j] = counts[j] + counts[j - 1]


cdef inline void _begin(const Boxes *b, bin_row numbers, column columns, total sums) noexcept nogil:
    """All columns at the first row, and the sum of the first box."""
    cdef Py_ssize_t x, y
    memset(columns, 0, <size_t>((b.columns + b.width) * BINS) * sizeof(columns[0]))
    memset(sums, 0, BINS * sizeof(sums[0]))
    for y in range(b.height):
        for x in range(b.columns + b.width - 1):
            columns[x * BINS + numbers[y * b.stride + x]] += 1
    for x in range(b.columns + b.width - 1):
        _accumulate(columns + x * BINS)
        if x < b.width:
            _slide(sums, columns + x * BINS, columns + (b.columns + b.width - 1) * BINS, BINS)


cdef inline uint32_t _find(const Boxes *b, column right, column left, total sums) noexcept nogil:
    """The box goes on by a column; the number that is found there."""
    if total is counts16:
        return _slide_and_find16(sums, right, left, <uint16_t>b.rank, b.bins)
    else:
        return _slide_and_find32(sums, right, left, b.rank, b.bins)


cdef inline void _row(const Boxes *b, bin_row new, bin_row old, column columns, total sums, total first,
                      uint8_t *result, uint16_t *rest) noexcept nogil:
    """One row of results; ``first`` is the histogram of its first box."""
    cdef Py_ssize_t x, right = b.columns + b.width - 1, left = right    # the column after all others stays empty
    cdef uint32_t found
    if column is counts8 and total is counts16:
        if rest == NULL and b.height < 128 and slide_row(new, old, b.number, columns, first, b.width, <uint16_t>b.rank,
                                                         result, b.columns, b.bins // 64):
            return
    memcpy(sums, first, BINS * sizeof(sums[0]))
    for x in range(b.columns):
        if x > 0:
            right, left = x + b.width - 1, x - 1
            _exchange(columns + right * BINS, b.number, new[right], old[right], b.bins)
        found = _find(b, columns + right * BINS, columns + left * BINS, sums)
        result[x] = <uint8_t>found
        if rest != NULL:
            rest[x] = <uint16_t>(b.rank - (sums[found - 1] if found > 0 else 0))


cdef inline void _slide_number(total sums, bin_row number, uint8_t new, uint8_t old, int bins) noexcept nogil:
    """The box's histogram with one number more and one less."""
    cdef int j
    for j in range(bins):
        sums[j] = sums[j] + (number[j] >= new) - (number[j] >= old)


cdef inline void medians(const Boxes *b, const uint8_t *numbers, column columns, total sums, uint8_t *result,
                         uint16_t *rest) noexcept nogil:
    """The number of rank ``b.rank`` in every box.

    ``columns`` has room for ``column_bytes``, ``sums`` for 512 totals. ``rest``, where it is not NULL, is the wanted
    number's rank among those of the box that are equal to it.
    """
    cdef total first = sums + BINS
    cdef Py_ssize_t y, x
    cdef const uint8_t *new
    cdef const uint8_t *old
    _begin(b, numbers, columns, first)
    for y in range(b.rows):
        new = numbers + (y + b.height - 1) * b.stride
        old = numbers + (y - 1) * b.stride if y > 0 else new
        for x in range(b.width if y > 0 else 0):
            if new[x] != old[x]:
                _slide_number(first, b.number, new[x], old[x], b.bins)
                _exchange(columns + x * BINS, b.number, new[x], old[x], b.bins)
        _row(b, new, old, columns, sums, first, result + y * b.columns, rest + y * b.columns if rest != NULL else NULL)
