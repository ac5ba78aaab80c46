"""Grading steps: gain, offset, matrices, saturation, CDL, powers, contrast, clamps, alpha.

Each step is a loop in place over the planes of a tile. Per-channel steps skip planes that
are NULL (a luminance picture has one); steps that mix channels need all three.
"""

from vfx._ext.simd_math cimport fma, fabsf, copysignf, plane, pow_positive, pow_quick, quick, zero_power
from vfx._ext.tile cimport Params, Step, Tile


cdef inline float clamped(float x, float low, float high) noexcept nogil:
    """``x`` within [low, high]; NaN becomes ``low``."""
    x = x if x > low else low
    return x if x < high else high


cdef inline void gain_plane(plane x, int n, float k) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = x[i] * k


cdef inline void affine_plane(plane x, int n, float k, float o) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = fma(x[i], k, o)


cdef inline void clamp_plane(plane x, int n, float low, float high) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = clamped(x[i], low, high)


cdef inline void gain(const Tile *t, const Params *p) noexcept nogil:
    """x * k."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            gain_plane(t.rgb[c], t.n, p.f[c])


cdef inline void affine(const Tile *t, const Params *p) noexcept nogil:
    """x * k + o."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            affine_plane(t.rgb[c], t.n, p.f[c], p.f[3 + c])


cdef inline void clamp(const Tile *t, const Params *p) noexcept nogil:
    """Limits each channel; NaN becomes the low end."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            clamp_plane(t.rgb[c], t.n, p.f[c], p.f[3 + c])


cdef inline void matrix_planes(plane r, plane g, plane b, int n, const float *m) noexcept nogil:
    cdef int i
    cdef float x, y, z
    cdef float m0 = m[0], m1 = m[1], m2 = m[2], m3 = m[3], m4 = m[4], m5 = m[5]
    cdef float m6 = m[6], m7 = m[7], m8 = m[8], m9 = m[9], m10 = m[10], m11 = m[11]
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        r[i] = fma(z, m2, fma(y, m1, fma(x, m0, m3)))
        g[i] = fma(z, m6, fma(y, m5, fma(x, m4, m7)))
        b[i] = fma(z, m10, fma(y, m9, fma(x, m8, m11)))


cdef inline void matrix(const Tile *t, const Params *p) noexcept nogil:
    """3x3 matrix with an offset column, row-major 3x4."""
    matrix_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f)


cdef inline void matrix4_planes(plane r, plane g, plane b, plane a, int n, const float *m) noexcept nogil:
    cdef int i
    cdef float x, y, z, w
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        w = a[i]
        r[i] = fma(w, m[3], fma(z, m[2], fma(y, m[1], fma(x, m[0], m[16]))))
        g[i] = fma(w, m[7], fma(z, m[6], fma(y, m[5], fma(x, m[4], m[17]))))
        b[i] = fma(w, m[11], fma(z, m[10], fma(y, m[9], fma(x, m[8], m[18]))))
        a[i] = fma(w, m[15], fma(z, m[14], fma(y, m[13], fma(x, m[12], m[19]))))


cdef inline void matrix4(const Tile *t, const Params *p) noexcept nogil:
    """4x4 matrix on R, G, B, A, then four offsets."""
    cdef Params own = p[0]
    matrix4_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.a, t.n, own.f)


cdef inline void saturation_planes(plane r, plane g, plane b, int n, float s,
                                   float wr, float wg, float wb) noexcept nogil:
    cdef int i
    cdef float luma, x, y, z
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        luma = fma(z, wb, fma(y, wg, x * wr))
        r[i] = fma(x - luma, s, luma)
        g[i] = fma(y - luma, s, luma)
        b[i] = fma(z - luma, s, luma)


cdef inline void saturation(const Tile *t, const Params *p) noexcept nogil:
    """L + s * (x - L), L the weighted sum of R, G, B."""
    saturation_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f[0], p.f[1], p.f[2], p.f[3])


cdef inline void power_clamp_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v
    for i in range(n):
        v = x[i]
        x[i] = pow_positive(<float>0.0 if v < <float>0.0 else v, e, zero, inf)


cdef inline void power_quick_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = pow_quick(x[i], e)


cdef inline void power_mirror_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e)
    for i in range(n):
        x[i] = copysignf(pow_positive(fabsf(x[i]), e, zero, inf), x[i])


cdef inline void power_pass_plane(plane x, int n, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = x[i]
        y = pow_positive(fabsf(v), e, zero, inf)
        x[i] = v if v < <float>0.0 else y


cdef inline void power(const Tile *t, const Params *p) noexcept nogil:
    """x ** e; mode 0 takes negatives as 0, 1 mirrors them, 2 lets them pass. NaN stays NaN."""
    cdef int c
    cdef float e
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        e = p.f[c]
        if p.mode == 0 and (e == <float>1.0 or quick(e)):
            clamp_negative_plane(t.rgb[c], t.n)
        if e == <float>1.0:
            continue
        if p.mode == 1:
            power_mirror_plane(t.rgb[c], t.n, e)
        elif quick(e):
            power_quick_plane(t.rgb[c], t.n, e)
        elif p.mode == 0:
            power_clamp_plane(t.rgb[c], t.n, e)
        else:
            power_pass_plane(t.rgb[c], t.n, e)


cdef inline void clamp_negative_plane(plane x, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = <float>0.0 if x[i] < <float>0.0 else x[i]


cdef inline void contrast_log_plane(plane x, int n, float c, float pivot) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(c), inf = zero_power(-c), v, y
    for i in range(n):
        v = x[i]
        y = pivot * pow_positive(fabsf(v) / pivot, c, zero, inf)
        x[i] = y if v > <float>0.0 else v


cdef inline void contrast_log(const Tile *t, const Params *p) noexcept nogil:
    """pivot * (x / pivot) ** c; zero, negatives and NaN pass."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL and p.f[c] != <float>1.0:
            contrast_log_plane(t.rgb[c], t.n, p.f[c], p.f[3])


