"""torch: tuned's mlp and a small convolutional network, on PyTorch.

A table goes through the RealMLP structure (Holzmüller and others 2024, arXiv:2407.04491), as in the built-in mlp: embedded
numbers, one-hot columns and embedded categories, a learned factor for each, dense layers in NTK parametrisation with
parametric activations, initialised from training rows. Images enter through convolutions, whose features stand beside the
columns.
"""

from tuned_plugin import Group, Manifest, Network, Setting, serve  # first, so that nothing prints before it
from layers import ACTIVATIONS, NUMERIC, Mlp


def build(view, settings):
    """The network for a view; see rules.toml for what decides its settings."""
    net = Mlp(view, settings)
    return Network(net, initialise=net.initialise, groups=[
        Group("scale", net.scales(), settings["torch.scale_lr_factor"]),
        Group("bias", net.biases(), settings["torch.bias_lr_factor"], decay_factor=0),
        Group("embedding", net.embeddings(), settings["torch.embedding_lr_factor"]),
        Group("activation", net.slopes(), settings["torch.activation_lr_factor"]),
    ])


def factor(name, of):
    """A setting that multiplies the learning rate of some parameters."""
    return Setting.float(name, 0, 100, f"learning rate of {of}, as a multiple of the general one")


SETTINGS = [
    Setting.int("torch.width", 1, 16384, "units of each hidden layer", unit="units"),
    Setting.int("torch.depth", 1, 64, "hidden layers, one behind another", unit="layers"),
    Setting.choice("torch.activation", list(ACTIVATIONS), "the curve that each unit bends its input by"),
    Setting.bool("torch.parametric_activation", "whether each unit learns how much of the curve it uses"),
    Setting.choice("torch.embedding", list(NUMERIC),
                   "how a number enters: as it is, with learned waves beside it (pbld), or cut into bins (ple)"),
    Setting.int("torch.frequencies", 1, 512, "waves (pbld) or bins (ple) for each number"),
    Setting.int("torch.embedding_size", 2, 128, "values that an embedded number becomes", unit="values"),
    Setting.float("torch.sigma", 1e-6, 1000, "how fine the waves are at the start: higher sees smaller differences"),
    Setting.int("torch.category_size", 1, 600, "values that a category becomes", unit="values"),
    Setting.bool("torch.front_scale", "whether each input has a learned weight of its own"),
    factor("torch.scale_lr_factor", "the inputs' weights"),
    factor("torch.bias_lr_factor", "the biases"),
    factor("torch.embedding_lr_factor", "the numbers' embeddings"),
    factor("torch.activation_lr_factor", "the activations' parameters"),
    Setting.int("torch.channels", 4, 512, "pictures: what the first convolution tells apart; each later one twice as much"),
    Setting.choice("torch.precision", ["fp32", "bf16"],
                   "the numbers that it computes with: bf16 is faster on a GPU, and coarser"),
]

if __name__ == "__main__":
    serve(Manifest(
        name="torch", version="1.0.0", summary="The mlp, and a small convolutional network, on PyTorch.",
        inputs=["numeric", "categorical", "image"], settings=SETTINGS,
    ), build)
