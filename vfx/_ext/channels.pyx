"""Channels of a picture made from channels of others: taken over bit for bit, filled, or worked out.

Each output channel is an input channel, or a short program in reverse Polish order over float32 planes of a tile.

======================  ===================================================================
``LOAD i``              input channel i
``NUMBER i``            constant i
``ADD SUB MUL DIV``     the last two planes, in IEEE arithmetic
``MIN MAX``             the smaller or larger of the last two; of a number and NaN the number
``NEG ABS``             the last plane
======================  ===================================================================
"""

from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, describe_output, place
from vfx._ext.pixel_formats cimport from_float, gather, pack, scatter, to_float, unpack
from vfx._ext.stretches cimport band_rows, extremes, numbers
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["assemble"]

cdef enum:
    TILE = 1024                 # pixels
    DEEPEST = 64                # planes of a program
    MOST_INPUTS = 8192

cdef enum Code:
    LOAD = 0
    NUMBER = 1
    ADD = 2
    SUB = 3
    MUL = 4
    DIV = 5
    MIN = 6
    MAX = 7
    NEG = 8
    ABS = 9

cdef extern from "math.h":
    float fabsf(float x) noexcept nogil

ctypedef struct Input:
    int source
    int channel

ctypedef struct Output:
    int start                   # of its program; -1: a copy
    int length                  # of its program, or the input to copy

ctypedef struct Instruction:
    int code
    int operand

ctypedef struct Plan:
    Picture *sources
    int source_count
    Picture target
    const Input *inputs
    int input_count
    const Output *outputs
    const Instruction *program
    const float *constants
    int deepest
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    char *memory                # of all threads
    Py_ssize_t room             # bytes of one thread

ctypedef struct Tile:
    char *elements              # input channels as stored, then four that nobody reads
    float *floats               # input channels as numbers
    bint *ready                 # which of them are
    float *stack
    char *results               # output channels as stored
    void **planes               # where each output channel is


cdef inline void _one(int code, extremes x, int n) noexcept nogil:
    """Changes a plane."""
    cdef int i
    if code == NEG:
        for i in range(n):
            x[i] = -x[i]
    else:
        for i in range(n):
            x[i] = fabsf(x[i])


cdef inline void _two(int code, extremes x, numbers y, int n) noexcept nogil:
    """Works ``y`` into the plane before it."""
    cdef int i
    cdef float other
    if code == ADD:
        for i in range(n):
            x[i] = x[i] + y[i]
    elif code == SUB:
        for i in range(n):
            x[i] = x[i] - y[i]
    elif code == MUL:
        for i in range(n):
            x[i] = x[i] * y[i]
    elif code == DIV:
        for i in range(n):
            x[i] = x[i] / y[i]
    elif code == MIN:
        for i in range(n):
            other = y[i] if y[i] == y[i] else x[i]
            x[i] = x[i] if x[i] < other else other
    else:
        for i in range(n):
            other = y[i] if y[i] == y[i] else x[i]
            x[i] = x[i] if x[i] > other else other


cdef void _run(const Plan *plan, Tile *own, Output output, int n) noexcept nogil:
    """One program over a tile; its result is the first plane of the stack."""
    cdef const Instruction *step
    cdef float *top = own.stack
    cdef int k, i
    for k in range(output.start, output.start + output.length):
        step = plan.program + k
        if step.code == LOAD:
            i = step.operand
            if not own.ready[i]:
                to_float(plan.target.format, own.elements + <Py_ssize_t>i * TILE * plan.target.item,
                         own.floats + <Py_ssize_t>i * TILE, n)
                own.ready[i] = True
            memcpy(top, own.floats + <Py_ssize_t>i * TILE, <size_t>n * sizeof(float))
            top += TILE
        elif step.code == NUMBER:
            for i in range(n):
                top[i] = plan.constants[step.operand]
            top += TILE
        elif step.code >= NEG:
            _one(step.code, top - TILE, n)
        else:
            top -= TILE
            _two(step.code, top - TILE, top, n)


