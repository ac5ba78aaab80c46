"""Rows of decimal numbers to float32 and back, for the text files that hold LUTs.

Reading is correctly rounded. The digits of a number (19 of them fill a uint64) and its power of
ten give a double that is off by at most a few units in its last place; its float32 is right unless
the double lies that close to the middle between two float32 values. Those few numbers, and the
very small, very large and very long ones, take the slow road through exact decimal arithmetic.

Writing gives the fewest decimals that read back as the same float32.
"""

from decimal import Decimal

from libc.math cimport INFINITY, fabs, floor, nextafterf, signbit
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

ctypedef const unsigned char uchar

# What ended a call of parse_rows; the Python reader words the error.
cdef enum:
    _FULL = 0    # as many rows as there was room for
    _END = 1     # the text ended
    _WORD = 2    # a line that does not start with a number
    _NUMBER = 3  # not a finite number
    _SHORT = 4   # a row with too few numbers
    _LONG = 5    # a row with too many

# No number that a program writes is longer; exact arithmetic on it stays fast.
cdef enum:
    _LONGEST = 1200

# 10**0 .. 10**22 are exact doubles.
cdef double[23] POWERS
cdef int _i
for _i in range(23):
    POWERS[_i] = <double>(10 ** _i)


cdef float _exact(uchar *start, Py_ssize_t length) noexcept with gil:
    """The float32 nearest to the number at ``start`` (checked syntax); infinity when out of range."""
    cdef double value, middle
    cdef float nearest, low, high
    text = (<const char *>start)[:length].decode("ascii")
    value = float(text)
    nearest = <float>value
    if <double>nearest == value:
        return nearest
    if nearest < value:
        low, high = nearest, nextafterf(nearest, <float>INFINITY)
    else:
        low, high = nextafterf(nearest, <float>-INFINITY), nearest
    # The step beyond the largest float32 is 2**104, so the last middle is 2**128 - 2**103.
    if high > <float>3.4028234e38:
        middle = <double>low + 2.0 ** 103
    elif low < <float>-3.4028234e38:
        middle = <double>high - 2.0 ** 103
    else:
        middle = (<double>low + <double>high) * 0.5
    if value == middle:
        written, exact = Decimal(text), Decimal(value)
        if written < exact:
            return low
        if written > exact:
            return high
    return nearest


cdef inline bint _is_digit(unsigned char c) noexcept nogil:
    return <unsigned char>(c - 48) < 10


ctypedef struct Written:
    # A number as it is written: digits * 10**shift, and where it starts.
    uint64_t digits
    int shift
    bint negative
    uchar *start


cdef inline uchar *_scan(uchar *p, uchar *end, Written *w) noexcept nogil:
    """The position behind the number at ``p``, or NULL when it is malformed."""
    cdef int used = 0, exponent = 0
    cdef bint minus = False, seen = False
    w.digits = 0
    w.shift = 0
    w.negative = False
    w.start = p
    if p < end and (p[0] == 45 or p[0] == 43):  # - +
        w.negative = p[0] == 45
        p += 1
    while p < end and _is_digit(p[0]):
        seen = True
        if used < 19:
            w.digits = w.digits * 10 + (p[0] - 48)
            used += w.digits != 0
        else:
            w.shift += 1
        p += 1
    if p < end and p[0] == 46:  # .
        p += 1
        while p < end and _is_digit(p[0]):
            seen = True
            if used < 19:
                w.digits = w.digits * 10 + (p[0] - 48)
                used += w.digits != 0
                w.shift -= 1
            p += 1
    if not seen or p - w.start > _LONGEST:
        return NULL
    if p < end and (p[0] | 32) == 101:  # e E
        p += 1
        if p < end and (p[0] == 45 or p[0] == 43):
            minus = p[0] == 45
            p += 1
        if p >= end or not _is_digit(p[0]):
            return NULL
        while p < end and _is_digit(p[0]):
            if exponent < 100000:
                exponent = exponent * 10 + (p[0] - 48)
            p += 1
        if p - w.start > _LONGEST:
            return NULL
        w.shift += -exponent if minus else exponent
    return p


cdef inline double _nearly(const Written *w) noexcept nogil:
    """The size of a number with a shift of -44 to 22, less than 4 units in the last place off."""
    cdef double value = <double>w.digits
    if w.shift >= 0:
        return value * POWERS[w.shift]
    if w.shift >= -22:
        return value / POWERS[-w.shift]
    return value / POWERS[22] / POWERS[-w.shift - 22]


