"""RealMLP-TD-S in PyTorch, one run: the simple variant of Holzmüller et al. 2024 (arXiv:2407.04491, appendix A).

A reference peer for scores and CPU time. Prints one JSON line:
    python3 bench/peers/realmlp_tds.py --data DIR --set adult --rows 20000 --split 0 --threads 1
"""

import argparse
import json
import math
import time

import numpy as np
import torch
from torch import nn

import tables

EPOCHS, BATCH, WIDTH = 256, 256, 256


class Encoder:
    """Categories one-hot, then robust scaling and a smooth clip of every column; fitted on training rows."""

    def __init__(self, frame, categorical):
        self.levels = {c: sorted(frame[c].unique()) for c in categorical}
        self.numbers = [c for c in frame.columns if c not in self.levels]
        x = self._plain(frame)
        self.middle = np.median(x, axis=0)
        spread = np.quantile(x, 0.75, axis=0) - np.quantile(x, 0.25, axis=0)
        span = x.max(0) - x.min(0)
        spread = np.where(spread == 0, span / 2, spread)
        self.scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread != 0)

    def _plain(self, frame):
        columns = [frame[c].to_numpy(np.float64) for c in self.numbers]
        columns = [np.where(np.isnan(c), np.nanmedian(c) if np.isfinite(c).any() else 0, c) for c in columns]
        for name, levels in self.levels.items():
            values = frame[name].to_numpy()
            if len(levels) == 2:
                columns.append(np.where(values == levels[0], -1.0, 1.0))
                continue
            columns += [(values == level).astype(np.float64) for level in levels]
        return np.stack(columns, axis=1)

    def __call__(self, frame):
        u = (self._plain(frame) - self.middle) * self.scale
        return torch.as_tensor(u / np.sqrt(1 + (u / 3) ** 2), dtype=torch.float32)


class Scale(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(columns))

    def forward(self, x):
        return x * self.factor


class Linear(nn.Module):
    """Neural tangent parametrisation: weights of unit variance, the product divided by sqrt(fan in)."""

    def __init__(self, inputs, outputs, zero=False):
        super().__init__()
        gain = 0.0 if zero else 1.0
        self.weight = nn.Parameter(gain * torch.randn(inputs, outputs))
        self.bias = nn.Parameter(gain * torch.randn(1, outputs))

    def forward(self, x):
        return (x @ self.weight) / math.sqrt(self.weight.shape[0]) + self.bias


def network(columns, outputs, task):
    layers, width = [Scale(columns)], columns
    for _ in range(3):
        layers += [Linear(width, WIDTH), nn.SELU() if task == "classification" else nn.Mish()]
        width = WIDTH
    return nn.Sequential(*layers, Linear(width, outputs, zero=True))


def groups(net, lr):
    scale = [net[0].factor]
    weights = [m.weight for m in net if isinstance(m, Linear)]
    biases = [m.bias for m in net if isinstance(m, Linear)]
    return [dict(params=p, lr=lr * f, base=lr * f) for p, f in ((scale, 6), (weights, 1), (biases, 0.1))]


def coslog4(t):
    return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))


def train(net, loss, x, y, xv, error, lr):
    """Runs every epoch and returns the weights of the best one, ties to the latest."""
    adam = torch.optim.Adam(groups(net, lr), betas=(0.9, 0.95), eps=1e-8)
    best, kept = math.inf, None
    batches, step = max(1, len(x) // BATCH), 0
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for b in range(batches):
            rows = order[b * BATCH:(b + 1) * BATCH]
            for group in adam.param_groups:
                group["lr"] = group["base"] * coslog4(step / (batches * EPOCHS))
            adam.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            adam.step()
            step += 1
        with torch.no_grad():
            now = error(net(xv))
        if now <= best:
            best, kept = now, {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(kept)


def run(table, seed):
    torch.manual_seed(seed)
    encode = Encoder(table.frame.iloc[table.train], table.categorical)
    x, xv, xt = (encode(table.frame.iloc[rows]) for rows in (table.train, table.validation, table.test))
    target = table.target
    if table.task == "classification":
        y, yv = (torch.as_tensor(target[rows]) for rows in (table.train, table.validation))
        net = network(x.shape[1], table.classes, table.task)
        train(net, nn.CrossEntropyLoss(label_smoothing=0.1), x, y, xv, lambda o: float((o.argmax(1) != yv).float().mean()), 0.04)
        with torch.no_grad():
            return net(xt).softmax(1).numpy()
    mean, std = target[table.train].mean(), target[table.train].std()
    y, yv = (torch.as_tensor((target[rows] - mean) / std, dtype=torch.float32)[:, None] for rows in (table.train, table.validation))
    net = network(x.shape[1], 1, table.task)
    train(net, nn.MSELoss(), x, y, xv, lambda o: float(((o - yv) ** 2).mean()), 0.07)
    low, high = target[table.train].min(), target[table.train].max()
    with torch.no_grad():
        return np.clip(net(xt)[:, 0].numpy() * std + mean, low, high)


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--data", required=True, help="folder of data sets")
    flags.add_argument("--set", required=True, help="name of the data set")
    flags.add_argument("--rows", type=int, default=20000, help="rows at most, a random sample (0: all)")
    flags.add_argument("--split", type=int, default=0, help="seed of the split and of the weights")
    flags.add_argument("--threads", type=int, default=1)
    args = flags.parse_args()
    torch.set_num_threads(args.threads)
    table = tables.Table(args.data, args.set, args.rows, args.split)
    wall, cpu = time.perf_counter(), time.process_time()
    outputs = run(table, args.split)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps(dict(arm="realmlp_tds", set=args.set, split=args.split, threads=args.threads, cpu_s=cpu, wall_s=wall,
                          **tables.score(table.task, table.target[table.test], outputs))))


if __name__ == "__main__":
    main()
