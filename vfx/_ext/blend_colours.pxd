"""Blend modes that look at a colour as a whole: hue, saturation, color, luminosity, darker and lighter color.

As in ``blend_formulas.pxd`` all is multiplied with both alphas: x is as·ab·Cs, y is as·ab·Cb, white is as·ab. Source:
W3C, *Compositing and Blending Level 1*, 2015, 9.1.5 (Lum, ClipColor, SetLum, Sat, SetSat); for darker and lighter
color Adobe Photoshop's help, which compares the sum of the channels: here it is Lum.

The clip is at 0 and 1 for colours in [0, 1], as published. Where a colour goes beyond, the clip is at the lowest and
highest channel of the two instead: it limits what the mode adds, not the light that was there.
"""

from vfx._ext.blend_formulas cimport put_together
from vfx._ext.merge_formulas cimport larger, smaller
from vfx._ext.simd_math cimport fma, plane, source

ctypedef struct Colour:
    float r
    float g
    float b

ctypedef struct ColourPlanes:
    # Three planes of the picture on top, of the one below and of the result, and the alphas.
    float *A[3]
    float *B[3]
    float *out[3]
    float *a
    float *b

ctypedef enum Mode:
    HUE, SATURATION, COLOR, LUMINOSITY, DARKER_COLOR, LIGHTER_COLOR


cdef inline float lum(Colour c) noexcept nogil:
    return <float>0.3 * c.r + <float>0.59 * c.g + <float>0.11 * c.b


cdef inline float highest_of(Colour c) noexcept nogil:
    return larger(larger(c.r, c.g), c.b)


cdef inline float lowest_of(Colour c) noexcept nogil:
    return smaller(smaller(c.r, c.g), c.b)


cdef inline float share(float room, float span) noexcept nogil:
    """``room / span``, at most 1; 0 where rounding has left no span."""
    cdef float k = room / span
    k = k if k < <float>1.0 else <float>1.0
    return k if room > <float>0.0 and span > <float>0.0 else <float>0.0


cdef inline float clipped(float v, float l, float lowest, float highest, float low, float high) noexcept nogil:
    """A channel of ClipColor; ``lowest`` and ``highest`` are the colour's, ``low`` and ``high`` the limits."""
    cdef float up = fma(v - l, share(l - low, l - lowest), l)
    v = up if lowest < low else v
    up = fma(v - l, share(high - l, highest - l), l)
    return up if highest > high else v


cdef inline Colour set_lum(Colour c, float l, float low, float high) noexcept nogil:
    cdef Colour found
    cdef float d = l - lum(c)
    cdef float lowest = lowest_of(c) + d
    cdef float highest = highest_of(c) + d
    found.r = clipped(c.r + d, l, lowest, highest, low, high)
    found.g = clipped(c.g + d, l, lowest, highest, low, high)
    found.b = clipped(c.b + d, l, lowest, highest, low, high)
    return found


cdef inline Colour set_sat(Colour c, float s) noexcept nogil:
    """The colour with the saturation ``s``; a grey becomes black. It does not depend on the scale of ``c``."""
    cdef Colour found
    cdef float least = lowest_of(c)
    cdef float span = highest_of(c) - least
    cdef bint grey = span == <float>0.0
    found.r = <float>0.0 if grey else (c.r - least) / span * s
    found.g = <float>0.0 if grey else (c.g - least) / span * s
    found.b = <float>0.0 if grey else (c.b - least) / span * s
    return found


cdef inline Colour scaled(Colour c, float k) noexcept nogil:
    cdef Colour found
    found.r = c.r * k
    found.g = c.g * k
    found.b = c.b * k
    return found


cdef inline Colour blended(Colour top, float a, Colour below, float b, int mode) noexcept nogil:
    """as·ab·B(Cb, Cs) of two premultiplied colours."""
    cdef Colour x = scaled(top, b)
    cdef Colour y = scaled(below, a)
    cdef float high = larger(a * b, larger(highest_of(x), highest_of(y)))
    cdef float low = smaller(<float>0.0, smaller(lowest_of(x), lowest_of(y)))
    if mode == HUE:
        return set_lum(set_sat(top, highest_of(y) - lowest_of(y)), lum(y), low, high)
    if mode == SATURATION:
        return set_lum(set_sat(below, highest_of(x) - lowest_of(x)), lum(y), low, high)
    if mode == COLOR:
        return set_lum(x, lum(y), low, high)
    if mode == LUMINOSITY:
        return set_lum(y, lum(x), low, high)
    if mode == DARKER_COLOR:
        return x if lum(x) < lum(y) else y
    return x if lum(x) > lum(y) else y


cdef inline void run_mode(plane ar, plane ag, plane ab, source a, plane br, plane bg, plane bb, source b,
                          plane r, plane g, plane bl, int n, int mode) noexcept nogil:
    cdef int i
    cdef Colour top, below, found
    for i in range(n):
        top.r = ar[i]
        top.g = ag[i]
        top.b = ab[i]
        below.r = br[i]
        below.g = bg[i]
        below.b = bb[i]
        found = blended(top, a[i], below, b[i], mode)
        r[i] = put_together(top.r, a[i], below.r, b[i], found.r)
        g[i] = put_together(top.g, a[i], below.g, b[i], found.g)
        bl[i] = put_together(top.b, a[i], below.b, b[i], found.b)


cdef inline void blend_colours(const ColourPlanes *p, int n, int mode) noexcept nogil:
    """Fills in the planes of the result."""
    # A mode known when compiling: its branches vanish and the loop vectorises.
    if mode == HUE:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, HUE)
    elif mode == SATURATION:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, SATURATION)
    elif mode == COLOR:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, COLOR)
    elif mode == LUMINOSITY:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, LUMINOSITY)
    elif mode == DARKER_COLOR:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, DARKER_COLOR)
    else:
        run_mode(p.A[0], p.A[1], p.A[2], p.a, p.B[0], p.B[1], p.B[2], p.b, p.out[0], p.out[1], p.out[2], n, LIGHTER_COLOR)


cdef inline int find(str name) noexcept:
    """The number of a mode, or -1."""
    names = ("hue", "saturation", "color", "luminosity", "darker_color", "lighter_color")
    return names.index(name) if name in names else -1
