"""Predicting: any rows, with any weights or a blend of several, into a loss and a file of outputs."""

from __future__ import annotations

import math
import os
import tempfile
from contextlib import contextmanager
from typing import Any, Iterator, List, Tuple

import numpy
import torch

from . import architecture_pb2 as protocol
from .state import RAW, Member

BLOCK = 4096  # rows between two exchanges of weights


@torch.no_grad()
def evaluate(session: Any, o: protocol.Evaluate) -> protocol.Result:
    """Answers one Evaluate; the state is as it was."""
    rows = session.data.rows(o.rows)
    if not len(rows):
        rows = torch.arange(session.view.rows)
    names = list(o.weights) or [RAW]
    flops = len(rows) * len(names) * session.info.flops_row_eval
    flops += sum(_recalibrate(session, name, o.recalibrate_rows) for name in names)
    members = [session.state.member(name) for name in names]
    loss = 0.0
    with _writer(o.out, len(rows), session.width) as write:
        for block in rows.split(BLOCK):
            out, total = _blend(session, block, members)
            loss += total
            write(out)
    loss /= max(len(rows), 1)
    return protocol.Result(loss=loss, finite=math.isfinite(loss), flops=flops, path=o.out)


def _blend(session: Any, rows: torch.Tensor, members: List[Member]) -> Tuple[torch.Tensor, float]:
    """The mean of the members' outputs, and the sum of its losses (0 without a target)."""
    session.mode(False)
    blended, loss = None, 0.0
    for member in members:
        with session.state.using(member):
            out, loss = _predict(session, rows)
        blended = out if blended is None else blended + out
    if len(members) == 1:
        return blended, loss
    blended /= len(members)
    if session.data.target is None:
        return blended, 0.0
    y = session.data.targets(rows)
    if session.view.task == "classification":
        tiny = torch.finfo(torch.float32).tiny
        return blended, float(-blended.gather(1, y[:, None]).clamp_min(tiny).double().log().sum())
    return blended, float(session.loss(blended, y, mean=False).double().sum())


def _predict(session: Any, rows: torch.Tensor) -> Tuple[torch.Tensor, float]:
    parts, loss = [], 0.0
    for piece in rows.split(session.max_batch):
        out = session.forward(session.data.batch(piece))
        if session.data.target is not None:
            loss += float(session.loss(out, session.data.targets(piece), mean=False).double().sum())
        parts.append(out.softmax(1) if session.view.task == "classification" else out)
    return torch.cat(parts), loss


def _recalibrate(session: Any, name: str, packed: bytes) -> int:
    """Estimates the batch-norm statistics that belong to a set of weights, unless they stand from before; gives the FLOPs."""
    norms = [m for m in session.module.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    state = session.state
    if not packed or not norms or name == RAW or state.exported is not None:
        return 0
    if name in state.refitted and state.refitted[name][0] == packed:
        return 0
    rows = session.data.rows(packed)
    momenta, seen = [m.momentum for m in norms], 0
    session.mode(True)
    with state.using(state.member(name)._replace(statistics=state.weights.statistics.flat.clone())):
        try:
            for piece in rows.split(session.max_batch):
                if len(piece) < 2:
                    continue  # a lone row has no variance
                seen += len(piece)
                for m in norms:
                    m.momentum = len(piece) / seen
                session.forward(session.data.batch(piece))
            state.refitted[name] = packed, state.weights.statistics.flat.clone()
        finally:
            for m, momentum in zip(norms, momenta):
                m.momentum = momentum
    return len(rows) * session.info.flops_row_eval


@contextmanager
def _writer(path: str, rows: int, width: int) -> Iterator[Any]:
    """A function that appends outputs to the .npy file at path, which appears complete or not at all; without a path they go
    nowhere."""
    if not path:
        yield lambda _: None
        return
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix="." + os.path.basename(path))
    try:
        with os.fdopen(descriptor, "wb") as f:
            header = {"descr": "<f4", "fortran_order": False, "shape": (rows, width)}
            numpy.lib.format.write_array_header_1_0(f, header)
            yield lambda out: f.write(memoryview(numpy.ascontiguousarray(out.cpu().numpy(), "<f4")).cast("B"))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
