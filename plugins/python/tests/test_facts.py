import unittest

import torch

from tuned_plugin import facts


class FactsTest(unittest.TestCase):
    def cost(self, module, x):
        return facts.count(lambda: module(x).sum())

    def test_products_are_counted_both_ways(self):
        linear = torch.nn.Linear(30, 50)
        cost = self.cost(linear, torch.zeros(8, 30))
        products = 2 * 8 * 30 * 50
        self.assertLess(abs(cost.forward - products), 0.1 * products)
        self.assertLess(abs(cost.backward - products), 0.2 * products)  # into the weights alone: x asks for nothing
        self.assertEqual(cost.largest, 4 * 8 * 50)

    def test_convolutions_are_counted_both_ways(self):
        net = torch.nn.Sequential(torch.nn.Conv2d(4, 8, 3, padding=1, bias=False), torch.nn.Conv2d(8, 8, 3, groups=2, bias=False))
        cost = self.cost(net, torch.zeros(2, 4, 10, 10))
        first, second = 2 * 2 * 8 * 100 * 4 * 9, 2 * 2 * 8 * 64 * 4 * 9
        self.assertLess(abs(cost.forward - first - second), 0.05 * (first + second))
        self.assertLess(abs(cost.backward - first - 2 * second), 0.1 * (first + 2 * second))

    def test_functions_count_like_layers(self):
        w = torch.nn.Parameter(torch.zeros(30, 50))
        cost = facts.count(lambda: (torch.zeros(8, 30) @ w).sum())
        self.assertGreaterEqual(cost.forward, 2 * 8 * 30 * 50)
