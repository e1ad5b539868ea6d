import hashlib
import json
import os
import struct
import tempfile
import unittest

import numpy

from tuned_plugin import Corrupt, safetensors

TENSORS = [
    ("w", numpy.arange(6, dtype=numpy.float32).reshape(2, 3)),
    ("none", numpy.zeros((0, 4), numpy.float32)),
    ("one", numpy.float32([7])),
]


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return numpy.frombuffer(struct.pack("<Q", len(text)) + text + data, numpy.uint8)


def entry(begin, end, shape, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


class SafetensorsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "file")

    def test_what_was_written_is_read(self):
        length, sha256 = safetensors.write(self.path, TENSORS, {"kind": "test"})
        with open(self.path, "rb") as f:
            content = f.read()
        self.assertEqual((length, sha256), (len(content), hashlib.sha256(content).hexdigest()))
        tensors, metadata = safetensors.read(self.path, length, sha256)
        self.assertEqual(metadata, {"kind": "test"})
        for name, want in TENSORS:
            numpy.testing.assert_array_equal(tensors[name], want)
        self.assertEqual(os.listdir(os.path.dirname(self.path)), ["file"])

    def test_a_changed_byte_is_found(self):
        length, sha256 = safetensors.write(self.path, TENSORS, {})
        with open(self.path, "r+b") as f:
            f.seek(length - 1)
            f.write(b"\x55")
        for claimed in (length, length - 1, 3):
            with self.assertRaises(Corrupt):
                safetensors.read(self.path, claimed, sha256)

    def test_only_sound_files_are_read(self):
        for what, content in {
            "a header beyond the end": numpy.frombuffer(struct.pack("<Q", 99) + b"{}", numpy.uint8),
            "no object": file_of(b"[]"),
            "no JSON": file_of(b"{"),
            "no UTF-8": file_of(b"\xff\xfe"),
            "deep nesting": file_of(b"[" * 100000),
            "a name twice": file_of(b'{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{}}'),
            "another type": file_of({"a": entry(0, 4, [1], "F64")}, b"1234"),
            "a gap": file_of({"a": entry(4, 8, [1])}, b"12345678"),
            "an overlap": file_of({"a": entry(0, 8, [2]), "b": entry(4, 8, [1])}, b"12345678"),
            "bytes behind": file_of({"a": entry(0, 4, [1])}, b"12345"),
            "a wrong shape": file_of({"a": entry(0, 4, [2])}, b"1234"),
            "a negative shape": file_of({"a": entry(0, 4, [-1, -1])}, b"1234"),
            "a shape of bools": file_of({"a": entry(0, 4, [True])}, b"1234"),
            "no offsets": file_of({"a": {"dtype": "F32", "shape": []}}),
            "an entry that is none": file_of({"a": 3}),
            "a field too many": file_of({"a": dict(entry(0, 4, [1]), more=1)}, b"1234"),
            "metadata that is no text": file_of({"__metadata__": {"a": 1}}),
        }.items():
            with self.subTest(what), self.assertRaises(Corrupt):
                safetensors.parse(content)
