"""Denoisers that come as one file, apart from the rest of their pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from diffusers import GGUFQuantizationConfig

from studio.core.errors import ModelError
from studio.engine.diffusion.machine import Machine

_SAFE: Final = ".safetensors"
_QUANTISED: Final = ".gguf"


def load_denoiser(kind: Any, file: Path, config: Path, machine: Machine) -> Any:
    """A denoiser from a ``.safetensors`` or ``.gguf`` file, with diffusers' names or its maker's.

    Quantised weights stay so; each is brought to the machine's precision when it is used.

    Args:
        kind: the denoiser's class.
        file: its weights.
        config: the folder of the denoiser that it replaces; its weights are not read.
        machine: has the precision.

    Raises:
        ModelError: for any other file, such as one that could run code.
    """
    if file.suffix.lower() not in (_SAFE, _QUANTISED):
        raise ModelError(
            f"{file.name} cannot be used: models are {_SAFE} or {_QUANTISED} files, "
            "so convert it or choose another one."
        )
    more = {}
    if file.suffix.lower() == _QUANTISED:
        more["quantization_config"] = GGUFQuantizationConfig(compute_dtype=machine.dtype)
    return kind.from_single_file(
        str(file), config=str(config), dtype=machine.dtype, local_files_only=True, **more
    )
