import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler

from studio.engine.diffusion.sampling.shifting import (
    fixed_shift,
    matching,
    set_flow,
    shift_of,
    solving,
)

CPU = torch.device("cpu")
CONFIG = {
    "base_image_seq_len": 256,
    "max_image_seq_len": 4096,
    "base_shift": 0.5,
    "max_shift": 1.15,
}


def test_the_shift_grows_with_the_picture_between_the_configured_ends() -> None:
    assert shift_of(CONFIG, 256) == 0.5
    assert shift_of(CONFIG, 4096) == pytest.approx(1.15)
    assert 0.5 < shift_of(CONFIG, 1024) < 1.15
    assert shift_of({}, 1024) == shift_of(CONFIG, 1024)


def test_a_larger_shift_keeps_more_noise_for_longer() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    set_flow(scheduler, 4, CPU, 0.5)
    low = scheduler.sigmas
    set_flow(scheduler, 4, CPU, 1.15)
    assert low[0] == scheduler.sigmas[0] == 1 and low[-1] == scheduler.sigmas[-1] == 0
    assert (scheduler.sigmas[1:-1] > low[1:-1]).all()


@pytest.mark.parametrize("terminal", [None, 0.02])
def test_a_single_step_goes_all_the_way(terminal: float | None) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=terminal)
    set_flow(scheduler, 1, CPU, 0.7)
    assert scheduler.sigmas.tolist() == [1, 0]
    assert scheduler.timesteps.tolist() == [1000]


@pytest.mark.parametrize("config", [{"flow_shift": 5.0}, {"shift": 5.0}])
def test_a_fixed_shift_is_taken_over_by_schedulers_of_other_kinds(config: dict[str, float]) -> None:
    euler = matching(FlowMatchEulerDiscreteScheduler, config)
    solver = solving(UniPCMultistepScheduler, config)
    assert fixed_shift(config) == euler.config.shift == solver.config.flow_shift == 5
    assert solver.config.prediction_type == "flow_prediction"
    assert fixed_shift({}) == 3
