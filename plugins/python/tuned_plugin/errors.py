"""The errors that keep their meaning on the way to the host, and the gRPC codes that carry them."""

import grpc


class Invalid(ValueError):
    """The request cannot be served as asked."""


class Corrupt(Exception):
    """A file failed its length, checksum or structure check."""


class OutOfMemory(MemoryError):
    """More memory is needed than there is, or than was given."""


def code_of(error: BaseException) -> grpc.StatusCode:
    """The code that carries an error."""
    if isinstance(error, Invalid):
        return grpc.StatusCode.INVALID_ARGUMENT
    if isinstance(error, Corrupt):
        return grpc.StatusCode.DATA_LOSS
    if is_out_of_memory(error):
        return grpc.StatusCode.RESOURCE_EXHAUSTED
    return grpc.StatusCode.UNKNOWN


def is_out_of_memory(error: BaseException) -> bool:
    """PyTorch says in words what Python says by MemoryError."""
    if isinstance(error, MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "allocate memory" in text)
