"""Float32 tensors in the safetensors format, written and read strictly: no gaps, overlaps, duplicates or trailing bytes.

Format: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import numpy

from .errors import Corrupt

METADATA = "__metadata__"
ALIGNMENT = 64  # of the data behind the header
MAX_HEADER = 100 << 20  # the format's own bound

Tensors = Dict[str, numpy.ndarray]


def write(path: str, tensors: Sequence[Tuple[str, numpy.ndarray]], metadata: Dict[str, str]) -> Tuple[int, str]:
    """Writes a file beside its place, syncs it and renames it there; gives its length and sha256."""
    chunks = [_header(tensors, metadata)]
    chunks.extend(memoryview(numpy.ascontiguousarray(t, "<f4")).cast("B") for _, t in tensors if t.size)
    return write_durably(path, chunks)


def write_durably(path: str, chunks: Iterable[Any]) -> Tuple[int, str]:
    """Writes bytes so that the file is there complete or not at all, even after a loss of power."""
    directory = os.path.dirname(path) or "."
    digest, length = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix="." + os.path.basename(path))
    try:
        with os.fdopen(descriptor, "wb") as f:
            for chunk in chunks:
                digest.update(chunk)
                length += f.write(chunk)
            f.flush()
            os.fsync(f.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    parent = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
    return length, digest.hexdigest()


def _header(tensors: Sequence[Tuple[str, numpy.ndarray]], metadata: Dict[str, str]) -> bytes:
    entries: Dict[str, Any] = {METADATA: metadata}
    begin = 0
    for name, t in tensors:
        if name in entries:
            raise ValueError(f"two tensors are called {name!r}")
        end = begin + 4 * t.size
        entries[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    return struct.pack("<Q", len(text)) + text


def read(path: str, length: int, sha256: str) -> Tuple[Tensors, Dict[str, str]]:
    """Reads a file of that length and checksum. The tensors are read-only and mapped. Corrupt: it is not what was written."""
    try:
        if os.path.getsize(path) != length or length < 8:
            raise Corrupt(f"{path}: {os.path.getsize(path)} bytes where {length} were written")
        content = numpy.memmap(path, numpy.uint8, "r")
    except OSError as e:
        raise Corrupt(f"{path}: {e}") from e
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Corrupt(f"{path}: its sha256 is not {sha256}")
    return parse(content)


def parse(content: numpy.ndarray) -> Tuple[Tensors, Dict[str, str]]:
    """Takes the bytes of a file apart."""
    (size,) = struct.unpack("<Q", content[:8].tobytes())
    if size > MAX_HEADER or size > len(content) - 8:
        raise Corrupt(f"a header of {size} bytes in a file of {len(content)}")
    try:
        header = json.loads(content[8 : 8 + size].tobytes().decode(), object_pairs_hook=_distinct)
        metadata = header.pop(METADATA, {})
        if not all(isinstance(v, str) for v in metadata.values()):
            raise Corrupt("metadata is text by key")
        return _slice(header, content[8 + size :]), metadata
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise Corrupt(f"the header cannot be read: {e}") from e


def _distinct(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise Corrupt("the header names something twice")
    return out


def _slice(entries: Dict[str, Any], data: numpy.ndarray) -> Tensors:
    """Cuts the data into tensors, which must cover it without gap or overlap."""
    tensors: Tensors = {}
    at = 0
    for name, e in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
        shape, (begin, end) = e["shape"], e["data_offsets"]
        if set(e) != {"dtype", "shape", "data_offsets"} or e["dtype"] != "F32":
            raise Corrupt(f"tensor {name!r}: {e}")
        if not all(type(n) is int and n >= 0 for n in [*shape, begin, end]) or begin != at or end > len(data):
            raise Corrupt(f"tensor {name!r}: shape {shape} at bytes {begin} to {end} of {len(data)}")
        count = 1
        for n in shape:
            count *= n
        if end - begin != 4 * count:
            raise Corrupt(f"tensor {name!r}: shape {shape} in {end - begin} bytes")
        tensors[name] = numpy.frombuffer(data[begin:end], "<f4").reshape(shape)
        at = end
    if at != len(data):
        raise Corrupt(f"{len(data) - at} bytes behind the last tensor")
    return tensors
