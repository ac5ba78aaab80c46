"""Where the library's reading finds a file's bytes: in memory, or in an open file at a place; what is taken is counted.

An open file stays the one whose header was read, whatever its name comes to stand for meanwhile. Nothing here moves its
position, so threads share it. Where there is no ``pread`` the library is never found (``exr_system``).
"""

from libc.stdint cimport int64_t, uint64_t, uint8_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <errno.h>
    #ifdef _WIN32
    static int64_t vfx_read(int fd, void *data, size_t size, uint64_t at) {
        (void)fd; (void)data; (void)size; (void)at; errno = ENOSYS; return -1; }
    static void vfx_close(int fd) { (void)fd; }
    #define vfx_count(p, n) (*(p) += (n))
    #else
    #include <unistd.h>
    static int64_t vfx_read(int fd, void *data, size_t size, uint64_t at) {
        size_t done = 0;
        while (done < size) {
            ssize_t found = pread(fd, (char *)data + done, size - done, (off_t)(at + done));
            if (found < 0) { if (errno == EINTR) continue; return -1; }
            if (found == 0) break;
            done += (size_t)found;
        }
        return (int64_t)done;
    }
    static void vfx_close(int fd) { close(fd); }
    #define vfx_count(p, n) __atomic_fetch_add((p), (uint64_t)(n), __ATOMIC_RELAXED)
    #endif
    """
    int64_t vfx_read(int fd, void *data, size_t size, uint64_t at) noexcept nogil
    void vfx_close(int fd) noexcept nogil
    void vfx_count(uint64_t *total, uint64_t more) noexcept nogil

# ``fd`` is used where ``data`` is NULL; ``taken`` is how many bytes were asked for and found.
ctypedef struct Source:
    const uint8_t *data
    uint64_t size
    int fd
    uint64_t taken


cdef inline int64_t fetch(Source *source, void *buffer, uint64_t size, uint64_t offset) noexcept nogil:
    """How many bytes now are in ``buffer``: ``size``, fewer at the end of the file, -1 where the system fails."""
    cdef int64_t found
    if offset >= source.size:
        return 0
    if size > source.size - offset:
        size = source.size - offset
    if source.data != NULL:
        memcpy(buffer, source.data + offset, size)
        found = <int64_t> size
    else:
        found = vfx_read(source.fd, buffer, size, offset)
    if found > 0:
        vfx_count(&source.taken, <uint64_t> found)
    return found


cdef inline int64_t read_source(const void *context, void *user, void *buffer, uint64_t size, uint64_t offset,
                                void *report) noexcept nogil:
    """The library's read function over a :class:`Source`."""
    return fetch(<Source *> user, buffer, size, offset)


cdef inline int64_t source_size(const void *context, void *user) noexcept nogil:
    """The library's size function over a :class:`Source`."""
    return <int64_t> (<Source *> user).size
