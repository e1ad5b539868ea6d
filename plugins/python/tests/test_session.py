import json
import os
import tempfile
import unittest

import numpy
import torch

from tuned_plugin import Invalid, Manifest, OutOfMemory, Setting, outputs
from tuned_plugin import architecture_pb2 as protocol
from tuned_plugin.session import Session

ROWS = 96


def write_view(directory, values=False):
    random = numpy.random.default_rng(1)
    x = random.normal(size=(ROWS, 5)).astype("f4")
    numpy.save(os.path.join(directory, "x.npy"), x)
    y = x[:, 0] + x[:, 1]
    numpy.save(os.path.join(directory, "y.npy"), y if values else (y > 0).astype("i4"))
    view = dict(
        rows=ROWS, task="classification", classes=2, target=dict(file="y.npy"), later="a field of a later version",
        inputs=[dict(kind="numeric", file="x.npy", columns=5, continuous=5)],
    )
    if values:
        view.update(task="regression", classes=0)
    with open(os.path.join(directory, "view.json"), "w", encoding="utf-8") as f:
        json.dump(view, f)


class Net(torch.nn.Module):
    def __init__(self, view, size=None):
        super().__init__()
        self.hidden, self.norm = torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8)
        self.drop, self.out = torch.nn.Dropout(), torch.nn.Linear(8, size or outputs(view))

    def forward(self, batch):
        return self.out(self.drop(torch.relu(self.norm(self.hidden(batch.numeric)))))


def packed(*rows):
    return numpy.array(rows, "i4").tobytes()


def step(rows, **changed):
    scalars = dict(lr=0.05, beta1=0.9, beta2=0.95, epsilon=1e-8)
    return protocol.Op(step=protocol.Step(rows=packed(*rows), **{**scalars, **changed}))


class SessionTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        write_view(self.directory)

    def open(self, build=lambda view, settings: Net(view), **changed):
        fields = dict(view=self.directory, seed=1, threads=1, max_batch=32)
        request = protocol.OpenRequest(**{**fields, **changed})
        request.settings["averages"].text = "0.9"
        return Session(Manifest("net", "1", "A net.", inputs=["numeric"]), build, request)

    def evaluate(self, session, *weights, **fields):
        return session.do(protocol.Op(evaluate=protocol.Evaluate(weights=weights, **fields)))

    def predictions(self, session, *weights):
        path = os.path.join(self.directory, "out.npy")
        self.evaluate(session, *weights, out=path)
        return numpy.load(path)

    def test_what_build_gives_is_a_module(self):
        with self.assertRaisesRegex(TypeError, "build gives None, not a torch.nn.Module"):
            self.open(lambda view, settings: None)

    def test_a_step_that_is_not_finite_changes_nothing(self):
        session = self.open()
        session.do(step(range(32)))
        before = [v.clone() for v in session.state.vectors()]
        session.module.hidden.bias.data[0] = float("nan")
        before[0].copy_(session.state.vectors()[0])
        self.assertFalse(session.do(step(range(32))).finite)
        for old, new in zip(before, session.state.vectors()):
            self.assertTrue(torch.equal(old.nan_to_num(9), new.nan_to_num(9)))
        self.assertEqual(session.state.optimizer.steps, 1)

    def test_a_gradient_is_cut_to_its_limit(self):
        session = self.open()
        free = session.do(step(range(32), no_update=True))
        self.assertFalse(free.clipped)
        cut = session.do(step(range(32), clip_norm=free.grad_norm / 4))
        self.assertTrue(cut.clipped)
        self.assertAlmostEqual(float(session.state.weights.gradient.norm()), free.grad_norm / 4, places=5)

    def test_dropout_is_the_steps(self):
        session = self.open()
        session.do(step(range(32), dropout=0.25))
        self.assertEqual(session.module.drop.p, 0.25)
        with_dropout = session.do(step(range(32), dropout=0.25, no_update=True)).loss
        self.assertEqual(session.do(step(range(32), dropout=0.25, no_update=True)).loss, with_dropout)
        self.assertNotEqual(session.do(step(range(32), no_update=True)).loss, with_dropout)

    def test_batch_norm_is_recalibrated_for_what_is_not_raw(self):
        session = self.open()
        for i in range(10):
            session.do(step(range(32), lr=0.2))
        statistics = session.state.weights.statistics.flat.clone()
        rows = packed(*range(ROWS))
        raw, plain = self.evaluate(session).loss, self.evaluate(session, "average:0.9").loss
        refitted = self.evaluate(session, "average:0.9", recalibrate_rows=rows)
        self.assertEqual(self.evaluate(session, recalibrate_rows=rows).loss, raw)
        self.assertNotEqual(refitted.loss, plain)
        self.assertEqual(self.evaluate(session, "average:0.9").loss, refitted.loss)  # they stand while the weights do
        self.assertTrue(torch.equal(session.state.weights.statistics.flat, statistics))
        average = session.state.member("average:0.9")
        with session.state.using(average), torch.no_grad():
            h = session.module.hidden(session.data.batch(torch.arange(ROWS)).numeric)
            torch.testing.assert_close(session.module.norm.running_mean, h.mean(0), rtol=1e-4, atol=1e-5)
        session.do(step(range(32)))
        self.assertFalse(session.state.refitted)

    def test_a_blend_is_the_mean_of_its_members(self):
        session = self.open()
        session.do(protocol.Op(keep=protocol.Keep(name="start")))
        for i in range(5):
            session.do(step(range(32), lr=0.2))
        members = ("raw", "average:0.9", "kept:start")
        want = sum(self.predictions(session, m) for m in members) / 3
        numpy.testing.assert_allclose(self.predictions(session, *members), want, rtol=1e-5)

    def test_loading_an_export_again_takes_no_more_memory(self):
        path = os.path.join(self.directory, "export")
        length, sha256 = self.open().export(path, ["raw", "average:0.9"])
        session = self.open(memory_bytes=4 << 30)
        session.load(path, length, sha256)
        used = session.state.budget.used
        session.load(path, length, sha256)
        self.assertEqual(session.state.budget.used, used)

    def test_the_absolute_loss(self):
        write_view(self.directory, values=True)
        choices = [Setting.choice("net.loss", ["squared", "absolute"], "what is made small")]
        request = protocol.OpenRequest(view=self.directory, seed=1, threads=1, max_batch=32)
        request.settings["averages"].text, request.settings["net.loss"].text = "0.9", "absolute"
        session = Session(Manifest("net", "1", "A net.", inputs=["numeric"], settings=choices), lambda view, settings: Net(view), request)
        misses = torch.tensor([0.1, -2.0])
        losses = session.loss(misses[:, None], torch.zeros(2), mean=False)
        self.assertTrue(numpy.allclose(losses, [0.1**2 / 2, 0.3 * (2 - 0.15)]))
        session.do(step(range(32)))
        members = ("raw", "average:0.9")
        blended = torch.from_numpy(self.predictions(session, *members))
        y = torch.from_numpy(numpy.load(os.path.join(self.directory, "y.npy")))
        want = float(session.loss(blended, y))
        self.assertAlmostEqual(self.evaluate(session, *members).loss, want, places=5)

    def test_what_cannot_be_is_refused(self):
        cases = {
            "outputs of another width": lambda: self.open(lambda view, settings: Net(view, size=3)),
            "no rows at a time": lambda: self.open(max_batch=0),
            "no view": lambda: self.open(view="nowhere"),
            "parts that are not equal": lambda: self.open().do(step(range(31), no_update=True, parts=2)),
            "a scalar that is no number": lambda: self.open().do(step(range(4), lr=float("nan"))),
            "a step on no rows": lambda: self.open().do(step([])),
            "half a row": lambda: self.open().do(protocol.Op(step=protocol.Step(rows=b"\0\0\0"))),
        }
        for what, case in cases.items():
            with self.subTest(what), self.assertRaises(Invalid):
                case()
        with self.assertRaises(OutOfMemory):
            self.open(memory_bytes=64 << 20, max_batch=1 << 30)
