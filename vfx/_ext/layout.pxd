"""How a picture lies in memory: whether it is dense, which way its axes run, which order suits it.

Nothing here changes what a step computes; it finds the plan that walks memory best.
"""

from libc.stdint cimport uintptr_t

from vfx._ext.executor cimport PATTERN, Pixels, Plan
from vfx._ext.pixel_formats cimport F32


cdef inline bint dense_floats(const Plan *plan) noexcept:
    """Whether both pictures are one run of interleaved float32 that the pattern fits."""
    cdef Py_ssize_t pixel = 4 * plan.channels
    return (PATTERN % plan.channels == 0 and plan.width == plan.pixels
            and plan.src.format == F32 and plan.dst.format == F32
            and plan.src.channel == 4 and plan.dst.channel == 4
            and plan.src.column == pixel and plan.dst.column == pixel
            and <uintptr_t>plan.src.data % 4 == 0 and <uintptr_t>plan.dst.data % 4 == 0)


cdef inline bint all_colour(const Plan *plan) noexcept:
    """Whether pixels are red, green and blue and nothing else."""
    return plan.channels == 3 and min(plan.rgb[0], plan.rgb[1], plan.rgb[2]) >= 0


cdef inline bint colour_first(const Plan *plan) noexcept:
    """Whether pixels are red, green and blue in any order, then one more channel."""
    return (plan.channels == 4 and min(plan.rgb[0], plan.rgb[1], plan.rgb[2]) >= 0
            and max(plan.rgb[0], plan.rgb[1], plan.rgb[2]) == 2)


cdef inline void pack(const Plan *plan, Pixels *p) noexcept:
    """Finds out whether pixels are aligned and dense R, G, B (and A), and in which order they lie."""
    cdef int c, index, last = plan.channels - 1
    p.packed = 0
    if plan.channels not in (3, 4) or min(plan.rgb[0], plan.rgb[1], plan.rgb[2]) < 0:
        return
    if (plan.channels == 4) != (plan.alpha >= 0) or abs(p.channel) != p.item:
        return
    if p.column != p.item * plan.channels or p.row % p.item != 0 or <uintptr_t>p.data % p.item != 0:
        return
    for c in range(plan.channels):
        index = plan.alpha if c == 3 else plan.rgb[c]
        p.plane[index if p.channel > 0 else last - index] = c
    p.first = 0 if p.channel > 0 else p.channel * last
    p.packed = plan.channels


cdef inline bint copies_pixels(const Plan *plan) noexcept:
    """Whether channels that no step touches are best copied along with the others, pixel by pixel."""
    cdef const Pixels *s = &plan.src
    cdef const Pixels *d = &plan.dst
    return (s.format == d.format and plan.channels > 3 and not d.packed and s.channel == s.item and d.channel == s.item
            and s.column == s.item * plan.channels and d.column == s.column)


cdef inline void forwards(Pixels *s, Pixels *d, Py_ssize_t height, Py_ssize_t width) noexcept:
    """Turns the axes round on which both pictures run backwards: each pixel stands alone, so any order will do."""
    if s.row < 0 and d.row < 0:
        s.data += (height - 1) * s.row
        d.data += (height - 1) * d.row
        s.row, d.row = -s.row, -d.row
    if s.column < 0 and d.column < 0:
        s.data += (width - 1) * s.column
        d.data += (width - 1) * d.column
        s.column, d.column = -s.column, -d.column


cdef inline void lay_out(Plan *plan, Py_ssize_t height, Py_ssize_t width) noexcept:
    """Chooses the order of pixels: the fastest axis inside, rows joined where memory allows."""
    cdef Pixels *s = &plan.src
    cdef Pixels *d = &plan.dst
    cdef bint copies = plan.rgb[0] < 0 and plan.rgb[1] < 0 and plan.rgb[2] < 0 and not plan.writes_alpha
    forwards(s, d, height, width)
    if width > 1 and height > 1 and abs(s.column) > abs(s.row) and abs(d.column) > abs(d.row):
        s.row, s.column = s.column, s.row
        d.row, d.column = d.column, d.row
        height, width = width, height
    if width == 1 or height == 1:
        # One line of pixels, whichever way it runs.
        if width == 1:
            s.column, d.column = s.row, d.row
        width *= height
        height = 1
    if copies and s.channel == s.item and d.channel == d.item \
            and s.column == s.item * plan.channels and d.column == d.item * plan.channels:
        width *= plan.channels
        s.column, d.column = s.item, d.item
        plan.channels = 1
        plan.alpha = -1
    if height > 1 and s.row == s.column * width and d.row == d.column * width:
        width *= height
        height = 1
    plan.width = width
    plan.pixels = width * height
    pack(plan, s)
    pack(plan, d)
    plan.others = 0 if plan.in_place else (2 if copies_pixels(plan) else 1)
