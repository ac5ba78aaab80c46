"""Deep pictures: pixels sorted, made tidy, flattened, held out. ``deep_pixels`` does one pixel, here are all of them.

Samples come as one flat array of bytes per channel, with its type (0 uint, 1 half, 2 float) and its alpha's place among
the channels; ``offsets`` says where each pixel's begin. Results whose size depends on the samples take two calls: one
for the counts, one for the samples.
"""

from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free

from vfx._ext.deep_holdout cimport Held, see
from vfx._ext.deep_pixels cimport (
    Deep, Pieces, drop_room, have_room, place_samples, put, sample, sort_samples, tidy_count, tidy_pixel)
from vfx._ext.exr_rows cimport FLOAT, HALF, UINT, sample_size
from vfx._ext.watch cimport Watch, watch

# Pixels that a thread takes at a time.
cdef enum:
    BLOCK = 1024

# What becomes of the depth channels of a flattened picture.
cdef enum Depth:
    BLEND = 0
    FRONT = 1
    OPAQUE = 2

cdef enum Work:
    STATE = 0
    ORDER = 1
    COUNT = 2
    TIDY = 3
    FLATTEN = 4
    LIMIT = 5
    SEEN_COUNT = 6
    SEEN = 7

# The depth of pixels without samples: OpenImageIO's.
cdef double FAR = 1e30

ctypedef struct Job:
    Deep deep
    Held held               # SEEN, TIDY
    int work
    int64_t pixels
    int alpha               # the main alpha, or -1
    const int32_t *turns    # channels that alphas weigh before the alphas
    uint8_t *out            # FLATTEN: (pixels, columns)
    int out_kind
    int columns
    const int32_t *column_of
    int depth
    const int64_t *out_offsets
    uint32_t *counts
    int64_t *order
    double *limits
    int messy               # STATE: some pixel is out of order, some overlap
    int overlapping


cdef class Samples:
    """Samples(offsets, samples, kinds, alpha_of, z, z_back): the channels of a deep picture, checked.

    ``offsets`` is (pixels + 1,) int64 and rises from 0, ``samples`` are arrays of bytes, ``alpha_of`` the place of each
    channel's alpha or -1, ``z`` and ``z_back`` the places of the depths or -1.
    """

    cdef Deep deep
    cdef const int64_t[::1] offsets
    cdef const int32_t[::1] kinds
    cdef const int32_t[::1] alphas
    cdef tuple kept
    cdef bytearray pointers

    def __cinit__(self, offsets: object, samples: tuple, kinds: object, alpha_of: object, z: int, z_back: int):
        cdef const uint8_t[::1] bytes_of
        cdef int64_t falls = 0
        cdef Py_ssize_t i
        self.offsets, self.kinds, self.alphas, self.kept = offsets, kinds, alpha_of, samples
        count = len(samples)
        if count == 0 or self.kinds.shape[0] != count or self.alphas.shape[0] != count \
                or not -1 <= z < count or not -1 <= z_back < count or (z_back >= 0 and z < 0):
            raise ValueError("the channels given do not fit each other")
        if self.offsets.shape[0] < 1 or self.offsets[0] != 0:
            raise ValueError("the offsets do not begin with 0")
        for i in range(self.offsets.shape[0] - 1):
            falls |= self.offsets[i + 1] - self.offsets[i]
        if falls < 0:
            raise ValueError("the offsets fall")
        self.pointers = bytearray(count * sizeof(void *))
        for i in range(count):
            bytes_of = samples[i]
            if not UINT <= self.kinds[i] <= FLOAT or not -1 <= self.alphas[i] < count \
                    or bytes_of.shape[0] != self.offsets[self.offsets.shape[0] - 1] * sample_size(self.kinds[i]):
                raise ValueError("a channel does not fit the offsets")
            (<const uint8_t **> <char *> self.pointers)[i] = &bytes_of[0] if bytes_of.shape[0] else NULL
        self.deep.channels = count
        self.deep.data = <const uint8_t **> <char *> self.pointers
        self.deep.kinds, self.deep.alpha_of, self.deep.offsets = &self.kinds[0], &self.alphas[0], &self.offsets[0]
        self.deep.z, self.deep.z_back = z, z_back

    @property
    def pixels(self) -> int:
        """How many pixels there are."""
        return self.offsets.shape[0] - 1


