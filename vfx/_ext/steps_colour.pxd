"""Colour steps: HSV, vibrance, tone zones, and what Nuke's Grade has of its own.

Each step is a loop in place over the planes of a tile. HSV, vibrance and tone mix channels
and need all three planes.

A pixel with a NaN among its colours becomes NaN throughout in HSV, which has no other answer;
``vibrance`` and ``tone`` leave such a pixel as it is.
"""

from vfx._ext.simd_math cimport (
    INFINITY, NAN, Split, copysignf, exp2_parts, fabsf, fma, log2_normal, plane, pow_positive, pow_quick, quick, sqrtf,
    zero_power,
)
from vfx._ext.tile cimport Params, Step, Tile


cdef inline float fraction(float x) noexcept nogil:
    """``x`` less the whole number below it, up to 2^22 where hues end to have fractions; NaN for infinities.

    Adding 1.5 * 2^23 rounds to a whole number. GCC 12 makes no vectors of floorf, nor of a cast under a condition.
    """
    cdef float part = x - ((x + <float>12582912.0) - <float>12582912.0)
    return part + <float>1.0 if part < <float>0.0 else part


cdef inline float larger(float x, float y) noexcept nogil:
    return x if x > y else y


cdef inline float smaller(float x, float y) noexcept nogil:
    return x if x < y else y


cdef inline float unit(float x) noexcept nogil:
    """``x`` within [0, 1]; NaN stays."""
    x = <float>0.0 if x < <float>0.0 else x
    return <float>1.0 if x > <float>1.0 else x


# HSV after A. R. Smith, "Color Gamut Transform Pairs" (SIGGRAPH 1978), and beyond [0, 1] as
# OpenColorIO's FixedFunction RGB_TO_HSV defines it: with a negative channel value becomes
# max + min, and saturation is the span over the larger of max and -min, so up to 2.

cdef inline void rgb_to_hsv_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float x, y, z, high, low, span, rise, base, hue, whole
    cdef bint known
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        known = (x == x) & (y == y) & (z == z)
        high = larger(larger(x, y), z)
        low = smaller(smaller(x, y), z)
        span = high - low
        rise = z - x if y == high else x - y
        base = <float>2.0 if y == high else <float>4.0
        rise = y - z if x == high else rise
        base = <float>0.0 if x == high else base
        hue = rise / span + base
        hue = (hue + <float>6.0 if hue < <float>0.0 else hue) * <float>0.16666667
        hue = <float>0.0 if hue >= <float>1.0 else hue
        whole = high if high > -low else -low
        r[i] = (<float>0.0 if high == low else hue) if known else NAN
        g[i] = (<float>0.0 if high == low else span / whole) if known else NAN
        b[i] = (high + (low if low < <float>0.0 else <float>0.0)) if known else NAN


cdef inline void rgb_to_hsv(const Tile *t, const Params *p) noexcept nogil:
    """Hue in [0, 1), saturation, value."""
    rgb_to_hsv_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void hsv_to_rgb_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float hue, given, s, value, below, wide, high, low, x, y, z
    for i in range(n):
        hue = fraction(r[i]) * <float>6.0
        given = g[i]
        value = b[i]
        s = <float>0.0 if given < <float>0.0 else given
        # A saturation of 2 stands for opposite ends, whose value is 0: 1.999 is OpenColorIO's limit.
        s = <float>1.999 if s > <float>1.999 else s
        wide = (s > <float>1.0) | (value < <float>0.0)
        # As numbers, 0 or 1: GCC 12 makes jumps, and no vectors, of conditions that overlap.
        below = <float>0.5 - copysignf(<float>0.5, value)
        wide = larger(<float>1.0 if given > <float>1.0 else <float>0.0, below)
        low = value * fma(below, s, <float>1.0 - s) / fma(wide, <float>1.0 - s, <float>1.0)
        high = (value - wide * low) - low
        x = unit(fabsf(hue - <float>3.0) - <float>1.0)
        y = unit(<float>2.0 - fabsf(hue - <float>2.0))
        z = unit(<float>2.0 - fabsf(hue - <float>4.0))
        r[i] = fma(x, high, low)
        g[i] = fma(y, high, low)
        b[i] = fma(z, high, low)


