"""The executor: walks a picture in planar tiles, one pass over memory for a whole program.

A picture is a run of ``width * height`` pixels that may be broken into rows; a tile is a
stretch of that run, whatever the rows. Each thread owns one scratch block::

    float planes R G B A | source elements R G B A | destination elements R G B A | what ``keep`` sets aside

Elements of float32 pictures live in the float planes themselves. Alpha that no step
writes travels as elements, never through arithmetic, so it keeps its exact bits.
"""

from libc.string cimport memcpy, memset

from vfx._ext.pixel_formats cimport F32, from_float, gather, item_size, pack, scatter, to_float, unpack
from vfx._ext.simd_math cimport fma
from vfx._ext.steps_lut cimport lut1d_pixels
from vfx._ext.tile cimport GROUP, LANES, Params, Step, Tile

cdef enum:
    # Channels of an interleaved picture repeat every 48 floats if there are 1, 2, 3, 4, 6, 8, 12 … of them.
    PATTERN = 48
    PLANES = 12
    STRETCH = 4096          # floats that a step takes at once of interleaved pixels

ctypedef struct Pixels:
    char *data
    Py_ssize_t row          # bytes from pixel to pixel and so on
    Py_ssize_t column
    Py_ssize_t channel
    int format
    int item
    int packed              # 3 or 4: dense pixels of R, G, B (and A) in any order; else 0
    Py_ssize_t first        # of packed pixels: bytes from channel 0 to what comes first in memory
    int plane[4]            # of packed pixels: whose element each one is, 0 to 3 for R, G, B, A

ctypedef struct Call:
    Step function
    Params params
    int direct              # 1 gain, 2 gain and offset, 3 linear 1D table, 4 ``Tile.on``: may run on interleaved pixels

ctypedef struct Plan:
    Pixels src
    Pixels dst
    Py_ssize_t width
    Py_ssize_t pixels
    int channels
    int rgb[3]              # channel indexes, -1 where absent
    int alpha
    int reads_alpha
    int writes_alpha
    int in_place
    int others              # 1: channels remain that are only copied; 2: as whole pixels, before the rest is stored
    int tile
    int planes              # of a scratch block
    int calls
    const Call *call

ctypedef struct Span:
    # A stretch of one row: where it starts in the picture and in the tile.
    Py_ssize_t x
    Py_ssize_t y
    int at
    int n


cdef inline Span first_span(const Plan *plan, Py_ssize_t start, int n) noexcept nogil:
    cdef Span s
    s.y = start // plan.width
    s.x = start - s.y * plan.width
    s.at = 0
    s.n = <int>(plan.width - s.x) if plan.width - s.x < n else n
    return s


cdef inline Span next_span(const Plan *plan, Span s, int n) noexcept nogil:
    s.at += s.n
    s.y += 1
    s.x = 0
    s.n = <int>plan.width if plan.width < n - s.at else n - s.at
    return s


cdef inline char *address(const Pixels *p, Span s, int channel) noexcept nogil:
    return p.data + s.y * p.row + s.x * p.column + channel * p.channel


cdef inline void in_memory_order(const Pixels *p, void **planes, void **ordered) noexcept nogil:
    """The planes of a packed picture, in the order of a pixel's elements."""
    cdef int i
    for i in range(p.packed):
        ordered[i] = planes[p.plane[i]]


cdef inline void gather_channel(const Plan *plan, const Pixels *p, Py_ssize_t start, int channel, void *plane,
                                int n) noexcept nogil:
    """One channel of a tile, as dense elements."""
    cdef Span s = first_span(plan, start, n)
    while s.n > 0:
        gather(p.item, address(p, s, channel), p.column, <char *>plane + s.at * p.item, s.n)
        s = next_span(plan, s, n)


cdef inline void scatter_channel(const Plan *plan, const Pixels *p, Py_ssize_t start, int channel,
                                 const void *plane, int n) noexcept nogil:
    """Dense elements into one channel of a tile."""
    cdef Span s = first_span(plan, start, n)
    while s.n > 0:
        scatter(p.item, <const char *>plane + s.at * p.item, address(p, s, channel), p.column, s.n)
        s = next_span(plan, s, n)


