"""The standard output belongs to the handshake: what is printed goes to the standard error, from the import on."""

import os
import sys

COOKIE = ("TUNED_ARCHITECTURE", "b6bd0a33a1c94ac1")


def hosted() -> bool:
    """Whether a host started this process."""
    return os.environ.get(COOKIE[0]) == COOKIE[1]


def _divert() -> int:
    sys.stdout.flush()
    original = os.dup(1)
    os.dup2(2, 1)
    return original


_original = _divert() if hosted() else -1


def handshake(line: str) -> None:
    """Tells the host where to connect, on what was the standard output, and closes that."""
    with os.fdopen(_original, "w") as out:
        out.write(line + "\n")
