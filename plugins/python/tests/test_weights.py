import math
import unittest
from types import SimpleNamespace

import torch

from tuned_plugin import Group, Invalid, Network
from tuned_plugin.weights import Optimizer, Weights

CPU = torch.device("cpu")


def network():
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    groups = [Group("bias", [module[0].bias, module[2].bias], lr_factor=0.1, decay_factor=0)]
    return Network(module, groups)


def scalars(**changed):
    return SimpleNamespace(**{**dict(lr=0.1, weight_decay=0.3, beta1=0.9, beta2=0.95, epsilon=1e-6), **changed})


class WeightsTest(unittest.TestCase):
    def test_the_module_lives_in_the_block(self):
        net = network()
        before = {name: p.detach().clone() for name, p in net.module.state_dict().items() if p.is_floating_point()}
        weights = Weights(net, CPU)
        for name, t in net.module.state_dict().items():
            torch.testing.assert_close(t, before[name], rtol=0, atol=0)
        weights.parameters.flat.fill_(2)
        weights.statistics.flat.fill_(3)
        self.assertTrue(all((p == 2).all() for p in net.module.parameters()))
        self.assertTrue(all((b == 3).all() for b in net.module.buffers()))
        net.module(torch.randn(5, 3)).sum().backward()
        self.assertGreater(float(weights.gradient.norm()), 0)
        self.assertEqual(weights.count, sum(p.numel() for p in net.module.parameters()))
        self.assertEqual([(g["name"], g["parameters"]) for g in weights.groups], [("", 28), ("bias", 6)])

    def test_frozen_parameters_do_not_move(self):
        net = network()
        net.module[1].weight.requires_grad_(False)
        weights = Weights(net, CPU)
        self.assertNotIn("1.weight", weights.parameters.names)
        self.assertIn("1.weight", weights.statistics.names)

    def test_what_cannot_be_kept_is_refused(self):
        for what, module, groups in (
            ("a half-precision parameter", torch.nn.Linear(2, 2).half(), []),
            ("a group of strangers", torch.nn.Linear(2, 2), [Group("a", [torch.nn.Parameter(torch.zeros(1))])]),
            ("a counting buffer", torch.nn.BatchNorm1d(2, momentum=None), []),
        ):
            with self.subTest(what), self.assertRaises(Invalid):
                Weights(Network(module, groups), CPU)
        module = torch.nn.Linear(2, 2)
        with self.assertRaises(Invalid):
            Weights(Network(module, [Group("a", module.parameters()), Group("b", [module.bias])]), CPU)


class OptimizerTest(unittest.TestCase):
    """The updates, against the formulas in double precision."""

    def walk(self, method, steps=7):
        weights = Weights(network(), CPU)
        optimizer = Optimizer(weights, method, [0.5, 0.9])
        spans = [(g["span"], g["lr"], g["decay"]) for g in weights.groups]
        w, s = weights.parameters.flat.double().clone(), scalars()
        m, v, seen = torch.zeros_like(w), torch.zeros_like(w), []
        for t in range(1, steps + 1):
            torch.manual_seed(t)
            g = torch.randn(len(w), dtype=torch.float64)
            weights.gradient.copy_(g)
            optimizer.update(s, 0.5)
            g *= 0.5
            m, v = (s.beta1 * m + (1 - s.beta1) * g, s.beta2 * v + (1 - s.beta2) * g * g) if method == "adamw" else (s.beta1 * m + g, v)
            for span, lr, decay in spans:
                w[span] *= 1 - s.lr * lr * s.weight_decay * decay
                if method == "adamw":
                    root = (v[span] / (1 - s.beta2**t)).sqrt() + s.epsilon
                    w[span] -= s.lr * lr * m[span] / (1 - s.beta1**t) / root
                else:
                    w[span] -= s.lr * lr * (g[span] + s.beta1 * m[span])
            seen.append(w.clone())
        return optimizer, seen

    def test_updates(self):
        for method in ("adamw", "sgd"):
            with self.subTest(method):
                optimizer, seen = self.walk(method)
                torch.testing.assert_close(optimizer.weights.parameters.flat.double(), seen[-1], rtol=1e-4, atol=1e-5)

    def test_averages_leave_out_the_start(self):
        optimizer, seen = self.walk("adamw")
        for d, average in optimizer.averages.items():
            shares = [d ** (len(seen) - i) for i in range(1, len(seen) + 1)]
            want = sum(share * w for share, w in zip(shares, seen)) / math.fsum(shares)
            torch.testing.assert_close(average.double(), want, rtol=1e-4, atol=1e-5)

    def test_unknown_methods_are_refused(self):
        for method, averages in (("lion", []), ("adamw", [1.0])):
            with self.subTest(method), self.assertRaises(Invalid):
                Optimizer(Weights(network(), CPU), method, averages)
