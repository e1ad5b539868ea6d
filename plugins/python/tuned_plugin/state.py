"""Everything that training changes: weights, moments, averages, statistics, the step counter, and snapshots of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

import torch

from .errors import Invalid, OutOfMemory
from .weights import Block, Optimizer, Weights

RAW = "raw"


class Member(NamedTuple):
    """A set of weights that can predict."""

    parameters: torch.Tensor
    statistics: torch.Tensor


@dataclass
class Snapshot:
    """A copy of a state: its vectors, in State.vectors' order, and its step counter."""

    vectors: List[torch.Tensor]
    steps: int


class Budget:
    """Counts bytes against a limit; 0 is no limit."""

    def __init__(self, limit: int):
        self.limit, self.used = limit, 0

    def take(self, size: int, what: str) -> None:
        """Reserves bytes, or says what did not fit."""
        if self.limit and self.used + size > self.limit:
            raise OutOfMemory(f"{what} needs {size} bytes, and {self.limit - self.used} of {self.limit} are free")
        self.used += size


class State:
    """The state of one network."""

    def __init__(self, weights: Weights, optimizer: Optimizer, budget: Budget):
        self.weights, self.optimizer, self.budget = weights, optimizer, budget
        self.kept: Dict[str, Snapshot] = {}
        self.spare: List[Snapshot] = []  # dropped, to be used again
        self.refitted: Dict[str, Tuple[bytes, torch.Tensor]] = {}  # rows and statistics, while their weights stand
        self.exported: Optional[Dict[str, Member]] = None  # not None once an export was loaded: all that can predict then

    def vectors(self) -> List[torch.Tensor]:
        """All that a snapshot needs besides the step counter."""
        o = self.optimizer
        return [self.weights.parameters.flat, *o.moments, *o.averages.values(), self.weights.statistics.flat]

    def named(self, vectors: List[torch.Tensor]) -> Iterator[Tuple[str, torch.Tensor]]:
        """The tensors of a state's vectors, by unique names."""
        o, parameters, statistics = self.optimizer, self.weights.parameters, self.weights.statistics
        prefixes = ["", *(f"moment{i + 1}:" for i in range(len(o.moments))), *(f"average:{d!r}:" for d in o.averages)]
        for prefix, flat in zip(prefixes, vectors):
            yield from _named(parameters, prefix, flat)
        yield from _named(statistics, "", vectors[-1])

    def named_member(self, member: Member) -> Iterator[Tuple[str, torch.Tensor]]:
        """The tensors of a member, by unique names."""
        yield from _named(self.weights.parameters, "", member.parameters)
        yield from _named(self.weights.statistics, "", member.statistics)

    def drop_exported(self) -> None:
        """Gives up the members of an export, for a session that goes on."""
        for member in (self.exported or {}).values():
            self.budget.used -= 4 * (member.parameters.numel() + member.statistics.numel())
        self.exported = None

    def bytes(self) -> int:
        """What a snapshot takes."""
        return sum(4 * v.numel() for v in self.vectors())

    def keep(self, name: str) -> None:
        """Takes a snapshot under a name, in memory that an older one left where there is any."""
        if not name:
            raise Invalid("a snapshot needs a name")
        s = self.room(name)
        for to, of in zip(s.vectors, self.vectors()):
            to.copy_(of)
        s.steps = self.optimizer.steps
        self.kept[name] = s
        self.forget(lambda member: _is_of(member, name))

    def room(self, name: str) -> Snapshot:
        """Memory for a snapshot."""
        if name in self.kept:
            return self.kept[name]
        if self.spare:
            return self.spare.pop()
        self.budget.take(self.bytes(), f"snapshot {name!r}")
        return Snapshot([torch.empty_like(v) for v in self.vectors()], 0)

    def use(self, name: str, drop: bool) -> None:
        """Restores a snapshot, and forgets it if drop."""
        if name not in self.kept:
            raise Invalid(f"no snapshot {name!r}: there are {sorted(self.kept)}")
        self.restore(self.kept[name].vectors, self.kept[name].steps)
        if drop:
            self.drop(name)

    def restore(self, vectors: List[torch.Tensor], steps: int) -> None:
        """Copies a state into this one."""
        for to, of in zip(self.vectors(), vectors):
            to.copy_(of)
        self.optimizer.steps = steps
        self.moved()

    def drop(self, name: str) -> None:
        """Forgets a snapshot; its memory stays for the next one."""
        self.spare.append(self.kept.pop(name))
        self.forget(lambda member: _is_of(member, name))

    def moved(self) -> None:
        """Tells that the weights changed: statistics that were refitted for them are void."""
        self.forget(lambda member: not member.startswith("kept:"))

    def forget(self, changed: Callable[[str], bool]) -> None:
        """Drops the refitted statistics of members that changed."""
        for member in [m for m in self.refitted if changed(m)]:
            del self.refitted[member]

    def member(self, name: str) -> Member:
        """The weights of a name: raw, average:DECAY, kept:NAME, kept:NAME/raw or kept:NAME/average:DECAY."""
        if self.exported is not None:
            if name not in self.exported:
                raise Invalid(f"weights {name!r}: the loaded file holds {sorted(self.exported)}")
            return self.exported[name]
        found = self._find(name)
        if name in self.refitted:
            found = found._replace(statistics=self.refitted[name][1])
        return found

    def _find(self, name: str) -> Member:
        if not name.startswith("kept:"):
            return self._inner(name, self.vectors())
        label = name[len("kept:") :]
        if label in self.kept:
            return self._inner(RAW, self.kept[label].vectors)
        label, _, inner = label.rpartition("/")
        if label not in self.kept:
            raise Invalid(f"weights {name!r}: nothing is kept under that name")
        return self._inner(inner, self.kept[label].vectors)

    def _inner(self, name: str, vectors: List[torch.Tensor]) -> Member:
        if name in ("", RAW):
            return Member(vectors[0], vectors[-1])
        decays = list(self.optimizer.averages)
        try:
            decay = float(name[len("average:") :]) if name.startswith("average:") else -1
        except ValueError:
            decay = -1
        if decay not in decays:
            raise Invalid(f"weights {name!r}: there are raw, and averages of decay {decays}")
        return Member(vectors[1 + len(self.optimizer.moments) + decays.index(decay)], vectors[-1])

    @contextmanager
    def using(self, member: Member) -> Iterator[None]:
        """Puts a member in the place of the live weights for a time. It borrows the optimizer's scratch memory."""
        live, saved = self.weights.parameters.flat, self.optimizer.scratch
        statistics = self.weights.statistics.flat
        if member.parameters is live and member.statistics is statistics:
            yield
            return
        own = statistics.clone()
        saved.copy_(live)
        try:
            live.copy_(member.parameters)
            statistics.copy_(member.statistics)
            yield
        finally:
            live.copy_(saved)
            statistics.copy_(own)


def _named(block: Block, prefix: str, flat: torch.Tensor) -> Iterator[Tuple[str, torch.Tensor]]:
    for name, t in zip(block.names, block.views(flat)):
        yield prefix + name, t


def _is_of(member: str, snapshot: str) -> bool:
    """Whether a member belongs to a snapshot."""
    return member == f"kept:{snapshot}" or member.startswith(f"kept:{snapshot}/")
