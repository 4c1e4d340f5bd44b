"""The schedulers that people choose among, by the names that requests use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

from studio.engine.diffusion.sampling.beta_flow import flow_scheduler
from studio.engine.diffusion.sampling.denoise import Scheduler

MakeScheduler: TypeAlias = Callable[..., Scheduler]
"""Makes a scheduler from the configuration of the model's own, and what is set otherwise."""

NOISE_SCHEDULERS: Final[Mapping[str, MakeScheduler]] = {
    "ddim": DDIMScheduler.from_config,
    "ddpm": DDPMScheduler.from_config,
    "dpm++": partial(DPMSolverMultistepScheduler.from_config, variance_type=None),
    "dpm++-karras": partial(
        DPMSolverMultistepScheduler.from_config, variance_type=None, use_karras_sigmas=True
    ),
    "euler": EulerDiscreteScheduler.from_config,
    "euler-a": EulerAncestralDiscreteScheduler.from_config,
    "unipc": UniPCMultistepScheduler.from_config,
    "lcm": LCMScheduler.from_config,
}
"""For models that predict noise, the clean picture, or the velocity between them."""

FLOW_SCHEDULERS: Final[Mapping[str, MakeScheduler]] = {"flow": flow_scheduler}
"""For models of rectified flow."""
