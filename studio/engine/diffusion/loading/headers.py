"""What a file of weights says of a module before its numbers are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from gguf import GGUFReader
from safetensors import safe_open

Shape: TypeAlias = tuple[int, ...]

Shapes: TypeAlias = Mapping[str, Shape]
"""Of tensors, by their names, before which programs put prefixes of their own."""

_BLOCK: Final = re.compile(r"(?:joint|transformer)_blocks\.(\d+)\.")


def read_shapes(file: Path) -> Shapes:
    """The shapes of a ``.safetensors`` or ``.gguf`` file, in numbers and in torch's order.

    Raises:
        OSError, ValueError, SafetensorError: if it is no such file.
    """
    if file.suffix.lower() == ".gguf":
        tensors = GGUFReader(file).tensors
        return {tensor.name: tuple(map(int, reversed(tensor.shape))) for tensor in tensors}
    with safe_open(file, "numpy") as content:
        names = content.keys()
        return {name: tuple(content.get_slice(name).get_shape()) for name in names}


def shape_of(shapes: Shapes, *names: str) -> Shape:
    """The shape of a tensor at the top level that has one of these names.

    Raises:
        KeyError: if there is none.
    """
    found = [
        name for name in shapes if any(name == end or name.endswith(f".{end}") for end in names)
    ]
    if not found:
        raise KeyError(names)
    return shapes[min(found, key=len)]


def has(shapes: Shapes, *parts: str) -> bool:
    """Whether there is a tensor in whose name is one of these."""
    return any(part in name for name in shapes for part in parts)


def blocks_of(shapes: Shapes, part: str = "") -> tuple[int, ...]:
    """The numbers of a transformer's blocks, or of those that have a part of this name."""
    found = {_BLOCK.search(name) for name in shapes if part in name}
    return tuple(sorted({int(match[1]) for match in found if match}))
