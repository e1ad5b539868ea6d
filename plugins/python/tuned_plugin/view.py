"""A data set as the host wrote it: view.json and .npy arrays, mapped into memory and read row by row."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, List, Optional

import numpy
import torch

from .errors import Corrupt, Invalid

FILE = "view.json"


@dataclass
class Batch:
    """Some rows as a network sees them. What the data does not have is None."""

    numeric: Optional[torch.Tensor] = None  # float32, rows × columns
    codes: Optional[torch.Tensor] = None  # int64, rows × columns; 0 is missing or unseen
    pixels: Optional[torch.Tensor] = None  # float32, rows × channels × height × width, normalised


class View:
    """What view.json says of the data: rows, task, classes, inputs and target, as in tuned's trainer/model/view.go.

    An input has kind, columns, continuous (how many of the numeric columns, the first ones, are scaled numbers),
    cardinalities, height, width, channels, mean and std; what does not apply to its kind is 0 or empty.
    """

    def __init__(self, directory: str):
        try:
            with open(os.path.join(directory, FILE), encoding="utf-8") as f:
                fields = json.load(f)
        except OSError as e:
            raise Invalid(f"open view: {e}") from e
        except ValueError as e:
            raise Corrupt(f"{FILE}: {e}") from e
        try:
            self.rows: int = fields["rows"]
            self.task: str = fields["task"]
            self.classes: int = fields.get("classes", 0)
            self.inputs: List[SimpleNamespace] = [_input(i) for i in fields["inputs"]]
            target = fields.get("target")
            self.target = SimpleNamespace(**target) if target else None
        except (AttributeError, KeyError, TypeError) as e:
            raise Corrupt(f"{FILE}: {e!r}") from e

    def input(self, kind: str) -> Optional[SimpleNamespace]:
        """The input of a kind; None where the data has none."""
        return next((i for i in self.inputs if i.kind == kind), None)


def _input(fields: Any) -> SimpleNamespace:
    defaults = dict(
        names=[], continuous=0, columns=0, cardinalities=[], height=0, width=0, channels=0, mean=[], std=[]
    )
    return SimpleNamespace(**{**defaults, **fields})


class Data:
    """The arrays of a view, mapped; rows are gathered from them for a device."""

    def __init__(self, directory: str, view: View, device: torch.device):
        self.view, self.device, self.bytes = view, device, 0
        self._directory = directory
        self.numeric = self.codes = self.pixels = self.target = None
        for i in view.inputs:
            self._add(i)
        if view.target is not None:
            kind = "<i4" if view.task == "classification" else "<f4"
            self.target = self._map(view.target.file, kind, (view.rows,))
            if view.task == "classification":
                self._check(view.target.file, self.target[:, None], [view.classes])

    def _add(self, i: SimpleNamespace) -> None:
        rows = self.view.rows
        if i.kind == "numeric":
            self.numeric = self._map(i.file, "<f4", (rows, i.columns))
        elif i.kind == "categorical":
            self.codes = self._map(i.file, "<i4", (rows, len(i.cardinalities)))
            self._check(i.file, self.codes, i.cardinalities)
        elif i.kind == "image":
            self.pixels = self._map(i.file, "|u1", (rows, i.height, i.width, i.channels))
            shape = (1, i.channels, 1, 1)
            self._mean = torch.tensor(i.mean or [0.0] * i.channels, device=self.device).view(shape) * 255
            self._scale = 1 / (torch.tensor(i.std or [1.0] * i.channels, device=self.device).view(shape) * 255)
        else:
            raise Invalid(f"an input of kind {i.kind!r}")

    def _map(self, name: str, kind: str, shape: tuple) -> torch.Tensor:
        if os.path.isabs(name) or ".." in name.split(os.sep):
            raise Invalid(f"{name!r} leaves the view's directory")
        try:
            array = numpy.load(os.path.join(self._directory, name), mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as e:
            raise Corrupt(f"{name}: {e}") from e
        if array.dtype != numpy.dtype(kind) or array.shape != shape or not array.flags.c_contiguous:
            raise Corrupt(f"{name}: {array.dtype} {array.shape} where {kind} {shape} is expected")
        self.bytes += array.nbytes
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the array is read-only: nothing writes to it
            return torch.from_numpy(array)

    def _check(self, name: str, codes: torch.Tensor, cardinalities: List[int]) -> None:
        """Codes beyond a table's end would read foreign memory, or end the process."""
        if len(codes) == 0:
            return
        low, high = codes.min(0).values.tolist(), codes.max(0).values.tolist()
        for column, n in enumerate(cardinalities):
            if low[column] < 0 or high[column] >= n:
                raise Corrupt(f"{name}: codes {low[column]} to {high[column]} in column {column}, of {n}")

    def rows(self, packed: bytes) -> torch.Tensor:
        """The rows that a message names: little-endian int32."""
        if len(packed) % 4:
            raise Invalid(f"{len(packed)} bytes are not a list of int32 rows")
        rows = numpy.frombuffer(packed, "<i4").astype(numpy.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= self.view.rows):
            raise Invalid(f"rows {rows.min()} to {rows.max()} of a view of {self.view.rows}")
        return torch.from_numpy(rows)

    def batch(self, rows: torch.Tensor) -> Batch:
        """The inputs of some rows."""
        out = Batch()
        if self.numeric is not None:
            out.numeric = self.numeric.index_select(0, rows).to(self.device)
        if self.codes is not None:
            out.codes = self.codes.index_select(0, rows).to(self.device).long()
        if self.pixels is not None:
            pixels = self.pixels.index_select(0, rows).to(self.device).permute(0, 3, 1, 2).float()
            out.pixels = pixels.sub_(self._mean).mul_(self._scale).contiguous()
        return out

    def targets(self, rows: torch.Tensor) -> torch.Tensor:
        """The classes, or standardised values, of some rows."""
        y = self.target.index_select(0, rows).to(self.device)
        return y.long() if self.view.task == "classification" else y

    def row_bytes(self) -> int:
        """What a gathered row takes, its intermediate forms included."""
        return sum(
            factor * t[0].numel()
            for t, factor in ((self.numeric, 8), (self.codes, 16), (self.pixels, 13))
            if t is not None and len(t)
        ) + 24
