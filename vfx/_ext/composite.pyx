"""Compositing: a stack of pictures through one formula, in one pass over memory.

Each tile of the canvas goes through the whole stack while it is in the cache, from the bottom up, and is stored once.

::

    composite.pyx        the door: checks, the stack, threads
    composite_tiles.pxd  where pictures lie on the canvas; tiles
    merge_formulas.pxd   Porter-Duff and Nuke's operations
    blend_formulas.pxd   blend modes, channel by channel
    blend_colours.pxd    blend modes of whole colours
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

cimport vfx._ext.blend_colours as colours
cimport vfx._ext.blend_formulas as blends
cimport vfx._ext.merge_formulas as merges
from vfx._ext.composite_tiles cimport (
    NOTHING, NUMBERS, OPAQUE, Layer, fill, join_alpha, lead_over, pick, repeat_alpha, spread, store_tile,
    tile_of, weaken, weigh,
)
from vfx._ext.merge_formulas cimport Formula
from vfx._ext.pictures cimport Picture, describe, describe_output, load_plane, place
from vfx._ext.pixel_formats cimport longs_plane, pack4, unpack4
from vfx._ext.rgba_vectors cimport lead_over4, over4
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["ALPHA_FORMULAS", "composite"]

#: The merge formulas that read an alpha; every blend mode does.
ALPHA_FORMULAS = frozenset((
    "atop", "conjoint_over", "disjoint_over", "dst_atop", "in", "mask", "matte", "out", "over", "stencil", "under", "xor",
))
_MOST_THREADS = 1024
_PART = 1 << 22                 # bytes of the canvas that a thread takes at once, if there are enough of them

cdef enum:
    BUFFERS = 8                 # of a scratch block: bottom, top, two alphas, two results, weights, the mixed result
    PLANES = 10                 # single channels: a temporary one, the mask, eight for colours

ctypedef struct Stack:
    Layer *layer                # the top first
    int layers
    Picture canvas
    Layer mask                  # layer.picture.data is NULL where there is none
    bint weighs                 # a mask, a mix, or channels that stay
    float mix
    const float *on             # for each channel 1, or 0 where it stays
    float opacity
    Formula formula
    bint blends                 # alpha is a + b - ab
    int mode                    # of blend_colours, or -1
    bint direct                 # over of RGBA pixels
    bint plain                  # and of two float32 pictures where they are, with nothing else to do
    bint copies                 # the picture on top as it is
    bint reads_alpha
    int alpha                   # its channel, or -1
    int rgb[3]
    bint in_order               # channels are R, G, B, A, …
    int channels                # of a tile: the canvas's, and perhaps an alpha that is not kept
    int step                    # pixels of a tile
    Py_ssize_t rows             # of a part
    Py_ssize_t block            # floats of a thread's scratch


cdef inline float *_buffer(const Stack *s, float *scratch, int index) noexcept nogil:
    """One of a thread's tiles."""
    return scratch + index * <Py_ssize_t>s.step * s.channels


cdef inline float *_plane(const Stack *s, float *scratch, int index) noexcept nogil:
    """One of a thread's planes."""
    return _buffer(s, scratch, BUFFERS) + index * <Py_ssize_t>s.step


cdef inline void _take_apart(const Stack *s, const float *pixels, float **rgb, float *alpha, int n) noexcept nogil:
    """A tile's colours and alpha as planes."""
    cdef int c
    if s.channels == 4 and s.in_order:
        unpack4[longs_plane](<longs_plane>pixels, <longs_plane>rgb[0], <longs_plane>rgb[1], <longs_plane>rgb[2],
                             <longs_plane>alpha, n)
        return
    for c in range(3):
        pick(pixels + s.rgb[c], rgb[c], s.channels, n)
    pick(pixels + s.alpha, alpha, s.channels, n)


