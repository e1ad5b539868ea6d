import ctypes
import unittest

import torch

from tuned_plugin import threads


class ThreadsTest(unittest.TestCase):
    def test_every_pool_is_held(self):
        threads.limit(1)
        self.assertEqual(torch.get_num_threads(), 1)
        with open("/proc/self/maps", encoding="utf-8") as f:
            paths = {line.split()[-1] for line in f if "openblas" in line}
        for path in paths:
            library = ctypes.CDLL(path)
            if hasattr(library, "openblas_get_num_threads"):
                self.assertEqual(library.openblas_get_num_threads(), 1, path)
