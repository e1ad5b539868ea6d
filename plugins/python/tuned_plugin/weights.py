"""A network's weights as a few long vectors, and the optimizers that move them.

All parameters lie in one block of memory, and so do their gradients, their moments and their averages: an update is a
handful of operations on long vectors, a snapshot is a copy of them.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Sequence, Tuple

import torch

from .errors import Invalid
from .network import Network

ALIGN = 16  # floats: each tensor begins at a cache line, wherever its block lies, so that sums are the same bits


class Block:
    """Named float32 tensors in one vector."""

    def __init__(self, tensors: Sequence[Tuple[str, torch.Tensor]], device: torch.device):
        self.names = [name for name, _ in tensors]
        self.shapes = [tuple(t.shape) for _, t in tensors]
        self.offsets: List[int] = []
        end = 0
        for _, t in tensors:
            self.offsets.append(end)
            end += -(-t.numel() // ALIGN) * ALIGN
        self.flat = torch.zeros(end, device=device)
        for view, (_, t) in zip(self.views(self.flat), tensors):
            view.copy_(t.detach())

    def views(self, flat: torch.Tensor) -> List[torch.Tensor]:
        """The tensors of a vector that is laid out like this block."""
        return [
            flat[at : at + math.prod(shape)].view(shape) for at, shape in zip(self.offsets, self.shapes)
        ]

    def bytes(self) -> int:
        """What one such vector takes."""
        return 4 * self.flat.numel()


class Weights:
    """The parameters of a network, in the order of their groups, and its statistics: persistent buffers, and parameters that
    ask for no gradient."""

    def __init__(self, network: Network, device: torch.device):
        everything = list(network.module.named_parameters())
        for name, p in everything:
            if p.dtype != torch.float32:
                raise Invalid(f"parameter {name} is {p.dtype}: weights are float32, whatever they are computed in")
        named = [(name, p) for name, p in everything if p.requires_grad]
        frozen = [(name, p) for name, p in everything if not p.requires_grad]
        self.groups: List[Dict[str, Any]] = []
        ordered: List[Tuple[str, torch.nn.Parameter]] = []
        for group, members in _groups(network, named):
            first = len(ordered)
            ordered.extend(members)
            self.groups.append(dict(group, first=first, last=len(ordered)))
        self.parameters = Block(ordered, device)
        self.gradient = torch.zeros_like(self.parameters.flat)
        spans = zip(self.parameters.views(self.parameters.flat), self.parameters.views(self.gradient))
        for (_, p), (value, gradient) in zip(ordered, spans):
            p.data, p.grad = value, gradient
        ends = self.parameters.offsets + [len(self.parameters.flat)]
        for g in self.groups:
            g["span"] = slice(ends[g.pop("first")], ends[g.pop("last")])
        self.statistics = _adopt_buffers(network.module, frozen, device)
        self.count = sum(p.numel() for _, p in named)


def _groups(network: Network, named: Sequence[Tuple[str, torch.nn.Parameter]]) -> List[Tuple[Dict, List]]:
    """The groups, general one first, each with its parameters in the module's order."""
    owner: Dict[int, int] = {}
    groups = [dict(name="", lr=1.0, decay=1.0)]
    for at, g in enumerate(network.groups, 1):
        groups.append(dict(name=g.name, lr=g.lr_factor, decay=g.decay_factor))
        for p in g.parameters:
            if owner.setdefault(id(p), at) != at:
                raise Invalid(f"a parameter of group {g.name!r} is in another group too")
    known = {id(p) for _, p in named}
    if not owner.keys() <= known:
        raise Invalid("a group holds parameters that the module does not")
    out = []
    for at, g in enumerate(groups):
        members = [(name, p) for name, p in named if owner.get(id(p), 0) == at]
        if members:
            out.append((dict(g, parameters=sum(p.numel() for _, p in members)), members))
    return out


