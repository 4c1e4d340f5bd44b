"""Reading models from disk: safetensors alone, no network, mistakes told in plain words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from diffusers.loaders.single_file_utils import SingleFileComponentError
from safetensors import SafetensorError

from studio.core.errors import ModelError
from studio.engine.diffusion.machine import Machine, is_out_of_memory
from studio.engine.diffusion.placement import place
from studio.generation.catalog import ModelInfo

_UNREADABLE: Final = (
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    SafetensorError,
    SingleFileComponentError,
)
"""What the libraries raise for files that are not what they should be."""


def load_pipeline(kind: Any, folder: Path, machine: Machine, **parts: Any) -> Any:
    """A stock pipeline from a folder in diffusers' format.

    Args:
        kind: the pipeline's class.
        folder: holds its ``model_index.json``.
        machine: where it is put, and in which precision.
        parts: modules to be used in the place of the folder's own.
    """
    pipeline = kind.from_pretrained(
        folder, dtype=machine.dtype, use_safetensors=True, local_files_only=True, **parts
    )
    pipeline.set_progress_bar_config(disable=True)
    return place(pipeline, machine)


@contextlib.contextmanager
def loading(model: ModelInfo) -> Iterator[None]:
    """Around the loading of a model: what the libraries raise becomes a ModelError.

    A lack of memory is let through, for whoever can do something about it.
    """
    try:
        yield
    except _UNREADABLE as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise
        raise ModelError(
            f"{model.title} cannot be loaded: install it again, or choose another model.",
            details=f"{type(error).__name__}: {error}",
        ) from error
