"""Files of weights with any tensors in them: true headers before holes that take no disk space."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path

Shapes = Mapping[str, tuple[int, ...]]
"""Tensors by name, each with its shape."""

_BYTES = {"F8_E4M3": 1, "U8": 1, "F16": 2, "BF16": 2, "F32": 4}
_GGUF_TYPES = {"F32": (0, 1, 4), "F16": (1, 1, 2), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144)}
_ALIGNMENT = 32


def safetensors_header(
    shapes: Shapes, dtype: str = "F16", metadata: Mapping[str, str] | None = None
) -> tuple[bytes, int]:
    """The beginning of a file with these tensors, and how many bytes have to follow."""
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + math.prod(shape) * _BYTES[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    header = json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header, end


def write_safetensors(
    path: Path, shapes: Shapes, dtype: str = "F16", metadata: Mapping[str, str] | None = None
) -> Path:
    """Writes a ``.safetensors`` file whose weights are a hole."""
    return _with_hole(path, *safetensors_header(shapes, dtype, metadata))


def gguf_header(
    shapes: Shapes,
    dtype: str = "F16",
    metadata: Mapping[str, str | int | list[str] | list[int]] | None = None,
    version: int = 3,
) -> tuple[bytes, int]:
    """The beginning of a GGUF file with these tensors, and how many bytes have to follow.

    As in real ones, what is no matrix or does not fill blocks is not quantised.
    """
    pairs = dict(metadata or {})
    head = b"GGUF" + struct.pack("<IQQ", version, len(shapes), len(pairs))
    head += b"".join(_text(key) + _value(value) for key, value in pairs.items())
    end = 0
    for name, shape in shapes.items():
        fits = len(shape) == 2 and shape[-1] % _GGUF_TYPES[dtype][1] == 0
        kind, block, block_bytes = _GGUF_TYPES[dtype if fits else "F32"]
        place = math.ceil(end / _ALIGNMENT) * _ALIGNMENT
        head += _text(name) + struct.pack("<I", len(shape))
        head += b"".join(struct.pack("<Q", side) for side in reversed(shape))
        head += struct.pack("<IQ", kind, place)
        end = place + math.prod(shape) // block * block_bytes
    return head + bytes(-len(head) % _ALIGNMENT), end


def write_gguf(
    path: Path,
    shapes: Shapes,
    dtype: str = "F16",
    metadata: Mapping[str, str | int | list[str] | list[int]] | None = None,
    version: int = 3,
) -> Path:
    """Writes a ``.gguf`` file whose weights are a hole."""
    return _with_hole(path, *gguf_header(shapes, dtype, metadata, version))


def _with_hole(path: Path, head: bytes, hole: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + hole)
    return path


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: str | int | list[str] | list[int]) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if value and isinstance(value[0], str):
        items = b"".join(_text(str(item)) for item in value)
        return struct.pack("<IIQ", 9, 8, len(value)) + items
    return struct.pack("<IIQ", 9, 4, len(value)) + b"".join(struct.pack("<I", i) for i in value)
