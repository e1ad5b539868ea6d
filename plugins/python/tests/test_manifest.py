import unittest

import grpc

from tuned_plugin import Corrupt, Invalid, Manifest, OutOfMemory, Setting
from tuned_plugin.errors import code_of

MANIFEST = Manifest("net", "1.0.0", "A net.", settings=[
    Setting.int("net.width", 1, 64, "units"), Setting.float("net.sigma", 0, 0, "width"),
    Setting.bool("net.scale", "scaled or not"), Setting.choice("net.curve", ["relu", "tanh"], "the curve"),
])
GOOD = {"net.width": 8, "net.sigma": 0.5, "net.scale": True, "net.curve": "relu"}


class ManifestTest(unittest.TestCase):
    def test_good_settings_pass_and_strangers_too(self):
        self.assertEqual(MANIFEST.checked({**GOOD, "lr": 0.1}), {**GOOD, "lr": 0.1})
        sigma = MANIFEST.checked({**GOOD, "net.sigma": 2})["net.sigma"]
        self.assertIs(type(sigma), float)

    def test_others_are_refused(self):
        for name, value in (
            ("net.width", 0), ("net.width", 65), ("net.width", 8.0), ("net.width", True), ("net.sigma", float("nan")),
            ("net.sigma", "wide"), ("net.scale", 1), ("net.curve", "selu"), ("net.curve", None),
        ):
            with self.subTest(name, value=value), self.assertRaises(Invalid):
                MANIFEST.checked({**GOOD, name: value})
        with self.assertRaises(Invalid):
            MANIFEST.checked({})

    def test_older_plans_stand_for_what_a_later_setting_says(self):
        cut = Setting.int("net.cut", 0, 9, "pixels")
        later = Manifest("net", "1.1.0", "A net.", settings=[*MANIFEST.settings, cut.since(0)])
        self.assertEqual(later.checked(GOOD)["net.cut"], 0)
        self.assertEqual(later.checked({**GOOD, "net.cut": 3})["net.cut"], 3)
        with self.assertRaises(Invalid):
            cut.since(10)

    def test_the_message_says_all(self):
        message = MANIFEST.message("rules")
        self.assertEqual((message.name, message.rules, message.averages, message.protocol), ("net", "rules", True, 1))
        self.assertEqual([s.type for s in message.settings], ["int", "float", "bool", "choice"])

    def test_errors_travel_by_code(self):
        for error, code in (
            (Invalid("no"), grpc.StatusCode.INVALID_ARGUMENT), (Corrupt("no"), grpc.StatusCode.DATA_LOSS),
            (OutOfMemory("no"), grpc.StatusCode.RESOURCE_EXHAUSTED), (MemoryError(), grpc.StatusCode.RESOURCE_EXHAUSTED),
            (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), grpc.StatusCode.RESOURCE_EXHAUSTED),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory"), grpc.StatusCode.RESOURCE_EXHAUSTED),
            (RuntimeError("shapes do not match"), grpc.StatusCode.UNKNOWN), (KeyError("x"), grpc.StatusCode.UNKNOWN),
        ):
            with self.subTest(error=error):
                self.assertIs(code_of(error), code)
