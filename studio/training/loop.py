"""The training loop that every part shares: AdamW, averaged weights, checkpoints, resumption.

A step's random numbers follow from its number alone, so an interrupted run continues as if it had
not been interrupted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from studio.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint

log = logging.getLogger(__name__)

Losses = Callable[[np.random.Generator], Tensor]
"""Draws one batch with the given randomness and returns its mean loss."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast one part is trained.

    ``steps`` batches of ``batch`` samples; the learning rate warms up to ``rate``, stays, and
    falls to zero over the last ``decay`` of the steps. ``averaging`` is the decay of the
    exponential moving average whose weights are the result. ``mixed`` computes in bfloat16 what
    bears it, faster where the processor has it.
    """

    steps: int
    batch: int
    rate: float = 1e-3
    decay: float = 0.25
    warm_up: int = 100
    averaging: float = 0.999
    save_every: float = 180.0
    mixed: bool = False


class Trainer:
    """Trains ``module`` by ``plan``, keeping checkpoints called ``name`` in ``folder``."""

    def __init__(self, name: str, module: nn.Module, plan: Plan, folder: Path) -> None:
        self.name, self.module, self.plan, self.folder = name, module, plan, folder
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters, plan.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.average = [p.detach().clone() for p in self.parameters]
        self.step = 0
        self._device = self.parameters[0].device.type
        self._resume()

    def run(self, losses: Losses) -> None:
        """Trains to the plan's end and leaves the averaged weights in the module."""
        self.module.train()
        first = self.step
        saved = shown = time.monotonic()
        recent: list[float] = []
        while self.step < self.plan.steps:
            recent.append(self._advance(losses))
            now = time.monotonic()
            if now - shown > 20:
                log.info("%s %d/%d loss %.4f", self.name, self.step, self.plan.steps, _mean(recent))
                recent, shown = [], now
            if now - saved > self.plan.save_every:
                self.save()
                saved = time.monotonic()
        if self.step > first:
            self.save()
        self.use_average()
        self.module.eval()

    def _advance(self, losses: Losses) -> float:
        rng = np.random.default_rng((self.step, sum(self.name.encode())))
        torch.manual_seed(int(rng.integers(2**62)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate * _rate_at(self.step, self.plan)
        with torch.autocast(self._device, torch.bfloat16, enabled=self.plan.mixed):
            loss = losses(rng)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        decay = min(self.plan.averaging, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - decay)
        return float(loss.detach())

    def use_average(self) -> None:
        """Puts the averaged weights into the module."""
        with torch.no_grad():
            for parameter, average in zip(self.parameters, self.average, strict=True):
                parameter.copy_(average)

    def save(self) -> None:
        """Writes a checkpoint of weights, averages and the optimizer's state."""
        tensors: dict[str, Tensor] = {}
        for index, parameter in enumerate(self.parameters):
            state = self.optimizer.state.get(parameter, {})
            tensors[f"weight.{index}"] = parameter.detach().contiguous()
            tensors[f"average.{index}"] = self.average[index].contiguous()
            tensors |= {f"{key}.{index}": value.contiguous() for key, value in state.items()}
        save_checkpoint(self.folder, self.name, self.step, tensors)

    def _resume(self) -> None:
        found = load_checkpoint(self.folder, self.name)
        if found is None:
            return
        self.step, tensors = found
        with torch.no_grad():
            for index, parameter in enumerate(self.parameters):
                stored = tensors.get(f"weight.{index}")
                if stored is None or stored.shape != parameter.shape:
                    raise CheckpointError(
                        f"The checkpoint of {self.name} in {self.folder} is for a model of "
                        "another shape: choose another folder."
                    )
                parameter.copy_(stored)
                self.average[index].copy_(tensors[f"average.{index}"])
                self.optimizer.state[parameter] = {
                    key: tensors[f"{key}.{index}"]
                    for key in ("step", "exp_avg", "exp_avg_sq")
                    if f"{key}.{index}" in tensors
                }
        log.info("%s resumes at step %d", self.name, self.step)


def _rate_at(step: int, plan: Plan) -> float:
    """The learning rate at ``step`` as a fraction of the plan's: warm-up, plateau, linear decay."""
    left = plan.steps - step
    decay_steps = max(1, round(plan.steps * plan.decay))
    return min(1.0, (step + 1) / plan.warm_up, left / decay_steps)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / max(1, len(numbers))
