"""Blend modes that treat the channels alike: Bp = as·ab·B(Cb, Cs), of premultiplied numbers.

The published formulas are of colours without alpha, Cs of the picture on top and Cb of the backdrop, between 0 and 1.
Here they are multiplied out with both alphas: A is cs = as·Cs and B is cb = ab·Cb. That needs hardly a division, loses
no digits near alpha 0, and where it must divide it divides numbers that are exact. The composite is then

    cs·(1 - ab) + cb·(1 - as) + Bp

where Bp is 0 if ab is, and light without alpha (as = 0) is added whatever the mode, cs + cb. Sources:

* W3C, *Compositing and Blending Level 1*, 2015, 9.1.4 (multiply to exclusion);
* ISO 32000-1, 11.3.5, which prints the same;
* Adobe Photoshop's help, *Blending mode descriptions*, in words (linear burn to hard mix, subtract, divide);
* ``merge_formulas.pxd``, for the last six: operations of Nuke under its alpha masking.

Colours beyond [0, 1]: dodge, burn and soft light (and vivid light, which is made of the first two) clamp both colours
for the formula; the others go on as they are.
"""

from vfx._ext.merge_formulas cimport Formula, larger, smaller, sqrt, within
from vfx._ext.simd_math cimport fabsf, fma, plane, source, sqrtf


cdef inline float put_together(float A, float a, float B, float b, float blended) noexcept nogil:
    """The composite with ``blended`` where both pictures are."""
    cdef float both = blended if b != <float>0.0 else <float>0.0
    cdef float r = fma(A, <float>1.0 - b, fma(B, <float>1.0 - a, both))
    return r if a != <float>0.0 else A + B


cdef inline float burnt(float A, float a, float B, float b) noexcept nogil:
    """Color burn, as·ab·(1 - min(1, (1 - Cb)/Cs)), 1 where Cb is 1, of colours clamped to [0, 1]."""
    cdef float s = within(A, <float>0.0, a)
    cdef float t = within(B, <float>0.0, b)
    cdef float r = a * (b - smaller(b, (b - t) * a / s))
    r = r if s > <float>0.0 else <float>0.0
    return r if t < b else a * b


cdef inline float dodged(float A, float a, float B, float b) noexcept nogil:
    """Color dodge, as·ab·min(1, Cb/(1 - Cs)), 0 where Cb is 0, of colours clamped to [0, 1]."""
    cdef float s = within(A, <float>0.0, a)
    cdef float t = within(B, <float>0.0, b)
    cdef float r = a * smaller(b, t * a / (a - s))
    r = r if s < a else a * b
    return r if t > <float>0.0 else <float>0.0


cdef inline void normal(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = fma(B[i], <float>1.0 - a[i], A[i])


cdef inline void multiply(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cs·Cb."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], A[i] * B[i])


cdef inline void screen(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cs + Cb - Cs·Cb."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(A[i], b[i] - B[i], B[i] * a[i]))


cdef inline float lit(float A, float a, float B, float b, bint dark) noexcept nogil:
    """Multiply or screen of doubled colours: overlay and hard light."""
    cdef float screened = fma(<float>-2.0 * (a - A), b - B, a * b)
    return <float>2.0 * A * B if dark else screened


cdef inline void overlay(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], lit(A[i], a[i], B[i], b[i], <float>2.0 * B[i] <= b[i]))


cdef inline void hard_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], lit(A[i], a[i], B[i], b[i], <float>2.0 * A[i] <= a[i]))


cdef inline void darken(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], smaller(A[i] * b[i], B[i] * a[i]))


cdef inline void lighten(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], larger(A[i] * b[i], B[i] * a[i]))


cdef inline void color_dodge(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], dodged(A[i], a[i], B[i], b[i]))


cdef inline void color_burn(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], burnt(A[i], a[i], B[i], b[i]))


