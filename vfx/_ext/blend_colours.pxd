"""Blend modes that look at a colour as a whole: hue, saturation, color, luminosity, darker and lighter color.

As in ``blend_formulas.pxd`` all is multiplied with both alphas: x is as·ab·Cs, y is as·ab·Cb, white is as·ab. Source:
W3C, *Compositing and Blending Level 1*, 2015, 9.1.5 (Lum, ClipColor, SetLum, Sat, SetSat); for darker and lighter
color Adobe Photoshop's help, which compares the sum of the channels: here it is Lum.

The clip is at 0 and 1 for colours in [0, 1], as published. Where a colour goes beyond, the clip is at the lowest and
highest channel of the two instead: it limits what the mode adds, not the light that was there.
"""

from vfx._ext.blend_formulas cimport put_together
from vfx._ext.merge_formulas cimport larger, smaller
from vfx._ext.simd_math cimport fabsf, fma, plane, source

cdef enum:
    MOST_PIXELS = 512           # of a tile: NUMBERS over the four channels that a colour has at least

ctypedef float[MOST_PIXELS] Values

ctypedef struct Colours:
    Values r
    Values g
    Values b

ctypedef struct ColourPlanes:
    # Three planes of the picture on top, of the one below and of the result, and the alphas.
    float *A[3]
    float *B[3]
    float *out[3]
    float *a
    float *b

ctypedef enum Mode:
    HUE, SATURATION, COLOR, LUMINOSITY, DARKER_COLOR, LIGHTER_COLOR


# Every step is a loop of its own: together GCC 12 makes branches of their comparisons and does not vectorise.


