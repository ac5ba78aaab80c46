"""One deep pixel seen through another: what a matte leaves of its samples.

A sample is split where the matte's begin or end. What is seen of a part is what it gives to the merged pixel: the light
that the image itself and the matte let through in front of it, times its share where both are in one place.
"""

from libc.math cimport expm1, log1p, pow
from libc.stdint cimport int64_t, uint8_t

from vfx._ext.deep_pixels cimport Deep, Pieces, opacity, put
from vfx._ext.exr_rows cimport UINT

ctypedef struct Held:
    Deep own
    Deep matte
    int matte_alpha
    uint8_t **outs


cdef inline double clear_before(const Held *held, const Pieces *q, double z, bint with_points) noexcept nogil:
    """How much of the light the matte lets through in front of a depth; points of that very depth on request."""
    cdef int64_t j
    cdef double through = 1.0, alpha, part
    for j in range(q.count):
        alpha = opacity(q.values[j * held.matte.channels + held.matte_alpha])
        if q.front[j] > z or (q.front[j] == z and (q.back[j] > z or not with_points)):
            break
        if q.back[j] <= z:
            through *= 1 - alpha
        else:
            part = (z - q.front[j]) / (q.back[j] - q.front[j])
            through *= pow(1 - alpha, part) if part == part else 1.0
    return through


cdef inline double matte_within(const Held *held, const Pieces *q, double front, double back) noexcept nogil:
    """The matte's opacity in the very place of a piece: a point's at its depth, a volume's part."""
    cdef int64_t j
    cdef double alpha
    for j in range(q.count):
        if q.front[j] > front:
            break
        alpha = opacity(q.values[j * held.matte.channels + held.matte_alpha])
        if front == back and q.front[j] == front and q.back[j] == front:
            return alpha
        if front < back and q.back[j] > front:
            if alpha == 1.0 or (q.front[j] == front and q.back[j] == back):
                return alpha
            return -expm1(log1p(-alpha) * (back - front) / (q.back[j] - q.front[j]))
    return 0.0


cdef inline double share_seen(double mine, double other) noexcept nogil:
    """The factor on the colour of one of two things in the same place ("Merging Overlapping Samples")."""
    cdef double u, v, depth
    if other == 0:
        return 1.0
    if mine == 1.0:
        return 0.5 if other == 1.0 else 1.0
    if other == 1.0:
        return 0.0
    u, v = -log1p(-mine), -log1p(-other)
    depth = u + v
    return (u / mine if mine > 0 else 1.0) * (-expm1(-depth) / depth)


cdef inline int64_t next_edge(const Pieces *q, int64_t edge, double front, double back, double *at) noexcept nogil:
    """The matte's next edge behind ``front`` and before ``back``; where to look on. Without one ``at`` is ``back``."""
    cdef double depth
    while edge < 2 * q.count:
        depth = q.back[edge // 2] if edge % 2 else q.front[edge // 2]
        if depth >= back:
            break
        edge += 1
        if depth > front:
            at[0] = depth
            return edge
    at[0] = back
    return edge


cdef inline int64_t see(const Held *held, const Pieces *p, const Pieces *q, int64_t to, double *sums) noexcept nogil:
    """The pieces of ``p`` as they are seen through ``q``, from place ``to`` on; how many. ``to`` -1 only counts.

    A piece gets the opacity that gives, over those in front of it, just what is seen of it in the merged pixel.
    """
    cdef const Deep *d = &held.own
    cdef int64_t i, edge, count = 0
    cdef int c
    cdef double front, back
    for c in range(2 * d.channels):
        sums[c] = 1.0  # what the image itself, and what its visible part, lets through so far
    for i in range(p.count):
        front = p.front[i]
        edge = 0
        while True:
            back = p.back[i]
            if front < back:
                edge = next_edge(q, edge, front, p.back[i], &back)
            if to >= 0:
                see_piece(held, p, q, i, front, back, to + count, sums)
            count += 1
            if back == p.back[i]:
                break
            front = back
    return count


cdef inline void see_piece(const Held *held, const Pieces *p, const Pieces *q, int64_t i, double front, double back,
                           int64_t to, double *sums) noexcept nogil:
    """One part of a piece, as it is seen."""
    cdef const Deep *d = &held.own
    cdef const double *values = p.values + i * d.channels
    cdef double through = clear_before(held, q, front, front < back), other = matte_within(held, q, front, back)
    cdef double part = 1.0, alpha, value, seen
    cdef int c, a, turn
    if front != p.front[i] or back != p.back[i]:
        part = (back - front) / (p.back[i] - p.front[i])
        part = part if part == part else 1.0
    for turn in range(2):
        for c in range(d.channels):
            a = d.alpha_of[c]
            value = values[c]
            if (a == c) != (turn == 1):
                continue
            if c == d.z or c == d.z_back:
                value = front if c == d.z else back
            elif d.kinds[c] != UINT and a >= 0:
                alpha = opacity(values[a])
                if part != 1.0 and alpha < 1.0:
                    seen = -expm1(part * log1p(-alpha))
                    value *= seen / alpha if alpha > 1e-300 else part
                    alpha = seen
                if a == c:
                    value = alpha
                seen = sums[a] * through * share_seen(alpha, other) * value
                value = seen / sums[d.channels + a] if sums[d.channels + a] > 1e-9 else 0.0
                if a == c:
                    sums[c] *= 1 - alpha
                    sums[d.channels + c] = max(0.0, sums[d.channels + c] - seen)
            put(held.outs[c], d.kinds[c], to, value)
