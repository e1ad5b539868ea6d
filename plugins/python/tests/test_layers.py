"""Tests of torch's layers, against their formulas."""

import math
import os
import sys
import unittest

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "torch"))

from layers import Bins, Dense, Waves, edges


class LayersTest(unittest.TestCase):
    def test_waves(self):
        torch.manual_seed(1)
        layer, x = Waves(2, 16, 4, 0.1), torch.randn(5, 2)
        out = layer(x).view(5, 2, 4)
        for row in range(5):
            for column in range(2):
                angles = 2 * math.pi * layer.frequency[column] * x[row, column] + layer.phase[column]
                want = torch.cos(angles) @ layer.weight[column] + layer.bias[column]
                torch.testing.assert_close(out[row, column], torch.cat([x[row, column : column + 1], want]))

    def test_bins_go_on_beyond_the_outer_edges(self):
        layer = Bins(1, [-1.0, 0.0, 2.0], 1)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([[[10.0], [100.0]]]))
            layer.bias.zero_()
            for x, code in ((-2, (-1, 0)), (-0.5, (0.5, 0)), (0, (1, 0)), (1, (1, 0.5)), (4, (1, 2))):
                want = 10 * code[0] + 100 * code[1]
                self.assertAlmostEqual(float(layer(torch.tensor([[float(x)]]))), want, places=4)

    def test_edges_are_quantiles(self):
        self.assertEqual(edges(1, None), [-4.0, 4.0])
        for transform, quartile in (("standard", 0.6744898), ("robust-smooth-clip", 0.5 / math.sqrt(1 + 0.25 / 9))):
            e = edges(4, transform)
            self.assertAlmostEqual(e[3], quartile, places=6)
            self.assertAlmostEqual(e[1], -quartile, places=6)

    def test_units_begin_at_unit_deviation(self):
        torch.manual_seed(1)
        layer, x = Dense(7, 30, "selu", True), 5 * torch.randn(2000, 7) + 3
        with torch.no_grad():
            layer.initialise(x)
            z = x @ layer.weight / math.sqrt(7)
        torch.testing.assert_close(z.std(0, unbiased=False), torch.ones(30), rtol=1e-3, atol=1e-3)
        kinks = -layer.bias.detach()
        self.assertTrue((kinks > z.min(0).values).all() and (kinks < z.max(0).values).all())
