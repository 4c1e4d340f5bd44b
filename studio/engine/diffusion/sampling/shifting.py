"""Rectified flow: its scheduler set as the stock pipelines set it.

Large pictures need more noise to be hidden as well as small ones, so the noise levels are shifted
by the number of tokens that the denoiser sees (P. Esser et al., "Scaling rectified flow
transformers for high-resolution image synthesis", 2024, section 5.3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from diffusers.pipelines.cogview4.pipeline_cogview4 import calculate_shift

from studio.engine.diffusion.sampling.denoise import Scheduler
from studio.generation.membrane import Floats

_SHIFT: Final = 3.0
"""Where a scheduler does not say its own."""

_WHOLE_SHIFTS: Final = {"base_image_seq_len": 256, "base_shift": 0.25, "max_shift": 0.75}
"""Likewise, where timesteps are whole."""


def fixed_shift(config: Mapping[str, Any]) -> float:
    """By how much noise levels are shifted whatever the size, as different schedulers say it.

    Args:
        config: of the model's own scheduler.
    """
    shift: float = config.get("flow_shift", config.get("shift", _SHIFT))
    return shift


def matching(kind: Any, config: Mapping[str, Any]) -> Scheduler:
    """A scheduler of flow matching with a model's own fixed shift.

    Args:
        kind: such as `FlowMatchEulerDiscreteScheduler`.
        config: of the model's own scheduler, which may be of another kind.
    """
    return kind.from_config(config, shift=fixed_shift(config))


def solving(kind: Any, config: Mapping[str, Any]) -> Scheduler:
    """A solver of noise's differential equation, as it is for rectified flow.

    Args:
        kind: such as `UniPCMultistepScheduler`.
        config: of the model's own scheduler, which may be of another kind.
    """
    return kind.from_config(
        config,
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=fixed_shift(config),
    )


def shift_of(config: Mapping[str, Any], tokens: int) -> float:
    """The exponent of the shift, linear in the number of tokens.

    Args:
        config: of the model's own scheduler.
        tokens: patches of the picture, as the denoiser sees it.
    """
    fewest, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    low, high = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (high - low) / (most - fewest)
    return float(low + slope * (tokens - fewest))


def set_flow(scheduler: Scheduler, steps: int, device: torch.device, shift: float) -> None:
    """Sets evenly spaced noise levels, shifted where the scheduler's configuration says so.

    Args:
        scheduler: a `FlowMatchEulerDiscreteScheduler`.
        steps: at least 1.
        device: where the timesteps are kept.
        shift: as `shift_of` gives it.
    """
    if steps == 1:
        # One level cannot be stretched to end at another.
        scheduler.register_to_config(shift_terminal=None)
    levels = np.linspace(1.0, 1 / steps, steps)
    scheduler.set_timesteps(sigmas=levels, device=device, mu=shift)


def set_whole_flow(
    scheduler: Scheduler, timesteps: Floats, device: torch.device, tokens: int
) -> None:
    """Sets whole timesteps, which stay as they are where noise levels are shifted.

    Z.ai's models were trained so; the shift grows with the root of the number of tokens.

    Args:
        scheduler: a `FlowMatchEulerDiscreteScheduler`.
        timesteps: from that of noise alone down; what is behind the point is left out.
        device: where they are kept.
        tokens: patches of the picture, as the denoiser sees it.
    """
    whole = timesteps.astype(np.int64).astype(np.float32)
    shifts = (scheduler.config.get(name, value) for name, value in _WHOLE_SHIFTS.items())
    scheduler.set_timesteps(
        timesteps=whole,
        sigmas=whole / scheduler.config.num_train_timesteps,
        device=device,
        mu=float(calculate_shift(tokens, *shifts)),
    )
