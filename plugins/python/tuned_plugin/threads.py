"""How many threads compute."""

import ctypes

import torch


def limit(count: int) -> None:
    """Holds PyTorch, and an OpenBLAS that it may use, to so many threads: sums depend on their number."""
    torch.set_num_threads(count)
    with open("/proc/self/maps", encoding="utf-8") as f:
        paths = {line.split(maxsplit=5)[-1].strip() for line in f if "blas" in line}
    for path in sorted(paths):
        try:
            set_threads = ctypes.CDLL(path).openblas_set_num_threads
        except (OSError, AttributeError):
            continue  # another BLAS, whose threads are PyTorch's
        set_threads(ctypes.c_int(count))
