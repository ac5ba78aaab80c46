"""Steps of the Common LUT Format and CTF: curves that differ per channel, and the fixed functions.

``curve_*_rgb`` and ``log_*_rgb`` are the curves of ``steps_curves.pxd`` with a set of numbers for
each channel, laid out as red-green-blue triples. The fixed functions mix channels and need all
three planes; ``gamma_log`` and ``double_log`` do not.
"""

from vfx._ext.simd_math cimport (
    INFINITY, copysignf, exp2_any, fabsf, fma, log2_any, plane, pow_positive, sqrtf, zero_power,
)
from vfx._ext.steps_curves cimport curve_decode, curve_encode, log_decode, log_encode
from vfx._ext.tile cimport Params, Step, Tile


cdef inline float larger(float x, float y) noexcept nogil:
    return x if x > y else y


cdef inline float smaller(float x, float y) noexcept nogil:
    return x if x < y else y


cdef inline void each_channel(Step step, const Tile *t, const Params *p, int count) noexcept nogil:
    """A step of ``count`` numbers for all channels, run on one channel after the other with its own numbers."""
    cdef int c, k
    cdef Tile one = t[0]
    cdef Params own = p[0]
    one.rgb[1] = one.rgb[2] = NULL
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        one.rgb[0] = t.rgb[c]
        for k in range(count):
            own.f[k] = p.f[3 * k + c]
        step(&one, &own)


cdef inline void curve_encode_rgb(const Tile *t, const Params *p) noexcept nogil:
    """scale * x**e - offset above brk, slope * x below; mode 1 mirrors negatives."""
    each_channel(curve_encode, t, p, 5)


cdef inline void curve_decode_rgb(const Tile *t, const Params *p) noexcept nogil:
    """(x * scale + offset) ** e above brk, slope * x below; mode 1 mirrors negatives."""
    each_channel(curve_decode, t, p, 5)