cdef inline void load(const Plan *plan, Py_ssize_t start, int n, int padded, float **planes,
                      void **elements) noexcept nogil:
    """Fills the float planes (and alpha's elements) of a tile; the padding is zero."""
    cdef int c, channel, item = plan.src.item
    cdef bint carried = plan.dst.packed == 4 or plan.src.packed == 4
    cdef bint alpha = plan.reads_alpha or (plan.dst.packed == 4 and plan.src.format != plan.dst.format)
    cdef void *ordered[4]
    cdef Span s
    if plan.src.packed:
        in_memory_order(&plan.src, elements, ordered)
        s = first_span(plan, start, n)
        while s.n > 0:
            unpack(item, plan.src.packed, address(&plan.src, s, 0) + plan.src.first, ordered, s.at, s.n)
            s = next_span(plan, s, n)
    for c in range(4):
        channel = plan.alpha if c == 3 else plan.rgb[c]
        if channel < 0 or (c == 3 and not (alpha or carried)):
            continue
        if not plan.src.packed:
            gather_channel(plan, &plan.src, start, channel, elements[c], n)
        if padded > n:
            memset(<char *>elements[c] + n * item, 0, <size_t>(padded - n) * item)
        if c < 3 or alpha:
            to_float(plan.src.format, elements[c], planes[c], padded)
    if plan.reads_alpha and plan.alpha < 0:
        for c in range(padded):
            planes[3][c] = <float>1.0


cdef inline void store(const Plan *plan, Py_ssize_t start, int n, int padded, float **planes, void **source,
                       void **elements) noexcept nogil:
    """Writes the float planes of a tile to the picture."""
    cdef int c, channel
    cdef bint carried = plan.dst.packed == 4
    cdef bint same = plan.src.format == plan.dst.format
    cdef void *out[4]
    cdef void *ordered[4]
    cdef Span s
    for c in range(4):
        out[c] = elements[c]
        channel = plan.alpha if c == 3 else plan.rgb[c]
        if channel < 0 or (c == 3 and not (carried or plan.writes_alpha)):
            continue
        if c == 3 and same and not plan.writes_alpha:
            out[c] = source[c]
        else:
            from_float(plan.dst.format, planes[c], elements[c], padded)
        if not plan.dst.packed:
            scatter_channel(plan, &plan.dst, start, channel, out[c], n)
    if plan.dst.packed:
        in_memory_order(&plan.dst, out, ordered)
        s = first_span(plan, start, n)
        while s.n > 0:
            pack(plan.dst.item, plan.dst.packed, ordered, s.at, address(&plan.dst, s, 0) + plan.dst.first, s.n)
            s = next_span(plan, s, n)


cdef inline void copy_pixels(const Plan *plan, Py_ssize_t start, int n) noexcept nogil:
    """Whole pixels from source to destination, of dense pixels of one format."""
    cdef Span s = first_span(plan, start, n)
    while s.n > 0:
        memcpy(address(&plan.dst, s, 0), address(&plan.src, s, 0), <size_t>s.n * plan.channels * plan.src.item)
        s = next_span(plan, s, n)


cdef inline void copy_others(const Plan *plan, Py_ssize_t start, int n, float *plane, void *source,
                             void *target) noexcept nogil:
    """The channels that no step touches, from source to destination."""
    cdef int c
    for c in range(plan.channels):
        if c == plan.rgb[0] or c == plan.rgb[1] or c == plan.rgb[2]:
            continue
        if c == plan.alpha and (plan.writes_alpha or plan.dst.packed == 4):
            continue
        gather_channel(plan, &plan.src, start, c, source, n)
        if plan.src.format == plan.dst.format:
            scatter_channel(plan, &plan.dst, start, c, source, n)
        else:
            to_float(plan.src.format, source, plane, n)
            from_float(plan.dst.format, plane, target, n)
            scatter_channel(plan, &plan.dst, start, c, target, n)


