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


cdef inline bint is_unit(double ux, double uy, double vx, double vy, double one) noexcept nogil:
    """Whether no eigenvalue of (J Jᵀ)^½ is above ``one``, found without roots."""
    cdef double a = ux * ux + uy * uy, b = ux * vx + uy * vy, c = vx * vx + vy * vy
    cdef double half = 0.5 * (a - c), rest = one * one - 0.5 * (a + c)
    return (rest >= 0.0) & (half * half + b * b <= rest * rest)


cdef inline Footprint footprint(double ux, double uy, double vx, double vy, double most, double one) noexcept nogil:
    """The footprint for the derivatives of u and v by x and y; eigenvalues up to ``one`` are 1, none is above ``most``."""
    cdef Footprint m = unit_footprint()
    cdef double a = ux * ux + uy * uy, b = ux * vx + uy * vy, c = vx * vx + vy * vy
    cdef double half = 0.5 * (a - c), mean = 0.5 * (a + c), root = sqrt(half * half + b * b), det = ux * vy - uy * vx
    cdef double large = sqrt(mean + root), small
    if not isfinite(large):
        m.xx = m.yy = most
        m.unit = False
        return m
    if is_unit(ux, uy, vx, vy, one):
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
    cdef double found = back if fabs(back) < fabs(forth) else forth
    found = found if found == found else back
    return found if fabs(found) < 1e300 else 0.0
