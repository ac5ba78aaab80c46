"""How far a pixel of the result reaches in the source.

With J the derivatives of the source's position by the result's, a filter f of the result covers, in the source, the
samples p around position q with weights f(a) f(b), (a, b) = M⁻¹ (p - q), where M is ``(J Jᵀ)^½`` with eigenvalues
raised to at least 1:

* where nothing shrinks, M is the identity: the filter of interpolation, along the source's rows and columns;
* where both axes shrink, M is J but for a rotation, so that the filter is the one that ``resize`` widens;
* where one direction shrinks, the filter is widened along this direction alone.
"""

from libc.math cimport fabs, isfinite, sqrt

cdef enum:
    REACH = 256                 # samples to each side, at most

# Eigenvalues this near to 1 are 1, so that a rotation is one.
cdef enum:
    BILLIONTHS = 100

ctypedef struct Footprint:
    double xx
    double xy
    double yy
    bint unit                   # the identity


cdef inline Footprint unit_footprint() noexcept nogil:
    cdef Footprint m
    m.xx = m.yy = 1.0
    m.xy = 0.0
    m.unit = True
    return m


cdef inline Footprint footprint(double ux, double uy, double vx, double vy, double most) noexcept nogil:
    """The footprint for the derivatives of u and v by x and y; no eigenvalue is above ``most``."""
    cdef Footprint m = unit_footprint()
    cdef double a = ux * ux + uy * uy, b = ux * vx + uy * vy, c = vx * vx + vy * vy
    cdef double half = 0.5 * (a - c), mean = 0.5 * (a + c), root = sqrt(half * half + b * b), det = ux * vy - uy * vx
    cdef double large = sqrt(mean + root), small
    if not isfinite(large):
        m.xx = m.yy = most
        m.unit = False
        return m
    if large <= 1.0 + 1e-9 * BILLIONTHS:
        return m
    small = min(max(fabs(det) / large, 1.0), most)
    large = min(large, most)
    m.unit = False
    if root <= 1e-12 * mean:
        m.xx = m.yy = large
        return m
    m.xx = small + (large - small) * (root + half) / (2.0 * root)
    m.yy = small + (large - small) * (root - half) / (2.0 * root)
    m.xy = (large - small) * b / (2.0 * root)
    if fabs(m.xy) < 1e-9 * large:
        m.xy = 0.0
    return m


cdef inline double one_sided(double before, double here, double after) noexcept nogil:
    """The smaller of the two differences, so that a tear in a map is not taken for a slope; 0 where there is none."""
    cdef double back = here - before, forth = after - here
    if not isfinite(back):
        return forth if isfinite(forth) else 0.0
    return back if not isfinite(forth) or fabs(back) < fabs(forth) else forth
