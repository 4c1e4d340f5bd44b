"""Quantiles against those that have a formula, and the scheduler against the stock one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from studio.engine.diffusion.sampling.beta_flow import (
    BetaFlowScheduler,
    beta_quantiles,
    flow_scheduler,
)

SHARES = np.linspace(0, 1, 41)


@pytest.mark.parametrize(
    ("alpha", "beta", "expected"),
    [
        (1.0, 1.0, SHARES),
        (2.0, 1.0, np.sqrt(SHARES)),
        (1.0, 3.0, 1 - np.cbrt(1 - SHARES)),
        (0.5, 0.5, np.sin(np.pi / 2 * SHARES) ** 2),
    ],
)
def test_quantiles_are_those_of_the_distribution(
    alpha: float, beta: float, expected: np.ndarray
) -> None:
    assert np.allclose(beta_quantiles(SHARES, alpha, beta), expected, atol=2e-5)


def test_where_no_configuration_asks_for_it_the_scheduler_is_the_stock_one() -> None:
    stock = FlowMatchEulerDiscreteScheduler(shift=3.0)
    assert type(flow_scheduler(stock.config)) is FlowMatchEulerDiscreteScheduler
    assert flow_scheduler(stock.config, shift=2.0).config.shift == 2.0


def test_levels_are_those_of_the_stock_scheduler_moved_towards_both_ends() -> None:
    config = {"shift": 3.0, "_class_name": "FlowMatchEulerDiscreteScheduler"}
    plain, moved = (flow_scheduler({**config, "use_beta_sigmas": wish}) for wish in (False, True))
    for scheduler in (plain, moved):
        scheduler.set_timesteps(sigmas=np.linspace(1.0, 0.1, 10), device=torch.device("cpu"))
    assert isinstance(moved, BetaFlowScheduler)
    assert torch.allclose(moved.sigmas[[0, -2, -1]], plain.sigmas[[0, -2, -1]])
    assert torch.allclose(moved.timesteps, 1000 * moved.sigmas[:-1])
    steps = -moved.sigmas[:-1].diff()
    assert (steps > 0).all()
    assert steps[4] > 2 * max(steps[0], steps[-1])


def test_a_scheduler_is_made_again_from_its_configuration() -> None:
    first = flow_scheduler({"shift": 3.0, "use_beta_sigmas": True})
    again = flow_scheduler(first.config)
    assert isinstance(again, BetaFlowScheduler)
    assert again.config.shift == 3.0