cdef inline void composite(const Job *job, const Pieces *p, int64_t first, double *sums) noexcept nogil:
    """Front-to-back "over" of a tidy pixel ("Flattening an Image"): its pieces, or its own samples from ``first`` on."""
    cdef const Deep *d = &job.deep
    cdef int64_t i
    cdef int k, c, a
    cdef double near = FAR, far = FAR, clear
    cdef bint unfinished, placed = False
    for c in range(d.channels):
        sums[c] = 0
    for i in range(p.count):
        unfinished = False
        for k in range(d.channels):
            c = job.turns[k]
            a = d.alpha_of[c]
            clear = 1 - sums[a] if a >= 0 else (1.0 if i == 0 else 0.0)
            if clear > 0:
                # A depth is no light: it stays between the depths of the samples.
                if a >= 0 and (c == d.z or c == d.z_back):
                    sums[c] *= sums[a]
                sums[c] += clear * (sample(d, c, first + i) if first >= 0 else p.values[i * d.channels + c])
                unfinished = unfinished or (a == c and sums[c] < 1)
        a = job.alpha
        if d.z >= 0 and not placed and (a < 0 or (sums[a] >= 1 if job.depth == OPAQUE else sums[a] > 0)):
            placed = True
            near = p.near[i] if first >= 0 else p.front[i]
            far = p.far[i] if first >= 0 else p.back[i]
        if not unfinished:
            break
    if d.z >= 0 and (p.count == 0 or job.depth != BLEND):
        sums[d.z] = near
        if d.z_back >= 0:
            sums[d.z_back] = far


cdef inline int flatten_pixel(const Job *job, int64_t pixel, Pieces *p, double *sums) noexcept nogil:
    """One pixel of the picture; -1 when there is no memory for it. A pixel in order needs no pieces."""
    cdef const Deep *d = &job.deep
    cdef int64_t first = d.offsets[pixel], n = d.offsets[pixel + 1] - first
    cdef int c, size = sample_size(job.out_kind)
    if not have_room(p, n, d.channels):
        return -1
    p.count = n
    watch(p.watch, p.thread, n * d.channels + 8)
    if d.z >= 0 and not place_samples(d, first, n, p, True):
        if not tidy_pixel(d, pixel, p, True):
            return -1
        first = -1
    composite(job, p, first, sums)
    for c in range(d.channels):
        if job.column_of[c] >= 0:
            put(job.out + (pixel * job.columns + job.column_of[c]) * size, job.out_kind, 0, sums[c])
    return 0


cdef inline int do_pixel(Job *job, int64_t pixel, Pieces *p, Pieces *q, double *sums) noexcept nogil:
    """The work on one pixel; -1 when there is no memory for it."""
    cdef const Deep *d = &job.deep
    cdef int64_t first = d.offsets[pixel], n = d.offsets[pixel + 1] - first, i
    cdef int c
    if job.work in (STATE, ORDER, LIMIT):
        return look_at_pixel(job, pixel, p)
    if job.work == COUNT:
        i = tidy_count(d, pixel, p)
        job.counts[pixel] = <uint32_t> i
        return -1 if i < 0 else 0
    if job.work == FLATTEN:
        return flatten_pixel(job, pixel, p, sums)
    if not tidy_pixel(d, pixel, p, False):
        return -1
    if job.work == TIDY:
        # A file may have changed meanwhile, memory too: never more than there is room for.
        if p.count == job.out_offsets[pixel + 1] - job.out_offsets[pixel]:
            for i in range(p.count):
                for c in range(d.channels):
                    put(job.held.outs[c], d.kinds[c], job.out_offsets[pixel] + i, p.values[i * d.channels + c])
    else:
        if not tidy_pixel(&job.held.matte, pixel, q, False):
            return -1
        i = see(&job.held, p, q, -1, sums)
        if job.work == SEEN_COUNT:
            job.counts[pixel] = <uint32_t> i
        elif i == job.out_offsets[pixel + 1] - job.out_offsets[pixel]:
            see(&job.held, p, q, job.out_offsets[pixel], sums)
    return 0


