"""One deep pixel: its samples sorted, split and merged until it is tidy.

Formulas and words are those of "Interpreting OpenEXR Deep Pixels" (OpenEXR documentation). A sample of opacity a that
fills a depth evenly has the density u = -log(1 - a); a part x of it has x u, and samples in one place add theirs::

    alpha   1 - exp(-U),  U the sum of x u
    colour  sum of x c u/a, times alpha / U         (u/a and alpha / U are 1 in the limit of 0)

which is the document's splitting and merging in one step, for any number of samples. Where some are opaque the result
is, and their colours are averaged. ``expm1`` and ``log1p`` keep thin fog exact.
"""

from libc.math cimport INFINITY, expm1, log1p
from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_rows cimport HALF, UINT, float_to_half
from vfx._ext.watch cimport Watch, watch

cdef extern from *:
    """
    /* The half of one sample: exr_rows has them by the row. */
    #ifdef __F16C__
    #define VFX_HALF(bits) _cvtsh_ss(bits)
    #else
    static inline float vfx_half(uint16_t bits) { float f; vfx_half_to_float(&bits, &f, 1); return f; }
    #define VFX_HALF vfx_half
    #endif
    """
    float half_value "VFX_HALF"(uint16_t bits) noexcept nogil

# Samples up to which inserting sorts faster than merging.
cdef enum:
    FEW = 24

# Flat arrays of samples, one per channel. ``alpha_of`` is the channel that is a channel's opacity: itself for alpha
# channels, -1 where there is none.
ctypedef struct Deep:
    int channels
    const uint8_t *const *data
    const int32_t *kinds
    const int32_t *alpha_of
    const int64_t *offsets
    int z
    int z_back

# What one thread works in: the pixel's samples (near, far, order, edges, active, share), then its pieces.
ctypedef struct Pieces:
    int64_t room
    int channels
    int64_t count
    double *near
    double *far
    int64_t *order
    int64_t *other
    double *edges
    int64_t *active
    double *share
    double *front
    double *back
    double *values
    Watch *watch
    int thread


cdef inline void drop_room(Pieces *p) noexcept nogil:
    """Free what a thread works in."""
    free(p.near)
    p.near = NULL
    p.room = 0


