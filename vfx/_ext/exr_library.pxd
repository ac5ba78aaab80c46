"""Finding OpenEXRCore's functions in the installed wheel, and asking it for a context: for every EXR kernel.

Each kernel keeps a ``Library`` of its own, filled by ``find_library``; the shared library itself is opened once.
"""

from libc.string cimport memset

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, WRITE_FAILED, Failure
from vfx._ext.exr_system cimport vfx_message, vfx_open, vfx_pending, vfx_report, vfx_symbol
from vfx._ext.exrcore cimport Initializer, Library

# Room behind a pipeline structure: a newer library may clear a longer one than we declare.
cdef enum:
    SLACK = 4096

# Sums of two sides stay within 32 bits.
cdef enum:
    MOST_SIDE = 1 << 29

# A damaged chunk table is an error (openexr_context.h); one that was never written is made anew by our callers.
cdef enum:
    NO_RECONSTRUCTION = 4


cdef inline tuple function_names():
    """The functions in the order of the fields of ``Library``."""
    return (
        b"get_library_version",
        b"start_read",
        b"start_temporary_context",
        b"finish",
        b"get_default_error_message",
        b"get_count",
        b"get_storage",
        b"get_data_window",
        b"get_scanlines_per_chunk",
        b"get_tile_descriptor",
        b"get_level_sizes",
        b"read_scanline_chunk_info",
        b"read_tile_chunk_info",
        b"uncompress_buffer",
        b"decoding_initialize",
        b"decoding_choose_default_routines",
        b"decoding_update",
        b"decoding_run",
        b"decoding_destroy",
        b"initialize_required_attr",
        b"set_tile_descriptor",
        b"add_channel",
        b"set_longname_support",
        b"set_zip_compression_level",
        b"set_dwa_compression_level",
        b"compression_lines_per_chunk",
        b"compress_buffer",
        b"encoding_initialize",
        b"encoding_choose_default_routines",
        b"encoding_update",
        b"encoding_run",
        b"encoding_destroy",
    )


cdef inline tuple find_library(Library *core, bytes path):
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are then in ``core``.

    Raises ``ImportError`` when the library cannot be opened or lacks a function.
    """
    cdef void *library = vfx_open(path)
    cdef void **slot = <void **> core
    cdef int major = 0, minor = 0, patch = 0
    cdef const char *extra = NULL
    names = function_names()
    if len(names) * sizeof(void *) != sizeof(Library):
        raise ImportError("the functions named are not the functions declared")
    if library == NULL:
        raise ImportError(f"cannot open {path!r}")
    for index, name in enumerate(names):
        slot[index] = vfx_symbol(library, b"exr_" + name)
        if slot[index] == NULL:
            memset(core, 0, sizeof(Library))
            raise ImportError(f"{path!r} has no function exr_{name.decode()}")
    core.get_library_version(&major, &minor, &patch, &extra)
    return major, minor, patch


cdef inline void initialize(Initializer *options, bint reconstruct) noexcept nogil:
    """The library's defaults, and our error callback."""
    memset(options, 0, sizeof(Initializer))
    options.size = sizeof(Initializer)
    options.error_handler = vfx_report
    options.zip_level = -2
    options.dwa_quality = -1
    options.zstd_level = -1
    options.flags = 0 if reconstruct else NO_RECONSTRUCTION
    vfx_message[0] = 0


cdef inline object refusal(const Library *core, int code):
    """What the library said last on this thread, else its words for the code."""
    message = vfx_message.decode("utf-8", "replace")
    return message or core.get_default_error_message(code).decode("utf-8", "replace")


cdef inline object raise_failure(const Library *core, Failure *failure, object error):
    """Raise what went wrong in a loop, if anything did: ``error``, of a code and a reason, or a plainer one."""
    if failure.interrupted:
        vfx_pending()
    if failure.code > 0:
        message = failure.message.decode("utf-8", "replace")
        reason = core.get_default_error_message(failure.code).decode("utf-8", "replace")
        raise error(failure.code, message or reason)
    if failure.code == OUT_OF_MEMORY:
        raise MemoryError("no memory for the EXR codec's buffers")
    if failure.code == WRITE_FAILED:
        import os
        raise OSError(failure.system_error, os.strerror(failure.system_error))
    if failure.code == MISMATCH:
        raise error(failure.code, "the header does not fit the pixel data")
