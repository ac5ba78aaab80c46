"""The pixel engine: programs of kernel steps that run over pictures of any format and layout.

``Program`` is a chain of the steps that ``kernels.KERNELS`` describes. One ``run`` is one
pass over memory: each tile of pixels is loaded as float32 planes, goes through all steps
while it is in the cache, and is stored. The result is the same
bytes for any number of threads, any tile size and any memory layout.

::

    engine.pyx        the door: checks, tables, threads
    layout.pxd        how a picture lies in memory
    executor.pxd      tiles of a picture
    pixel_formats.pxd elements <-> planes <-> float32
    kernels.py        what each step takes; arguments.py checks it and lays tables out
    steps_*.pxd       the formulas, over a planar tile
    simd_math.pxd     log2, exp2, pow
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free, malloc

from vfx._ext.executor cimport PATTERN, PLANES, Call, Pixels, Plan, run_interleaved, run_tile
from vfx._ext.layout cimport all_colour, colour_first, dense_floats, lay_out
from vfx._ext.pixel_formats cimport F16, F32, U8, U16
from vfx._ext.tile cimport GROUP, LANES, MAX_PARAMS, Step
from vfx._ext.watch cimport Watch, watch as look
cimport vfx._ext.steps_clf as lists
cimport vfx._ext.steps_colour as colour
cimport vfx._ext.steps_curves as curves
cimport vfx._ext.steps_gamut as gamut
cimport vfx._ext.steps_grade as grade
cimport vfx._ext.steps_lut as tables
cimport vfx._ext.steps_lut1d as tables_1d
cimport vfx._ext.steps_lut_inverse as inverse_tables
cimport vfx._ext.steps_spline as spline

import numpy as np

from vfx._ext.arguments import domain_of as _domain_of, numbers_for as _numbers_for, table_for as _table_for
from vfx._ext.kernels import KERNELS as _KERNELS

__all__ = ["Program"]

_FORMATS = {"|u1": U8, "<u2": U16, "<f2": F16, "<f4": F32}
_TILE = 1024                    # pixels; 16 KiB of planes
_LARGEST_TILE = 1 << 16
_MOST_THREADS = 1024
# Three tables of this size just fit the caches; larger ones are quicker one channel after the other
# (3840x2160, one thread, direct / planes: 8192 entries 15.0 / 15.1 ms, 65536 entries 23.0 / 16.5).
_LARGEST_DIRECT_TABLE = 8192

ctypedef struct Job:
    Py_ssize_t total            # pixels, or floats of an interleaved run
    Py_ssize_t step
    bint interleaved
    float *scratch


cdef Step _function(str name) except NULL:
    """The step of a kernel name in ``KERNELS``."""
    cdef Step found = colour.find(name)
    if found == NULL:
        found = curves.find(name)
    if found == NULL:
        found = gamut.find(name)
    if found == NULL:
        found = grade.find(name)
    if found == NULL:
        found = spline.find(name)
    if found == NULL:
        found = tables.find(name)
    if found == NULL:
        found = tables_1d.find(name)
    if found == NULL:
        found = inverse_tables.find(name)
    if found == NULL:
        found = lists.find(name)
    if found == NULL:
        raise ValueError(f"{name} is listed as a kernel, but no steps_*.pxd has it")
    return found


cdef int _pixels(object array, str role, Pixels *out) except -1:
    """Fills in address, strides and format of an (H, W, C) array."""
    if not isinstance(array, np.ndarray) or array.ndim != 3:
        raise ValueError(f"{role} must be an (H, W, C) array, got {getattr(array, 'shape', type(array).__name__)}")
    code = _FORMATS.get(array.dtype.str)
    if code is None:
        raise ValueError(f"{role} must be uint8, uint16, float16 or float32, got {array.dtype}")
    out.format = code
    out.item = array.dtype.itemsize
    out.data = <char *><uintptr_t>array.__array_interface__["data"][0]
    out.row, out.column, out.channel = array.strides
    out.packed = 0
    return 0


cdef inline void _run_part(const Plan *plan, Job job, Py_ssize_t i, int thread, Watch *watch) noexcept nogil:
    """Tile ``i``, or stretch ``i`` of an interleaved run, unless the run was stopped."""
    cdef Py_ssize_t first = i * job.step
    cdef int n = <int>(job.total - first if job.total - first < job.step else job.step)
    if look(watch, thread, n * (plan.calls + <Py_ssize_t>1)):
        return
    if job.interleaved:
        run_interleaved(plan, first, n)
    else:
        run_tile(plan, first, n, job.scratch + <Py_ssize_t>thread * plan.planes * plan.tile)


cdef void _run_parts(const Plan *plan, Job job, int threads, Watch *watch) noexcept nogil:
    """All tiles, over ``threads`` threads."""
    cdef Py_ssize_t i, parts = (job.total + job.step - 1) // job.step
    cdef int chunk = 1 if job.interleaved else 8
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _run_part(plan, job, i, 0, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=chunk):
        _run_part(plan, job, i, threadid(), watch)


cdef class Program:
    """A chain of kernel steps, ready to run.

    Parameters
    ----------
    steps : sequence of (str, tuple of float, numpy.ndarray or None)
        Kernel name, its parameters (see ``KERNELS``), and its table where it has one:
        (N, 3) for ``lut1d``, (N, N, N, 3) or (N, N, N, 4) indexed [r, g, b] for ``lut3d``, see ``Kernel``.
        An aligned float32 (N, N, N, 4) table is used where it is; it must not change.

    Raises
    ------
    ValueError
        For an unknown kernel, a wrong number of parameters, or a wrong table.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.full((1, 1, 3), 0.25, np.float32)
    >>> Program([("gain", (2.0, 2.0, 2.0), None)]).run(picture, picture, (0, 1, 2, -1), 1)
    >>> picture[0, 0].tolist()
    [0.5, 0.5, 0.5]
    """

    cdef Call *_calls
    cdef int _count, _kept, _most_kept
    cdef bint _reads_alpha, _writes_alpha, _mixes, _direct, _tables_1d, _groups
    cdef list _tables

    def __init__(self, steps):
        steps = list(steps)
        self._tables = []
        free(self._calls)
        self._calls = NULL
        self._count = self._kept = self._most_kept = 0
        self._reads_alpha = self._writes_alpha = self._mixes = False
        self._direct = True
        self._tables_1d = self._groups = False
        if steps:
            self._calls = <Call *>calloc(len(steps), sizeof(Call))
            if self._calls == NULL:
                raise MemoryError("no memory for the program's steps")
        for name, params, table in steps:
            self._add(name, params, table)
        if self._kept:
            raise ValueError("a keep step needs a mix step after it")
        for i in range(self._count):
            if self._calls[i].function in (grade.keep, grade.mix):
                self._calls[i].params.mode = self._writes_alpha

    def __dealloc__(self):
        free(self._calls)

    cdef int _add(self, str name, object params, object table) except -1:
        """Appends one checked step."""
        cdef Call *call = &self._calls[self._count]
        cdef int i
        cdef uintptr_t at
        numbers = _numbers_for(name, params)
        kernel = _KERNELS[name]
        if kernel.table:
            nodes = _table_for(name, table)
            self._tables.append(nodes)
            at = nodes.__array_interface__["data"][0]
            call.params.table = <const float *>at
            call.params.size = len(table) if kernel.table != "rows" else nodes.shape[0]
            if kernel.table in ("1d", "rows"):
                call.params.stride = 0 if kernel.table == "1d" and nodes.shape[0] == 1 else nodes.shape[1]
            if kernel.table != "rows":
                numbers = [*_domain_of(name, numbers, call.params.size), *numbers[6:]]
        elif table is not None:
            raise ValueError(f"{name} takes no table")
        call.params.mode = int(numbers[len(numbers) - 1]) if kernel.modes else 0
        for i in range(min(len(numbers), MAX_PARAMS)):
            call.params.f[i] = <float><double>numbers[i]
        if name == "keep":
            call.params.size = self._kept
            self._kept += 1
            self._most_kept = max(self._most_kept, self._kept)
        elif name == "mix":
            if not self._kept:
                raise ValueError("a mix step needs a keep step before it")
            self._kept -= 1
            call.params.size = self._kept
        call.function = _function(name)
        call.direct = {"gain": 1, "affine": 2, "lut1d": 3 * call.params.mode}.get(name, 4 * kernel.interleaved)
        if call.direct == 3 and call.params.size > _LARGEST_DIRECT_TABLE:
            call.direct = 0
        self._direct = self._direct and call.direct != 0
        self._tables_1d = self._tables_1d or call.direct == 3
        self._groups = self._groups or call.direct == 4
        self._reads_alpha = self._reads_alpha or kernel.alpha != ""
        self._writes_alpha = self._writes_alpha or kernel.alpha == "writes"
        self._mixes = self._mixes or kernel.mixes_channels(tuple(numbers))
        self._count += 1
        return 0

    def run(self, src, dst, channels, int threads, int tile=0):
        """Nothing; ``dst`` then holds ``src`` after all steps.

        Parameters
        ----------
        src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
            The same memory (in place), or memory that does not overlap. Formats may differ.
        channels : tuple of four ints
            Indexes of red, green, blue and alpha, -1 where there is none; luminance is
            (y, -1, -1, a). Channels not named are copied to ``dst``.
        threads : int
            How many threads to use.
        tile : int, optional
            Pixels per tile, rounded up to whole vectors; 0 is the measured best. It changes no byte.

        Raises
        ------
        ValueError
            For shapes that differ, other dtypes, a read-only ``dst``, memory that overlaps,
            or channels that the steps need and the picture does not have.
        """
        cdef Plan plan
        plan.call = self._calls
        plan.calls = self._count
        if not 1 <= threads <= _MOST_THREADS:
            raise ValueError(f"threads must be 1 to {_MOST_THREADS}, got {threads}")
        if not 0 <= tile <= _LARGEST_TILE:
            raise ValueError(f"tile must be 0 to {_LARGEST_TILE} pixels, got {tile}")
        plan.planes = PLANES + 4 * self._most_kept
        plan.tile = ((tile or _TILE) + LANES - 1) // LANES * LANES
        _pixels(src, "src", &plan.src)
        _pixels(dst, "dst", &plan.dst)
        if src.shape != dst.shape:
            raise ValueError(f"src and dst must have one shape, got {src.shape} and {dst.shape}")
        if not dst.flags.writeable:
            raise ValueError("dst is read-only")
        if 0 in src.shape:
            return
        plan.in_place = _same_memory(src, dst)
        self._choose_channels(&plan, src.shape[2], channels)
        if plan.in_place and max(plan.rgb[0], plan.rgb[1], plan.rgb[2]) < 0 and not plan.writes_alpha:
            return
        lay_out(&plan, src.shape[0], src.shape[1])
        self._execute(&plan, threads)

    cdef int _choose_channels(self, Plan *plan, int count, object channels) except -1:
        """Checks the four channel indexes and works out what happens to alpha."""
        cdef int c
        wanted = [int(index) for index in channels]
        named = [index for index in wanted if index != -1]
        if len(wanted) != 4 or any(not 0 <= index < count for index in named) or len(set(named)) != len(named):
            raise ValueError(f"channels must be four different indexes below {count}, or -1, got {tuple(wanted)}")
        if self._mixes and -1 in wanted[:3]:
            raise ValueError(f"a step mixes channels and needs red, green and blue, got indexes {tuple(wanted)}")
        plan.channels = count
        for c in range(3):
            plan.rgb[c] = wanted[c]
        plan.alpha = wanted[3]
        plan.reads_alpha = self._reads_alpha
        plan.writes_alpha = self._writes_alpha and plan.alpha >= 0
        return 0

    cdef int _execute(self, Plan *plan, int threads) except -1:
        """Runs the plan; raises what a signal handler raised meanwhile."""
        cdef Watch watch
        cdef Job job
        cdef char *memory = NULL
        watch.stop = False
        watch.work = 0
        job.interleaved = (self._direct and self._count > 0 and dense_floats(plan)
                           and (not self._tables_1d or colour_first(plan))
                           and (not self._groups or GROUP % plan.channels == 0 or all_colour(plan)))
        job.total = plan.pixels * (plan.channels if job.interleaved else 1)
        job.step = PATTERN * (plan.tile if self._count == 1 else plan.tile // 8) if job.interleaved else plan.tile
        if job.total <= job.step:
            threads = 1
        if not job.interleaved:
            memory = <char *>malloc(<size_t>threads * plan.planes * plan.tile * sizeof(float) + 64)
            if memory == NULL:
                raise MemoryError("no memory for the engine's tiles")
            job.scratch = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
        with nogil:
            _run_parts(plan, job, threads, &watch)
        free(memory)
        return -1 if watch.stop else 0


cdef bint _same_memory(object src, object dst) except -1:
    """Whether both are one array; memory that overlaps in any other way raises."""
    one = (src.__array_interface__["data"][0] == dst.__array_interface__["data"][0]
           and src.strides == dst.strides and src.dtype == dst.dtype)
    if one:
        return True
    try:
        overlap = np.may_share_memory(src, dst) and np.shares_memory(src, dst, max_work=100_000)
    except np.exceptions.TooHardError:
        overlap = True
    if overlap:
        raise ValueError("src and dst overlap: give the same array, or memory of its own")
    return False
