"""A base class that exports the buffer of the array it wraps (Python 3.11 has no ``__buffer__``)."""

from cpython.buffer cimport PyObject_GetBuffer, Py_buffer


cdef class Exporter:
    """Objects whose buffer is that of the array that ``_exported()`` returns."""

    def _exported(self):
        """The object whose memory is exported; subclasses say which."""
        raise BufferError("this object has no buffer")

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyObject_GetBuffer(self._exported(), buffer, flags)