cdef void _blend_colours(const Stack *s, const float *A, const float *B, float *out, float *scratch,
                         int n) noexcept nogil:
    """The colours of a tile, over what the formula for other channels made of them."""
    cdef colours.ColourPlanes p
    cdef float *alpha = _buffer(s, scratch, 3)
    cdef int c
    for c in range(3):
        p.A[c] = _plane(s, scratch, 2 + c)
        p.B[c] = _plane(s, scratch, 5 + c)
        p.out[c] = _buffer(s, scratch, 2) + c * <Py_ssize_t>s.step  # the alphas that were there are used up
    p.a = _plane(s, scratch, 0)
    p.b = _plane(s, scratch, 1)
    _take_apart(s, A, p.A, p.a, n)
    _take_apart(s, B, p.B, p.b, n)
    colours.blend_colours(&p, n, s.mode)
    if s.channels == 4 and s.in_order:
        pick(out + 3, alpha, 4, n)
        pack4[longs_plane](<longs_plane>out, <longs_plane>p.out[0], <longs_plane>p.out[1], <longs_plane>p.out[2],
                           <longs_plane>alpha, n)
        return
    for c in range(3):
        spread(p.out[c], out + s.rgb[c], s.channels, n)


cdef inline void _join(const Stack *s, const float *A, const float *B, float *out, float *scratch,
                       int n) noexcept nogil:
    """One picture on what lies below it."""
    cdef float *a = _buffer(s, scratch, 2)
    cdef float *b = _buffer(s, scratch, 3)
    if s.direct:
        over4(A, B, out, n)
        return
    if s.reads_alpha:
        repeat_alpha(A, a, s.alpha, s.channels, n)
        repeat_alpha(B, b, s.alpha, s.channels, n)
    s.formula(A, a, B, b, out, n * s.channels)
    if s.blends:
        join_alpha(A, B, out, s.alpha, s.channels, n)
    if s.mode >= 0:
        _blend_colours(s, A, B, out, scratch, n)


cdef inline void _weigh_in(const Stack *s, Py_ssize_t y, Py_ssize_t x, int n, const float *before, const float *after,
                           float *out, float *scratch) noexcept nogil:
    """A tile from ``before`` to ``after``, as far as the mask, the mix and the channels say."""
    cdef float *mask = _plane(s, scratch, 1)
    cdef float *weights = _buffer(s, scratch, 6)
    cdef Py_ssize_t first = max(x, s.mask.x), last = min(x + n, s.mask.x + s.mask.picture.width)
    if s.mask.picture.data == NULL:
        fill(mask, 1, <float>1.0, n)
    else:
        fill(mask, 1, <float>0.0, n)
        if 0 <= y - s.mask.y < s.mask.picture.height and first < last:
            load_plane(&s.mask.picture, y - s.mask.y, first - s.mask.x, 0, mask + (first - x), last - first)
    if s.channels == 4:
        lead_over4(before, after, mask, s.on, s.mix, out, n)
    else:
        weigh(mask, s.on, weights, s.mix, s.channels, n)
        lead_over(before, after, weights, out, n * s.channels)


cdef void _run_tile(const Stack *s, Py_ssize_t y, Py_ssize_t x, int n, float *scratch) noexcept nogil:
    """A stretch of the canvas, from its pictures to its memory."""
    cdef bint in_place = s.canvas.floats and s.channels == s.canvas.channels
    cdef float *values = _plane(s, scratch, 0)
    cdef float *memory = <float *>place(&s.canvas, y, x) if in_place else _buffer(s, scratch, 7)
    cdef const float *bottom = tile_of(&s.layer[s.layers - 1], y, x, n, s.channels, _buffer(s, scratch, 0), values)
    cdef const float *top
    cdef const float *below = bottom
    cdef float *out
    cdef int k
    for k in range(s.layers - 2, -1, -1):
        top = tile_of(&s.layer[k], y, x, n, s.channels, _buffer(s, scratch, 1), values)
        if s.opacity != <float>1.0:
            weaken(top, _buffer(s, scratch, 6), s.opacity, n * s.channels)
            top = _buffer(s, scratch, 6)
        if s.copies and (k or s.weighs):
            below = top
            continue
        out = memory if k == 0 and not s.weighs else _buffer(s, scratch, 4 + (k & 1))
        _join(s, top, below, out, scratch, n)
        below = out
    if s.weighs:
        _weigh_in(s, y, x, n, bottom, below, memory, scratch)
    elif s.layers == 1:
        memcpy(memory, bottom, <size_t>n * s.channels * sizeof(float))
    if not in_place:
        store_tile(&s.canvas, y, x, n, s.channels, memory, values)