cdef inline void hsv_to_rgb(const Tile *t, const Params *p) noexcept nogil:
    """The way back; hue wraps, saturation is limited to [0, 1.999]."""
    hsv_to_rgb_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void vibrance_planes(plane r, plane g, plane b, int n, float v, float wr, float wb) noexcept nogil:
    cdef int i
    cdef float x, y, z, luma, high, low, k
    cdef bint inside
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        high = larger(larger(x, y), z)
        low = smaller(smaller(x, y), z)
        inside = (x > <float>0.0) & (y > <float>0.0) & (z > <float>0.0) & (high < INFINITY)
        # Luma less green, from differences: exactly 0 for a grey.
        luma = fma(z - y, wb, (x - y) * wr)
        k = v * (low / high)
        r[i] = fma((x - y) - luma, k, x) if inside else x
        g[i] = fma(-luma, k, y) if inside else y
        b[i] = fma((z - y) - luma, k, z) if inside else z


cdef inline void vibrance(const Tile *t, const Params *p) noexcept nogil:
    """L + (1 + v min / max) (x - L); pixels with a channel that is not positive and finite pass."""
    vibrance_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2])


cdef inline void vibrance_reverse_planes(plane r, plane g, plane b, int n, float v, float wr,
                                         float wb) noexcept nogil:
    cdef int i
    cdef float x, y, z, luma, whole, high, low, k, peak, first, second, root
    cdef bint inside
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        high = larger(larger(x, y), z)
        low = smaller(smaller(x, y), z)
        inside = (x > <float>0.0) & (y > <float>0.0) & (z > <float>0.0) & (high < INFINITY)
        luma = fma(z - y, wb, (x - y) * wr)
        whole = y + luma
        # The factor k that vibrance used solves second / k^2 + first / k - 1 = 0, with peak and span over luma.
        peak = ((high - y) - luma) / whole
        first = (<float>1.0 + v) - peak
        second = fma(<float>1.0 + v, peak, -v * ((high - low) / whole))
        root = fma(first, first, <float>4.0 * second)
        k = <float>2.0 / (first + sqrtf(root if root > <float>0.0 else <float>0.0)) - <float>1.0
        r[i] = fma((x - y) - luma, k, x) if inside else x
        g[i] = fma(-luma, k, y) if inside else y
        b[i] = fma((z - y) - luma, k, z) if inside else z


cdef inline void vibrance_reverse(const Tile *t, const Params *p) noexcept nogil:
    """The way back, from the same numbers; v is above -1."""
    vibrance_reverse_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2])


ctypedef struct Zones:
    # The stops of each zone, one over the pivot, and the luma weights.
    float shadows, midtones, highlights, scale, wr, wg, wb


cdef inline Zones zones(const float *f) noexcept nogil:
    cdef Zones z
    z.shadows, z.midtones, z.highlights = f[0], f[1], f[2]
    z.scale = <float>1.0 / f[3]
    z.wr, z.wg, z.wb = f[4], f[5], f[6]
    return z


cdef inline float stops_from(float luma, float scale) noexcept nogil:
    """log2(luma * scale) within 20 stops of 0; what is not positive is 20 stops down."""
    cdef float y = luma * scale
    y = y if y > <float>9.5367431640625e-07 else <float>9.5367431640625e-07
    cdef Split s = log2_normal(y if y < <float>1048576.0 else <float>1048576.0)
    return s.hi + s.lo


cdef inline float blend(float t) noexcept nogil:
    """From 0 to 1 with flat ends: t^2 (3 - 2 t)."""
    return t * t * fma(<float>-2.0, t, <float>3.0)


