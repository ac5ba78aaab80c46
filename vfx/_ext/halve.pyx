"""Pictures at half their size: the area average of two, three or four pixels along each side.

Rows are summed first, a whole row at a time; the columns of the sum come after. ``vfx.io._exr_pyramid`` says which
pixels a pixel covers and how much of each.
"""

from libc.stdlib cimport free, malloc

cdef enum:
    TAPS = 4


cdef void sum_rows(const float *rows, Py_ssize_t stride, const float *shares, float *out) noexcept nogil:
    """The weighted sum of at most four rows of ``stride`` numbers."""
    cdef const float *a = rows
    cdef const float *b = rows + stride
    cdef const float *c = rows + 2 * stride
    cdef const float *d = rows + 3 * stride
    cdef float w0 = shares[0], w1 = shares[1], w2 = shares[2], w3 = shares[3]
    cdef Py_ssize_t i
    if w1 == 0:
        for i in range(stride):
            out[i] = w0 * a[i]
    elif w2 == 0:
        for i in range(stride):
            out[i] = w0 * a[i] + w1 * b[i]
    elif w3 == 0:
        for i in range(stride):
            out[i] = w0 * a[i] + w1 * b[i] + w2 * c[i]
    else:
        for i in range(stride):
            out[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i]


cdef inline void sum_columns(const float *row, const int *first, const float *shares, float *out, Py_ssize_t width,
                             int channels) noexcept nogil:
    """The weighted sums of at most four neighbours each."""
    cdef Py_ssize_t x, place
    cdef int c, k
    cdef float total
    for x in range(width):
        place = <Py_ssize_t> first[x] * channels
        for c in range(channels):
            total = shares[TAPS * x] * row[place + c]
            for k in range(1, TAPS):
                # A share of nothing is not read: it may lie behind the row, and 0 * infinity is no number.
                if shares[TAPS * x + k] > 0:
                    total += shares[TAPS * x + k] * row[place + k * channels + c]
            out[x * channels + c] = total


def average(rows: object, columns: object, shares: object, places: object, row_shares: object, out: object) -> None:
    """Fill ``out`` (n, width, channels), float32, from ``rows``, float32 as well; both C-contiguous.

    ``columns`` (width,) and ``shares`` (width, 4) say which column is the first that each covers, and how much of it
    and of the next three; ``places`` (n,) and ``row_shares`` (n, 4) say the same of the rows.
    """
    cdef const float[:, :, ::1] source = rows
    cdef float[:, :, ::1] to = out
    cdef const int[::1] first_column = columns
    cdef const float[:, ::1] column_shares = shares
    cdef const int[::1] first_row = places
    cdef const float[:, ::1] all_row_shares = row_shares
    cdef Py_ssize_t n = to.shape[0], width = to.shape[1], stride = source.shape[1] * source.shape[2], y
    cdef int channels = <int> to.shape[2]
    cdef float *total
    if n == 0 or width == 0 or channels == 0:
        return
    if (source.shape[2] != channels or first_column.shape[0] != width or column_shares.shape[0] != width
            or first_row.shape[0] != n or all_row_shares.shape[0] != n or column_shares.shape[1] != TAPS
            or all_row_shares.shape[1] != TAPS):
        raise ValueError("the sizes given do not fit each other")
    check_reach(first_column, column_shares, source.shape[1])
    check_reach(first_row, all_row_shares, source.shape[0])
    total = <float *> malloc(stride * sizeof(float))
    if total == NULL:
        raise MemoryError
    with nogil:
        for y in range(n):
            sum_rows(&source[first_row[y], 0, 0], stride, &all_row_shares[y, 0], total)
            if channels == 4:
                sum_columns(total, &first_column[0], &column_shares[0, 0], &to[y, 0, 0], width, 4)
            elif channels == 3:
                sum_columns(total, &first_column[0], &column_shares[0, 0], &to[y, 0, 0], width, 3)
            else:
                sum_columns(total, &first_column[0], &column_shares[0, 0], &to[y, 0, 0], width, channels)
    free(total)


cdef int check_reach(const int[::1] first, const float[:, ::1] shares, Py_ssize_t size) except -1:
    """Raise unless every pixel covered is there."""
    cdef Py_ssize_t i
    cdef int k, reach
    for i in range(first.shape[0]):
        reach = 0
        for k in range(1, TAPS):
            if shares[i, k] > 0:
                reach = k
        if first[i] < 0 or first[i] + reach >= size:
            raise ValueError("a pixel lies outside the rows given")
    return 0
