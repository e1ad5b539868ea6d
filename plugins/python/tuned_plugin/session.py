"""One network, opened on one data set: it steps, evaluates, keeps snapshots and writes files, as the host asks."""

from __future__ import annotations

import math
import os
import platform
import resource
import sys
from typing import Any, Callable, Dict, List, Tuple, Union

import torch

from . import architecture_pb2 as protocol
from . import facts, files, threads
from .errors import Invalid
from .evaluate import evaluate
from .manifest import Manifest
from .network import Network, outputs
from .state import Budget, State
from .view import Batch, Data, View
from .weights import Optimizer, Weights

Build = Callable[[View, Dict[str, Any]], Union[torch.nn.Module, Network]]

INIT_ROWS = 4096  # at most, evenly spread

# The miss, in standard deviations of the target, up to which the absolute loss is half the squared error: the host expects it so.
ABSOLUTE_WIDTH = 0.3


class Session:
    """One model.Session of the host. It is used by one thread."""

    def __init__(self, manifest: Manifest, build: Build, request: protocol.OpenRequest):
        settings = manifest.checked({name: _value(v) for name, v in request.settings.items()})
        if request.max_batch < 1:
            raise Invalid(f"batches of {request.max_batch} rows")
        self.view = View(request.view)
        _check_covered(manifest, self.view)
        self.device = _prepare(request)
        self.data = Data(request.view, self.view, self.device)
        self.seed, self.max_batch, self.width = request.seed, request.max_batch, outputs(self.view)
        self.half = settings.get(manifest.name + ".precision") == "bf16"
        self.absolute = settings.get(manifest.name + ".loss") == "absolute"
        torch.manual_seed(_mix(self.seed))
        built = build(self.view, settings)
        self.network = built if isinstance(built, Network) else Network(built)
        if not isinstance(self.network.module, torch.nn.Module):
            raise TypeError(f"build gives {built!r}, not a torch.nn.Module")
        self.module = self.network.module
        self.drops = [m for m in self.module.modules() if isinstance(m, torch.nn.modules.dropout._DropoutNd)]
        weights = Weights(self.network, self.device)
        optimizer = Optimizer(weights, settings.get("optimizer", "adamw"), _decays(settings.get("averages", "")))
        self.state = State(weights, optimizer, Budget(request.memory_bytes))
        self.training: Any = None
        self._measure(request)
        self._initialise(self.data.rows(request.init_rows))

    def do(self, op: protocol.Op) -> protocol.Result:
        """Runs one operation."""
        kind = op.WhichOneof("op")
        if kind == "evaluate":
            return evaluate(self, op.evaluate)
        if self.state.exported is not None:
            raise Invalid("weights loaded from an export can be evaluated, and nothing else")
        if kind == "step":
            return self.step(op.step)
        if kind == "keep":
            self.state.keep(op.keep.name)
        elif kind == "use":
            self.state.use(op.use.name, op.use.drop)
        else:
            raise Invalid("unknown operation")
        return protocol.Result(finite=True)

    def step(self, o: protocol.Step) -> protocol.Result:
        """One update, or the measurement of a gradient."""
        rows = self.data.rows(o.rows)
        self._check_step(o, len(rows))
        self.mode(True, o.dropout)
        statistics = self.state.weights.statistics.flat
        before = statistics.clone()
        if o.no_update:
            result = self._parts(rows, o) if o.parts else self._whole(rows, o)
            statistics.copy_(before)
            return result
        result = self._whole(rows, o)
        result.flops += self.info.flops_step
        if not result.finite:
            statistics.copy_(before)
            return result
        self.state.optimizer.update(o, o.clip_norm / result.grad_norm if result.clipped else 1.0)
        self.state.moved()
        return result

    def _whole(self, rows: torch.Tensor, o: protocol.Step) -> protocol.Result:
        loss, norm = self._gradient(rows, o, 0)
        return self._result(loss, norm, len(rows), o)

    def _parts(self, rows: torch.Tensor, o: protocol.Step) -> protocol.Result:
        """The gradients of equal parts one after the other, and of the whole from theirs."""
        whole, norms, losses = self.state.optimizer.scratch.zero_(), [], []
        for i, part in enumerate(rows.view(o.parts, -1)):
            loss, norm = self._gradient(part, o, i)
            norms.append(norm * norm)
            losses.append(loss)
            whole.add_(self.state.weights.gradient, alpha=1 / o.parts)
        result = self._result(sum(losses) / o.parts, float(whole.norm()), len(rows), o)
        result.part_norms.extend(norms)
        return result

    def _result(self, loss: float, norm: float, rows: int, o: protocol.Step) -> protocol.Result:
        finite = math.isfinite(loss) and math.isfinite(norm)
        return protocol.Result(
            loss=loss, grad_norm=norm, finite=finite, flops=rows * self.info.flops_row,
            clipped=finite and 0 < o.clip_norm < norm,
        )

    def _gradient(self, rows: torch.Tensor, o: protocol.Step, part: int) -> Tuple[float, float]:
        """Leaves the gradient of the mean loss; gives the loss and the gradient's norm."""
        torch.manual_seed(_mix(self.seed, self.state.optimizer.steps + 1, part))
        gradient = self.state.weights.gradient.zero_()
        loss = self.loss(self.forward(self.data.batch(rows)), self.data.targets(rows), o.label_smoothing)
        loss.backward()
        return tuple(torch.stack([loss.detach(), gradient.norm()]).tolist())

    def forward(self, batch: Batch) -> torch.Tensor:
        """The network's outputs: float32 rows × width, logits or values."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.half):
            out = self.module(batch)
        if out.dim() == 1 and self.width == 1:
            out = out[:, None]
        if out.dim() != 2 or out.shape[1] != self.width:
            raise Invalid(f"the network's output has shape {tuple(out.shape)}, want rows × {self.width}")
        return out.float()

    def loss(self, out: torch.Tensor, y: torch.Tensor, smoothing: float = 0.0, mean: bool = True) -> torch.Tensor:
        """The loss, of the mean or of each row."""
        reduction = "mean" if mean else "none"
        if self.view.task == "classification":
            return torch.nn.functional.cross_entropy(out, y, reduction=reduction, label_smoothing=smoothing)
        if self.absolute:
            return torch.nn.functional.huber_loss(out[:, 0], y, reduction=reduction, delta=ABSOLUTE_WIDTH)
        return torch.nn.functional.mse_loss(out[:, 0], y, reduction=reduction)

    def mode(self, training: bool, dropout: float = 0.0) -> None:
        """Has the network train, with the step's dropout, or predict."""
        if self.training != training:
            self.module.train(training)
            self.training = training
        for m in self.drops:
            m.p = dropout

    def save(self, path: str) -> Tuple[int, str]:
        """Writes everything."""
        return files.save(self.state, path)

    def export(self, path: str, members: List[str]) -> Tuple[int, str]:
        """Writes what predicting with these members needs."""
        return files.export(self.state, path, members)

    def load(self, path: str, length: int, sha256: str) -> None:
        """Restores what save or export wrote."""
        files.load(self.state, path, length, sha256)

    def _check_step(self, o: protocol.Step, rows: int) -> None:
        if not 1 <= rows <= self.max_batch:
            raise Invalid(f"a step on {rows} rows, in a session opened for 1 to {self.max_batch}")
        if self.data.target is None:
            raise Invalid("a step on a view without a target")
        if o.parts and (not o.no_update or o.parts < 0 or rows % o.parts):
            raise Invalid(f"{o.parts} parts of {rows} rows: parts are equal, and measured without an update")
        scalars = [o.lr, o.weight_decay, o.epsilon, o.clip_norm, o.beta1, o.beta2, o.dropout, o.label_smoothing]
        if not all(math.isfinite(x) and x >= 0 for x in scalars) or any(x >= 1 for x in scalars[4:]):
            raise Invalid(f"the step's scalars cannot be: {scalars}")

    def _measure(self, request: protocol.OpenRequest) -> None:
        """Counts what the network costs, and refuses what cannot fit before it is asked for."""
        few, more = self._count(2), self._count(4)
        eval_row = (more.forward - few.forward) // 2
        row = eval_row + (more.backward - few.backward) // 2
        weights, optimizer = self.state.weights, self.state.optimizer
        constant = few.forward + few.backward - 2 * row
        made = more.made - few.made + 3 * (more.largest - few.largest)
        vectors = len(self.state.vectors()) + 1  # the gradient and the scratch, without the statistics
        self.info = protocol.OpenReply(
            parameters=weights.count, flops_row=max(row, 1), flops_row_eval=max(eval_row, 1),
            flops_step=weights.count * optimizer.flops() + max(constant, 0),
            bytes_fixed=vectors * weights.parameters.bytes() + 2 * weights.statistics.bytes(),
            bytes_row=made // 2 + self.data.row_bytes() + 8 * self.width,
            deterministic=self.device.type == "cpu", isa=_isa(self.device),
        )
        for g in weights.groups:
            self.info.groups.add(
                name=g["name"], parameters=g["parameters"], lr_factor=g["lr"], decay_factor=g["decay"]
            )
        need = self.info.bytes_fixed + request.max_batch * self.info.bytes_row
        if self.device.type == "cpu":
            need += self.data.bytes + _resident()
        self.state.budget.take(need, f"the model at {request.max_batch} rows a batch")

    def _count(self, rows: int) -> facts.Cost:
        """The cost of some made-up rows; what they did to the statistics is undone."""
        statistics = self.state.weights.statistics.flat
        before = statistics.clone()
        self.mode(True)
        batch, y = self._made_up(rows)
        cost = facts.count(lambda: self.loss(self.forward(batch), y))
        statistics.copy_(before)
        self.state.weights.gradient.zero_()
        return cost

    def _made_up(self, rows: int) -> Tuple[Batch, torch.Tensor]:
        batch, to = Batch(), self.device
        for i in self.view.inputs:
            if i.kind == "numeric":
                batch.numeric = torch.zeros(rows, i.columns, device=to)
            elif i.kind == "categorical":
                batch.codes = torch.zeros(rows, len(i.cardinalities), dtype=torch.long, device=to)
            else:
                batch.pixels = torch.zeros(rows, i.channels, i.height, i.width, device=to)
        classes = self.view.task == "classification"
        return batch, torch.zeros(rows, dtype=torch.long if classes else torch.float32, device=to)

    @torch.no_grad()
    def _initialise(self, rows: torch.Tensor) -> None:
        """Lets the author set weights from training rows, if there are any: without, weights will be loaded."""
        if self.network.initialise is None or len(rows) < 2:
            return
        if len(rows) > INIT_ROWS:
            rows = rows[torch.arange(INIT_ROWS) * len(rows) // INIT_ROWS]
        self.mode(False)
        torch.manual_seed(_mix(self.seed, 0))
        self.network.initialise(self.data.batch(rows))
        self.state.optimizer.restart_averages()
        self.info.initial_flops = len(rows) * self.info.flops_row_eval


def _value(v: protocol.Value) -> Any:
    kind = v.WhichOneof("value")
    return getattr(v, kind) if kind else None


def _decays(text: str) -> List[float]:
    try:
        return [float(d) for d in text.split(",") if d.strip()]
    except ValueError as e:
        raise Invalid(f"setting 'averages': {text!r}") from e


def _check_covered(manifest: Manifest, view: View) -> None:
    if view.task not in manifest.tasks:
        raise Invalid(f"task {view.task}, where it does {', '.join(manifest.tasks)}")
    if not view.inputs:
        raise Invalid("the data has no inputs")
    for i in view.inputs:
        if i.kind not in manifest.inputs:
            raise Invalid(f"an input is {i.kind}, where it reads {', '.join(manifest.inputs)}")


def _prepare(request: protocol.OpenRequest) -> torch.device:
    """Sets threads and limits; gives the device, a GPU where there is one."""
    threads.limit(max(request.threads, 1))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS is not deterministic
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.allow_tf32 = False  # fp32 is what it is called
    if not torch.cuda.is_available():
        return torch.device("cpu")
    if request.memory_bytes:
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, request.memory_bytes / total))
    return torch.device("cuda", 0)


def _mix(*keys: int) -> int:
    """A seed that is a function of the keys, and differs with each (SplitMix64's finaliser)."""
    mask, x = (1 << 64) - 1, 0x9E3779B97F4A7C15
    for key in keys:
        x = (x ^ (key & mask)) * 0xBF58476D1CE4E5B9 & mask
        x = (x ^ x >> 27) * 0x94D049BB133111EB & mask
        x = (x ^ x >> 31) + 0x9E3779B97F4A7C15 & mask
    return x >> 1


def _resident() -> int:
    """What the process holds now, or where the system does not tell has held at most: the interpreter, PyTorch's libraries."""
    try:
        with open("/proc/self/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak << 10


def _isa(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpu = getattr(torch.backends, "cpu", None)  # PyTorch 2
    capability = " " + cpu.get_cpu_capability() if hasattr(cpu, "get_cpu_capability") else ""
    return f"{platform.machine()}{capability}, torch {torch.__version__}"
