from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    UniPCMultistepScheduler,
)

from studio.engine.diffusion.sampling.denoise import Known, denoise, first_latents, start_of
from studio.generation.membrane import Floats

SHAPE = (1, 4, 4, 6)


def scheduler_of(steps: int) -> Any:
    scheduler = DDIMScheduler(clip_sample=False, beta_schedule="linear")
    scheduler.set_timesteps(steps)
    return scheduler


class Denoiser:
    """Says that a tenth of what it sees is noise, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def __call__(self, latents: torch.Tensor, _timestep: torch.Tensor) -> torch.Tensor:
        self.seen.append(latents)
        return latents * 0.1


def run(mask: Floats | None, steps: int = 4) -> Any:
    """The result, the denoiser and what was known."""
    chance = torch.Generator().manual_seed(0)
    scheduler, unet = scheduler_of(steps), Denoiser()
    original = torch.randn(SHAPE, generator=chance)
    noise = torch.randn(SHAPE, generator=chance)
    known = None if mask is None else Known(original, noise, mask)
    result = denoise(
        unet,
        scheduler,
        noise,
        chance,
        after_step=lambda *_: None,
        known=known,
    )
    return result, unet, known, scheduler


@pytest.mark.parametrize(
    ("steps", "strength", "start"),
    [(20, 1.0, 0), (20, 0.5, 10), (20, 0.0, 19), (20, 0.01, 19), (1, 0.2, 0), (3, 0.5, 1)],
)
def test_strength_decides_how_many_steps_are_made_but_never_none(
    steps: int, strength: float, start: int
) -> None:
    assert start_of(steps, strength) == start


def test_each_step_is_reported_with_a_guess_of_the_clean_picture() -> None:
    reports: list[tuple[int, int, tuple[int, ...]]] = []
    denoise(
        Denoiser(),
        scheduler_of(5),
        torch.zeros(SHAPE),
        torch.Generator(),
        after_step=lambda step, total, clean: reports.append((step, total, tuple(clean.shape))),
        start=2,
    )
    assert reports == [(step, 3, SHAPE) for step in (1, 2, 3)]


def test_an_exception_from_the_report_ends_the_loop_at_that_step() -> None:
    class Stop(Exception):
        pass

    def stop(step: int, _total: int, _clean: torch.Tensor) -> None:
        if step == 2:
            raise Stop

    unet = Denoiser()
    with pytest.raises(Stop):
        denoise(
            unet,
            scheduler_of(9),
            torch.zeros(SHAPE),
            torch.Generator(),
            after_step=stop,
        )
    assert len(unet.seen) == 2


NOISY = [DDIMScheduler(clip_sample=False), EulerDiscreteScheduler(), UniPCMultistepScheduler()]
FLOWING = [
    FlowMatchEulerDiscreteScheduler(shift=3.0),
    DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    ),
]


def truthful(scheduler: Any, clean: torch.Tensor) -> Any:
    """A denoiser that knows what is under the noise."""

    def predict(latents: torch.Tensor, timestep: torch.Tensor) -> Any:
        if scheduler in FLOWING:
            sigma = scheduler.sigmas[scheduler.step_index or scheduler.begin_index or 0]
            return (latents - clean) / sigma
        if hasattr(scheduler, "sigmas") and isinstance(scheduler, EulerDiscreteScheduler):
            sigma = scheduler.sigmas[scheduler.step_index or scheduler.begin_index or 0]
            return (latents * (sigma**2 + 1) ** 0.5 - clean) / sigma
        share = scheduler.alphas_cumprod[timestep.long()]
        return (latents - share**0.5 * clean) / (1 - share) ** 0.5

    return predict


@pytest.mark.parametrize("scheduler", [*NOISY, *FLOWING], ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("start", [0, 3])
def test_a_denoiser_that_knows_the_picture_arrives_at_it_from_any_start(
    scheduler: Any, start: int
) -> None:
    chance = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(SHAPE, generator=chance), torch.randn(SHAPE, generator=chance)
    scheduler.set_timesteps(8)
    guesses: list[torch.Tensor] = []
    result = denoise(
        truthful(scheduler, clean),
        scheduler,
        first_latents(clean, noise, scheduler, start),
        chance,
        after_step=lambda _step, _total, guess: guesses.append(guess),
        start=start,
    )
    assert torch.allclose(result, clean, atol=0.1)
    if scheduler in FLOWING:
        assert all(torch.allclose(guess, clean, atol=1e-4) for guess in guesses)


def test_unmasked_latents_are_the_original_noised_anew_at_every_step() -> None:
    mask = np.zeros((4, 6), np.float32)
    mask[:, 3:] = 1
    result, unet, known, scheduler = run(mask)
    for seen, timestep in zip(unet.seen, scheduler.timesteps, strict=True):
        expected = scheduler.add_noise(known.latents, known.noise, timestep.reshape(1))
        assert torch.equal(seen[..., :3], expected[..., :3])
        if timestep != scheduler.timesteps[0]:
            assert not torch.equal(seen[..., 3:], expected[..., 3:])
    assert torch.equal(result[..., :3], known.latents[..., :3])
    assert not torch.equal(result[..., 3:], known.latents[..., 3:])


def test_a_grey_mask_lets_latents_go_part_of_the_way_through() -> None:
    """Of four steps, a cell masked by half is held for two."""
    mask = np.full((4, 6), 0.5, np.float32)
    _, unet, known, scheduler = run(mask)
    held = [
        torch.equal(seen, scheduler.add_noise(known.latents, known.noise, timestep.reshape(1)))
        for seen, timestep in zip(unet.seen, scheduler.timesteps, strict=True)
    ]
    assert held == [True, True, False, False]


def test_the_more_a_cell_is_masked_the_more_it_changes() -> None:
    changes = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        result, _, known, _ = run(np.full((4, 6), value, np.float32), steps=8)
        changes.append(float((result - known.latents).abs().mean()))
    assert changes == sorted(changes)
    assert changes[0] == 0 and changes[-1] > changes[1]
