"""What a network costs, counted while it runs on a few made-up rows.

Matrix products, convolutions and attention count their multiplications and additions, forward and backward, wherever they
happen; every other operation counts one for each number that it makes. Memory is an upper estimate: all that a forward pass
makes, and three times the largest of it for the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List

import torch
from torch.utils._python_dispatch import TorchDispatchMode


@dataclass
class Cost:
    """FLOPs and bytes of a forward and backward pass."""

    forward: int = 0
    backward: int = 0
    made: int = 0  # bytes of new tensors, forward
    largest: int = 0  # bytes of the largest of them


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.cost, self.returning = Cost(), False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        results = [t for t in _flatten(out) if isinstance(t, torch.Tensor)]
        given = {_storage(t) for t in _flatten(args) if isinstance(t, torch.Tensor)}
        fresh = [t for t in results if _storage(t) not in given]
        name = func._schema.name.split("::")[-1]
        if fresh or name.endswith("_"):
            flops = _product(name, args, results)
            flops = sum(t.numel() for t in results) if flops is None else flops
            if self.returning:
                self.cost.backward += flops
            else:
                self.cost.forward += flops
        if not self.returning:
            sizes = [t.numel() * t.element_size() for t in fresh]
            self.cost.made += sum(sizes)
            self.cost.largest = max([self.cost.largest, *sizes])
        return out


def _flatten(value: Any) -> List[Any]:
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in _flatten(v)]
    return [value]


def _storage(t: torch.Tensor) -> int:
    storage = t.untyped_storage() if hasattr(t, "untyped_storage") else t.storage()
    return storage.data_ptr()


def _product(name: str, args: Any, results: List[torch.Tensor]) -> Any:
    """The FLOPs of an operation that multiplies and adds; None for others."""
    if name in ("mm", "bmm"):
        return 2 * args[0].numel() * args[1].shape[-1]
    if name in ("addmm", "baddbmm"):
        return 2 * args[1].numel() * args[2].shape[-1]
    if name == "convolution":
        return _convolution(results[0], args[0], args[1], args[6])
    if name == "convolution_backward":
        return _convolution(args[0], args[1], args[2], args[7]) * sum(args[10][:2])
    if "attention" in name:
        # Two products of queries with keys or values forward, five backward.
        factor = 5 if "backward" in name else 2
        tensors = [t for t in _flatten(args) if isinstance(t, torch.Tensor) and t.dim() == 4]
        return 2 * factor * tensors[0].numel() * max(t.shape[2] for t in tensors[:3])
    return None


def _convolution(out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, transposed: bool) -> int:
    positions = x if transposed else out
    return 2 * positions.numel() * weight.numel() // weight.shape[0]


def count(forward: Callable[[], torch.Tensor]) -> Cost:
    """What forward, which gives a loss, and its way back cost."""
    counter = _Counter()
    with counter:
        loss = forward()
        counter.returning = True
        loss.backward()
    cost = counter.cost
    if cost.backward == 0:  # on a GPU the way back runs in a thread of its own, which older versions do not show
        cost.backward = 2 * cost.forward
    return cost
