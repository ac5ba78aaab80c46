"""Float32 mathematics that the compiler turns into full-width vector code.

Everything is branch-free straight-line arithmetic on float32, so a loop that calls these
functions vectorises as a whole. ``fma`` is a real fused multiply-add on builds that have
one (x86-64-v3 and v4, 64-bit ARM) and ``a * b + c`` elsewhere.

=================  =====================================================================
``log2_parts``     log2 of a positive finite number as an unevaluated sum ``hi + lo``
``log2_1p_parts``  log2(1 + r) for ``|r| <= 1/3``, exact in ``r``
``exp2_parts``     2 ** (hi + lo); too large is inf, below about 2**-125 is 0
``pow_positive``   x ** y for x >= 0; negative x is the caller's business; NaN stays NaN
``pow_quick``      x ** y for y >= 1/4, what is not positive and finite passes
=================  =====================================================================

The sum ``hi + lo`` carries about 30 bits, so that ``pow`` stays within 1e-6 relative
wherever ``|y * log2(x)| <= 16``.

The polynomials are weighted minimax fits made for this project (Lawson's iteration in
float64): log2(1 + r) within 5e-9 relative on [-1/3, 1/3], 2**f within 3e-9 on [-.5, .5].
"""

cdef extern from *:
    """
    #include <math.h>
    #include <string.h>
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    #define VFX_FMA 1
    #define vfx_fma(a, b, c) fmaf((a), (b), (c))
    #else
    #define VFX_FMA 0
    #define vfx_fma(a, b, c) ((a) * (b) + (c))
    #endif
    typedef float *__restrict vfx_plane;
    typedef const float *__restrict vfx_source;
    static inline int vfx_bits(float x) { int i; memcpy(&i, &x, 4); return i; }
    static inline float vfx_float(int i) { float x; memcpy(&x, &i, 4); return x; }
    """
    const bint VFX_FMA
    float fma "vfx_fma"(float a, float b, float c) noexcept nogil
    int float_bits "vfx_bits"(float x) noexcept nogil
    float bits_float "vfx_float"(int i) noexcept nogil
    float fabsf(float x) noexcept nogil
    float copysignf(float x, float sign) noexcept nogil
    float sqrtf(float x) noexcept nogil
    float INFINITY
    float NAN
    # A pointer that nothing else in the function writes through.
    ctypedef float *plane "vfx_plane"
    ctypedef const float *source "vfx_source"


ctypedef struct Split:
    # An unevaluated sum; hi carries the value, lo what rounding took from it.
    float hi
    float lo


cdef inline float top_bits(float x) noexcept nogil:
    """``x`` cut to 12 significant bits: products of two such numbers are exact."""
    return bits_float(float_bits(x) & -4096)


cdef inline Split two_prod(float a, float b) noexcept nogil:
    """``a * b`` as hi + lo (Dekker's product; with FMA the error term is one instruction)."""
    cdef Split s
    cdef float ah, bh
    if VFX_FMA:
        s.hi = a * b
        s.lo = fma(a, b, -s.hi)
    else:
        ah = top_bits(a)
        bh = top_bits(b)
        s.hi = ah * bh
        s.lo = (a - ah) * b + ah * (b - bh)
    return s


cdef inline Split log2_1p_parts(float r) noexcept nogil:
    """log2(1 + r) for ``|r| <= 1/3``, as hi + lo, to about 2**-25 relative."""
    cdef float q
    cdef Split s = two_prod(r, <float>1.4426950408889634)
    q = <float>-0.18711601197719574
    q = fma(q, r, <float>0.20234012603759766)
    q = fma(q, r, <float>-0.17547032237052917)
    q = fma(q, r, <float>0.2019389420747757)
    q = fma(q, r, <float>-0.24067923426628113)
    q = fma(q, r, <float>0.28869712352752686)
    q = fma(q, r, <float>-0.3606695830821991)
    q = fma(q, r, <float>0.4808965027332306)
    q = fma(q, r, <float>-0.7213475108146667)
    # log2(e) is 1.44269502 + 1.925963e-8: its second half belongs to the small part too.
    s.lo = fma(r, <float>1.925963033500116e-08, s.lo)
    s.lo = fma(r * r, q, s.lo)
    return s


cdef inline Split log2_normal(float x) noexcept nogil:
    """log2(x) for positive normal ``x`` as hi + lo."""
    cdef int bits = float_bits(x)
    # 0x3f2aaaab is 2/3: the mantissa lands in [2/3, 4/3).
    cdef int k = (bits - 0x3f2aaaab) >> 23
    cdef float e = <float>k
    cdef Split s = log2_1p_parts(bits_float(bits - (k << 23)) - <float>1.0)
    cdef float total = e + s.hi
    s.lo = s.lo + (s.hi - (total - e))
    s.hi = total
    return s


