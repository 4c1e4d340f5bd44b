"""Whether a configuration speaks of a model about as large as its weights.

The libraries believe it: before they look into a file they make modules, and compute tables, of
whatever size it says, which may be more than the memory holds. Here it is tried without memory.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import torch
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_parameter_registration_hook,
)

from studio.engine.diffusion.loading.headers import read_shapes
from studio.engine.diffusion.loading.unreadable import UNREADABLE
from studio.generation.needs import weights_in

_TIMES: Final = 4
"""Quantised weights and shared ones are fewer numbers in a file than in a module."""

_SLACK: Final = 2**26
"""Numbers that are computed and in no file, such as where things lie."""

_TENSOR_SLACK: Final = 2**12

_LIBRARIES: Final = ("diffusers", "transformers")


class _TooLarge(Exception):  # noqa: N818 - it is an answer
    """There are more numbers than there should be."""


def check_pipeline(folder: Path, besides: Collection[str] = ()) -> None:
    """Refuses a pipeline of which a module is far larger than its weights.

    Args:
        folder: in diffusers' format.
        besides: modules that are not loaded from it.

    Raises:
        ValueError: if one is.
        OSError: if the pipeline's index cannot be read.
    """
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    for name, listed in index.items():
        if name not in besides and isinstance(listed, list) and (folder / name).is_dir():
            library, kind = [*listed, None, None][:2]
            if library in _LIBRARIES and isinstance(kind, str):
                found = getattr(importlib.import_module(library), kind, None)
                check_module(found, folder / name)


def check_module(kind: Any, folder: Path) -> None:
    """Refuses a module in diffusers' or transformers' format that is far larger than its weights.

    Whatever else is wrong with it is left to be said by whoever loads it.

    Raises:
        ValueError: if it is.
    """
    files = weights_in(folder)
    if files and (folder / "config.json").is_file():
        check_size(lambda: _made(kind, folder), files)


def check_size(make: Callable[[], object], files: Iterable[Path]) -> None:
    """Refuses a module that is far larger than its weights.

    Args:
        make: makes it, without memory.
        files: its weights, of which the headers are read.

    Raises:
        ValueError: if it is.
    """
    try:
        shapes = [shape for file in files for shape in read_shapes(file).values()]
        numbers, tensors = sum(map(math.prod, shapes)), len(shapes)
        with (
            torch.device("meta"),
            _at_most(_TIMES * numbers + _SLACK, _TIMES * tensors + _TENSOR_SLACK),
        ):
            make()
    except _TooLarge as error:
        raise ValueError(
            f"the configuration speaks of far more than the {numbers} numbers that there are"
        ) from error
    except UNREADABLE:
        return


def _made(kind: Any, folder: Path) -> object:
    if hasattr(kind, "config_class"):
        return kind(kind.config_class.from_pretrained(folder, local_files_only=True))
    return kind.from_config(kind.load_config(folder, local_files_only=True))


@contextlib.contextmanager
def _at_most(numbers: int, tensors: int) -> Iterator[None]:
    """Ends the making of modules that have more numbers or tensors, in the middle."""

    def counted(module: object, name: str, tensor: torch.Tensor | None) -> None:
        nonlocal numbers, tensors
        if tensor is not None:
            numbers, tensors = numbers - tensor.numel(), tensors - 1
        if min(numbers, tensors) < 0:
            raise _TooLarge

    hooks = [
        register_module_parameter_registration_hook(counted),
        register_module_buffer_registration_hook(counted),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
