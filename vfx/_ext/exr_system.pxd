"""What the EXR kernels need of the system: shared libraries, positioned writes, flags between threads.

Where there is no ``dlopen`` the library is never found, and EXR falls back to Python.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

cdef extern from *:
    """
    #include <errno.h>
    #include <time.h>
    #ifdef _WIN32
    #include <io.h>
    #define VFX_THREAD __declspec(thread)
    static void *vfx_open(const char *path) { (void)path; return 0; }
    static void *vfx_symbol(void *library, const char *name) { (void)library; (void)name; return 0; }
    static int64_t vfx_write(int fd, const void *data, size_t size, uint64_t at) {
        (void)fd; (void)data; (void)size; (void)at; errno = ENOSYS; return -1; }
    static double vfx_now(void) { return (double)clock() / CLOCKS_PER_SEC; }
    #define vfx_take_flag(p) (*(p) ? 0 : (*(p) = 1))
    #define vfx_clear_flag(p) (*(p) = 0)
    #define vfx_get(p) (*(p))
    #define vfx_set(p, v) (*(p) = (v))
    #else
    #include <dlfcn.h>
    #include <unistd.h>
    #define VFX_THREAD __thread
    static void *vfx_open(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }
    static void *vfx_symbol(void *library, const char *name) { return dlsym(library, name); }
    static int64_t vfx_write(int fd, const void *data, size_t size, uint64_t at) {
        const char *from = (const char *)data;
        while (size) {
            ssize_t done = pwrite(fd, from, size, (off_t)at);
            if (done < 0) { if (errno == EINTR) continue; return -1; }
            from += done; at += (uint64_t)done; size -= (size_t)done;
        }
        return 0;
    }
    static double vfx_now(void) {
        struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec; }
    #define vfx_take_flag(p) (__atomic_exchange_n((p), 1, __ATOMIC_ACQUIRE) == 0)
    #define vfx_clear_flag(p) __atomic_store_n((p), 0, __ATOMIC_RELEASE)
    #define vfx_get(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    #define vfx_set(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    #endif
    /* The library reports an error on the thread that met it; the first report says the most. */
    static VFX_THREAD char vfx_message[256];
    static void vfx_report(const void *context, int32_t code, const char *message) {
        size_t n;
        (void)context; (void)code;
        if (vfx_message[0] || !message) return;
        n = strlen(message);
        if (n > sizeof vfx_message - 1) n = sizeof vfx_message - 1;
        memcpy(vfx_message, message, n);
        vfx_message[n] = 0;
    }
    static int vfx_pending(void) { return PyErr_Occurred() ? -1 : 0; }
    """
    void *vfx_open(const char *path) nogil
    void *vfx_symbol(void *library, const char *name) nogil
    int64_t vfx_write(int fd, const void *data, size_t size, uint64_t at) noexcept nogil
    double vfx_now() noexcept nogil
    bint vfx_take_flag(int *flag) noexcept nogil
    void vfx_clear_flag(int *flag) noexcept nogil
    int vfx_get(int *flag) noexcept nogil
    void vfx_set(int *flag, int value) noexcept nogil
    char *vfx_message
    void vfx_report(const void *context, int32_t code, const char *message) noexcept nogil
    int vfx_pending() except -1
    int PyErr_CheckSignals() noexcept
    int errno