cdef inline void soft_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cb - (1 - 2Cs)·Cb·(1 - Cb) up to Cs = 1/2, above it Cb + (2Cs - 1)·(D(Cb) - Cb), of colours clamped to [0, 1]."""
    cdef int i
    cdef float s, t, cb, d, dark, light
    for i in range(n):
        s = within(A[i], <float>0.0, a[i])
        t = within(B[i], <float>0.0, b[i])
        cb = t / b[i]
        d = fma(fma(<float>16.0, cb, <float>-12.0), cb, <float>4.0) * cb
        d = d if cb <= <float>0.25 else sqrtf(cb)
        dark = t * fma(fma(<float>-2.0, s, a[i]), cb - <float>1.0, a[i])
        light = fma(fma(<float>2.0, s, -a[i]) * b[i], d - cb, t * a[i])
        out[i] = put_together(A[i], a[i], B[i], b[i], dark if <float>2.0 * s <= a[i] else light)


cdef inline void difference(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fabsf(A[i] * b[i] - B[i] * a[i]))


cdef inline void exclusion(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(A[i], fma(<float>-2.0, B[i], b[i]), B[i] * a[i]))


# -- Photoshop --------------------------------------------------------------------------------


cdef inline void linear_dodge(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cs + Cb, not clamped."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(A[i], b[i], B[i] * a[i]))


cdef inline void linear_burn(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cs + Cb - 1, not clamped."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(A[i] - a[i], b[i], B[i] * a[i]))


cdef inline void linear_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cb + 2Cs - 1, not clamped."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(fma(<float>2.0, A[i], -a[i]), b[i], B[i] * a[i]))


cdef inline void vivid_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Color burn by 2Cs up to Cs = 1/2, above it color dodge by 2Cs - 1."""
    cdef int i
    cdef float dark, light
    for i in range(n):
        dark = burnt(<float>2.0 * A[i], a[i], B[i], b[i])
        light = dodged(fma(<float>2.0, A[i], -a[i]), a[i], B[i], b[i])
        out[i] = put_together(A[i], a[i], B[i], b[i], dark if <float>2.0 * A[i] <= a[i] else light)


cdef inline void pin_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """min(Cb, 2Cs) up to Cs = 1/2, above it max(Cb, 2Cs - 1)."""
    cdef int i
    cdef float dark, light
    for i in range(n):
        dark = smaller(B[i] * a[i], <float>2.0 * A[i] * b[i])
        light = larger(B[i] * a[i], fma(<float>2.0, A[i], -a[i]) * b[i])
        out[i] = put_together(A[i], a[i], B[i], b[i], dark if <float>2.0 * A[i] <= a[i] else light)


