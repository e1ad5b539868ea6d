"""What the author of an architecture in Python imports: a manifest, a function that builds a torch.nn.Module, and serve.

    import torch
    from tuned_plugin import Inputs, Manifest, Setting, outputs, serve

    def build(view, settings):
        inputs, width = Inputs(view), settings["tiny.width"]
        return torch.nn.Sequential(
            inputs, torch.nn.Linear(inputs.size, width), torch.nn.ReLU(), torch.nn.Dropout(),
            torch.nn.Linear(width, outputs(view)),
        )

    serve(Manifest("tiny", "1.0.0", "One hidden layer.", settings=[
        Setting.int("tiny.width", 1, 4096, "units of the hidden layer"),
    ]), build)

Everything else is the package's: the connection to the host, the data, the optimizer, averages, snapshots and files. The
host decides every scalar of every step: each torch.nn.Dropout follows the step's dropout, and the loss is cross-entropy with
the step's label smoothing, or the squared error. Written for PyTorch 1.13 to 2.x.
"""

from . import stdout as _stdout  # first: from here on, nothing that is printed can disturb the handshake

try:
    import google.protobuf as _protobuf
    import grpc as _grpc
    import numpy as _numpy
    import torch as _torch
except ImportError as e:
    import sys as _sys

    raise SystemExit(
        f"tuned_plugin: {_sys.executable} has no {e.name}.\n"
        "On Debian: apt-get install python3-torch python3-grpcio python3-protobuf; elsewhere: pip install torch grpcio protobuf.\n"
        "The variable TUNED_PYTHON names another interpreter."
    ) from e

from .errors import Corrupt, Invalid, OutOfMemory
from .manifest import Manifest, Setting
from .network import Embed, Group, Inputs, Network, outputs
from .serve import serve
from .view import Batch, View

__all__ = [
    "Batch", "Corrupt", "Embed", "Group", "Inputs", "Invalid", "Manifest", "Network", "OutOfMemory", "Setting", "View",
    "outputs", "serve",
]