cdef inline void _run_part(const Stack *s, Py_ssize_t i, int thread, float *scratch, Watch *watch) noexcept nogil:
    """Some rows of the canvas, unless the run was stopped."""
    cdef Py_ssize_t y, x, k, width = s.canvas.width
    for y in range(i * s.rows, min((i + 1) * s.rows, s.canvas.height)):
        if look(watch, thread, width * s.channels * s.layers):
            return
        if s.plain:
            over4(<const float *>place(&s.layer[0].picture, y, 0), <const float *>place(&s.layer[1].picture, y, 0),
                  <float *>place(&s.canvas, y, 0), <int>width)
            continue
        for k in range((width + s.step - 1) // s.step):
            x = k * s.step
            _run_tile(s, y, x, <int>min(<Py_ssize_t>s.step, width - x), scratch + thread * s.block)


cdef void _run_parts(const Stack *s, int threads, float *scratch, Watch *watch) noexcept nogil:
    """The whole canvas, over ``threads`` threads."""
    cdef Py_ssize_t i, parts = (s.canvas.height + s.rows - 1) // s.rows
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _run_part(s, i, 0, scratch, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic"):
        _run_part(s, i, threadid(), scratch, watch)


cdef int _formula(Stack *s, str kind, str name) except -1:
    """Finds the formula and what it needs."""
    s.mode = colours.find(name) if kind == "blend" else -1
    s.blends = kind == "blend"
    if s.blends:
        s.formula = blends.find("normal" if s.mode >= 0 else name)
    else:
        s.formula = merges.find(name)
    if s.formula == NULL:
        raise ValueError(f"no formula {kind} {name}")
    s.reads_alpha = s.blends or name in ALPHA_FORMULAS
    s.in_order = s.rgb[0] == 0 and s.rgb[1] == 1 and s.rgb[2] == 2 and s.alpha == 3
    s.copies = not s.blends and name == "copy"
    s.direct = not s.blends and name == "over" and s.channels == 4 and s.alpha == 3
    if s.reads_alpha and not 0 <= s.alpha < s.channels:
        raise ValueError(f"{name} needs an alpha among {s.channels} channels, got {s.alpha}")
    if s.mode >= 0 and (len({s.rgb[0], s.rgb[1], s.rgb[2], s.alpha}) != 4 or min(s.rgb[0], s.rgb[1], s.rgb[2]) < 0
                        or max(s.rgb[0], s.rgb[1], s.rgb[2]) >= s.channels):
        raise ValueError(f"{name} needs three channels below {s.channels} beside alpha")
    return 0


cdef int _layer(Layer *layer, object picture, object origin, const int *channel, int channels) except -1:
    """Fills in a picture, where it lies and what its channels are."""
    cdef int c
    describe(picture, "a picture", &layer.picture)
    layer.x, layer.y = origin
    layer.channel = channel
    layer.straight = layer.picture.channels == channels
    for c in range(channels):
        if not OPAQUE <= channel[c] < layer.picture.channels:
            raise ValueError(f"channels must be below {layer.picture.channels}, got {channel[c]}")
        layer.straight = layer.straight and channel[c] == c
    layer.lacks_alpha = (channels == 4 and layer.picture.channels == 3 and channel[3] == OPAQUE and channel[0] == 0
                         and channel[1] == 1 and channel[2] == 2)
    return 0


cdef int _stack(Stack *s, object pictures, object origins, object maps, object target) except -1:
    """Fills in the pictures and the canvas."""
    cdef int k
    cdef uintptr_t at = maps.__array_interface__["data"][0]
    if maps.dtype != np.int32 or maps.ndim != 2 or not maps.flags.c_contiguous or maps.shape[0] != len(pictures):
        raise ValueError(f"maps must be int32, a row for each of {len(pictures)} pictures")
    describe_output(target, "target", &s.canvas)
    s.channels = maps.shape[1]
    if not s.canvas.channels <= s.channels <= s.canvas.channels + 1 or len(origins) != len(pictures):
        raise ValueError(f"{s.channels} channels for a target of {s.canvas.channels}, {len(origins)} origins")
    s.layers = <int>len(pictures)
    s.layer = <Layer *>calloc(s.layers, sizeof(Layer))
    if s.layer == NULL:
        raise MemoryError("no memory for the pictures' table")
    for k in range(s.layers):
        if np.may_share_memory(pictures[k], target):
            raise ValueError("the target must have memory of its own")
        _layer(&s.layer[k], pictures[k], origins[k], <const int *>at + k * s.channels, s.channels)
    return 0


cdef bint _covers(const Stack *s, const Layer *layer) noexcept:
    """Whether a picture is float32 in memory as the canvas is, and as large."""
    return (layer.straight and layer.picture.floats and layer.x == 0 and layer.y == 0
            and layer.picture.width == s.canvas.width and layer.picture.height == s.canvas.height)


cdef int _execute(Stack *s, int threads) except -1:
    """Runs the stack; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory
    cdef float *scratch
    watch.stop = False
    watch.work = 0
    s.plain = (s.direct and s.layers == 2 and not s.weighs and s.opacity == <float>1.0 and s.canvas.floats
               and s.canvas.channels == 4 and s.canvas.width < 1 << 24 and _covers(s, &s.layer[0]) and _covers(s, &s.layer[1]))
    s.step = max(1, NUMBERS // s.channels)
    s.step = <int>min(<Py_ssize_t>s.step, s.canvas.width)
    s.rows = max(1, 8 * NUMBERS // (s.canvas.width * s.channels))
    # New memory comes in pages of 2 MiB, which one thread should fill.
    s.rows = max(s.rows, min(_PART // (s.canvas.width * s.canvas.channels * s.canvas.item), s.canvas.height // (4 * threads)))
    s.block = (BUFFERS * s.channels + PLANES) * <Py_ssize_t>s.step + 16 & ~<Py_ssize_t>15
    memory = <char *>malloc(<size_t>threads * s.block * sizeof(float) + 64)
    if memory == NULL:
        raise MemoryError("no memory for the tiles")
    scratch = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    with nogil:
        _run_parts(s, threads, scratch, &watch)
    free(memory)
    return -1 if watch.stop else 0


def composite(pictures, origins, maps, target, formula, *, alpha, rgb, on, mask, mask_origin, mix, opacity, int threads):
    """Nothing; ``target`` then holds the pictures, one on the other.

    Parameters
    ----------
    pictures : list of numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The top first.
    origins : list of (int, int)
        The x and y of each picture's first pixel on the target.
    maps : numpy.ndarray of int32, (pictures, channels)
        For each channel of the target which of the picture's it is; -1: none (0), -2: opaque (1 inside the picture). One
        channel more than the target has is an alpha that is worked with and not kept.
    target : numpy.ndarray, (H, W, C), any strides
        Memory of its own.
    formula : (str, str)
        ``"merge"`` or ``"blend"``, and a name that the formulas' ``find`` knows.
    alpha : int
        Which channel is alpha, or -1.
    rgb : (int, int, int)
        Which are red, green and blue, for the modes that look at colours.
    on : numpy.ndarray of float32, (channels,)
        1, or 0 where the bottom's channel stays as it is.
    mask : numpy.ndarray, (H, W, 1), or None
        How much of the result counts; 0 outside it.
    mask_origin : (int, int)
        Where it lies.
    mix, opacity : float
        How much of the result counts; what all but the bottom are multiplied by first.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes, channels or a formula that do not fit, or a target that is read-only or shares memory.
    """
    cdef Stack s
    cdef uintptr_t at = on.__array_interface__["data"][0]
    if not 1 <= threads <= _MOST_THREADS or not pictures:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS}, got {threads}, and pictures at least one")
    s.layer = NULL
    try:
        _stack(&s, pictures, origins, maps, target)
        if on.dtype != np.float32 or on.shape != (s.channels,) or not on.flags.c_contiguous:
            raise ValueError(f"on must be {s.channels} float32")
        s.on = <const float *>at
        s.alpha = alpha
        s.rgb = rgb
        s.mix = mix
        s.opacity = opacity
        _formula(&s, formula[0], formula[1])
        s.mask.picture.data = NULL
        if mask is not None:
            describe(mask, "mask", &s.mask.picture)
            s.mask.x, s.mask.y = mask_origin
        s.weighs = mask is not None or mix != 1.0 or not on.all()
        _execute(&s, threads)
    finally:
        free(s.layer)
