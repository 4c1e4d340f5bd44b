"""Where a pipeline's modules lie, and how they come to the device: one way for each rung."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import torch
from diffusers import ModelMixin
from diffusers.hooks import apply_group_offloading
from diffusers.hooks.group_offloading import _maybe_remove_and_reapply_group_offloading
from diffusers.hooks.layerwise_casting import DEFAULT_SKIP_MODULES_PATTERN
from torch import nn

from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.room import OUTSIDE
from studio.engine.diffusion.device.speed import hasten
from studio.generation.memory import Rung

_AUTOENCODERS: Final = ("vae", "movq")
_PLACED: Final = "placed_by_sfumato"
_OFFLOADING: Final = "group_offloading"
_CASTING: Final = "layerwise_casting"


def place(pipeline: Any, machine: Machine) -> Any:
    """Puts a stock pipeline's modules where the machine's rung wants them.

    Modules that it shares with a pipeline that has its place already stay where they are.

    Returns:
        The pipeline.
    """
    _widen_autoencoder(pipeline, machine)
    for name, module in modules_of(pipeline):
        place_module(name, module, machine)
    return pipeline


def place_module(name: str, module: Any, machine: Machine) -> Any:
    """Puts one module where the machine's rung wants it, unless it has its place already.

    Returns:
        The module.
    """
    if not getattr(module, _PLACED, False):
        hasten(module, machine)
        _place(name, module, machine)
        setattr(module, _PLACED, True)
    return module


def summon(module: nn.Module, machine: Machine, *read: nn.Module) -> None:
    """Has a module on its device that is about to be asked otherwise than by its ``forward``.

    Args:
        module: placed on the machine.
        machine: where it runs.
        read: layers of it whose weights are read without asking them: where layers wait outside,
            all others come when they are asked.
    """
    if machine.rung is Rung.MODULES:
        assert machine.room is not None
        machine.room.enter(module)
    for each in (module, *read):
        if (offloading := _hook_of(each, _OFFLOADING)) is not None:
            offloading.group.onload_()


def modules_of(pipeline: Any) -> Iterator[tuple[str, nn.Module]]:
    """A stock pipeline's modules by their names."""
    for name, component in pipeline.components.items():
        if isinstance(component, nn.Module):
            yield name, component


def _widen_autoencoder(pipeline: Any, machine: Machine) -> None:
    """Gives an autoencoder that overflows in half precision, as SDXL's does, 32 bits."""
    if machine.dtype is torch.float16 and hasattr(pipeline, "upcast_vae"):
        autoencoder = pipeline.vae
        if autoencoder.config.force_upcast and not getattr(autoencoder, _PLACED, False):
            autoencoder.to(dtype=torch.float32)


def _place(name: str, module: nn.Module, machine: Machine) -> None:
    match machine.rung:
        case Rung.FULL | Rung.TILED:
            module.to(machine.device)
        case Rung.MODULES:
            assert machine.room is not None
            machine.room.add(module)
        case Rung.BLOCKS | Rung.LAYERS:
            _keep_outside(module, machine)
        case Rung.HALVED | Rung.SMALLER:
            if _can_be_halved(name, module):
                _halve(module, machine)
            if machine.is_shared:
                module.to(machine.device)
            else:
                _keep_outside(module, machine)


def _keep_outside(module: nn.Module, machine: Machine) -> None:
    """Has blocks or layers come to the device one after the other, on CUDA ahead of their turn.

    What reads words or pictures has its blocks too deep inside for the library, and asks others of
    its layers where there is a picture, so that what is ahead of their turn cannot be known.
    Memory for the transfers is pinned as they are made: pinning all of a large model at once can
    take what main memory there is.
    """
    is_reader = not isinstance(module, ModelMixin)
    by_layers = is_reader or machine.rung is not Rung.BLOCKS
    apply_group_offloading(
        module,
        onload_device=machine.device,
        offload_device=OUTSIDE,
        offload_type="leaf_level" if by_layers else "block_level",
        num_blocks_per_group=None if by_layers else 1,
        use_stream=machine.device.type == "cuda" and not is_reader,
        low_cpu_mem_usage=True,
    )


def place_anew(module: nn.Module) -> None:
    """Has layers that came or went since a module was placed wait outside like its others."""
    _maybe_remove_and_reapply_group_offloading(module)


def _halve(module: Any, machine: Machine) -> None:
    """Stores a denoiser's weights in half the bits: bfloat16 for 32, 8-bit floats for 16.

    Norms and embeddings stay as they are, for they take little and matter much. Text encoders
    have to stay too, for they are asked for their precision.
    """
    module.enable_layerwise_casting(
        storage_dtype=torch.bfloat16 if machine.is_full_precision else torch.float8_e4m3fn,
        compute_dtype=machine.dtype,
        skip_modules_pattern=(*DEFAULT_SKIP_MODULES_PATTERN, "embed", "lora_"),
    )


@contextlib.contextmanager
def widened(module: nn.Module) -> Iterator[None]:
    """Has halved weights in the precision in which they compute, so that a LoRA takes it over.

    In eight bits a LoRA's small numbers would be lost. Other modules stay as they are.
    """
    hooks = [(layer, hook) for layer in module.modules() if (hook := _hook_of(layer, _CASTING))]
    for layer, hook in hooks:
        hook.pre_forward(layer)
    try:
        yield
    finally:
        for layer, hook in hooks:
            hook.post_forward(layer, None)


def _hook_of(module: nn.Module, name: str) -> Any:
    """What diffusers does before a module's ``forward``, by its name; None if nothing."""
    registry = getattr(module, "_diffusers_hook", None)
    return registry.get_hook(name) if registry is not None else None


def _can_be_halved(name: str, module: nn.Module) -> bool:
    """Whether it is a denoiser whose weights are not quantised already."""
    is_denoiser = isinstance(module, ModelMixin) and name not in _AUTOENCODERS
    return is_denoiser and not getattr(module, "is_quantized", False)