cdef inline uchar *_number(uchar *p, uchar *end, float *out) noexcept nogil:
    """The position behind the number at ``p``, or NULL when it is malformed or not finite."""
    cdef Written w
    cdef uint64_t bits
    cdef int away
    cdef double value
    cdef float result
    p = _scan(p, end, &w)
    if p == NULL:
        return NULL
    if w.digits == 0:
        out[0] = <float>-0.0 if w.negative else <float>0.0
        return p
    if -44 <= w.shift <= 22:
        value = _nearly(&w)
        # Three roundings and the digits beyond 19: less than 4 units in the last place. The
        # middle between two float32 values has these 29 bits: a one and 28 zeros.
        memcpy(&bits, &value, 8)
        away = <int>(bits & 0x1FFFFFFF) - 0x10000000
        if (away > 8 or away < -8) and 1.2e-38 < value < 3.4e38:
            result = <float>value
            out[0] = -result if w.negative else result
            return p
    result = _exact(w.start, p - w.start)
    if result - result != 0:
        return NULL
    out[0] = result
    return p


cdef double _python_double(uchar *start, Py_ssize_t length) noexcept with gil:
    """The double nearest to the number at ``start`` (checked syntax); infinity when out of range."""
    return float((<const char *>start)[:length].decode("ascii"))


cdef inline uchar *_wide(uchar *p, uchar *end, double *out) noexcept nogil:
    """As ``_number``, in double precision: less than 4 units in the last place off."""
    cdef Written w
    cdef double value
    p = _scan(p, end, &w)
    if p == NULL:
        return NULL
    if -44 <= w.shift <= 22 or w.digits == 0:
        value = _nearly(&w) if w.digits else 0.0
        out[0] = -value if w.negative else value
        return p
    value = _python_double(w.start, p - w.start)
    if value - value != 0:
        return NULL
    out[0] = value
    return p


cdef inline uchar *_blanks(uchar *p, uchar *end) noexcept nogil:
    """The next character of this line that is neither a space nor a tab."""
    while p < end and (p[0] == 32 or p[0] == 9):
        p += 1
    return p


cdef inline bint _line_ends(uchar *p, uchar *end) noexcept nogil:
    """Whether nothing but a comment is left of this line."""
    return p >= end or p[0] == 10 or p[0] == 13 or p[0] == 35


cdef int _parse(uchar *begin, uchar *end, float *out, Py_ssize_t rows, int columns,
                Py_ssize_t *row, Py_ssize_t *at) noexcept nogil:
    """Fill ``out`` row by row; ``row`` and ``at`` tell how far it came."""
    cdef uchar *p = begin
    cdef uchar *behind
    cdef int column
    row[0] = 0
    while True:
        while p < end and (p[0] == 32 or (9 <= p[0] <= 13)):
            p += 1
        at[0] = p - begin
        if p < end and p[0] == 35:  # a comment
            while p < end and p[0] != 10 and p[0] != 13:
                p += 1
            continue
        if row[0] == rows:
            return _FULL
        if p >= end:
            return _END
        if not (_is_digit(p[0]) or p[0] == 45 or p[0] == 43 or p[0] == 46):
            return _WORD
        for column in range(columns):
            p = _blanks(p, end)
            if _line_ends(p, end):
                return _SHORT
            behind = _number(p, end, out + column)
            if behind == NULL or not (_line_ends(behind, end) or behind[0] == 32 or behind[0] == 9):
                at[0] = p - begin
                return _NUMBER
            p = behind
        p = _blanks(p, end)
        if not _line_ends(p, end):
            return _LONG
        out += columns
        row[0] += 1


def parse_rows(const unsigned char[::1] text not None, Py_ssize_t start, float[:, ::1] out not None) -> tuple[int, int, int]:
    """What ended the table, how many rows of ``out`` are filled, and where in ``text`` that was.

    Rows of ``out.shape[1]`` numbers stand one to a line; blank lines and ``#`` comments are passed
    over. The first value is 0 full, 1 end of text, 2 a line that is no row, 3 a bad number, 4 too
    few numbers, 5 too many.
    """
    cdef Py_ssize_t row = 0, at = 0, rows = out.shape[0]
    cdef int columns = <int>out.shape[1], status
    cdef uchar *begin
    cdef uchar *end
    cdef float *target
    if not 0 <= start <= text.shape[0]:
        raise ValueError(f"start must lie within the text of {text.shape[0]} bytes, got {start}")
    if start == text.shape[0] or rows == 0 or columns == 0:
        return (_FULL if rows == 0 or columns == 0 else _END), 0, start
    begin = &text[0] + start
    end = &text[0] + text.shape[0]
    target = &out[0, 0]
    with nogil:
        status = _parse(begin, end, target, rows, columns, &row, &at)
    return status, row, start + at


