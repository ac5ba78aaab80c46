"""log2 and exp2 as most curves need them: plain float32, without the second half that ``pow`` needs.

=================  ==================================================================================
``log2_plain``     log2 of a positive normal number to 2 units in the last place
``exp2_plain``     2 ** t for t of -126 up to 128, to 2 units in the last place
``exp2_line``      2 ** (a * x + b), as exact for large exponents
``near_exp2``      whether a * x + b keeps its digits as a plain float32 for codes of about 0 to 1
=================  ==================================================================================

An exponent of ``log2`` times a slope of about 0.08, or of 14 times a code value, loses nothing here that
float32 code values have: 3e-7 relative. Half the instructions of the compensated ones of ``simd_math``.
"""

from vfx._ext.simd_math cimport bits_float, fabsf, float_bits, fma


cdef inline float log2_plain(float x) noexcept nogil:
    """log2(x) for positive normal ``x``; another gives a number without meaning."""
    cdef int bits = float_bits(x)
    # 0x3f2aaaab is 2/3: the mantissa lands in [2/3, 4/3).
    cdef int k = (bits - 0x3f2aaaab) >> 23
    cdef float e = <float>k
    cdef float r = bits_float(bits - (k << 23)) - <float>1.0
    cdef float q = <float>-0.18711601197719574
    q = fma(q, r, <float>0.20234012603759766)
    q = fma(q, r, <float>-0.17547032237052917)
    q = fma(q, r, <float>0.2019389420747757)
    q = fma(q, r, <float>-0.24067923426628113)
    q = fma(q, r, <float>0.28869712352752686)
    q = fma(q, r, <float>-0.3606695830821991)
    q = fma(q, r, <float>0.4808965027332306)
    q = fma(q, r, <float>-0.7213475108146667)
    q = fma(q, r, <float>1.4426950408889634)
    return fma(q, r, e)


cdef inline float exp2_whole(float z, float f) noexcept nogil:
    """2 ** (n + f) for ``|f|`` up to about 1/2, where n is in the low bits of ``z``."""
    cdef float q = <float>0.00015352315676864237
    q = fma(q, f, <float>0.0013400170719251037)
    q = fma(q, f, <float>0.009618449956178665)
    q = fma(q, f, <float>0.05550329387187958)
    q = fma(q, f, <float>0.24022647738456726)
    q = fma(q, f, <float>0.6931471824645996)
    q = fma(q, f, <float>1.0)
    return bits_float(float_bits(q) + <int>(<unsigned int>float_bits(z) << 23))


cdef inline float exp2_plain(float t) noexcept nogil:
    """2 ** t for ``t`` of -126 up to 128; another, or NaN, gives a number without meaning."""
    # 12582912 is 1.5 * 2**23: adding it rounds to an integer n and leaves n in the low bits.
    cdef float z = t + <float>12582912.0
    return exp2_whole(z, t - (z - <float>12582912.0))


cdef inline float exp2_line(float x, float a, float b) noexcept nogil:
    """2 ** (a * x + b) within the same limits. What rounding costs grows with b alone, not with the exponent."""
    cdef float z = fma(x, a, b) + <float>12582912.0
    return exp2_whole(z, fma(x, a, <float>12582912.0 - z) + b)


cdef inline bint near_exp2(float a, float b) noexcept nogil:
    """Whether ``a * x + b``, rounded once, is exact enough an exponent for codes of about 0 to 1."""
    return fabsf(a) + fabsf(b) <= <float>40.0