cdef inline void hard_mix(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """1 where Cs + Cb is at least 1 (less 1e-6, for rounding), else 0."""
    cdef int i
    cdef float excess, r
    for i in range(n):
        excess = fma(A[i] - a[i], b[i], B[i] * a[i])
        r = a[i] * b[i] if excess >= <float>-1e-6 * (a[i] * b[i]) else <float>0.0
        out[i] = put_together(A[i], a[i], B[i], b[i], r if excess == excess else excess)


cdef inline void subtract(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cb - Cs, not clamped."""
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(-A[i], b[i], B[i] * a[i]))


cdef inline void divide(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cb/Cs, not clamped; by 0 and less: white, and 0 where Cb is not above 0."""
    cdef int i
    cdef float r, white
    for i in range(n):
        r = B[i] * a[i] * a[i] / A[i]
        white = a[i] * b[i] if B[i] > <float>0.0 else <float>0.0
        r = r if A[i] > <float>0.0 else white
        out[i] = put_together(A[i], a[i], B[i], b[i], r if A[i] == A[i] and B[i] == B[i] else A[i] + B[i])


# -- operations of Nuke under alpha masking ------------------------------------------------------


cdef inline void masked_burn(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float r
    for i in range(n):
        r = a[i] * (b[i] - smaller(b[i], (b[i] - B[i]) * a[i] / A[i]))
        out[i] = put_together(A[i], a[i], B[i], b[i], r if not A[i] <= <float>0.0 else A[i] * b[i])


cdef inline void masked_dodge(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float r
    for i in range(n):
        r = a[i] * smaller(b[i], B[i] * a[i] / (a[i] - A[i]))
        out[i] = put_together(A[i], a[i], B[i], b[i], r if not A[i] >= a[i] else A[i] * b[i])


cdef inline void masked_multiply(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float r
    for i in range(n):
        r = A[i] * b[i] if A[i] < <float>0.0 and B[i] < <float>0.0 else A[i] * B[i]
        out[i] = put_together(A[i], a[i], B[i], b[i], r)


cdef inline void masked_screen(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef float r
    cdef bint high
    for i in range(n):
        high = (A[i] > a[i]) & (B[i] > b[i])
        r = larger(A[i] * b[i], B[i] * a[i]) if high else fma(A[i], b[i] - B[i], B[i] * a[i])
        out[i] = put_together(A[i], a[i], B[i], b[i], r)


cdef inline void average(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], <float>0.5 * fma(A[i], b[i], B[i] * a[i]))


cdef inline void geometric(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef double x, y, s
    for i in range(n):
        x = <double>A[i] * b[i]
        y = <double>B[i] * a[i]
        s = x + y
        out[i] = put_together(A[i], a[i], B[i], b[i], <float>(2.0 * x * y / s) if s != 0.0 else <float>0.0)


cdef inline void hypot(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    cdef double x, y
    for i in range(n):
        x = <double>A[i] * b[i]
        y = <double>B[i] * a[i]
        out[i] = put_together(A[i], a[i], B[i], b[i], <float>sqrt(x * x + y * y))


cdef inline void minus(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], fma(A[i], b[i], -(B[i] * a[i])))


cdef inline void quotient(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cs/Cb, 0 where Cb is 0 or negative."""
    cdef int i
    cdef float r
    for i in range(n):
        r = A[i] * b[i] * b[i] / B[i]
        out[i] = put_together(A[i], a[i], B[i], b[i], r if not B[i] <= <float>0.0 else <float>0.0)


cdef inline void merge_soft_light(source A, source a, source B, source b, plane out, int n) noexcept nogil:
    """Cb·(2Cs + Cb·(1 - Cs·Cb)) where Cs·Cb < 1, else 2Cs·Cb."""
    cdef int i
    cdef double cb, p, r
    for i in range(n):
        cb = <double>B[i] / b[i]
        p = <double>A[i] * B[i]
        r = B[i] * cb * (a[i] - A[i] * cb) + 2.0 * p
        r = r if p < <double>a[i] * b[i] else 2.0 * p
        out[i] = put_together(A[i], a[i], B[i], b[i], <float>r)


cdef inline Formula find(str name) noexcept:
    """The blend mode of that name, or NULL; Nuke's operations under alpha masking start with ``masked_``."""
    if name == "color_burn": return color_burn
    if name == "color_dodge": return color_dodge
    if name == "darken" or name == "masked_min": return darken
    if name == "difference" or name == "masked_difference": return difference
    if name == "divide": return divide
    if name == "exclusion" or name == "masked_exclusion": return exclusion
    if name == "hard_light" or name == "masked_hard_light": return hard_light
    if name == "hard_mix": return hard_mix
    if name == "lighten" or name == "masked_max": return lighten
    if name == "linear_burn": return linear_burn
    if name == "linear_dodge" or name == "masked_plus": return linear_dodge
    if name == "linear_light": return linear_light
    if name == "masked_average": return average
    if name == "masked_color_burn": return masked_burn
    if name == "masked_color_dodge": return masked_dodge
    if name == "masked_divide": return quotient
    if name == "masked_geometric": return geometric
    if name == "masked_hypot": return hypot
    if name == "masked_minus": return minus
    if name == "masked_multiply": return masked_multiply
    if name == "masked_screen": return masked_screen
    if name == "masked_soft_light": return merge_soft_light
    if name == "multiply": return multiply
    if name == "normal": return normal
    if name == "overlay" or name == "masked_overlay": return overlay
    if name == "pin_light": return pin_light
    if name == "screen": return screen
    if name == "soft_light": return soft_light
    if name == "subtract" or name == "masked_from": return subtract
    if name == "vivid_light": return vivid_light
    return NULL
