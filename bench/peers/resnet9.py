"""What a tuned ResNet-9 in PyTorch reaches on images within a given processor time.

The network and recipe are those of David Page's DAWNBench entry: Nesterov's momentum, a rate that rises for a fifth of the run and
falls to nothing, label smoothing, random crops, mirror images and a square cut out, and the mean over an image and its mirror
image in the end. Width, rate and batch size are tuned: each choice trains for --trial seconds on all but 2,000 of the training images, which judge
it; the best one trains for --seconds on all of them, and the test images are looked at once. Seconds are of processor time, on
one thread, and cover training alone.
"""

import argparse
import gzip
import itertools
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

PAD, CUT = 4, 8  # pixels


def idx(folder, pattern):
    """An array from the one IDX file of that name."""
    (path,) = folder.glob(pattern)
    with gzip.open(path) as f:
        _, _, _, dimensions = f.read(4)
        shape = [int.from_bytes(f.read(4), "big") for _ in range(dimensions)]
        return np.frombuffer(f.read(), np.uint8).reshape(shape)


def load(folder):
    """Images normalised by the training images, rows × channels × height × width, and labels, for training and for test."""
    sides = []
    for prefix in ("train", "test" if list(folder.glob("test-*")) else "t10k"):
        images, labels = idx(folder, prefix + "-images-*"), idx(folder, prefix + "-labels-*")
        images = images[..., None] if images.ndim == 3 else images
        sides.append((torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2), torch.from_numpy(labels.astype(np.int64))))
    mean = sides[0][0].mean((0, 2, 3), keepdim=True)
    deviation = sides[0][0].std((0, 2, 3), keepdim=True)
    return [((x - mean) / deviation, y) for x, y in sides]


class ResNet9(nn.Module):
    """Page's network with `width` channels in the first layer (his has 64)."""

    def __init__(self, channels, classes, width):
        super().__init__()

        def block(a, b, pool=False):
            layers = [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)]
            return nn.Sequential(*layers, *[nn.MaxPool2d(2)] * pool)

        w = width
        self.start = nn.Sequential(block(channels, w), block(w, 2 * w, True))
        self.first = nn.Sequential(block(2 * w, 2 * w), block(2 * w, 2 * w))
        self.middle = nn.Sequential(block(2 * w, 4 * w, True), block(4 * w, 8 * w, True))
        self.second = nn.Sequential(block(8 * w, 8 * w), block(8 * w, 8 * w))
        self.head = nn.Linear(8 * w, classes, bias=False)

    def forward(self, x):
        x = self.start(x)
        x = self.middle(x + self.first(x))
        x = x + self.second(x)
        return 0.125 * self.head(x.amax((2, 3)))


def augmented(padded, rows, side, generator):
    """A random crop of each image, mirrored half of the time, with a square cut out."""
    n = len(rows)
    offsets = torch.randint(0, 2 * PAD + 1, (2, n, 1), generator=generator) + torch.arange(side)
    mirrored = torch.rand(n, 1, generator=generator) < 0.5
    columns = torch.where(mirrored, offsets[1].flip(1), offsets[1])
    x = padded[rows[:, None, None], :, offsets[0][:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    corner = torch.randint(0, side - CUT + 1, (2, n, 1), generator=generator)
    inside = (torch.arange(side) >= corner) & (torch.arange(side) < corner + CUT)
    return x.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0).contiguous(memory_format=torch.channels_last)


def train(x, y, seconds, width, lr, batch, seed):
    """A network trained for so many seconds of processor time. How many steps these are is found on the first ones, which count."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = ResNet9(x.shape[1], int(y.max()) + 1, width).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    padded = F.pad(x, [PAD] * 4, mode="reflect")
    began, step, steps, rows = time.process_time(), 0, math.inf, iter(())
    while step < steps:
        if step == 10:
            steps = max(20, int(10 * seconds / (time.process_time() - began)))
        chosen = next(rows, None)
        if chosen is None:
            rows = iter(torch.randperm(len(x), generator=generator).split(batch)[: max(1, len(x) // batch)])
            continue
        progress = step / steps  # 0 until the steps are known: the first ten are a gentle start
        rate = lr * max(0.02, min(progress / 0.2, (1 - progress) / 0.8))
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(net(augmented(padded, chosen, x.shape[2], generator)), y[chosen], label_smoothing=0.2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
    return net, {"steps": step, "epochs": round(step * batch / len(x), 1), "seconds": round(time.process_time() - began, 1)}


def accuracy(net, x, y):
    """The share that is right, by the mean of the scores for an image and its mirror image."""
    net.eval()
    right = 0
    with torch.no_grad():
        for images, labels in zip(x.split(500), y.split(500)):
            right += (net(images) + net(images.flip(3))).argmax(1).eq(labels).sum().item()
    return right / len(y)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=pathlib.Path, help="folder of IDX files")
    p.add_argument("--seconds", type=float, required=True, help="processor time of the final training")
    p.add_argument("--trial", type=float, default=120, help="processor time of a trial")
    p.add_argument("--widths", default="16,32", help="first layers to try")
    p.add_argument("--rates", default="0.1,0.4", help="peak learning rates to try")
    p.add_argument("--batches", default="128", help="batch sizes to try")
    p.add_argument("--seed", type=int, default=0)
    o = p.parse_args()
    torch.set_num_threads(1)
    (x, y), (test_x, test_y) = load(o.data)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    judge, fit = order[:2000], order[2000:]
    best = (0, None)
    grid = itertools.product(map(int, o.widths.split(",")), map(float, o.rates.split(",")), map(int, o.batches.split(",")))
    for width, lr, batch in grid:
        net, cost = train(x[fit], y[fit], o.trial, width, lr, batch, o.seed)
        score = accuracy(net, x[judge], y[judge])
        print(json.dumps({"set": o.data.name, "width": width, "lr": lr, "batch": batch, "validation": score, **cost}), flush=True)
        best = max(best, (score, (width, lr, batch)))
    net, cost = train(x, y, o.seconds, *best[1], o.seed)
    width, lr, batch = best[1]
    print(json.dumps({"set": o.data.name, "width": width, "lr": lr, "batch": batch, "test": accuracy(net, test_x, test_y), "torch": torch.__version__, **cost}), flush=True)


if __name__ == "__main__":
    main()