cdef inline Split log2_parts(float x) noexcept nogil:
    """log2(x) for positive finite ``x`` (subnormal too) as hi + lo."""
    cdef bint tiny = x < <float>1.1754943508222875e-38
    cdef float scaled = x * <float>16777216.0 if tiny else x
    cdef int bits = float_bits(scaled)
    cdef int k = (bits - 0x3f2aaaab) >> 23
    cdef float e = <float>k - (<float>24.0 if tiny else <float>0.0)
    cdef Split s = log2_1p_parts(bits_float(bits - (k << 23)) - <float>1.0)
    cdef float total = e + s.hi
    s.lo = s.lo + (s.hi - (total - e))
    s.hi = total
    return s


cdef inline float exp2_parts(float hi, float lo) noexcept nogil:
    """2 ** (hi + lo) for finite parts below 1e9: inf above 128, 0 below about -125.5.

    Other parts give a number, not NaN or inf: callers select those cases themselves.
    """
    # 12582912 is 1.5 * 2**23: adding it rounds to an integer n and leaves n in the low bits.
    cdef float z = (hi + lo) + <float>12582912.0
    cdef float f = (hi - (z - <float>12582912.0)) + lo
    # The clamp is on the integer: of floats, GCC 12 makes eight mask operations instead of two.
    cdef int n = float_bits(z)
    n = n if n > 0x4b400000 - 126 else 0x4b400000 - 126
    n = n if n < 0x4b400000 + 129 else 0x4b400000 + 129
    # Twice 2**f, times 2**(n - 1): so that n of 128 does not overflow the scale.
    cdef float q = <float>0.00030704631353728473
    q = fma(q, f, <float>0.002680034143850207)
    q = fma(q, f, <float>0.019236899912357330)
    q = fma(q, f, <float>0.11100658774375916)
    q = fma(q, f, <float>0.48045295476913452)
    q = fma(q, f, <float>1.3862943649291992)
    q = fma(q, f, <float>2.0)
    return q * bits_float(<int>(<unsigned int>n << 23) + 0x3f000000)


cdef inline float exp2_1m(float f) noexcept nogil:
    """2 ** f - 1 for ``|f| <= 1/2``, to float32 precision near zero too."""
    cdef float q = <float>0.00015352315676864237
    q = fma(q, f, <float>0.0013400170719251037)
    q = fma(q, f, <float>0.009618449956178665)
    q = fma(q, f, <float>0.05550329387187958)
    q = fma(q, f, <float>0.24022647738456726)
    q = fma(q, f, <float>0.6931471824645996)
    return q * f


cdef inline float exp2_scaled(Split s, float y) noexcept nogil:
    """2 ** (y * (hi + lo)): the product keeps its rounding error."""
    cdef Split t = two_prod(s.hi, y)
    return exp2_parts(t.hi, fma(s.lo, y, t.lo))


cdef inline float log2_any(float x) noexcept nogil:
    """log2(x): -inf at 0, NaN for negatives and NaN, inf at inf."""
    cdef Split s = log2_parts(x)
    cdef float r = s.hi + s.lo
    r = r if x < INFINITY else x
    r = r if x > <float>0.0 else (-INFINITY if x == <float>0.0 else NAN)
    return r


cdef inline float exp2_any(float x) noexcept nogil:
    """2 ** x for any x."""
    cdef float r = exp2_parts(x if fabsf(x) < <float>1024.0 else copysignf(<float>1024.0, x), <float>0.0)
    return r if x == x else x


cdef inline float zero_power(float y) noexcept nogil:
    """0 ** y: 0, 1 or inf. Constant over a picture, so worked out once a tile."""
    return <float>0.0 if y > <float>0.0 else (<float>1.0 if y == <float>0.0 else INFINITY)


cdef inline float pow_positive(float x, float y, float at_zero, float at_inf) noexcept nogil:
    """``x ** y`` for ``x >= 0``, ``at_zero = zero_power(y)``, ``at_inf = zero_power(-y)``."""
    cdef float r = exp2_scaled(log2_parts(x), y)
    r = r if x < INFINITY else (at_inf if x == INFINITY else x)
    return at_zero if x == <float>0.0 else r


cdef inline bint quick(float y) noexcept nogil:
    """Whether ``pow_quick`` may be used: subnormal x then gives less than 2**-31 whatever it is."""
    return y >= <float>0.25


cdef inline float pow_quick(float x, float y) noexcept nogil:
    """``x ** y`` for ``y >= 1/4``; zero, negatives, inf and NaN come back as they are.

    Subnormal ``x`` counts as a number near 2**-126.
    """
    cdef float r = exp2_scaled(log2_normal(x), y)
    # One unsigned comparison picks the positive finite numbers.
    return r if <unsigned int>(float_bits(x) - 1) < <unsigned int>0x7f7fffff else x