cdef inline int look_at_pixel(Job *job, int64_t pixel, Pieces *p) noexcept nogil:
    """The works that only look at depths."""
    cdef const Deep *d = &job.deep
    cdef int64_t first = d.offsets[pixel], n = d.offsets[pixel + 1] - first, i
    cdef double end
    if not have_room(p, n, d.channels):
        return -1
    if job.work == LIMIT:
        end = INFINITY
        for i in range(n):
            if sample(d, job.alpha, first + i) >= 1:
                end = min(end, sample(d, d.z, first + i))
        job.limits[pixel] = end
        return 0
    if place_samples(d, first, n, p, False):
        if job.work == ORDER:
            for i in range(n):
                job.order[first + i] = first + i
        return 0
    sort_samples(p, n)
    for i in range(n):
        if job.work == ORDER:
            job.order[first + i] = first + p.order[i]
        elif p.order[i] != i:
            job.messy = 1
        if i and (p.near[p.order[i]] < p.far[p.order[i - 1]] or (
                p.near[p.order[i]] == p.near[p.order[i - 1]] and not p.far[p.order[i]] > p.far[p.order[i - 1]])):
            job.overlapping = 1
    return 0


cdef int do_block(Job *job, int64_t block, Pieces *p, double *sums) noexcept nogil:
    """A stretch of pixels."""
    cdef int64_t pixel
    for pixel in range(block * BLOCK, min((block + 1) * BLOCK, job.pixels)):
        if p.watch.stop:
            return 0
        if do_pixel(job, pixel, p, p + 1, sums) != 0:
            return -1
    return 0


cdef int run(Job *job, Samples samples, int threads) except -1:
    """The job on all pixels, in parallel."""
    cdef int64_t block, blocks
    cdef int c, width, failed = 0
    cdef Watch w
    cdef Pieces *pieces
    cdef double *sums
    threads = max(1, threads)
    job.deep, job.pixels = samples.deep, samples.pixels
    job.held.own = samples.deep
    blocks = (job.pixels + BLOCK - 1) // BLOCK
    width = 2 * job.deep.channels
    w.stop, w.work = False, 0
    pieces = <Pieces *> calloc(2 * threads, sizeof(Pieces))
    sums = <double *> calloc(<size_t> threads * width, sizeof(double))
    if pieces == NULL or sums == NULL:
        free(pieces)
        free(sums)
        raise MemoryError("no memory for deep pixels")
    for c in range(2 * threads):
        pieces[c].watch, pieces[c].thread = &w, c // 2
    with nogil:
        if threads == 1:  # without OpenMP: also safe in a forked child
            for block in range(blocks):
                failed |= do_block(job, block, pieces, sums)
        else:
            for block in prange(blocks, num_threads=threads, schedule="dynamic", chunksize=4):
                failed |= do_block(job, block, pieces + 2 * threadid(), sums + threadid() * width)
        for c in range(2 * threads):
            drop_room(pieces + c)
    free(pieces)
    free(sums)
    if w.stop:
        return -1
    if failed:
        raise MemoryError("no memory for the samples of a deep pixel")
    return 0


cdef int need_depth(Samples samples) except -1:
    """Raise where there is no depth to go by."""
    if samples.deep.z < 0:
        raise ValueError("there is no depth")
    return 0


def state(samples: Samples, threads: int) -> tuple[bool, bool]:
    """Whether every pixel is sorted, and whether none has overlapping samples."""
    cdef Job job
    need_depth(samples)
    job.work, job.messy, job.overlapping = STATE, 0, 0
    run(&job, samples, threads)
    return not job.messy, not job.overlapping


def sort_order(samples: Samples, out: object, threads: int) -> None:
    """Fill ``out``, int64, with the place of the sample that comes first, second … in each pixel."""
    cdef Job job
    cdef int64_t[::1] to = out
    need_depth(samples)
    if to.shape[0] != samples.offsets[samples.pixels]:
        raise ValueError("the output does not fit the samples")
    if to.shape[0]:
        job.work, job.order = ORDER, &to[0]
        run(&job, samples, threads)


def opaque_depths(samples: Samples, alpha: int, out: object, threads: int) -> None:
    """Fill ``out``, float64, with the depth of each pixel's first opaque sample; infinity without one."""
    cdef Job job
    cdef double[::1] to = out
    need_depth(samples)
    if to.shape[0] != samples.pixels or not 0 <= alpha < samples.deep.channels:
        raise ValueError("the output or the alpha does not fit the samples")
    job.work, job.alpha, job.limits = LIMIT, alpha, &to[0]
    run(&job, samples, threads)


