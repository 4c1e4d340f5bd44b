"""The prior of unCLIP as Karlo and Stable unCLIP have it: from words to an image embedding.

A. Ramesh et al., "Hierarchical text-conditional image generation with CLIP latents", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import UnCLIPScheduler

from studio.engine.diffusion.device.machine import Machine, noise, seeded
from studio.engine.diffusion.remembered import Remembered
from studio.engine.diffusion.sampling.denoise import Scheduler, denoise, first_latents
from studio.engine.diffusion.sampling.guidance import guided

_REMEMBERED: Final = 64

StepReport = Callable[[int, int], None]
"""Called with the step from 1 and their number; may raise to end the work."""


class SpacedUnclipScheduler(UnCLIPScheduler):  # type: ignore[misc]  # diffusers has no types
    """Steps from one of its timesteps to the next by itself, as other schedulers do."""

    def set_timesteps(self, num_inference_steps: int, device: Any = None) -> None:
        """As its parent does; a single step begins at full noise."""
        if num_inference_steps > 1:
            super().set_timesteps(num_inference_steps, device)
            return
        self.num_inference_steps = num_inference_steps
        self.timesteps = torch.tensor([self.config.num_train_timesteps - 1], device=device)

    def step(
        self,
        model_output: torch.Tensor,
        timestep: torch.Tensor,
        sample: torch.Tensor,
        generator: torch.Generator | None = None,
    ) -> Any:
        """To the timestep that follows; from the last one to no noise."""
        later = self.timesteps[self.timesteps < timestep]
        following = later[0] if len(later) else torch.tensor(-1)
        return super().step(model_output, timestep, sample, following, generator)


@dataclass(frozen=True)
class Reading:
    """A text as CLIP's tower reads it.

    Attributes:
        embeds: ``(1, d)``, in the common space of words and pictures.
        states: ``(1, tokens, width)``.
        mask: ``(1, tokens)``, whether there is a token.
    """

    embeds: torch.Tensor
    states: torch.Tensor
    mask: torch.Tensor


class UnclipPrior:
    """A text tower, and the diffusion from what it reads to image embeddings.

    Args:
        tokenizer, text_encoder: with a projection.
        prior: a `PriorTransformer`; None where only reading is asked for.
        scheduler: its own.
        machine: where they run.
        steps, guidance: of the prior's diffusion.
    """

    def __init__(
        self,
        tokenizer: Any,
        text_encoder: Any,
        prior: Any,
        scheduler: Any,
        machine: Machine,
        *,
        steps: int,
        guidance: float,
    ) -> None:
        self.steps = steps
        self._tokenizer = tokenizer
        self._text_encoder = text_encoder
        self._prior = prior
        self._scheduler = scheduler
        self._machine = machine
        self._guidance = guidance
        self._remembered = Remembered[tuple[str, int], torch.Tensor](_REMEMBERED)
        self._readings = Remembered[str, Reading](_REMEMBERED)

    @property
    def exists(self) -> bool:
        """Whether it leads to image embeddings."""
        return self._prior is not None

    def of_text(self, text: str, seed: int, report: StepReport) -> torch.Tensor:
        """The image embedding of a picture that the text describes, ``(1, d)``.

        The last ones are remembered; for these no step is reported.
        """
        return self._remembered.get((text, seed), lambda: self._denoised(text, seed, report))

    def read(self, text: str) -> Reading:
        """A text's embedding and states; the last ones are remembered."""
        return self._readings.get(text, lambda: self._read(text))

    @torch.inference_mode()
    def _read(self, text: str) -> Reading:
        tokens = self._tokenizer(
            text,
            padding="max_length",
            max_length=self._tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        device = self._machine.device
        answer = self._text_encoder(tokens.input_ids.to(device))
        mask = tokens.attention_mask.bool().to(device)
        return Reading(answer.text_embeds, answer.last_hidden_state, mask)

    @torch.inference_mode()
    def _denoised(self, text: str, seed: int, report: StepReport) -> torch.Tensor:
        prior, generator, scheduler = self._prior, seeded(seed), spaced(self._scheduler)
        scheduler.set_timesteps(self.steps, device=self._machine.device)
        told = [self.read(text)]
        if self._guidance > 1:
            told.insert(0, self.read(""))
        words = joined(*told)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            answer: torch.Tensor = prior(
                latents.to(words.embeds.dtype).expand(len(told), -1),
                timestep=timestep,
                proj_embedding=words.embeds,
                encoder_hidden_states=words.states,
                attention_mask=words.mask,
            ).predicted_image_embedding.to(latents.dtype)
            return answer if len(told) == 1 else guided(answer, self._guidance)

        initial = noise((1, prior.config.embedding_dim), generator, self._machine)
        embeds = denoise(
            predict,
            scheduler,
            first_latents(None, initial, scheduler, 0),
            generator,
            after_step=lambda step, total, _clean: report(step, total),
        )
        spread, centre = prior.clip_std.to(embeds), prior.clip_mean.to(embeds)
        return torch.addcmul(centre, embeds, spread)


def joined(*readings: Reading) -> Reading:
    """Several in one batch."""
    return Reading(
        torch.cat([each.embeds for each in readings]),
        torch.cat([each.states for each in readings]),
        torch.cat([each.mask for each in readings]),
    )


def spaced(scheduler: Scheduler) -> Scheduler:
    """A scheduler like this one that steps by itself."""
    kind = type(scheduler)
    if issubclass(kind, UnCLIPScheduler):
        kind = SpacedUnclipScheduler
    return kind.from_config(scheduler.config)
