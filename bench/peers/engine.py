"""PyTorch's side of `bench engine`: one network, trained in several ways; the fastest counts.

On one thread a step counts by processor time, on more by the clock, as on the other side.
"""

import argparse
import json
import math
import pathlib
import time
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")


class Plain(nn.Sequential):
    """54-256-256-256-7."""

    def __init__(self):
        widths, layers = [54, 256, 256, 256], []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Linear(a, b), nn.ReLU(inplace=True)]
        super().__init__(*layers, nn.Linear(256, 7))


class NTK(nn.Module):
    """A dense layer in NTK parametrisation with a parametric SELU and dropout."""

    def __init__(self, fan_in, units, hidden):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(fan_in, units))
        self.bias = nn.Parameter(torch.zeros(units))
        self.slope = nn.Parameter(torch.ones(units)) if hidden else None
        self.scale = fan_in**-0.5

    def forward(self, x):
        x = torch.addmm(self.bias, x, self.weight, alpha=self.scale)
        if self.slope is None:
            return x
        return F.dropout(torch.lerp(x, F.selu(x), self.slope.to(x.dtype)), 0.15, self.training)


class Full(nn.Module):
    """RealMLP's structure: embedded columns, scale, three hidden layers."""

    def __init__(self, columns=54, frequencies=16, size=4):
        super().__init__()
        self.frequency = nn.Parameter(0.1 * torch.randn(columns, 1, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, 1, frequencies) - 1))
        bound = frequencies**-0.5
        self.weight = nn.Parameter(bound * (2 * torch.rand(columns, frequencies, size - 1) - 1))
        self.embedding_bias = nn.Parameter(bound * (2 * torch.rand(columns, 1, size - 1) - 1))
        self.factor = nn.Parameter(torch.ones(columns * size))
        widths = [columns * size, 256, 256, 256, 7]
        self.layers = nn.Sequential(*(NTK(a, b, b != 7) for a, b in zip(widths, widths[1:])))

    def forward(self, x):
        column = x.t().unsqueeze(2)  # columns × rows × 1
        wave = torch.cos(torch.addcmul(self.phase, column, self.frequency, value=2 * math.pi))
        embedded = torch.cat([column, torch.baddbmm(self.embedding_bias, wave, self.weight)], 2)
        return self.layers(embedded.transpose(0, 1).reshape(len(x), -1) * self.factor)


class CNN(nn.Sequential):
    """conv32-pool-conv64-pool-fc128."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(inplace=True), nn.Linear(128, 10),
        )


class ResNet9(nn.Module):
    def __init__(self):
        super().__init__()

        def block(a, b):
            return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

        self.first = nn.Sequential(block(3, 64), block(64, 128), nn.MaxPool2d(2))
        self.residual1 = nn.Sequential(block(128, 128), block(128, 128))
        self.middle = nn.Sequential(block(128, 256), nn.MaxPool2d(2), block(256, 512), nn.MaxPool2d(2))
        self.residual2 = nn.Sequential(block(512, 512), block(512, 512))
        self.head = nn.Linear(512, 10)

    def forward(self, x):
        x = self.first(x)
        x = self.middle(x + self.residual1(x))
        x = x + self.residual2(x)
        return self.head(x.mean((2, 3)))


NETS = {"mlp-plain": Plain, "mlp-full": Full, "cnn": CNN, "resnet9": ResNet9}
SIDES = {"cnn": (1, 28), "resnet9": (3, 32)}


def load(name, folder):
    """All rows, as the network takes them, and their classes."""
    y = torch.from_numpy(np.fromfile(folder / "y", np.int32).astype(np.int64))
    if name in SIDES:
        channels, side = SIDES[name]
        x = np.fromfile(folder / "x", np.uint8).reshape(len(y), side, side, channels)
        return torch.from_numpy(x.astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous(), y
    return torch.from_numpy(np.fromfile(folder / "x", np.float32).reshape(len(y), -1)), y


def flatten(net):
    """Moves all parameters and gradients into one tensor, which an optimizer then updates in one pass."""
    parameters = list(net.parameters())
    flat = nn.Parameter(torch.cat([p.detach().reshape(-1) for p in parameters]))
    flat.grad, at = torch.zeros_like(flat), 0
    for p in parameters:
        n = p.numel()
        p.data = flat.data[at : at + n].view_as(p)
        p.grad = flat.grad[at : at + n].view_as(p)
        at += n
    return flat


def groups(name, net):
    """Parameter groups as the architecture has them."""
    if name != "mlp-full":
        return list(net.parameters())
    factors = {"frequency": 0.1, "phase": 0.1, "weight": 0.1, "embedding_bias": 0.1, "factor": 6.0}
    sets = {}
    for key, p in net.named_parameters():
        factor = factors.get(key, 0.1 if key.endswith(("bias", "slope")) else 1.0)
        sets.setdefault((factor, 0.0 if key.endswith("bias") else 1e-2), []).append(p)
    return [{"params": p, "lr": 1e-2 * f, "weight_decay": d} for (f, d), p in sets.items()]


def stepper(name, variant, x, y, batch):
    """A function that does one training step."""
    torch.manual_seed(0)
    net = NETS[name]().train()
    if "channels_last" in variant:
        net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    if "flat" in variant:
        flat = flatten(net)
        optimizer, zero = torch.optim.AdamW([flat], lr=1e-3), flat.grad.zero_
    else:
        optimizer = torch.optim.AdamW(groups(name, net), lr=1e-3, foreach="foreach" in variant)
        zero = lambda: optimizer.zero_grad(set_to_none=True)
    run = torch.jit.trace(net, x[:batch], check_trace=False) if "traced" in variant else net
    smoothing, at = 0.1 if name == "mlp-full" else 0.0, 0

    def forward(x):
        if "bf16" not in variant:
            return run(x)
        with torch.autocast("cpu", torch.bfloat16):
            return run(x).float()

    def step():
        nonlocal at
        zero()
        F.cross_entropy(forward(x[at : at + batch]), y[at : at + batch], label_smoothing=smoothing).backward()
        optimizer.step()
        at = at + batch if at + 2 * batch <= len(x) else 0

    return step


def variants(name, bf16):
    memory = ["contiguous", "channels_last"] if name in SIDES else [""]
    update = ["foreach"] if name == "mlp-full" else ["foreach", "flat"]
    run = [""] if name == "resnet9" else ["", "traced"]
    if bf16:
        run += ["bf16"]
    return [" ".join(filter(None, (m, u, r))) for m in memory for u in update for r in run]


def measure(step, clock, seconds):
    for warm in range(3):
        start = time.perf_counter()
        step()
        if time.perf_counter() - start > seconds:
            break
    best, end = float("inf"), time.perf_counter() + seconds
    while True:
        start = clock()
        step()
        best = min(best, clock() - start)
        if time.perf_counter() > end:
            return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("net", choices=NETS)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--bf16", action="store_true", help="let products be of bfloat16")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.set_flush_denormal(True)
    clock = time.process_time if o.threads == 1 else time.perf_counter
    x, y = load(o.net, o.data)
    took = {v: measure(stepper(o.net, v, x, y, o.batch), clock, o.seconds) for v in variants(o.net, o.bf16)}
    best = min(took, key=took.get)
    print(json.dumps({"rows_per_second": o.batch / took[best], "variant": best, "version": torch.__version__}))


main()
