"""A session's files, as the built-in architectures write them: the whole state, or the members that predict.

In a saved session tensors are named "state/T" and "kept/I/T" for tensor T of the state and the I-th snapshot; in an export
"M/T" for tensor T of member M.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import numpy
import torch

from . import safetensors
from .errors import Corrupt, Invalid
from .state import RAW, Member, State

VERSION = "1"
Named = List[Tuple[str, numpy.ndarray]]


def save(state: State, path: str) -> Tuple[int, str]:
    """Writes the state with every snapshot; gives the file's length and sha256."""
    if state.exported is not None:
        raise Invalid("weights loaded from an export can be evaluated, and nothing else")
    tensors = _arrays("state/", state.named(state.vectors()))
    entries = []
    for i, name in enumerate(sorted(state.kept)):
        entries.append({"name": name, "step": state.kept[name].steps})
        tensors += _arrays(f"kept/{i}/", state.named(state.kept[name].vectors))
    metadata = _metadata("session", "kept", entries)
    metadata["step"] = str(state.optimizer.steps)
    return safetensors.write(path, tensors, metadata)


def export(state: State, path: str, members: Sequence[str]) -> Tuple[int, str]:
    """Writes members; gives the file's length and sha256."""
    names = list(dict.fromkeys(members)) or [RAW]
    tensors: Named = []
    for name in names:
        tensors += _arrays(name + "/", state.named_member(state.member(name)))
    return safetensors.write(path, tensors, _metadata("export", "members", names))


def _arrays(prefix: str, named: Iterable[Tuple[str, torch.Tensor]]) -> Named:
    return [(prefix + name, t.detach().cpu().numpy()) for name, t in named]


def _metadata(kind: str, key: str, value: Any) -> Dict[str, str]:
    return {"format": "tuned", "version": VERSION, "kind": kind, key: json.dumps(value)}


def load(state: State, path: str, length: int, sha256: str) -> None:
    """Restores what save or export wrote. All of it is checked before anything changes."""
    tensors, metadata = safetensors.read(path, length, sha256)
    if metadata.get("format") != "tuned" or metadata.get("version") != VERSION:
        raise Corrupt(f"{path}: format {metadata.get('format')!r}, version {metadata.get('version')!r}")
    try:
        if metadata["kind"] == "session":
            _restore(state, tensors, json.loads(metadata["kept"]), int(metadata["step"]))
        elif metadata["kind"] == "export":
            _adopt(state, tensors, json.loads(metadata["members"]))
        else:
            raise Corrupt(f"{path}: a file of kind {metadata['kind']!r}")
    except (KeyError, TypeError, ValueError) as e:
        raise Corrupt(f"{path}: {e!r}") from e


def _restore(state: State, tensors: safetensors.Tensors, entries: List[Dict[str, Any]], steps: int) -> None:
    live = state.vectors()
    places = [("state/", live)]
    kept = [(str(e["name"]), int(e["step"])) for e in entries]
    for i in range(len(kept)):
        places.append((f"kept/{i}/", live))
    _check(tensors, [(prefix, state.named(vectors)) for prefix, vectors in places])
    for name in list(state.kept):
        state.drop(name)
    for i, (name, at) in enumerate(kept):
        snapshot = state.room(name)
        _fill(tensors, f"kept/{i}/", state.named(snapshot.vectors))
        snapshot.steps = at
        state.kept[name] = snapshot
    _fill(tensors, "state/", state.named(live))
    state.optimizer.steps = steps
    state.forget(lambda _: True)
    state.drop_exported()


def _adopt(state: State, tensors: safetensors.Tensors, names: List[str]) -> None:
    live = Member(state.weights.parameters.flat, state.weights.statistics.flat)
    if not names:
        raise Corrupt("an export without members")
    _check(tensors, [(name + "/", state.named_member(live)) for name in names])
    size = 4 * (live.parameters.numel() + live.statistics.numel())
    state.budget.take(size * (len(names) - len(state.exported or ())), f"members {names}")
    exported = {}
    for name in names:
        member = Member(torch.zeros_like(live.parameters), torch.zeros_like(live.statistics))
        _fill(tensors, name + "/", state.named_member(member))
        exported[name] = member
    state.exported = exported
    state.forget(lambda _: True)


def _check(tensors: safetensors.Tensors, sets: Sequence[Tuple[str, Iterable[Tuple[str, torch.Tensor]]]]) -> None:
    """The file holds these tensors, of these shapes, and no others."""
    wanted = {prefix + name: tuple(t.shape) for prefix, named in sets for name, t in named}
    for name in wanted.keys() | tensors.keys():
        if name not in wanted or name not in tensors or tensors[name].shape != wanted[name]:
            raise Corrupt(f"tensor {name!r} is missing, of another shape, or too many: it is another network's file")


def _fill(tensors: safetensors.Tensors, prefix: str, named: Iterable[Tuple[str, torch.Tensor]]) -> None:
    for name, t in named:
        t.copy_(torch.from_numpy(numpy.array(tensors[prefix + name])))
