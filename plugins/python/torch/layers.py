"""The layers of tuned's mlp, as PyTorch modules."""

import math

import torch
from torch.nn import functional

from tuned_plugin import Embed, Invalid, outputs

ACTIVATIONS = {
    "selu": functional.selu, "mish": functional.mish, "relu": functional.relu, "gelu": functional.gelu,
    "silu": functional.silu, "tanh": torch.tanh,
}


class Dense(torch.nn.Module):
    """y = x W / sqrt(inputs) + b, and x + a (f(x) - x) of it with a learned a for each unit, or f(x)."""

    def __init__(self, inputs, units, activation=None, parametric=False):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(inputs, units))
        self.bias = torch.nn.Parameter(torch.zeros(units))
        self.activation = ACTIVATIONS.get(activation)
        self.slope = torch.nn.Parameter(torch.ones(units)) if activation and parametric else None
        self.drop = torch.nn.Dropout() if activation else torch.nn.Identity()

    def forward(self, x):
        y = torch.addmm(self.bias, x, self.weight, alpha=1 / math.sqrt(len(self.weight)))
        if self.activation is None:
            return y
        bent = self.activation(y)
        return self.drop(bent if self.slope is None else y + self.slope * (bent - y))

    def initialise(self, x):
        """Rescales each unit to unit standard deviation on x, and sets its bias to minus a random convex mix of its values on
        five rows: the kinks of the units then lie where the data is ("he+5" of arXiv:2407.04491)."""
        z = x @ self.weight / math.sqrt(len(self.weight))
        deviation = z.double().std(0, unbiased=False).float()
        deviation[deviation < 1e-12] = 1
        self.weight /= deviation
        rows = torch.randint(len(x), (5, z.shape[1]), device="cpu").to(x.device)
        shares = torch.empty(5, z.shape[1]).exponential_().to(x.device)
        self.bias.copy_(-(z.gather(0, rows) * shares / shares.sum(0)).sum(0) / deviation)
        return self(x)


class Waves(torch.nn.Module):
    """PBLD: each column as [x, W cos(2π f x + c) + b], with frequencies and phases of its own; size values, x included."""

    def __init__(self, columns, frequencies, size, sigma):
        super().__init__()
        bound = 1 / math.sqrt(frequencies)
        self.frequency = torch.nn.Parameter(sigma * torch.randn(columns, frequencies))
        self.phase = torch.nn.Parameter(torch.empty(columns, frequencies).uniform_(-math.pi, math.pi))
        self.weight = torch.nn.Parameter(torch.empty(columns, frequencies, size - 1).uniform_(-bound, bound))
        self.bias = torch.nn.Parameter(torch.empty(columns, size - 1).uniform_(-bound, bound))
        self.size = columns * size

    def forward(self, x):
        waves = torch.cos(2 * math.pi * self.frequency * x[:, :, None] + self.phase)
        values = torch.bmm(waves.transpose(0, 1), self.weight).transpose(0, 1) + self.bias
        return torch.cat([x[:, :, None], values], 2).flatten(1)


class Bins(torch.nn.Module):
    """PLE: a linear layer on the piecewise-linear encoding of each column (arXiv:2203.05556), the same edges for all."""

    def __init__(self, columns, edges, size):
        super().__init__()
        bins = len(edges) - 1
        bound = 1 / math.sqrt(bins)
        self.register_buffer("edges", torch.tensor(edges), persistent=False)
        self.weight = torch.nn.Parameter(torch.empty(columns, bins, size).uniform_(-bound, bound))
        self.bias = torch.nn.Parameter(torch.empty(columns, size).uniform_(-bound, bound))
        self.size = columns * size

    def forward(self, x):
        low, high = self.edges[:-1], self.edges[1:]
        share = (x[:, :, None] - low) / (high - low)
        inner = share.clamp(0, 1)  # the first and the last bin go on beyond the outer edges
        first, last = share[:, :, :1].clamp(max=1), share[:, :, -1:].clamp(min=0)
        code = share if share.shape[2] == 1 else torch.cat([first, inner[:, :, 1:-1], last], 2)
        return (torch.bmm(code.transpose(0, 1), self.weight).transpose(0, 1) + self.bias).flatten(1)