cdef inline bint _parts(unsigned char c) noexcept nogil:
    """Whether this character stands between numbers: white space or a comma."""
    return c == 32 or 9 <= c <= 13 or c == 44


cdef int _parse_flat(uchar *begin, uchar *end, float *singles, double *doubles, Py_ssize_t room,
                     Py_ssize_t *count, Py_ssize_t *at) noexcept nogil:
    """Fill one of the two arrays; ``count`` and ``at`` tell how far it came."""
    cdef uchar *p = begin
    cdef uchar *behind
    count[0] = 0
    while True:
        while p < end and _parts(p[0]):
            p += 1
        at[0] = p - begin
        if p >= end:
            return _FULL if count[0] == room else _END
        if count[0] == room:
            return _LONG
        if singles != NULL:
            behind = _number(p, end, singles + count[0])
        else:
            behind = _wide(p, end, doubles + count[0])
        if behind == NULL or not (behind >= end or _parts(behind[0])):
            return _NUMBER
        p = behind
        count[0] += 1


def parse_numbers(const unsigned char[::1] text not None, out not None) -> tuple[int, int, int]:
    """What ended the numbers, how many entries of ``out`` are filled, and where in ``text`` that was.

    The whole text is numbers parted by white space or commas, in any number of lines. ``out`` is a
    contiguous float32 array, filled with correctly rounded numbers, or a float64 array, filled to
    within 4 units in the last place. The first value is 0 when the numbers fill ``out``, 1 when they
    are too few, 3 at what is not a finite number, 5 when they are too many.
    """
    cdef Py_ssize_t count = 0, at = 0, room
    cdef int status
    cdef float[::1] singles
    cdef double[::1] doubles
    cdef float *single = NULL
    cdef double *double_ = NULL
    cdef uchar *begin
    if len(out) == 0:
        raise ValueError("out must have room for one number or more")
    if memoryview(out).format == "f":
        singles = out
        room = singles.shape[0]
        single = &singles[0]
    else:
        doubles = out
        room = doubles.shape[0]
        double_ = &doubles[0]
    if text.shape[0] == 0:
        return _END, 0, 0
    begin = &text[0]
    with nogil:
        status = _parse_flat(begin, begin + text.shape[0], single, double_, room, &count, &at)
    return status, count, at


cdef int _by_python(float value, unsigned char *out) noexcept with gil:
    """Write nine significant digits, which always read back; the number of bytes."""
    cdef bytes text = b"%.9g" % value
    cdef int length = <int>len(text)
    memcpy(out, <const char *>text, length)
    return length


cdef int _digits(uint64_t whole, int decimals, unsigned char *out) noexcept nogil:
    """Write ``whole / 10**decimals``; the number of bytes."""
    cdef unsigned char[24] reverse
    cdef int count = 0, length = 0
    while whole or count <= decimals:
        reverse[count] = 48 + <unsigned char>(whole % 10)
        whole //= 10
        count += 1
    while count:
        if count == decimals:
            out[length] = 46
            length += 1
        count -= 1
        out[length] = reverse[count]
        length += 1
    return length


cdef int _format(float value, unsigned char *out) noexcept nogil:
    """Write one finite number in at most 18 bytes; the number of bytes."""
    cdef double size = fabs(<double>value), near, scaled
    cdef float back = <float>size
    cdef uint64_t bits
    cdef int decimals, sign = 0
    if size != 0 and (size < 1e-4 or size >= 1e9):
        return _by_python(value, out)
    if signbit(value):
        out[0] = 45
        sign = 1
    for decimals in range(14):
        scaled = floor(size * POWERS[decimals] + 0.5)
        near = scaled / POWERS[decimals]
        memcpy(&bits, &near, 8)
        # A double in the very middle may stand for a text on either side of it.
        if <float>near == back and (bits & 0x1FFFFFFF) != 0x10000000:
            return sign + _digits(<uint64_t>scaled, decimals, out + sign)
    return _by_python(value, out)


def format_rows(const float[:, ::1] values not None, unsigned char[::1] out not None) -> int:
    """The number of bytes of ``out`` filled: one line a row, numbers parted by one space.

    ``out`` needs 20 bytes for each number.
    """
    cdef Py_ssize_t row, column, at = 0
    if out.shape[0] < 20 * values.shape[0] * values.shape[1]:
        raise ValueError(f"out needs 20 bytes for each of {values.size} numbers, got {out.shape[0]}")
    if values.shape[1] == 0:
        return 0
    with nogil:
        for row in range(values.shape[0]):
            for column in range(values.shape[1]):
                at += _format(values[row, column], &out[at])
                out[at] = 32
                at += 1
            out[at - 1] = 10
    return at
