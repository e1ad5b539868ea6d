"""How many threads compute."""

import ctypes
from typing import List

import torch


def limit(count: int) -> None:
    """Holds PyTorch, and an OpenBLAS that it may use, to so many threads: sums depend on their number."""
    torch.set_num_threads(count)
    for path in _blas():
        try:
            set_threads = ctypes.CDLL(path).openblas_set_num_threads
        except (OSError, AttributeError):
            continue  # another BLAS, whose threads are PyTorch's
        set_threads(ctypes.c_int(count))


def _blas() -> List[str]:
    """The BLAS libraries that are loaded, where the system tells: elsewhere than on Linux PyTorch brings its own."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as f:
            return sorted({line.split(maxsplit=5)[-1].strip() for line in f if "blas" in line})
    except FileNotFoundError:
        return []
