"""Rectified flow with noise levels that lie as the quantiles of a beta distribution.

T. Lee et al., "Beta sampling is all you need", 2024: more of the steps are made at the beginning
and at the end. The stock scheduler asks scipy for what is a short sum.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from studio.engine.diffusion.sampling.denoise import Scheduler

_WANTED: Final = "use_beta_sigmas"
_PARTS: Final = 1 << 16
"""Of the distribution, summed up."""

Numbers = npt.NDArray[np.float64]


def flow_scheduler(config: Mapping[str, Any], **changes: Any) -> Scheduler:
    """The stock scheduler of rectified flow, or where a configuration asks for it, this one.

    Args:
        config: of a scheduler.
        changes: what is to be set otherwise than there.
    """
    if not config.get(_WANTED):
        return FlowMatchEulerDiscreteScheduler.from_config(config, **changes)
    known = inspect.signature(FlowMatchEulerDiscreteScheduler).parameters.keys() - {_WANTED}
    values = {**config, **changes}
    scheduler = BetaFlowScheduler(**{name: values[name] for name in known & values.keys()})
    scheduler.register_to_config(**{_WANTED: True})
    return scheduler


def read_beta_flow(folder: Path) -> Scheduler | None:
    """The scheduler in a pipeline's folder, if it is one that the library reads with scipy alone.

    Raises:
        OSError, ValueError, AttributeError: if its configuration is damaged.
    """
    file = folder / "scheduler" / FlowMatchEulerDiscreteScheduler.config_name
    if not file.is_file():
        return None
    config = json.loads(file.read_text(encoding="utf-8"))
    is_stock = config.get("_class_name") == FlowMatchEulerDiscreteScheduler.__name__
    return flow_scheduler(config) if is_stock and config.get(_WANTED) else None


class BetaFlowScheduler(FlowMatchEulerDiscreteScheduler):  # type: ignore[misc]  # it has no types
    """The stock scheduler, as it is where scipy is installed."""

    def _convert_to_beta(
        self,
        in_sigmas: torch.Tensor,
        num_inference_steps: int,
        alpha: float = 0.6,
        beta: float = 0.6,
    ) -> Numbers:
        most, least = float(in_sigmas[0]), float(in_sigmas[-1])
        shares = 1 - np.linspace(0, 1, num_inference_steps)
        return least + beta_quantiles(shares, alpha, beta) * (most - least)


def beta_quantiles(shares: Numbers, alpha: float, beta: float) -> Numbers:
    """Below which values these shares of a beta distribution lie.

    Args:
        shares: 0 to 1.
        alpha, beta: of the distribution; at least 0.5 each.
    """
    # The density has poles where the values are 0 and 1, but not over the angles whose squared
    # sines they are.
    edges = np.linspace(0, np.pi / 2, _PARTS + 1)
    angles = (edges[1:] + edges[:-1]) / 2
    density = np.sin(angles) ** (2 * alpha - 1) * np.cos(angles) ** (2 * beta - 1)
    below = np.concatenate([[0.0], np.cumsum(density)])
    return np.asarray(np.interp(shares, below / below[-1], np.sin(edges) ** 2))
