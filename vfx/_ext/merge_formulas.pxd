"""What becomes of two pictures: the operators of Porter and Duff, and the operations of Nuke's Merge node.

A formula runs over ``n`` numbers: ``A`` of the picture on top, ``B`` of the one below, ``a`` and ``b`` the alphas that
belong to them, number by number. Alpha is a channel like any other: there A is a and B is b. Sources:

* T. Porter and T. Duff, *Compositing Digital Images*, SIGGRAPH 1984, for those with alpha;
* Foundry, Nuke's online help, *Merge Operations*, and the tool tip of the Merge node, for the other ones.

What they leave open (a division by 0, light above 1) each formula says; ``docs/guides/compositing.rst`` lists it. NaN
stays NaN.
"""

from vfx._ext.simd_math cimport fabsf, fma, plane, source

cdef extern from "math.h":
    double sqrt(double x) noexcept nogil

ctypedef void (*Formula)(source A, source a, source B, source b, plane out, int n) noexcept nogil


cdef inline float larger(float x, float y) noexcept nogil:
    """The larger one; NaN if either is."""
    y = x if x > y else y
    return y if x == x else x


cdef inline float smaller(float x, float y) noexcept nogil:
    """The smaller one; NaN if either is."""
    y = x if x < y else y
    return y if x == x else x


cdef inline float within(float x, float low, float high) noexcept nogil:
    """``x`` limited to [low, high]; NaN becomes ``low``."""
    x = x if x > low else low
    return x if x < high else high


# -- Porter and Duff --------------------------------------------------------------------------


