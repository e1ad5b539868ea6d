"""Every choice of every setting of torch opens and steps, for numbers, categories and pictures at once."""

import json
import os
import sys
import tempfile
import unittest

import numpy

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "torch"))

from main import SETTINGS, build
from tuned_plugin import Manifest
from tuned_plugin import architecture_pb2 as protocol
from tuned_plugin.session import Session

ROWS = 40
BASE = {s.name: {"int": 4, "float": 0.5, "bool": True}.get(s.type) or s.choices[0] for s in SETTINGS}


def write_view(directory, task):
    random = numpy.random.default_rng(1)
    classes = task == "classification"
    arrays = dict(
        x=random.normal(size=(ROWS, 4)).astype("f4"), c=random.integers(0, 3, (ROWS, 1)).astype("i4"),
        p=random.integers(0, 256, (ROWS, 6, 6, 3)).astype("u1"),
        y=random.integers(0, 3, ROWS).astype("i4") if classes else random.normal(size=ROWS).astype("f4"),
    )
    for name, array in arrays.items():
        numpy.save(os.path.join(directory, name + ".npy"), array)
    inputs = [
        dict(kind="numeric", file="x.npy", columns=4, continuous=3),
        dict(kind="categorical", file="c.npy", columns=1, cardinalities=[3]),
        dict(kind="image", file="p.npy", height=6, width=6, channels=3, mean=[0.5] * 3, std=[0.3] * 3),
    ]
    with open(os.path.join(directory, "view.json"), "w", encoding="utf-8") as f:
        json.dump(dict(rows=ROWS, task=task, classes=3 * classes, inputs=inputs, target=dict(file="y.npy")), f)


def choices():
    yield {}
    for s in SETTINGS:
        values = {"bool": [False], "choice": s.choices[1:]}.get(s.type, [])
        yield from ({s.name: v} for v in values)


class TorchTest(unittest.TestCase):
    def open(self, directory, changed):
        rows = numpy.arange(ROWS, dtype="i4").tobytes()
        request = protocol.OpenRequest(view=directory, seed=1, threads=1, max_batch=ROWS, init_rows=rows)
        for name, v in {**BASE, **changed}.items():
            kind = {bool: "flag", int: "integer", float: "number", str: "text"}[type(v)]
            setattr(request.settings[name], kind, v)
        manifest = Manifest("torch", "1", "A net.", inputs=["numeric", "categorical", "image"], settings=SETTINGS)
        return Session(manifest, build, request)

    def test_every_choice(self):
        step = protocol.Step(rows=numpy.arange(16, dtype="i4").tobytes(), lr=1e-3, beta1=0.9, beta2=0.95, epsilon=1e-8)
        for task in ("classification", "regression"):
            with tempfile.TemporaryDirectory() as directory:
                write_view(directory, task)
                for changed in choices():
                    with self.subTest(task, **{k.split(".")[1]: v for k, v in changed.items()}):
                        session = self.open(directory, changed)
                        results = [session.do(protocol.Op(step=step)) for _ in range(3)]
                        self.assertTrue(all(r.finite for r in results))
                        self.assertLess(results[-1].loss, results[0].loss)
