"""What makes a model faster on a machine: layout, attention, compiling, and steps half left out.

Layout and attention are chosen by themselves, for they leave pictures as they are up to rounding.
Compiling makes the first picture wait and caching changes pictures: they are for those who ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import torch
from diffusers import (
    AutoencoderKL,
    CogView4Transformer2DModel,
    FirstBlockCacheConfig,
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    GlmImageTransformer2DModel,
    LongCatImageTransformer2DModel,
    OvisImageTransformer2DModel,
    QwenImageTransformer2DModel,
    UNet2DConditionModel,
    VQModel,
)
from diffusers.utils import is_flash_attn_3_available, is_flash_attn_available
from torch import nn

from studio.engine.diffusion.device.machine import Machine
from studio.generation.memory import Rung

CONVOLUTIONAL: Final = (AutoencoderKL, UNet2DConditionModel, VQModel)
"""Modules that spend their time on convolutions."""

_CHANNELS_LAST: Final = ("cpu", "cuda")
"""Devices whose convolutions are faster where a cell's channels lie side by side."""

_WITHOUT_MASKS: Final = (
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    GlmImageTransformer2DModel,
    LongCatImageTransformer2DModel,
    OvisImageTransformer2DModel,
)
"""Denoisers that hide no tokens from each other, which FlashAttention cannot do."""

_CACHING: Final = (
    CogView4Transformer2DModel,
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    QwenImageTransformer2DModel,
)
"""Denoisers whose adapters tell a cache which of two answers they want."""


def hasten(module: Any, machine: Machine) -> None:
    """Prepares a module on its device, in its precision, for fast answers."""
    if isinstance(module, CONVOLUTIONAL) and machine.device.type in _CHANNELS_LAST:
        module.to(memory_format=torch.channels_last)
    if isinstance(module, _WITHOUT_MASKS) and (backend := fastest_attention(machine)):
        module.set_attention_backend(backend)
    if machine.tuning.compiled and machine.rung in (Rung.FULL, Rung.TILED):
        _compile(module)
    if machine.tuning.step_cache and isinstance(module, _CACHING):
        module.enable_cache(FirstBlockCacheConfig(threshold=machine.tuning.step_cache))


def fastest_attention(machine: Machine) -> str | None:
    """By diffusers' name; None for torch's own, which is as exact and everywhere."""
    is_plain = machine.tuning.attention == "plain" or machine.is_full_precision
    if is_plain or machine.device.type != "cuda":
        return None
    if is_flash_attn_3_available():
        return "_flash_3"
    return "flash" if is_flash_attn_available() else None


def forget_steps(modules: Iterable[nn.Module]) -> None:
    """Has caches of steps begin anew, as they must with each picture."""
    for module in modules:
        if isinstance(module, _CACHING):
            module._reset_stateful_cache()


def _compile(module: Any) -> None:
    """Compiles the blocks of which a denoiser has many, where it has any.

    They share what was compiled, so that only the first one of a size makes one wait.
    """
    repeated = getattr(module, "_repeated_blocks", None) or ()
    for block in module.modules():
        if type(block).__name__ in repeated:
            block.compile()