cdef inline void clear(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = <float>0.0


cdef inline void copy(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = A[i]


cdef inline void keep(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = B[i]


cdef inline void over(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(B[i], <float>1.0 - a[i], A[i])


cdef inline void under(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(A[i], <float>1.0 - b[i], B[i])


cdef inline void inside(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = A[i] * b[i]


cdef inline void outside(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = A[i] * (<float>1.0 - b[i])


cdef inline void mask(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = B[i] * a[i]


cdef inline void stencil(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = B[i] * (<float>1.0 - a[i])


cdef inline void atop(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(A[i], b[i], B[i] * (<float>1.0 - a[i]))


cdef inline void below_atop(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(B[i], a[i], A[i] * (<float>1.0 - b[i]))


cdef inline void either(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(A[i], <float>1.0 - b[i], B[i] * (<float>1.0 - a[i]))


cdef inline void plus(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = A[i] + B[i]


# -- Nuke: with alpha ---------------------------------------------------------------------------


cdef inline void conjoint_over(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A where a > b, A + B where b <= 0, else A + B(1 - a/b)."""
    cdef int i
    cdef float rest
    for i in range(n):
        rest = <float>1.0 - a[i] / b[i]
        rest = rest if not b[i] <= <float>0.0 else <float>1.0
        rest = rest if not a[i] > b[i] else <float>0.0
        out[i] = fma(B[i], rest, A[i])


cdef inline void disjoint_over(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A where a >= 1, A + B where a + b < 1, A + B(1 - a) where b <= 0, else A + B(1 - a)/b."""
    cdef int i
    cdef float rest, left
    for i in range(n):
        left = <float>1.0 - a[i]
        rest = left / b[i]
        rest = rest if not b[i] <= <float>0.0 else left
        rest = rest if not a[i] + b[i] < <float>1.0 else <float>1.0
        rest = rest if not a[i] >= <float>1.0 else <float>0.0
        out[i] = fma(B[i], rest, A[i])


cdef inline void matte(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(A[i], a[i], B[i] * (<float>1.0 - a[i]))


# -- Nuke: without alpha --------------------------------------------------------------------------


cdef inline void average(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = <float>0.5 * A[i] + <float>0.5 * B[i]


cdef inline void color_burn(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A where A <= 0, else 1 - min(1, (1 - B)/A)."""
    cdef int i
    cdef float r
    for i in range(n):
        r = <float>1.0 - smaller(<float>1.0, (<float>1.0 - B[i]) / A[i])
        out[i] = r if not A[i] <= <float>0.0 else A[i]


cdef inline void color_dodge(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A where A >= 1, else min(1, B/(1 - A))."""
    cdef int i
    cdef float r
    for i in range(n):
        r = smaller(<float>1.0, B[i] / (<float>1.0 - A[i]))
        out[i] = r if not A[i] >= <float>1.0 else A[i]


cdef inline void difference(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fabsf(A[i] - B[i])


cdef inline void divide(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A/B, 0 where B is 0 or negative."""
    cdef int i
    cdef float r
    for i in range(n):
        r = A[i] / B[i]
        out[i] = r if not B[i] <= <float>0.0 else <float>0.0


cdef inline void exclusion(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(A[i], fma(<float>-2.0, B[i], <float>1.0), B[i])


cdef inline void subtract_from(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = B[i] - A[i]


cdef inline void geometric(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """2AB/(A + B), 0 where A + B is 0."""
    cdef int i
    cdef float s
    for i in range(n):
        s = A[i] + B[i]
        out[i] = <float>2.0 * A[i] * B[i] / s if s != <float>0.0 else <float>0.0


cdef inline void hard_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float multiplied, screened
    for i in range(n):
        multiplied = <float>2.0 * A[i] * B[i]
        screened = fma(<float>-2.0 * (<float>1.0 - A[i]), <float>1.0 - B[i], <float>1.0)
        out[i] = multiplied if A[i] < <float>0.5 else screened


cdef inline void overlay(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float multiplied, screened
    for i in range(n):
        multiplied = <float>2.0 * A[i] * B[i]
        screened = fma(<float>-2.0 * (<float>1.0 - A[i]), <float>1.0 - B[i], <float>1.0)
        out[i] = multiplied if B[i] < <float>0.5 else screened


cdef inline void hypot(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """sqrt(A² + B²), in float64: squares of large numbers are beyond float32."""
    cdef int i
    cdef double x, y
    for i in range(n):
        x = A[i]
        y = B[i]
        out[i] = <float>sqrt(x * x + y * y)


cdef inline void highest(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = larger(A[i], B[i])


cdef inline void lowest(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = smaller(A[i], B[i])


cdef inline void minus(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = A[i] - B[i]


cdef inline void multiply(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """AB, A where both are negative."""
    cdef int i
    for i in range(n):
        out[i] = A[i] if A[i] < <float>0.0 and B[i] < <float>0.0 else A[i] * B[i]


cdef inline void screen(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """A + B - AB; the larger one where both are above 1."""
    cdef int i
    cdef bint high
    for i in range(n):
        high = (A[i] > <float>1.0) & (B[i] > <float>1.0)
        out[i] = larger(A[i], B[i]) if high else fma(A[i], <float>1.0 - B[i], B[i])


cdef inline void soft_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """B(2A + B(1 - AB)) where AB < 1, else 2AB."""
    cdef int i
    cdef float p, r
    for i in range(n):
        p = A[i] * B[i]
        r = B[i] * fma(B[i], <float>1.0 - p, <float>2.0 * A[i])
        out[i] = r if p < <float>1.0 else <float>2.0 * p


cdef inline Formula find(str name) noexcept:
    """The formula of that name, or NULL."""
    if name == "atop": return atop
    if name == "average": return average
    if name == "clear": return clear
    if name == "color_burn": return color_burn
    if name == "color_dodge": return color_dodge
    if name == "conjoint_over": return conjoint_over
    if name == "copy": return copy
    if name == "difference": return difference
    if name == "disjoint_over": return disjoint_over
    if name == "divide": return divide
    if name == "dst": return keep
    if name == "dst_atop": return below_atop
    if name == "exclusion": return exclusion
    if name == "from": return subtract_from
    if name == "geometric": return geometric
    if name == "hard_light": return hard_light
    if name == "hypot": return hypot
    if name == "in": return inside
    if name == "mask": return mask
    if name == "matte": return matte
    if name == "max": return highest
    if name == "min": return lowest
    if name == "minus": return minus
    if name == "multiply": return multiply
    if name == "out": return outside
    if name == "over": return over
    if name == "overlay": return overlay
    if name == "plus": return plus
    if name == "screen": return screen
    if name == "soft_light": return soft_light
    if name == "stencil": return stencil
    if name == "under": return under
    if name == "xor": return either
    return NULL
