"""Modules that come apart from the rest of their pipeline, most often as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, GGUFQuantizationConfig
from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES
from diffusers.models.model_loading_utils import load_state_dict

from studio.core.errors import ModelError
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.proportion import check_module, check_size

_SAFE: Final = ".safetensors"
_QUANTISED: Final = ".gguf"

_WHOLE: Final = "model.diffusion_model."
"""What stands before a denoiser's names in a file with everything in it."""
_ALONE: Final = ("diffusion_model.", "transformer.", "unet.")
"""What programs put before the names of a denoiser that lies alone; many put nothing."""
_SCALES: Final = (".scale_weight", ".weight_scale")
"""What weights in eight bits are multiplied by."""
_BESIDE_SCALES: Final = ("scaled_fp8", ".scale_input", ".input_scale", ".comfy_quant")
"""What programs that compute in eight bits want to know."""
_UNET: Final = "input_blocks.0.0.weight"
"""Is there in UNets with their maker's names."""


def load_module(kind: Any, place: Path, config: Path, machine: Machine, **anatomy: Any) -> Any:
    """A module from a folder in diffusers' format, or from one file as `load_denoiser` does."""
    if place.is_dir():
        check_module(kind, place)
        return kind.from_pretrained(
            place, dtype=machine.dtype, use_safetensors=True, local_files_only=True
        )
    return load_denoiser(kind, place, config, machine, **anatomy)


def load_denoiser(kind: Any, file: Path, config: Path, machine: Machine, **anatomy: Any) -> Any:
    """A denoiser, or an autoencoder, from a ``.safetensors`` or ``.gguf`` file.

    The names of its tensors are diffusers' or its maker's. Quantised weights stay so; each is
    brought to the machine's precision when it is used.

    Args:
        kind: its class.
        file: its weights.
        config: the folder of the module that it replaces; its weights are not read.
        machine: has the precision.
        anatomy: values in which its configuration differs from that in ``config``.

    Raises:
        ModelError: for any other file, such as one that could run code.
    """
    refuse_unsafe(file)
    check_size(lambda: kind.from_config({**kind.load_config(config), **anatomy}), [file])
    if kind.__name__ not in SINGLE_FILE_LOADABLE_CLASSES:
        return _load_as_named(kind, file, config, machine)
    more = dict(anatomy)
    if file.suffix.lower() == _QUANTISED:
        more["quantization_config"] = GGUFQuantizationConfig(compute_dtype=machine.dtype)
    return kind.from_single_file(
        _read(kind, file), config=str(config), dtype=machine.dtype, local_files_only=True, **more
    )


def _load_as_named(kind: Any, file: Path, config: Path, machine: Machine) -> Any:
    """A denoiser that no library converts, so that its names have to be diffusers' own."""
    if file.suffix.lower() == _QUANTISED:
        raise ModelError(
            f"{file.name} cannot be used: models of its kind are read from {_SAFE} files alone, so "
            "choose one of them."
        )
    with init_empty_weights():
        module = kind.from_config(kind.load_config(config, local_files_only=True))
    module.load_state_dict(_read(kind, file), assign=True)
    return module.to(machine.dtype).eval()


def refuse_unsafe(file: Path) -> None:
    """Raises ModelError for a file of another kind, such as one that could run code."""
    if file.suffix.lower() not in (_SAFE, _QUANTISED):
        raise ModelError(
            f"{file.name} cannot be used: models are {_SAFE} or {_QUANTISED} files, "
            "so convert it or choose another one."
        )


def _read(kind: Any, file: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file, named as diffusers' converters know them.

    Autoencoders are found by them among everything. Those of UNets want `_WHOLE` before the
    maker's names, and those of transformers have nothing, or pass what stands there on to a model
    that has no such tensors.
    """
    found: dict[str, torch.Tensor] = load_state_dict(str(file))
    if issubclass(kind, AutoencoderKL):
        return found
    for prefix in (_WHOLE, *_ALONE):
        inner = {
            name.removeprefix(prefix): found[name] for name in found if name.startswith(prefix)
        }
        if inner:
            found = inner
            break
    _scale(found)
    return {_WHOLE + name: weight for name, weight in found.items()} if _UNET in found else found


def _scale(weights: dict[str, torch.Tensor]) -> None:
    """Multiplies 8-bit floats by the scales beside them, in place, and drops those.

    ComfyUI keeps each weight divided by a number of its own, so that eight bits are well used.
    """
    for ending in _SCALES:
        for name in [name for name in weights if name.endswith(ending)]:
            scale, scaled = weights.pop(name), f"{name.removesuffix(ending)}.weight"
            if scaled in weights:
                weights[scaled] = weights[scaled].to(torch.bfloat16) * scale.to(torch.bfloat16)
    for name in [name for name in weights if name.endswith(_BESIDE_SCALES)]:
        del weights[name]