cdef inline void tone_planes(plane r, plane g, plane b, int n, const Zones *zones) noexcept nogil:
    cdef int i
    cdef Zones o = zones[0]
    cdef float x, y, z, luma, stops, far, end, factor
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        luma = fma(z, o.wb, fma(y, o.wg, x * o.wr))
        stops = stops_from(luma, o.scale)
        far = fabsf(stops) * <float>0.2
        far = far if far < <float>1.0 else <float>1.0
        end = o.shadows if stops < <float>0.0 else o.highlights
        factor = exp2_parts(fma(blend(far), end - o.midtones, o.midtones), <float>0.0)
        factor = factor if luma == luma else <float>1.0
        r[i] = x * factor
        g[i] = y * factor
        b[i] = z * factor


cdef inline void tone(const Tile *t, const Params *p) noexcept nogil:
    """x * 2 ** (stops of the luma's zone): full shadows 5 stops below the pivot, full highlights 5 above."""
    cdef Zones own = zones(p.f)
    tone_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, &own)


cdef inline float newton(float t, float rise, float far) noexcept nogil:
    """One of Newton's steps towards ``5 t + rise * blend(t) = far``, within [0, 1]."""
    cdef float over = fma(<float>5.0, t, rise * blend(t)) - far
    return unit(t - over / fma(<float>6.0 * rise, t * (<float>1.0 - t), <float>5.0))


cdef inline void tone_reverse_planes(plane r, plane g, plane b, int n, const Zones *zones) noexcept nogil:
    cdef int i
    cdef Zones o = zones[0]
    cdef float x, y, z, luma, stops, far, end, rise, factor, t
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        luma = fma(z, o.wb, fma(y, o.wg, x * o.wr))
        stops = stops_from(luma, o.scale) - o.midtones
        end = (o.shadows if stops < <float>0.0 else o.highlights) - o.midtones
        rise = -end if stops < <float>0.0 else end
        far = fabsf(stops)
        # 5 t + rise * blend(t) = far, by Newton's method from the point of inflection.
        t = newton(newton(newton(<float>0.5, rise, far), rise, far), rise, far)
        t = newton(newton(newton(t, rise, far), rise, far), rise, far)
        factor = exp2_parts(-fma(blend(t), end, o.midtones), <float>0.0)
        factor = factor if luma == luma else <float>1.0
        r[i] = x * factor
        g[i] = y * factor
        b[i] = z * factor


cdef inline void tone_reverse(const Tile *t, const Params *p) noexcept nogil:
    """The way back, from the same numbers."""
    cdef Zones own = zones(p.f)
    tone_reverse_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, &own)


cdef inline void power_linear_quick_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    cdef float v
    for i in range(n):
        v = x[i]
        x[i] = pow_quick(v, e) if v < <float>1.0 else fma(v - <float>1.0, e, <float>1.0)


cdef inline void power_linear_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = x[i]
        y = pow_positive(fabsf(v), e, zero, inf)
        y = v if v < <float>0.0 else y
        x[i] = y if v < <float>1.0 else fma(v - <float>1.0, e, <float>1.0)


cdef inline void power_linear(const Tile *t, const Params *p) noexcept nogil:
    """x ** e below 1, its tangent 1 + e (x - 1) from there on; negatives pass."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL or p.f[c] == <float>1.0:
            continue
        if quick(p.f[c]):
            power_linear_quick_plane(t.rgb[c], t.n, p.f[c])
        else:
            power_linear_plane(t.rgb[c], t.n, p.f[c])


cdef inline void at_most_plane(plane x, int n, float high) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = high if x[i] > high else x[i]


cdef inline void at_most(const Tile *t, const Params *p) noexcept nogil:
    """Limits each channel from above; NaN stays."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            at_most_plane(t.rgb[c], t.n, p.f[c])


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "at_most": return at_most
    if name == "hsv_to_rgb": return hsv_to_rgb
    if name == "power_linear": return power_linear
    if name == "rgb_to_hsv": return rgb_to_hsv
    if name == "tone": return tone
    if name == "tone_reverse": return tone_reverse
    if name == "vibrance": return vibrance
    if name == "vibrance_reverse": return vibrance_reverse
    return NULL