def tidy_counts(samples: Samples, out: object, threads: int) -> None:
    """Fill ``out``, uint32, with how many samples each pixel will have once it is tidy."""
    cdef Job job
    cdef uint32_t[::1] to = out
    need_depth(samples)
    if to.shape[0] != samples.pixels:
        raise ValueError("the output does not fit the samples")
    job.work, job.counts = COUNT, &to[0]
    run(&job, samples, threads)


def tidy(samples: Samples, offsets: object, outs: tuple, threads: int) -> None:
    """Fill ``outs``, the bytes of one flat array per channel, with the samples of tidy pixels at ``offsets``."""
    cdef Job job
    need_depth(samples)
    job.work = TIDY
    point_at(&job, samples, offsets, outs, threads)


cdef int point_at(Job *job, Samples samples, object offsets, tuple outs, int threads) except -1:
    """The job with its outputs checked and pointed at."""
    cdef const int64_t[::1] places = offsets
    cdef uint8_t[::1] to
    cdef int64_t falls = 0
    cdef Py_ssize_t i, count = len(outs)
    if places.shape[0] != samples.pixels + 1 or places[0] != 0 or count != samples.deep.channels:
        raise ValueError("the outputs do not fit the samples")
    for i in range(samples.pixels):
        falls |= places[i + 1] - places[i]
    pointers = bytearray(count * sizeof(void *))
    for i in range(count):
        to = outs[i]
        if falls < 0 or to.shape[0] != places[samples.pixels] * sample_size(samples.kinds[i]):
            raise ValueError("an output does not fit its offsets")
        (<uint8_t **> <char *> pointers)[i] = &to[0] if to.shape[0] else NULL
    job.out_offsets, job.held.outs = &places[0], <uint8_t **> <char *> pointers
    return run(job, samples, threads)


def flatten(samples: Samples, out: object, out_kind: int, column_of: object, alpha: int, depth: int,
            threads: int) -> None:
    """Fill ``out``, the bytes of (pixels, columns) half (1) or float (2), with the composited channels.

    ``column_of`` is each channel's place or -1, ``alpha`` the main alpha's or -1; ``depth`` 0 blends depths like
    colours, 1 takes those of the first sample that is not clear, 2 those where the pixel becomes opaque.
    """
    cdef Job job
    cdef uint8_t[:, ::1] to = out
    cdef const int32_t[::1] columns = column_of
    if out_kind not in (HALF, FLOAT) or columns.shape[0] != samples.deep.channels \
            or not -1 <= alpha < samples.deep.channels or depth not in (BLEND, FRONT, OPAQUE):
        raise ValueError("the request does not fit the samples")
    job.columns = to.shape[1] // sample_size(out_kind)
    if to.shape[0] != samples.pixels or to.shape[1] != job.columns * sample_size(out_kind) \
            or any(not -1 <= column < job.columns for column in columns):
        raise ValueError("the output does not fit the request")
    job.work, job.out, job.out_kind, job.alpha, job.depth = FLATTEN, &to[0, 0], out_kind, alpha, depth
    job.column_of = &columns[0]
    places = range(samples.deep.channels)
    turns = [c for c in places if samples.alphas[c] != c] + [c for c in places if samples.alphas[c] == c]
    packed = bytearray(b"".join(c.to_bytes(4, "little") for c in turns))
    job.turns = <const int32_t *> <char *> packed
    run(&job, samples, threads)


def seen_counts(samples: Samples, matte: Samples, out: object, threads: int) -> None:
    """Fill ``out``, uint32, with how many samples each pixel will have once ``matte`` holds it out."""
    cdef Job job
    cdef uint32_t[::1] to = out
    need_depth(samples)
    need_depth(matte)
    if to.shape[0] != samples.pixels or matte.pixels != samples.pixels:
        raise ValueError("the output or the matte does not fit the samples")
    job.work, job.counts, job.held.matte, job.held.matte_alpha = SEEN_COUNT, &to[0], matte.deep, 0
    run(&job, samples, threads)


def seen(samples: Samples, matte: Samples, matte_alpha: int, offsets: object, outs: tuple, threads: int) -> None:
    """Fill ``outs``, the bytes of one flat array per channel, with what is seen of the samples through ``matte``."""
    cdef Job job
    need_depth(samples)
    need_depth(matte)
    if matte.pixels != samples.pixels or not 0 <= matte_alpha < matte.deep.channels:
        raise ValueError("the matte does not fit the samples")
    job.work, job.held.matte, job.held.matte_alpha = SEEN, matte.deep, matte_alpha
    point_at(&job, samples, offsets, outs, threads)
