"""What an architecture is: capabilities as data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Sequence

from . import architecture_pb2 as protocol
from .errors import Invalid

PROTOCOL_VERSION = 1


@dataclass(frozen=True)
class Setting:
    """One hyperparameter, which a rule decides. Its name starts with the architecture's: "mynet.width"."""

    name: str
    type: str  # "int", "float", "bool" or "choice"
    help: str  # what it does, for someone who does not program
    min: float = 0.0  # inclusive range of numbers; both 0: unbounded
    max: float = 0.0
    choices: Sequence[str] = ()
    unit: str = ""
    absent: Any = None  # what a plan stands for that is older than the setting (see since); None: such plans are refused

    def since(self, absent: Any) -> "Setting":
        """The setting, for plans that were made before there was one: they stand for this value, and their models go on to serve."""
        return replace(self, absent=self.check(absent))

    @staticmethod
    def int(name: str, min: int, max: int, help: str, unit: str = "") -> "Setting":
        """An integer from min to max."""
        return Setting(name, "int", help, min, max, unit=unit)

    @staticmethod
    def float(name: str, min: float, max: float, help: str, unit: str = "") -> "Setting":
        """A number from min to max."""
        return Setting(name, "float", help, min, max, unit=unit)

    @staticmethod
    def bool(name: str, help: str) -> "Setting":
        """Yes or no."""
        return Setting(name, "bool", help)

    @staticmethod
    def choice(name: str, choices: Sequence[str], help: str) -> "Setting":
        """One of some words."""
        return Setting(name, "choice", help, choices=tuple(choices))

    def check(self, value: Any) -> Any:
        """The value in the setting's type; an integer may stand for a number."""
        wrong = Invalid(f"setting {self.name!r} is {value!r}: want {self.domain()}")
        if self.type == "float" and type(value) is int:
            value = float(value)
        if type(value) is not {"int": int, "float": float, "bool": bool, "choice": str}[self.type]:
            raise wrong
        if self.type == "choice" and value not in self.choices:
            raise wrong
        if self.type == "float" and not math.isfinite(value):
            raise wrong
        bounded = self.type in ("int", "float") and (self.min != 0 or self.max != 0)
        if bounded and not self.min <= value <= self.max:
            raise wrong
        return value

    def domain(self) -> str:
        """What it can be, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.min != 0 or self.max != 0:
            return f"a value of type {self.type} from {self.min:g} to {self.max:g}"
        return f"a value of type {self.type}"


@dataclass(frozen=True)
class Manifest:
    """An architecture's name and what it can do."""

    name: str
    version: str
    summary: str  # one sentence for `tuned plugins list`
    tasks: Sequence[str] = ("classification", "regression")
    inputs: Sequence[str] = ("numeric", "categorical")  # and "image"
    settings: Sequence[Setting] = field(default_factory=tuple)
    rules: str = ""  # its own rules.toml; empty: the file of that name beside the program, if there is one

    def checked(self, settings: Dict[str, Any]) -> Dict[str, Any]:
        """The settings with each declared one checked. Others, the trainer's, pass."""
        out = dict(settings)
        for s in self.settings:
            value = settings.get(s.name, s.absent)
            if value is None:
                raise Invalid(f"setting {s.name!r} is missing")
            out[s.name] = s.check(value)
        return out

    def message(self, rules: str) -> protocol.Manifest:
        """The manifest as the protocol sends it."""
        settings: List[protocol.Setting] = [
            protocol.Setting(
                name=s.name, type=s.type, unit=s.unit, min=s.min, max=s.max, choices=s.choices, help=s.help
            )
            for s in self.settings
        ]
        return protocol.Manifest(
            name=self.name, version=self.version, summary=self.summary, protocol=PROTOCOL_VERSION,
            tasks=self.tasks, inputs=self.inputs, settings=settings, averages=True, rules=self.rules or rules,
        )