cdef inline void log_encode_rgb(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(max(c * x + d, FLT_MIN)) + b above brk, e * x + f below (brk -inf: no linear part)."""
    each_channel(log_encode, t, p, 7)


cdef inline void log_decode_rgb(const Tile *t, const Params *p) noexcept nogil:
    """c * 2**(a * x + b) + d above brk, e * x + f below (brk -inf: no linear part)."""
    each_channel(log_decode, t, p, 7)


cdef inline float log2_limited(float v) noexcept nogil:
    """log2 of ``v``, but no less than log2(FLT_MIN); NaN stays NaN."""
    return log2_any(<float>1.1754943508222875e-38 if v < <float>1.1754943508222875e-38 else v)


# ACES 1.0 and 0.3, Reference Rendering Transform (CTL of the Academy: ACESlib.RRT_Common): red
# modifier and glow.

cdef inline float angle(float y, float x) noexcept nogil:
    """atan2(y, x), 0 at the origin; a minimax fit of atan on [0, 1], within 2e-7."""
    cdef float ax = fabsf(x), ay = fabsf(y)
    cdef float high = larger(ax, ay), low = smaller(ax, ay)
    cdef float v = low / (high if high > <float>0.0 else <float>1.0)
    cdef float s = v * v
    cdef float q = <float>0.0028498871251940727
    q = fma(q, s, <float>-0.01606861874461174)
    q = fma(q, s, <float>0.04269150272011757)
    q = fma(q, s, <float>-0.07504293322563171)
    q = fma(q, s, <float>0.10640933364629745)
    q = fma(q, s, <float>-0.14203643798828125)
    q = fma(q, s, <float>0.1999261975288391)
    q = fma(q, s, <float>-0.3333307206630707)
    v = fma(q * s, v, v)
    v = <float>1.5707963267948966 - v if ay > ax else v
    v = <float>3.141592653589793 - v if x < <float>0.0 else v
    return copysignf(v, y)


cdef inline float bump(float t) noexcept nogil:
    """One and a half times the uniform cubic B-spline around 0, which is 0 beyond 2."""
    cdef float d = fabsf(t)
    cdef float far = <float>2.0 - d
    cdef float tail = <float>0.25 * far * far * far
    cdef float top = fma(d * d, fma(d, <float>0.75, <float>-1.5), <float>1.0)
    cdef float v = top if d < <float>1.0 else tail
    return v if d < <float>2.0 else <float>0.0


cdef inline void red_mod_planes(plane r, plane g, plane b, int n, float amount, float pivot, float width,
                                bint reverse, bint keeps_hue) noexcept nogil:
    cdef int i
    cdef float x, y, z, high, low, mid, weight, sat, new, share, qa, qb, qc, root
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        weight = bump(angle(<float>1.7320508075688772 * (y - z), fma(<float>2.0, x, -(y + z))) * width)
        high = larger(larger(x, y), z)
        low = smaller(y, z)
        mid = larger(y, z)
        if reverse:
            qa = fma(weight, amount, <float>-1.0)
            qb = fma(-weight * (pivot + low), amount, x)
            qc = weight * pivot * low * amount
            root = fma(qb, qb, <float>-4.0 * qa * qc)
            root = sqrtf(root if root > <float>0.0 else <float>0.0)
            new = (-qb - root) / (<float>2.0 * qa)
        else:
            sat = larger(<float>1e-10, high) - larger(<float>1e-10, smaller(low, x))
            sat = sat / larger(<float>1e-2, high)
            new = fma(weight * sat * (pivot - x), amount, x)
        new = new if weight > <float>0.0 else x
        if keeps_hue:
            share = (mid - low) / larger(<float>1e-10, x - low)
            mid = fma(share, new - low, low)
            mid = mid if weight > <float>0.0 else larger(y, z)
            g[i] = mid if y >= z else y
            b[i] = z if y >= z else mid
        r[i] = new


cdef inline void red_mod(const Tile *t, const Params *p) noexcept nogil:
    """The red modifier: amount, pivot, knots per radian; modes 1 and 3 undo it, 2 and 3 keep the hue (ACES 0.3)."""
    if p.mode == 0:
        red_mod_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], False, False)
    elif p.mode == 1:
        red_mod_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], True, False)
    elif p.mode == 2:
        red_mod_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], False, True)
    else:
        red_mod_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], True, True)


cdef inline void glow_planes(plane r, plane g, plane b, int n, float most, float mid, bint reverse) noexcept nogil:
    cdef int i
    cdef float x, y, z, high, low, chroma, yc, sat, t, gain, full, slope, knee
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        high = larger(larger(x, y), z)
        low = smaller(smaller(x, y), z)
        chroma = fma(z, z - y, fma(y, y - x, x * (x - z)))
        chroma = sqrtf(chroma if chroma > <float>0.0 else <float>0.0)
        yc = fma(chroma, <float>1.75, x + y + z) * <float>0.3333333333333333
        sat = larger(<float>1e-10, high) - larger(<float>1e-10, low)
        sat = fma(sat / larger(<float>1e-2, high), <float>5.0, <float>-2.0)
        t = larger(<float>0.0, fma(fabsf(sat), <float>-0.5, <float>1.0))
        t = fma(-t, t, <float>1.0)
        gain = most * <float>0.5 * (<float>1.0 + copysignf(t, sat))
        if reverse:
            full = -gain / (<float>1.0 + gain)
            slope = gain / fma(gain, <float>0.5, <float>-1.0)
            knee = (<float>1.0 + gain) * mid * <float>0.6666666666666667
        else:
            full = gain
            slope = gain
            knee = mid * <float>0.6666666666666667
        gain = full if yc <= knee else slope * (mid / yc - <float>0.5)
        gain = <float>1.0 + (<float>0.0 if yc >= mid * <float>2.0 else gain)
        r[i] = x * gain
        g[i] = y * gain
        b[i] = z * gain


cdef inline void glow(const Tile *t, const Params *p) noexcept nogil:
    """The glow module: its gain and middle; mode 1 undoes it."""
    if p.mode:
        glow_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], True)
    else:
        glow_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], False)


cdef inline void surround_planes(plane r, plane g, plane b, int n, float e, float low, float wr, float wg,
                                 float wb, bint mirror) noexcept nogil:
    cdef int i
    cdef float x, y, z, k, zero = zero_power(e), inf = zero_power(-e)
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        k = fma(z, wb, fma(y, wg, x * wr))
        k = pow_positive(larger(fabsf(k) if mirror else k, low), e, zero, inf)
        r[i] = x * k
        g[i] = y * k
        b[i] = z * k


cdef inline void surround(const Tile *t, const Params *p) noexcept nogil:
    """x * max(L, low) ** e, L the weighted sum of R, G, B: e, low, three weights; mode 1 takes abs(L)."""
    if p.mode:
        surround_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], True)
    else:
        surround_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], False)


# CIE 15:2018, 7.1 and 8.2: chromaticities and CIE 1976 L*u*v*, L* over 100, whose white is u' 0.19783001,
# v' 0.46831999 (D65).

cdef inline float reciprocal(float x) noexcept nogil:
    """1 / x, and 0 for 0."""
    return <float>0.0 if x == <float>0.0 else <float>1.0 / x


cdef inline void xyz_to_xyy_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float x, y, d
    for i in range(n):
        x = r[i]
        y = g[i]
        d = reciprocal(x + y + b[i])
        r[i] = x * d
        g[i] = y * d
        b[i] = y


cdef inline void xyy_to_xyz_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float x, y, d
    for i in range(n):
        x = r[i]
        y = g[i]
        d = b[i] * reciprocal(y)
        r[i] = x * d
        g[i] = b[i]
        b[i] = (<float>1.0 - x - y) * d


cdef inline void xyz_to_uvy_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float x, y, d
    for i in range(n):
        x = r[i]
        y = g[i]
        d = reciprocal(fma(b[i], <float>3.0, fma(y, <float>15.0, x)))
        r[i] = <float>4.0 * x * d
        g[i] = <float>9.0 * y * d
        b[i] = y


cdef inline void uvy_to_xyz_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float u, v, d
    for i in range(n):
        u = r[i]
        v = g[i]
        d = b[i] * reciprocal(v)
        r[i] = <float>2.25 * u * d
        g[i] = b[i]
        b[i] = <float>0.75 * (<float>4.0 - u - <float>6.666666666666667 * v) * d


cdef inline void xyz_to_luv_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float x, y, d, light
    for i in range(n):
        x = r[i]
        y = g[i]
        d = reciprocal(fma(b[i], <float>3.0, fma(y, <float>15.0, x)))
        # (6/29)**3, and L* = 116 (Y)**(1/3) - 16 or (29/3)**3 Y, over 100.
        light = fma(pow_positive(<float>0.0 if y < <float>0.0 else y, <float>0.3333333333333333, <float>0.0, INFINITY),
                    <float>1.16, <float>-0.16)
        light = y * <float>9.032962962962963 if y <= <float>0.008856451679 else light
        r[i] = light
        g[i] = <float>13.0 * light * (<float>4.0 * x * d - <float>0.19783001)
        b[i] = <float>13.0 * light * (<float>9.0 * y * d - <float>0.46831999)


cdef inline void luv_to_xyz_planes(plane r, plane g, plane b, int n) noexcept nogil:
    cdef int i
    cdef float light, u, v, d, y
    for i in range(n):
        light = r[i]
        d = reciprocal(light) * <float>0.07692307692307693
        u = fma(g[i], d, <float>0.19783001)
        v = fma(b[i], d, <float>0.46831999)
        y = (light + <float>0.16) * <float>0.8620689655172413
        y = y * y * y
        y = light * <float>0.11070564598794539 if light <= <float>0.08 else y
        d = <float>0.25 * reciprocal(v)
        r[i] = <float>9.0 * y * u * d
        g[i] = y
        b[i] = y * (<float>12.0 - <float>3.0 * u - <float>20.0 * v) * d


cdef inline void xyz_to_xyy(const Tile *t, const Params *p) noexcept nogil:
    """CIE XYZ to x, y, Y; black has chromaticity 0."""
    xyz_to_xyy_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void xyy_to_xyz(const Tile *t, const Params *p) noexcept nogil:
    """x, y, Y to CIE XYZ."""
    xyy_to_xyz_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void xyz_to_uvy(const Tile *t, const Params *p) noexcept nogil:
    """CIE XYZ to u', v', Y."""
    xyz_to_uvy_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void uvy_to_xyz(const Tile *t, const Params *p) noexcept nogil:
    """u', v', Y to CIE XYZ."""
    uvy_to_xyz_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void xyz_to_luv(const Tile *t, const Params *p) noexcept nogil:
    """CIE XYZ to L*, u*, v* over 100."""
    xyz_to_luv_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void luv_to_xyz(const Tile *t, const Params *p) noexcept nogil:
    """L*, u*, v* over 100 to CIE XYZ."""
    luv_to_xyz_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n)


cdef inline void gamma_log_encode_plane(plane x, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float mirror = f[0], brk = f[1], e = f[2], s = f[3], o = f[4], a = f[5], b = f[6], c = f[7], d = f[8]
    cdef float zero = zero_power(e), inf = zero_power(-e), v, low, high
    for i in range(n):
        v = fabsf(x[i] - mirror) + mirror
        low = s * pow_positive(larger(v + o, <float>0.0), e, zero, inf)
        high = fma(log2_limited(fma(v, c, d)), a, b)
        v = low if v < brk else high
        x[i] = copysignf(v, x[i]) if x[i] == x[i] else x[i]


cdef inline void gamma_log_decode_plane(plane x, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float mirror = f[0], brk = f[1], e = f[2], s = f[3], o = f[4], a = f[5], b = f[6], c = f[7], d = f[8]
    cdef float zero = zero_power(e), inf = zero_power(-e), v, low, high
    for i in range(n):
        v = fabsf(x[i] - mirror) + mirror
        low = pow_positive(larger(v * s, <float>0.0), e, zero, inf) + o
        high = fma(exp2_any(fma(v, a, b)), c, d)
        v = low if v < brk else high
        x[i] = copysignf(v, x[i]) if x[i] == x[i] else x[i]


cdef inline void gamma_log(const Tile *t, const Params *p) noexcept nogil:
    """A power below a break and a logarithm above it, mirrored; mode 1 undoes it."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            gamma_log_decode_plane(t.rgb[c], t.n, p.f)
        else:
            gamma_log_encode_plane(t.rgb[c], t.n, p.f)


cdef inline void double_log_encode_plane(plane x, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float low = f[0], high = f[1], k = f[10], o = f[11], v, first, second
    cdef float a1 = f[2], b1 = f[3], c1 = f[4], d1 = f[5], a2 = f[6], b2 = f[7], c2 = f[8], d2 = f[9]
    for i in range(n):
        v = x[i]
        first = fma(log2_limited(fma(v, c1, d1)), a1, b1)
        second = fma(log2_limited(fma(v, c2, d2)), a2, b2)
        first = first if v <= low else fma(v, k, o)
        x[i] = second if v >= high else first


cdef inline void double_log_decode_plane(plane x, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float low = f[0], high = f[1], k = f[10], o = f[11], v, first, second
    cdef float a1 = f[2], b1 = f[3], c1 = f[4], d1 = f[5], a2 = f[6], b2 = f[7], c2 = f[8], d2 = f[9]
    for i in range(n):
        v = x[i]
        first = fma(exp2_any(fma(v, a1, b1)), c1, d1)
        second = fma(exp2_any(fma(v, a2, b2)), c2, d2)
        first = first if v <= low else fma(v, k, o)
        x[i] = second if v >= high else first


cdef inline void double_log(const Tile *t, const Params *p) noexcept nogil:
    """A logarithm up to one break and from another, a line between them; mode 1 undoes it."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            double_log_decode_plane(t.rgb[c], t.n, p.f)
        else:
            double_log_encode_plane(t.rgb[c], t.n, p.f)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "curve_decode_rgb": return curve_decode_rgb
    if name == "curve_encode_rgb": return curve_encode_rgb
    if name == "double_log": return double_log
    if name == "gamma_log": return gamma_log
    if name == "glow": return glow
    if name == "log_decode_rgb": return log_decode_rgb
    if name == "log_encode_rgb": return log_encode_rgb
    if name == "luv_to_xyz": return luv_to_xyz
    if name == "red_mod": return red_mod
    if name == "surround": return surround
    if name == "uvy_to_xyz": return uvy_to_xyz
    if name == "xyy_to_xyz": return xyy_to_xyz
    if name == "xyz_to_luv": return xyz_to_luv
    if name == "xyz_to_uvy": return xyz_to_uvy
    if name == "xyz_to_xyy": return xyz_to_xyy
    return NULL
