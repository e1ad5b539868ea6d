"""What an author builds a network from, and says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Iterable, List, Optional, Sequence

import torch

from .view import Batch, View


@dataclass(frozen=True)
class Group:
    """Parameters with factors of their own on the learning rate and the weight decay."""

    name: str
    parameters: Iterable[torch.nn.Parameter]
    lr_factor: float = 1.0
    decay_factor: float = 1.0


@dataclass
class Network:
    """A module with more to say than its layers: what a build function may return in place of the module.

    Parameters of no group have factors 1. initialise, if given, sets weights from a batch of training rows, at most 4096 of
    them; its randomness is PyTorch's, seeded by the run.
    """

    module: torch.nn.Module
    groups: Sequence[Group] = field(default_factory=tuple)
    initialise: Optional[Callable[[Batch], None]] = None


def outputs(view: View) -> int:
    """How many values a network predicts for a row: a score (logit) for each class, or one value."""
    return view.classes if view.task == "classification" else 1


class Inputs(torch.nn.Module):
    """Everything that a view offers as one row of numbers: numeric columns, an embedding of each category, pixels."""

    def __init__(self, view: View, embedding: int = 8):
        super().__init__()
        self.size = 0
        self.embed = None
        for i in view.inputs:
            if i.kind == "numeric":
                self.size += i.columns
            elif i.kind == "categorical":
                self.embed = Embed(i.cardinalities, embedding)
                self.size += self.embed.size
            else:
                self.size += i.height * i.width * i.channels

    def forward(self, batch: Batch) -> torch.Tensor:
        parts: List[torch.Tensor] = []
        if batch.numeric is not None:
            parts.append(batch.numeric)
        if batch.codes is not None:
            parts.append(self.embed(batch.codes))
        if batch.pixels is not None:
            parts.append(batch.pixels.flatten(1))
        return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


class Embed(torch.nn.Module):
    """A vector for each category of each column, joined. Code 0, missing or unseen, is the zero vector and stays it."""

    def __init__(self, cardinalities: Sequence[int], size: int):
        super().__init__()
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(n, size, padding_idx=0) for n in cardinalities)
        self.size = size * len(cardinalities)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return torch.cat([table(codes[:, j]) for j, table in enumerate(self.tables)], 1)