cdef void _read(const Plan *plan, Tile *own, Py_ssize_t y, Py_ssize_t x, int n) noexcept nogil:
    """The input channels of a tile, as they are stored."""
    cdef const Picture *p
    cdef Py_ssize_t plane = TILE * plan.target.item
    cdef void *planes[4]
    cdef int s, c, i
    for s in range(plan.source_count):
        p = plan.sources + s
        if p.dense and 3 <= p.channels <= 4:
            for c in range(4):
                planes[c] = own.elements + (plan.input_count + c) * plane
            for i in range(plan.input_count):
                if plan.inputs[i].source == s:
                    planes[plan.inputs[i].channel] = own.elements + i * plane
            unpack(p.item, p.channels, place(p, y, x), planes, 0, n)
            continue
        for i in range(plan.input_count):
            if plan.inputs[i].source == s:
                gather(p.item, place(p, y, x) + plan.inputs[i].channel * p.channel, p.column, own.elements + i * plane, n)


cdef void _tile(const Plan *plan, Tile *own, Py_ssize_t y, Py_ssize_t x, int n) noexcept nogil:
    """All output channels of a tile."""
    cdef const Picture *p = &plan.target
    cdef Py_ssize_t plane = TILE * p.item
    cdef int c
    _read(plan, own, y, x, n)
    for c in range(plan.input_count):
        own.ready[c] = False
    for c in range(p.channels):
        if plan.outputs[c].start < 0:
            own.planes[c] = own.elements + plan.outputs[c].length * plane
            continue
        _run(plan, own, plan.outputs[c], n)
        own.planes[c] = own.results + c * plane
        from_float(p.format, own.stack, own.planes[c], n)
    if p.dense and 3 <= p.channels <= 4:
        pack(p.item, p.channels, own.planes, 0, place(p, y, x), n)
        return
    for c in range(p.channels):
        scatter(p.item, own.planes[c], place(p, y, x) + c * p.channel, p.column, n)


cdef inline Tile _own(const Plan *plan, int thread) noexcept nogil:
    """The memory of one thread."""
    cdef Tile own
    cdef Py_ssize_t plane = TILE * plan.target.item
    own.stack = <float *>(plan.memory + thread * plan.room)
    own.floats = own.stack + plan.deepest * TILE
    own.planes = <void **>(own.floats + plan.input_count * TILE)
    own.elements = <char *>(own.planes + plan.target.channels)
    own.results = own.elements + (plan.input_count + 4) * plane
    own.ready = <bint *>(own.results + plan.target.channels * plane)
    return own