class Scale(torch.nn.Module):
    """A learned factor for each column."""

    def __init__(self, columns):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.ones(columns))

    def forward(self, x):
        return x * self.factor


class Picture(torch.nn.Sequential):
    """Three rounds of convolution, batch norm, ReLU and halving, then the mean over what is left of the picture."""

    def __init__(self, channels, width):
        layers = []
        for out in (width, 2 * width, 4 * width):
            layers += [
                torch.nn.Conv2d(channels, out, 3, padding=1, bias=False), torch.nn.BatchNorm2d(out), torch.nn.ReLU(),
                torch.nn.MaxPool2d(2, ceil_mode=True),
            ]
            channels = out
        super().__init__(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
        self.size = channels


def edges(count, transform):
    """Edges where the quantiles of a normal column come to lie once the transform has scaled it: they look at no data."""
    scale, bound, bend = 1.0, 4.0, float
    if transform == "robust-smooth-clip":
        scale, bound = 1 / (2 * 0.6744897501960817), 3.0  # the scale is the distribution's middle half
        bend = lambda u: u / math.sqrt(1 + u * u / 9)
    points = 2 * torch.arange(1, count, dtype=torch.float64) / count - 1
    inner = [bend(scale * math.sqrt(2) * u) for u in torch.erfinv(points).tolist()]
    return [-bound, *inner, bound]


NUMERIC = {
    "none": lambda columns, s: None,
    "pbld": lambda columns, s: Waves(columns, s["torch.frequencies"], s["torch.embedding_size"], s["torch.sigma"]),
    "ple": lambda columns, s: Bins(
        columns, edges(s["torch.frequencies"], s.get("numeric_transform")), s["torch.embedding_size"]
    ),
}


class Mlp(torch.nn.Module):
    """The whole network."""

    def __init__(self, view, settings):
        super().__init__()
        numeric, categorical, image = (view.input(k) for k in ("numeric", "categorical", "image"))
        self.numbers = self.categories = self.picture = None
        self.continuous, size = 0, 0
        if numeric and numeric.columns:
            self.continuous = numeric.continuous
            embed = NUMERIC[settings["torch.embedding"]]
            self.numbers = embed(self.continuous, settings) if self.continuous else None
            size += numeric.columns - self.continuous + (self.numbers.size if self.numbers else self.continuous)
        if categorical:
            self.categories = Embed(categorical.cardinalities, settings["torch.category_size"])
            for table in self.categories.tables:
                torch.nn.init.normal_(table.weight)
                table.weight.data[0] = 0
            size += self.categories.size
        if image:
            self.picture = Picture(image.channels, settings["torch.channels"])
            size += self.picture.size
        if size == 0:
            raise Invalid("the data has no columns to learn from")
        self.front = Scale(size) if settings["torch.front_scale"] else torch.nn.Identity()
        self.layers = torch.nn.ModuleList()
        for _ in range(settings["torch.depth"]):
            width = settings["torch.width"]
            self.layers.append(
                Dense(size, width, settings["torch.activation"], settings["torch.parametric_activation"])
            )
            size = width
        self.layers.append(Dense(size, outputs(view)))

    def features(self, batch):
        """What the first dense layer sees."""
        parts = []
        if batch.numeric is not None and batch.numeric.shape[1]:
            x, rest = batch.numeric[:, : self.continuous], batch.numeric[:, self.continuous :]
            parts += [self.numbers(x) if self.numbers else x, rest]
        if self.categories:
            parts.append(self.categories(batch.codes))
        if self.picture:
            parts.append(self.picture(batch.pixels).float())
        return self.front(torch.cat(parts, 1))

    def forward(self, batch):
        x = self.features(batch)
        for layer in self.layers:
            x = layer(x)
        return x

    def initialise(self, batch):
        """Initialises layer by layer from training rows."""
        x = self.features(batch)
        for layer in self.layers:
            x = layer.initialise(x)

    def scales(self):
        return self.front.parameters()

    def embeddings(self):
        return self.numbers.parameters() if self.numbers else []

    def biases(self):
        return [layer.bias for layer in self.layers]

    def slopes(self):
        return [layer.slope for layer in self.layers if layer.slope is not None]