def _adopt_buffers(module: torch.nn.Module, frozen: Sequence[Tuple[str, torch.Tensor]], device: torch.device) -> Block:
    """Moves frozen parameters and persistent buffers into one block. Other buffers are constants, and go to the device."""
    places: List[Tuple[torch.nn.Module, str]] = []
    tensors: List[Tuple[str, torch.Tensor]] = []
    for path, m in module.named_modules():
        if getattr(m, "num_batches_tracked", None) is not None and m.momentum is not None:
            m.num_batches_tracked = None  # it counts for a cumulative average, which this layer does not keep
        for name, t in m.named_buffers(recurse=False):
            if name in m._non_persistent_buffers_set:
                m._buffers[name] = t.to(device)
                continue
            full = f"{path}.{name}" if path else name
            if t.dtype != torch.float32:
                raise Invalid(f"buffer {full} is {t.dtype}: state is float32; constants are persistent=False")
            places.append((m, name))
            tensors.append((full, t))
    block = Block([*frozen, *tensors], device)
    views = block.views(block.flat)
    for (_, p), view in zip(frozen, views):
        p.data = view
    for (m, name), view in zip(places, views[len(frozen) :]):
        m._buffers[name] = view
    return block


class Optimizer:
    """AdamW or SGD with Nesterov's momentum, decay decoupled in both, and running averages of the weights.

    After t steps an average is the sum of d^(t-i) w_i over the sum of d^(t-i), i = 1 … t: the weights before the first step
    do not count.
    """

    def __init__(self, weights: Weights, method: str, averages: Sequence[float]):
        if method not in ("adamw", "sgd"):
            raise Invalid(f"unknown optimizer {method!r}")
        if any(not 0 < d < 1 for d in averages):
            raise Invalid(f"averages have decays between 0 and 1, not {averages}")
        flat = weights.parameters.flat
        self.weights, self.method = weights, method
        self.moments = [torch.zeros_like(flat) for _ in range(2 if method == "adamw" else 1)]
        self.averages = {d: flat.clone() for d in averages}
        self.scratch = torch.zeros_like(flat)
        self.steps = 0

    def restart_averages(self) -> None:
        """Has the averages begin at the weights."""
        for average in self.averages.values():
            average.copy_(self.weights.parameters.flat)

    def update(self, step: Any, scale: float) -> None:
        """Moves the weights by one step; scale is what clipping asks for."""
        self.steps += 1
        if scale != 1:
            self.weights.gradient.mul_(scale)
        for g in self.weights.groups:
            lr = step.lr * g["lr"]
            move = self._adamw if self.method == "adamw" else self._sgd
            move(g["span"], step, lr, lr * step.weight_decay * g["decay"])
        for d, average in self.averages.items():
            average.lerp_(self.weights.parameters.flat, (1 - d) / (1 - d**self.steps))

    def _adamw(self, span: slice, step: Any, lr: float, shrink: float) -> None:
        w, g, scratch = self.weights.parameters.flat[span], self.weights.gradient[span], self.scratch[span]
        m, v = self.moments[0][span], self.moments[1][span]
        m.lerp_(g, 1 - step.beta1)
        v.mul_(step.beta2).addcmul_(g, g, value=1 - step.beta2)
        torch.sqrt(v, out=scratch)
        scratch.mul_(1 / math.sqrt(1 - step.beta2**self.steps)).add_(step.epsilon)
        if shrink:
            w.mul_(1 - shrink)
        w.addcdiv_(m, scratch, value=-lr / (1 - step.beta1**self.steps))

    def _sgd(self, span: slice, step: Any, lr: float, shrink: float) -> None:
        w, g, scratch = self.weights.parameters.flat[span], self.weights.gradient[span], self.scratch[span]
        m = self.moments[0][span]
        if shrink:
            w.mul_(1 - shrink)
        m.mul_(step.beta1).add_(g)
        torch.add(g, m, alpha=step.beta1, out=scratch)
        w.add_(scratch, alpha=-lr)

    def flops(self) -> int:
        """What one weight costs in a step: the gradient's norm, the update, the averages."""
        return 2 + (14 if self.method == "adamw" else 7) + 3 * len(self.averages)
