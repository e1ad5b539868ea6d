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