cdef inline bint have_room(Pieces *p, int64_t n, int channels) noexcept nogil:
    """Whether there is room for a pixel of ``n`` samples: at most 3 n pieces come of it."""
    cdef size_t words
    cdef double *block
    if n <= p.room and p.channels == channels:
        return True
    drop_room(p)
    n = max(n + n // 2, 64)
    words = <size_t> n * (2 + 2 + 2 + 2 + 6 + 3 * <size_t> channels)
    block = <double *> malloc(words * sizeof(double))
    if block == NULL:
        return False
    p.near, p.far = block, block + n
    p.order, p.other = <int64_t *> (block + 2 * n), <int64_t *> (block + 3 * n)
    p.edges = block + 4 * n
    p.active, p.share = <int64_t *> (block + 6 * n), block + 7 * n
    p.front, p.back = block + 8 * n, block + 11 * n
    p.values = block + 14 * n
    p.room, p.channels = n, channels
    return True


cdef inline double sample(const Deep *d, int c, int64_t i) noexcept nogil:
    """One sample of one channel."""
    if d.kinds[c] == HALF:
        return half_value((<const uint16_t *> d.data[c])[i])
    if d.kinds[c] == UINT:
        return (<const uint32_t *> d.data[c])[i]
    return (<const float *> d.data[c])[i]


cdef inline void put(uint8_t *to, int kind, int64_t i, double value) noexcept nogil:
    """One sample of a type into a flat array."""
    cdef float single = <float> value
    if kind == HALF:
        float_to_half(&single, <uint16_t *> to + i, 1)
    elif kind == UINT:
        (<uint32_t *> to)[i] = <uint32_t> value
    else:
        (<float *> to)[i] = single


cdef inline double opacity(double alpha) noexcept nogil:
    """Alpha between 0 and 1; NaN is clear."""
    return min(alpha, 1.0) if alpha > 0 else 0.0


cdef inline bint before(const Pieces *p, int64_t a, int64_t b) noexcept nogil:
    """Whether sample a lies strictly before sample b in order: by front, then by back."""
    return p.near[a] < p.near[b] or (p.near[a] == p.near[b] and p.far[a] < p.far[b])


cdef inline void sort_samples(Pieces *p, int64_t n) noexcept nogil:
    """``order``: the samples by front, then by back, equals in their own order."""
    cdef int64_t i, k, at, left, right, middle, end, width
    cdef int64_t *swap
    for i in range(n):
        p.order[i] = i
    left = 0
    while left < n:
        for i in range(left + 1, min(left + FEW, n)):
            at, k = p.order[i], i
            while k > left and before(p, at, p.order[k - 1]):
                p.order[k] = p.order[k - 1]
                k -= 1
            p.order[k] = at
        left += FEW
    width = FEW
    while width < n:
        left = 0
        while left < n:
            middle, end = min(left + width, n), min(left + 2 * width, n)
            i, right = left, middle
            for k in range(left, end):
                if right >= end or (i < middle and not before(p, p.order[right], p.order[i])):
                    p.other[k] = p.order[i]
                    i += 1
                else:
                    p.other[k] = p.order[right]
                    right += 1
            left += 2 * width
        swap, p.order, p.other = p.order, p.other, p.order
        width *= 2


cdef inline bint place_samples(const Deep *d, int64_t first, int64_t n, Pieces *p, bint stacked) noexcept nogil:
    """Front and back of every sample of a pixel; whether they are tidy as they are. NaN lies infinitely far.

    With ``stacked`` points of one depth may lie one upon the other, in their own order.
    """
    cdef int64_t i
    cdef bint tidy = True
    cdef double z, back
    for i in range(n):
        z = sample(d, d.z, first + i)
        z = z if z == z else INFINITY
        back = sample(d, d.z_back, first + i) if d.z_back >= 0 else z
        p.near[i] = z
        p.far[i] = back if back > z else z
        # What follows begins behind the last one's end; a point and the volume that begins there do not overlap.
        if i and (z < p.far[i - 1] or (z == p.near[i - 1] and not p.far[i] > p.far[i - 1] and not stacked)):
            tidy = False
    return tidy


cdef inline double part_of(const Pieces *p, int64_t i, double front, double back) noexcept nogil:
    """How much of sample i lies between two depths."""
    cdef double part
    if p.far[i] == p.near[i] or (front == p.near[i] and back == p.far[i]):
        return 1.0
    if p.far[i] == INFINITY:
        return 1.0 if back == INFINITY else 0.0
    part = (back - front) / (p.far[i] - p.near[i])
    return part if part == part else 1.0


cdef inline double density(double alpha) noexcept nogil:
    """u / a of the module's formulas."""
    return -log1p(-alpha) / alpha if alpha > 1e-300 else 1.0


cdef inline void merge_active(const Deep *d, int64_t first, Pieces *p, int64_t count, double *out) noexcept nogil:
    """What the active samples, each with its share, come to in one piece."""
    cdef int64_t k, opaque, best
    cdef int c, a
    cdef double alpha, depth, total, plain, found
    if count == 1 and p.share[0] == 1.0:
        for c in range(d.channels):
            out[c] = sample(d, c, first + p.active[0])
        return
    watch(p.watch, p.thread, count * d.channels * 16)
    for c in range(d.channels):
        a = d.alpha_of[c]
        depth = total = plain = 0
        opaque = 0
        if d.kinds[c] == UINT or a < 0:
            best, found = 0, -1
            for k in range(count):
                alpha = sample(d, a, first + p.active[k]) if a >= 0 else 0
                plain += sample(d, c, first + p.active[k])
                if alpha > found:
                    best, found = k, alpha
            out[c] = sample(d, c, first + p.active[best]) if d.kinds[c] == UINT else plain / count
            continue
        for k in range(count):
            alpha = opacity(sample(d, a, first + p.active[k]))
            if alpha == 1.0:
                opaque += 1
                plain += sample(d, c, first + p.active[k])
            else:
                depth -= p.share[k] * log1p(-alpha)
                total += p.share[k] * sample(d, c, first + p.active[k]) * density(alpha)
        if a == c:
            out[c] = 1.0 if opaque else -expm1(-depth)
        elif opaque:
            out[c] = plain / opaque
        else:
            out[c] = total * (-expm1(-depth) / depth if depth > 0 else 1.0)


cdef inline int64_t find_edges(Pieces *p, int64_t n) noexcept nogil:
    """``edges``: the depths where samples begin or end, rising, each once; how many."""
    cdef int64_t i, k, count = 0, left = 0, right = 0, ends = 0
    cdef double at
    # The fronts are in order; the backs of volumes are sorted in the room of the shares.
    for i in range(n):
        if p.far[p.order[i]] > p.near[p.order[i]]:
            p.share[ends] = p.far[p.order[i]]
            ends += 1
    sort_numbers(p.share, ends)
    while left < n or right < ends:
        if right >= ends or (left < n and p.near[p.order[left]] <= p.share[right]):
            at = p.near[p.order[left]]
            left += 1
        else:
            at = p.share[right]
            right += 1
        if count == 0 or at > p.edges[count - 1]:
            p.edges[count] = at
            count += 1
    return count


cdef inline void sort_numbers(double *x, int64_t n) noexcept nogil:
    """Numbers in place, rising: a heap."""
    cdef int64_t i, start, end, root, child
    cdef double value
    for i in range(n // 2 + n):
        if i < n // 2:
            start, end = n // 2 - 1 - i, n
        else:
            start, end = 0, n - 1 - (i - n // 2)
            if end < 1:
                return
            x[0], x[end] = x[end], x[0]
        root, value = start, x[start]
        child = 2 * root + 1
        while child < end:
            if child + 1 < end and x[child + 1] > x[child]:
                child += 1
            if not x[child] > value:
                break
            x[root] = x[child]
            root = child
            child = 2 * root + 1
        x[root] = value


cdef inline int64_t sweep(const Deep *d, int64_t first, int64_t n, Pieces *p, bint fill) noexcept nogil:
    """The pieces of a pixel that is not tidy, nearest first, from one edge to the next; how many.

    At an edge lie the points of that depth, merged; behind it, up to the next edge, the parts of all volumes there.
    """
    cdef int64_t edges, e, k, next_ = 0, alive = 0, points, kept, count = 0
    cdef double at, end
    sort_samples(p, n)
    edges = find_edges(p, n)
    for e in range(edges):
        at = p.edges[e]
        end = p.edges[e + 1] if e + 1 < edges else at
        kept = 0
        for k in range(alive):
            if p.far[p.active[k]] > at:
                p.active[kept] = p.active[k]
                kept += 1
        alive, points = kept, 0
        if watch(p.watch, p.thread, alive + 8):
            return 0
        while next_ < n and p.near[p.order[next_]] == at and p.far[p.order[next_]] == at:
            p.active[alive + points] = p.order[next_]
            points += 1
            next_ += 1
        if points:
            if fill:
                put_piece(d, first, p, alive, points, count, at, at)
            count += 1
        while next_ < n and p.near[p.order[next_]] == at:
            p.active[alive] = p.order[next_]
            alive += 1
            next_ += 1
        if alive:
            if fill:
                put_piece(d, first, p, 0, alive, count, at, end)
            count += 1
    return count


cdef inline void put_piece(const Deep *d, int64_t first, Pieces *p, int64_t start, int64_t count, int64_t place,
                           double front, double back) noexcept nogil:
    """One piece of the samples ``start`` and on of those that are active."""
    cdef int64_t k
    cdef int64_t *active = p.active
    for k in range(count):
        p.share[k] = part_of(p, active[start + k], front, back)
    p.active = active + start
    merge_active(d, first, p, count, p.values + place * d.channels)
    p.active = active
    p.front[place], p.back[place] = front, back
    if d.z >= 0:
        p.values[place * d.channels + d.z] = front
    if d.z_back >= 0:
        p.values[place * d.channels + d.z_back] = back


cdef inline bint tidy_pixel(const Deep *d, int64_t pixel, Pieces *p, bint stacked) noexcept nogil:
    """The pieces of a pixel, tidy; False when there is no memory for them. Without depths they stay as they are."""
    cdef int64_t first = d.offsets[pixel], n = d.offsets[pixel + 1] - first, i
    cdef int c
    if not have_room(p, n, d.channels):
        return False
    p.count = n
    watch(p.watch, p.thread, n * d.channels + 4)
    if d.z >= 0 and not place_samples(d, first, n, p, stacked):
        p.count = sweep(d, first, n, p, True)
        return True
    for i in range(n):
        for c in range(d.channels):
            p.values[i * d.channels + c] = sample(d, c, first + i)
        if d.z >= 0:
            p.front[i], p.back[i] = p.near[i], p.far[i]
    return True


cdef inline int64_t tidy_count(const Deep *d, int64_t pixel, Pieces *p) noexcept nogil:
    """How many pieces there will be; -1 when there is no memory to find out."""
    cdef int64_t first = d.offsets[pixel], n = d.offsets[pixel + 1] - first
    if not have_room(p, n, d.channels):
        return -1
    watch(p.watch, p.thread, n + 4)
    return n if place_samples(d, first, n, p, False) else sweep(d, first, n, p, False)