cdef void _band(const Plan *plan, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """One band of rows."""
    cdef Tile own = _own(plan, thread)
    cdef Py_ssize_t y, x, width = plan.target.width
    for y in range(band * plan.rows, min((band + 1) * plan.rows, plan.target.height)):
        if look(watch, thread, width * plan.target.channels + 64):
            return
        x = 0
        while x < width:
            _tile(plan, &own, y, x, <int>min(width - x, <Py_ssize_t>TILE))
            x += TILE


cdef void _bands(const Plan *plan, int threads, Watch *watch) noexcept nogil:
    """All bands, over ``threads`` threads."""
    cdef Py_ssize_t band
    if threads == 1:  # without OpenMP: also safe in a forked child
        for band in range(plan.bands):
            _band(plan, band, 0, watch)
        return
    for band in prange(plan.bands, num_threads=threads, schedule="dynamic"):
        _band(plan, band, threadid(), watch)


cdef int _execute(Plan *plan, int threads) except -1:
    """Fills in the target; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef Py_ssize_t channels = plan.target.channels, plane = TILE * plan.target.item
    watch.stop = False
    watch.work = 0
    plan.room = (plan.deepest + plan.input_count) * TILE * 4 + channels * sizeof(void *)
    plan.room += (plan.input_count + 4 + channels) * plane + plan.input_count * sizeof(bint)
    plan.room = (plan.room + 127) // 64 * 64
    plan.memory = <char *>malloc(<size_t>(threads * plan.room))
    if plan.memory == NULL:
        raise MemoryError("no memory for the channels")
    with nogil:
        _bands(plan, threads, &watch)
    free(plan.memory)
    return -1 if watch.stop else 0


cdef int _check(const Plan *plan, int length, int constants) except -1:
    """Raises unless every number of the plan points where it may; how deep its programs are."""
    cdef int i, k, c, depth, deepest = 1
    cdef Output output
    cdef Instruction step
    if len({(plan.inputs[i].source, plan.inputs[i].channel) for i in range(plan.input_count)}) < plan.input_count:
        raise ValueError("inputs must differ")
    for i in range(plan.input_count):
        if not 0 <= plan.inputs[i].source < plan.source_count:
            raise ValueError(f"input {i} is of source {plan.inputs[i].source}, there are {plan.source_count}")
        if not 0 <= plan.inputs[i].channel < plan.sources[plan.inputs[i].source].channels:
            raise ValueError(f"input {i} is channel {plan.inputs[i].channel}, which its source does not have")
    for c in range(plan.target.channels):
        output = plan.outputs[c]
        if output.start < 0:
            if not 0 <= output.length < plan.input_count:
                raise ValueError(f"output {c} copies input {output.length}, there are {plan.input_count}")
            continue
        depth = 0
        if output.length < 1 or output.start + output.length > length:
            raise ValueError(f"the program of output {c} is none")
        for k in range(output.start, output.start + output.length):
            step = plan.program[k]
            depth += 1 if step.code <= NUMBER else (0 if step.code >= NEG else -1)
            if step.code < 0 or step.code > <int>ABS or depth < 1 or depth > DEEPEST:
                raise ValueError(f"step {k} of the programs is no instruction, or has no operands")
            if step.code <= NUMBER and not 0 <= step.operand < (plan.input_count if step.code == LOAD else constants):
                raise ValueError(f"step {k} of the programs has no operand {step.operand}")
            deepest = max(deepest, depth)
        if depth != 1:
            raise ValueError(f"the program of output {c} leaves {depth} planes")
    return deepest


cdef object _table(object values, str name, int most):
    """Pairs of ints as an (n, 2) array with a row to spare."""
    rows = np.asarray(values, np.int32).reshape(-1, 2)
    if len(rows) > most:
        raise ValueError(f"{name} may have {most} rows, got {len(rows)}")
    return np.concatenate([rows, np.zeros((1, 2), np.int32)])


def assemble(sources, target, inputs, outputs, program, constants, int threads):
    """Nothing; each channel of ``target`` then is what ``outputs`` says.

    Parameters
    ----------
    sources : sequence of numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Pictures of one size and format.
    target : numpy.ndarray, (H, W, D), of the same size and format
        Shares no memory with them.
    inputs : sequence of (source, channel)
        The channels that are read.
    outputs : sequence of D pairs
        ``(-1, input)`` copies an input; ``(start, length)`` is a part of ``program``.
    program : sequence of (code, operand)
        See the top of this file; codes count from ``LOAD``, 0, in the order given there.
    constants : numpy.ndarray, float32
        The numbers that programs load.
    threads : int
        How many threads to use; they change no byte.

    Raises
    ------
    ValueError
        For shapes or formats that differ, or a plan that points outside itself.
    """
    cdef Plan plan
    cdef Py_ssize_t i
    cdef const int[:, ::1] read = _table(inputs, "inputs", MOST_INPUTS)
    cdef const int[:, ::1] made = _table(outputs, "outputs", 1024)
    cdef const int[:, ::1] steps = _table(program, "program", 1 << 20)
    cdef const float[::1] kept = np.concatenate([np.asarray(constants, np.float32), np.zeros(1, np.float32)])
    describe_output(target, "target", &plan.target)
    if made.shape[0] - 1 != plan.target.channels:
        raise ValueError(f"outputs must be {plan.target.channels} pairs, got {made.shape[0] - 1}")
    plan.source_count = len(sources)
    plan.sources = <Picture *>malloc(<size_t>max(1, plan.source_count) * sizeof(Picture))
    if plan.sources == NULL:
        raise MemoryError("no memory for the channels")
    try:
        for i, source in enumerate(sources):
            describe(source, "source", plan.sources + i)
            if source.shape[:2] != target.shape[:2] or source.dtype != target.dtype:
                raise ValueError(f"a source is {source.dtype} {source.shape}, the target {target.dtype} {target.shape}")
        plan.inputs, plan.input_count = <const Input *>&read[0, 0], read.shape[0] - 1
        plan.outputs, plan.program = <const Output *>&made[0, 0], <const Instruction *>&steps[0, 0]
        plan.constants = &kept[0]
        plan.deepest = _check(&plan, steps.shape[0] - 1, kept.shape[0] - 1)
        plan.rows = band_rows(plan.target.width)
        plan.bands = (plan.target.height + plan.rows - 1) // plan.rows
        _execute(&plan, max(1, min(threads, 1024)))
    finally:
        free(plan.sources)