cdef inline void run_tile(const Plan *plan, Py_ssize_t start, int n, float *scratch) noexcept nogil:
    """All steps on ``n`` pixels from ``start`` on. ``scratch`` holds ``plan.planes`` planes."""
    cdef int c, size = plan.tile, padded = (n + LANES - 1) // LANES * LANES
    cdef float *planes[4]
    cdef void *source[4]
    cdef void *target[4]
    cdef int on[GROUP]
    cdef Tile tile
    for c in range(4):
        planes[c] = scratch + c * size
        source[c] = planes[c] if plan.src.format == F32 else scratch + (4 + c) * size
        target[c] = planes[c] if plan.dst.format == F32 else scratch + (8 + c) * size
    if plan.others == 2:
        copy_pixels(plan, start, n)
    elif plan.others:
        copy_others(plan, start, n, planes[0], source[1], target[2])
    load(plan, start, n, padded, planes, source)
    for c in range(3):
        tile.rgb[c] = planes[c] if plan.rgb[c] >= 0 else NULL
    tile.a = planes[3] if plan.reads_alpha else NULL
    tile.kept = scratch + PLANES * size
    tile.size = size
    tile.n = padded
    for c in range(GROUP):
        on[c] = 1
    tile.on = on
    for c in range(plan.calls):
        plan.call[c].function(&tile, &plan.call[c].params)
    store(plan, start, n, padded, planes, source, target)


cdef inline void affine_pattern(const float *x, float *y, int n, const float *k, const float *o, const int *on,
                                bint offset) noexcept nogil:
    """k * x (+ o) on interleaved floats whose channels repeat within the pattern; others are copied."""
    cdef int i, j
    cdef float v, w
    for i in range(n // PATTERN):
        for j in range(PATTERN):
            v = x[i * PATTERN + j]
            w = fma(v, k[j], o[j]) if offset else v * k[j]
            y[i * PATTERN + j] = w if on[j] else v
    for i in range(n - n % PATTERN, n):
        j = i % PATTERN
        v = x[i]
        w = fma(v, k[j], o[j]) if offset else v * k[j]
        y[i] = w if on[j] else v


cdef inline void step_on_pixels(const Call *call, const float *x, float *y, int n, const int *on) noexcept nogil:
    """A step that heeds ``Tile.on``, on interleaved floats: in place, in stretches that stay in the first cache."""
    cdef float rest[LANES]
    cdef Tile tile
    cdef int done = 0
    tile.rgb[1] = NULL
    tile.rgb[2] = NULL
    tile.a = NULL
    tile.on = on
    while done < n:
        tile.n = n - done if n - done < STRETCH else STRETCH
        tile.rgb[0] = y + done
        if x != y:
            memcpy(tile.rgb[0], x + done, <size_t>tile.n * sizeof(float))
        if tile.n % LANES:
            # The end of the picture: whole vectors first, then what is left, padded.
            memset(rest, 0, sizeof(rest))
            memcpy(rest, y + done + tile.n // LANES * LANES, <size_t>(tile.n % LANES) * sizeof(float))
            tile.rgb[0] = rest
            tile.n = LANES
            call.function(&tile, &call.params)
            tile.n = n - done
            memcpy(y + done + tile.n // LANES * LANES, rest, <size_t>(tile.n % LANES) * sizeof(float))
            tile.rgb[0] = y + done
            tile.n = tile.n // LANES * LANES
        if tile.n:
            call.function(&tile, &call.params)
        done += STRETCH


cdef inline void run_interleaved(const Plan *plan, Py_ssize_t start, int n) noexcept nogil:
    """A program of gains, offsets, curves and 1D tables straight on dense interleaved float32 pixels.

    ``start`` and ``n`` count floats and are multiples of PATTERN but for the last stretch.
    The arithmetic is that of the planar steps, so the bytes are too.
    """
    cdef const float *x = <const float *>plan.src.data + start
    cdef float *y = <float *>plan.dst.data + start
    cdef float k[PATTERN]
    cdef float o[PATTERN]
    cdef int on[PATTERN]
    cdef int c, j, s
    for s in range(plan.calls):
        if plan.call[s].direct == 3:
            lut1d_pixels(x, y, n, plan.rgb, &plan.call[s].params)
            x = y
            continue
        for j in range(PATTERN):
            on[j] = 0
            k[j] = <float>1.0
            o[j] = <float>0.0
        for c in range(3):
            if plan.rgb[c] < 0:
                continue
            j = plan.rgb[c]
            while j < PATTERN:
                on[j] = 1
                k[j] = plan.call[s].params.f[c]
                o[j] = plan.call[s].params.f[3 + c]
                j += plan.channels
        if plan.call[s].direct == 4:
            step_on_pixels(&plan.call[s], x, y, n, on)
        elif plan.call[s].direct == 2:
            affine_pattern(x, y, n, k, o, on, True)
        else:
            affine_pattern(x, y, n, k, o, on, False)
        x = y