cdef inline void scale(source r, source g, source b, source by, plane x, plane y, plane z, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = r[i] * by[i]
        y[i] = g[i] * by[i]
        z[i] = b[i] * by[i]


cdef inline void lum(source r, source g, source b, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = <float>0.3 * r[i] + <float>0.59 * g[i] + <float>0.11 * b[i]


cdef inline void extremes(source r, source g, source b, plane lowest, plane highest, int n) noexcept nogil:
    """The lowest and the highest channel."""
    cdef int i
    for i in range(n):
        lowest[i] = smaller(smaller(r[i], g[i]), b[i])
    for i in range(n):
        highest[i] = larger(larger(r[i], g[i]), b[i])


cdef inline void widen(plane low, plane high, source lowest, source highest, int n) noexcept nogil:
    """Limits that hold one more colour."""
    cdef int i
    for i in range(n):
        low[i] = smaller(low[i], lowest[i])
    for i in range(n):
        high[i] = larger(high[i], highest[i])


cdef inline void set_sat(source r, source g, source b, source saturation, Colours *c, int n) noexcept nogil:
    """The colours with these saturations; a grey becomes black. The scale of r, g, b does not matter."""
    cdef Values lowest, highest
    cdef int i
    cdef float k, span
    extremes(r, g, b, lowest, highest, n)
    for i in range(n):
        span = highest[i] - lowest[i]
        k = saturation[i] / span
        highest[i] = k if span > <float>0.0 else <float>0.0
    for i in range(n):
        c.r[i] = (r[i] - lowest[i]) * highest[i]
        c.g[i] = (g[i] - lowest[i]) * highest[i]
        c.b[i] = (b[i] - lowest[i]) * highest[i]


cdef inline void share(source limit, source l, source extreme, plane out, int n) noexcept nogil:
    """(limit - l) / (extreme - l) where ``extreme`` lies beyond the limit, else 1; 0 where rounding has left no span."""
    cdef int i
    cdef float room, span, k
    for i in range(n):
        room = fabsf(limit[i] - l[i])
        span = fabsf(extreme[i] - l[i])
        k = room / span
        k = k if span > <float>0.0 else <float>0.0
        out[i] = k if k < <float>1.0 else <float>1.0


cdef inline void draw_in(plane c, source l, source lower, source upper, int n) noexcept nogil:
    """Both clips of one channel."""
    cdef int i
    for i in range(n):
        c[i] = fma(fma(c[i] - l[i], lower[i], l[i]) - l[i], upper[i], l[i])


cdef inline void set_lum(Colours *c, source l, source low, source high, int n) noexcept nogil:
    """The colours moved to these Lums, then drawn in between the limits (ClipColor)."""
    cdef Values lowest, highest, lower, upper
    cdef int i
    lum(c.r, c.g, c.b, lowest, n)
    for i in range(n):
        c.r[i] = c.r[i] + (l[i] - lowest[i])
        c.g[i] = c.g[i] + (l[i] - lowest[i])
        c.b[i] = c.b[i] + (l[i] - lowest[i])
    extremes(c.r, c.g, c.b, lowest, highest, n)
    for i in range(n):
        lowest[i] = smaller(lowest[i], low[i])
    for i in range(n):
        highest[i] = larger(highest[i], high[i])
    share(low, l, lowest, lower, n)
    share(high, l, highest, upper, n)
    draw_in(c.r, l, lower, upper, n)
    draw_in(c.g, l, lower, upper, n)
    draw_in(c.b, l, lower, upper, n)


cdef inline void choose(Colours *x, const Colours *y, source one, source other, int n) noexcept nogil:
    """``y`` unless the first number is below the second."""
    cdef int i
    for i in range(n):
        x.r[i] = x.r[i] if one[i] < other[i] else y.r[i]
        x.g[i] = x.g[i] if one[i] < other[i] else y.g[i]
        x.b[i] = x.b[i] if one[i] < other[i] else y.b[i]


cdef inline void limits(const ColourPlanes *p, const Colours *x, const Colours *y, plane low, plane high, plane sat,
                        int n, int mode) noexcept nogil:
    """What channels may become: 0 to as·ab and what the two colours have; and the Sat that the mode takes."""
    cdef Values lowest, highest
    cdef int i
    for i in range(n):
        low[i] = <float>0.0
        high[i] = p.a[i] * p.b[i]
    extremes(x.r, x.g, x.b, lowest, highest, n)
    widen(low, high, lowest, highest, n)
    if mode == SATURATION:
        for i in range(n):
            sat[i] = highest[i] - lowest[i]
    extremes(y.r, y.g, y.b, lowest, highest, n)
    widen(low, high, lowest, highest, n)
    if mode == HUE:
        for i in range(n):
            sat[i] = highest[i] - lowest[i]


cdef inline void finish(source A, source a, source B, source b, source blended, plane out, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = put_together(A[i], a[i], B[i], b[i], blended[i])


cdef inline void blend_colours(const ColourPlanes *p, int n, int mode) noexcept nogil:
    """Fills in the planes of the result; ``n`` is at most MOST_PIXELS."""
    cdef Colours x, y
    cdef Values low, high, sat, lum_x, lum_y
    cdef Colours *found = &x
    scale(p.A[0], p.A[1], p.A[2], p.b, x.r, x.g, x.b, n)
    scale(p.B[0], p.B[1], p.B[2], p.a, y.r, y.g, y.b, n)
    lum(x.r, x.g, x.b, lum_x, n)
    lum(y.r, y.g, y.b, lum_y, n)
    if mode < DARKER_COLOR:
        limits(p, &x, &y, low, high, sat, n, mode)
    if mode == DARKER_COLOR:
        choose(&x, &y, lum_x, lum_y, n)
    elif mode == LIGHTER_COLOR:
        choose(&x, &y, lum_y, lum_x, n)
    elif mode == LUMINOSITY:
        found = &y
        set_lum(&y, lum_x, low, high, n)
    else:
        if mode == HUE:
            set_sat(p.A[0], p.A[1], p.A[2], sat, &x, n)
        elif mode == SATURATION:
            set_sat(p.B[0], p.B[1], p.B[2], sat, &x, n)
        set_lum(&x, lum_y, low, high, n)
    finish(p.A[0], p.a, p.B[0], p.b, found.r, p.out[0], n)
    finish(p.A[1], p.a, p.B[1], p.b, found.g, p.out[1], n)
    finish(p.A[2], p.a, p.B[2], p.b, found.b, p.out[2], n)


cdef inline int find(str name) noexcept:
    """The number of a mode, or -1."""
    names = ("hue", "saturation", "color", "luminosity", "darker_color", "lighter_color")
    return names.index(name) if name in names else -1