# The ASC CDL v1.2 in OpenColorIO's two styles: ASC clamps between offset and power and at
# the end; without clamps negatives pass the power untouched and NaN becomes 0 there.

cdef inline void slope_power_pass_plane(plane x, int n, float s, float o, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = fma(x[i], s, o)
        y = pow_positive(fabsf(v), e, zero, inf)
        y = y if v >= <float>0.0 else v
        x[i] = y if v == v else <float>0.0


cdef inline void slope_quick_plane(plane x, int n, float s, float o, float e) noexcept nogil:
    cdef int i
    cdef float v, y
    for i in range(n):
        v = fma(x[i], s, o)
        y = pow_quick(v, e)
        x[i] = y if v == v else <float>0.0


cdef inline void slope_pass_plane(plane x, int n, float s, float o) noexcept nogil:
    cdef int i
    cdef float v
    for i in range(n):
        v = fma(x[i], s, o)
        x[i] = v if v == v else <float>0.0


cdef inline void slope_power_clamp_plane(plane x, int n, float s, float o, float e) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e)
    for i in range(n):
        x[i] = pow_positive(clamped(fma(x[i], s, o), <float>0.0, <float>1.0), e, zero, zero)


cdef inline void slope_clamp_plane(plane x, int n, float s, float o) noexcept nogil:
    cdef int i
    for i in range(n):
        x[i] = clamped(fma(x[i], s, o), <float>0.0, <float>1.0)


cdef inline void cdl_saturation(const Tile *t, float s) noexcept nogil:
    """Saturation with the Rec.709 weights that ASC CDL v1.2 prescribes."""
    saturation_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, s, <float>0.2126, <float>0.7152, <float>0.0722)


cdef inline void clamp_unit(const Tile *t) noexcept nogil:
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            clamp_plane(t.rgb[c], t.n, <float>0.0, <float>1.0)


cdef inline void cdl(const Tile *t, const Params *p) noexcept nogil:
    """ASC CDL: slope, offset, power, saturation; mode 1 clamps."""
    cdef int c
    cdef float s, o, e
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        s = p.f[c]
        o = p.f[3 + c]
        e = p.f[6 + c]
        if p.mode:
            if e == <float>1.0:
                slope_clamp_plane(t.rgb[c], t.n, s, o)
            elif quick(e):
                slope_clamp_plane(t.rgb[c], t.n, s, o)
                power_quick_plane(t.rgb[c], t.n, e)
            else:
                slope_power_clamp_plane(t.rgb[c], t.n, s, o, e)
        elif e == <float>1.0:
            slope_pass_plane(t.rgb[c], t.n, s, o)
        elif quick(e):
            slope_quick_plane(t.rgb[c], t.n, s, o, e)
        else:
            slope_power_pass_plane(t.rgb[c], t.n, s, o, e)
    if p.f[9] != <float>1.0:
        cdl_saturation(t, p.f[9])
    if p.mode:
        clamp_unit(t)


