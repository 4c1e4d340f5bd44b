from __future__ import annotations

import pytest
import torch
from diffusers import SCMScheduler

from studio.engine.diffusion.sampling.denoise import denoise, first_latents
from studio.engine.diffusion.sampling.trigflow import TrigFlowScheduler

SHAPE = (1, 4, 3, 5)
CPU = torch.device("cpu")


def drawn(seed: int) -> torch.Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


def scheduler_of(steps: int) -> TrigFlowScheduler:
    scheduler = TrigFlowScheduler.from_config(None)
    scheduler.set_timesteps(steps, CPU)
    return scheduler


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_steps_are_the_stock_schedulers_in_units_of_the_deviation(steps: int) -> None:
    stock = SCMScheduler()
    stock.set_timesteps(steps, intermediate_timesteps=1.3 if steps == 2 else None)
    ours, deviation = scheduler_of(steps), stock.config.sigma_data
    assert torch.allclose(stock.timesteps[:-1], ours.timesteps)
    mine, theirs = drawn(1), drawn(1) * deviation
    chances = [torch.Generator().manual_seed(2) for _ in range(2)]
    for index, angle in enumerate(ours.timesteps):
        answer = drawn(3 + index)
        after = stock.step(answer * deviation, angle, theirs, generator=chances[0])
        mine_after = ours.step(answer, angle, mine, chances[1])
        theirs, mine = after.prev_sample, mine_after.prev_sample
        assert torch.allclose(theirs, mine * deviation, atol=1e-5)
        clean = mine_after.pred_original_sample
        assert torch.allclose(after.pred_original_sample, clean * deviation, atol=1e-5)


@pytest.mark.parametrize("start", [0, 1, 3])
def test_a_denoiser_that_knows_the_picture_arrives_at_it_from_any_start(start: int) -> None:
    clean, noise, scheduler = drawn(1), drawn(2), scheduler_of(4)

    def truthful(latents: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
        return (torch.cos(angle) * latents - clean) / torch.sin(angle)

    guesses: list[torch.Tensor] = []
    result = denoise(
        truthful,
        scheduler,
        first_latents(clean, noise, scheduler, start),
        torch.Generator(),
        after_step=lambda _step, _total, guess: guesses.append(guess),
        start=start,
    )
    assert torch.allclose(result, clean, atol=1e-5)
    assert len(guesses) == 4 - start
    assert all(torch.allclose(guess, clean, atol=1e-4) for guess in guesses)


def test_noise_hides_the_original_more_the_larger_the_angle() -> None:
    scheduler, clean, noise = scheduler_of(4), drawn(1), drawn(2)
    hidden = [
        float((scheduler.add_noise(clean, noise, angle.reshape(1)) - noise).abs().mean())
        for angle in scheduler.timesteps
    ]
    assert hidden == sorted(hidden)
    assert hidden[0] < 1e-4
