from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from studio.engine.diffusion.denoise import Conditions, Known, denoise, start_of
from studio.generation.membrane import Floats

SHAPE = (1, 4, 4, 6)
EMBED = torch.ones(1, 8)


def scheduler_of(steps: int) -> Any:
    scheduler = DDIMScheduler(clip_sample=False, beta_schedule="linear")
    scheduler.set_timesteps(steps)
    return scheduler


class Denoiser:
    """Says that a tenth of what it sees is noise, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def __call__(self, *, sample: torch.Tensor, **_: Any) -> tuple[torch.Tensor]:
        self.seen.append(sample)
        noise = sample[:, :4] * 0.1
        return (torch.cat([noise, noise], dim=1),)


def run(mask: Floats | None, steps: int = 4, start: int = 0, guidance: float = 1.0) -> Any:
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
        Conditions(EMBED, EMBED * 0, guidance),
        chance,
        after_step=lambda *_: None,
        start=start,
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
        Conditions(EMBED, EMBED, 1.0),
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
            Conditions(EMBED, EMBED, 1.0),
            torch.Generator(),
            after_step=stop,
        )
    assert len(unet.seen) == 2


def test_guidance_asks_the_denoiser_for_both_answers_at_once() -> None:
    _, plain, _, _ = run(None, guidance=1.0)
    _, guided, _, _ = run(None, guidance=2.0)
    assert {len(seen) for seen in plain.seen} == {1}
    assert {len(seen) for seen in guided.seen} == {2}


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