cdef inline void power_offset_plane(plane x, int n, float e, float o, float s) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = x[i]
        y = pow_positive(fabsf(v), e, zero, inf)
        y = y if v >= <float>0.0 else v
        x[i] = ((y if v == v else <float>0.0) + o) * s


cdef inline void offset_slope_plane(plane x, int n, float o, float s) noexcept nogil:
    cdef int i
    cdef float v
    for i in range(n):
        v = x[i]
        x[i] = ((v if v == v else <float>0.0) + o) * s


cdef inline void cdl_reverse(const Tile *t, const Params *p) noexcept nogil:
    """The CDL backwards, from reciprocals: saturation, power, offset, slope; mode 1 clamps."""
    cdef int c
    if p.mode:
        clamp_unit(t)
    if p.f[9] != <float>1.0:
        cdl_saturation(t, p.f[9])
        if p.mode:
            clamp_unit(t)
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.f[6 + c] == <float>1.0:
            offset_slope_plane(t.rgb[c], t.n, p.f[3 + c], p.f[c])
        else:
            power_offset_plane(t.rgb[c], t.n, p.f[6 + c], p.f[3 + c], p.f[c])
    if p.mode:
        clamp_unit(t)


cdef inline void unpremult_plane(plane x, const float *a, int n) noexcept nogil:
    cdef int i
    cdef float k
    for i in range(n):
        k = <float>1.0 if a[i] == <float>0.0 else a[i]
        x[i] = x[i] / k


cdef inline void unpremult(const Tile *t, const Params *p) noexcept nogil:
    """Colour divided by alpha, unchanged where alpha is 0 or 1."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            unpremult_plane(t.rgb[c], t.a, t.n)


cdef inline void premult_plane(plane x, const float *a, int n) noexcept nogil:
    cdef int i
    cdef float k
    for i in range(n):
        k = <float>1.0 if a[i] == <float>0.0 else a[i]
        x[i] = x[i] * k


cdef inline void premult(const Tile *t, const Params *p) noexcept nogil:
    """Colour times alpha, unchanged where alpha is 0 (the partner of ``unpremult``)."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            premult_plane(t.rgb[c], t.a, t.n)


cdef inline void keep_plane(plane x, float *kept, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        kept[i] = x[i]


cdef inline void keep(const Tile *t, const Params *p) noexcept nogil:
    """Sets the values aside, for the ``mix`` of the same level; alpha too where a step writes it (mode 1)."""
    cdef int c
    cdef float *kept = t.kept + <Py_ssize_t>4 * p.size * t.size
    for c in range(3):
        if t.rgb[c] != NULL:
            keep_plane(t.rgb[c], kept + c * t.size, t.n)
    if p.mode:
        keep_plane(t.a, kept + 3 * t.size, t.n)


cdef inline void mix_plane(plane x, const float *kept, int n, float share) noexcept nogil:
    cdef int i
    cdef float rest = <float>1.0 - share
    for i in range(n):
        x[i] = fma(x[i], share, kept[i] * rest)


cdef inline void mix(const Tile *t, const Params *p) noexcept nogil:
    """share * x + (1 - share) * what was set aside."""
    cdef int c
    cdef const float *kept = t.kept + <Py_ssize_t>4 * p.size * t.size
    for c in range(3):
        if t.rgb[c] != NULL:
            mix_plane(t.rgb[c], kept + c * t.size, t.n, p.f[0])
    if p.mode:
        mix_plane(t.a, kept + 3 * t.size, t.n, p.f[0])


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "affine": return affine
    if name == "cdl": return cdl
    if name == "cdl_reverse": return cdl_reverse
    if name == "clamp": return clamp
    if name == "contrast_log": return contrast_log
    if name == "gain": return gain
    if name == "keep": return keep
    if name == "matrix": return matrix
    if name == "matrix4": return matrix4
    if name == "mix": return mix
    if name == "power": return power
    if name == "premult": return premult
    if name == "saturation": return saturation
    if name == "unpremult": return unpremult
    return NULL
