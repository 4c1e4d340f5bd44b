"""Karlo: unCLIP as it was first described, with a decoder of pixels and super-resolution behind it.

Donghoon Lee et al., "Karlo-v1.0.alpha on COYO-100M and CC15M", 2022. The decoder paints a small
picture, which plays the part that latents play elsewhere: it is held to an original, or begun from
one, in just the same way. Two denoisers then enlarge it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import UnCLIPImageVariationPipeline, UnCLIPPipeline
from diffusers.pipelines.deprecated.unclip import text_proj
from PIL import Image

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import kind_of
from studio.engine.diffusion.bases.latent import LatentFamily
from studio.engine.diffusion.device.machine import Machine, noise
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.prompts.reach import beyond
from studio.engine.diffusion.prompts.unclip_prior import (
    SpacedUnclipScheduler,
    UnclipPrior,
    joined,
    spaced,
)
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler, denoise
from studio.engine.diffusion.sampling.guidance import guided, spread
from studio.engine.diffusion.sampling.schedulers import MakeScheduler
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo

_KINDS: Final = (UnCLIPPipeline, UnCLIPImageVariationPipeline)
_PRIOR_STEP: Final = 0.2
_ENLARGING_STEPS: Final = 7
_ENLARGING_STEP: Final = 1.5

# The published folders name the module of this class as if it were a library.
sys.modules.setdefault("unclip", text_proj)


@dataclass(frozen=True)
class KarloConditions:
    """What the decoder is told; twice as many rows where it is guided, what is not wanted first.

    Attributes:
        states: ``(n, tokens, width)``.
        mask: ``(n, tokens)``, whether there is a token.
        labels: ``(n, width)``, beside the time.
    """

    states: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor


class Karlo(LatentFamily[KarloConditions]):
    """A loaded Karlo.

    A part is a folder of either stock pipeline: the one for words has the prior, the one for
    variations has the image encoder, and what both have is loaded once.
    """

    schedulers: ClassVar[Mapping[str, MakeScheduler]] = {"ddpm": SpacedUnclipScheduler.from_config}

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        self._modules: dict[str, Any] = {}
        self._pipelines = tuple(self._load(folder) for folder in parts.values())
        defaults, modules = model.defaults, self._modules
        self._prior = UnclipPrior(
            modules["tokenizer"],
            modules["text_encoder"],
            modules.get("prior"),
            modules.get("prior_scheduler"),
            machine,
            steps=defaults.prior_steps,
            guidance=defaults.prior_guidance,
        )

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """One for each part."""
        return self._pipelines

    def effort(self, steps: int) -> float:
        """Denoising steps, and the prior's and the super-resolution's in their measure."""
        prior = self._prior.steps * _PRIOR_STEP
        return super().effort(steps) + prior + _ENLARGING_STEPS * _ENLARGING_STEP

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's image embedding decoded anew; without an image encoder it is repainted."""
        if "image_encoder" not in self._modules:
            return super().variation(brief, source, strength, desk)
        conditions = self._conditions(brief, source, desk, words=False)
        return self._varied(brief, conditions, source, strength, desk)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        tokenizer = self._modules["tokenizer"]
        return beyond(tokenizer, prompt, tokenizer.model_max_length)

    def _load(self, folder: Path) -> Any:
        kind = kind_of(self._model, folder, _KINDS)
        takes = inspect.signature(kind).parameters
        shared = {name: part for name, part in self._modules.items() if name in takes}
        pipeline = load_pipeline(kind, folder, self._machine, **shared)
        self._modules |= pipeline.components
        return pipeline

    @property
    def _factor(self) -> int:
        modules = self._modules
        large = modules["super_res_last"].config.sample_size
        return int(large // modules["decoder"].config.sample_size)

    @property
    def _channels(self) -> int:
        channels: int = self._modules["decoder"].config.in_channels
        return channels

    @property
    def _scheduler_config(self) -> Any:
        return self._modules["decoder_scheduler"].config

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> KarloConditions:
        """The words, or the source's content where there are none."""
        desk.phase(Phase.PROMPT)
        is_seen = source is not None and "image_encoder" in self._modules
        if source is not None and is_seen and not (words and brief.prompt.strip()):
            return self._told(self._of_picture(source), "", brief)
        if not self._prior.exists:
            raise ModelError(
                f"{self._model.title} has no prior, so it paints from pictures only: "
                "choose another model for words."
            )

        def report(step: int, total: int) -> None:
            desk.step(Phase.PROMPT, step, total, units=_PRIOR_STEP)

        embeds = [self._prior.of_text(brief.prompt, seed, report) for seed in brief.seeds]
        return self._told(torch.cat(embeds), brief.prompt, brief)

    @torch.inference_mode()
    def _of_picture(self, source: Pixels) -> torch.Tensor:
        encoder, extract = self._modules["image_encoder"], self._modules["feature_extractor"]
        values = extract(images=Image.fromarray(source), return_tensors="pt").pixel_values
        embeds: torch.Tensor = encoder(values.to(self._machine.device, encoder.dtype)).image_embeds
        return embeds

    @torch.inference_mode()
    def _told(self, embeds: torch.Tensor, text: str, brief: Brief) -> KarloConditions:
        is_guided = brief.guidance > 1
        readings = [self._prior.read(text)]
        if is_guided:
            readings.insert(0, self._prior.read(brief.negative_prompt))
        count = len(brief.seeds)
        words = joined(*(reading for reading in readings for _ in range(count)))
        project = self._modules["text_proj"]
        states, labels = project(
            image_embeddings=spread(embeds, count),
            prompt_embeds=words.embeds,
            text_encoder_hidden_states=words.states,
            do_classifier_free_guidance=is_guided,
        )
        pictured = words.mask.new_ones(len(words.mask), project.clip_extra_context_tokens)
        return KarloConditions(states, torch.cat([pictured, words.mask], dim=1), labels)

    def _predictor(self, brief: Brief, conditions: KarloConditions) -> Predict:
        """The decoder, which answers with noise and variance; guidance is for the noise."""
        decoder, times = self._modules["decoder"], len(conditions.states) // len(brief.seeds)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            answer = decoder(
                sample=torch.cat([latents.to(conditions.states.dtype)] * times),
                timestep=timestep,
                encoder_hidden_states=conditions.states,
                class_labels=conditions.labels,
                attention_mask=conditions.mask,
                return_dict=False,
            )[0].to(latents.dtype)
            mean, variance = answer.split(latents.shape[1], dim=1)
            if times > 1:
                mean = guided(mean, brief.guidance)
            return torch.cat([mean, variance[-len(mean) :]], dim=1)

        return predict

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(planes, self._factor)

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Enlarged without detail, on the processor: not all devices can, nor all precisions."""
        size = [side * self._factor for side in latents.shape[2:]]
        large = torch.nn.functional.interpolate(
            latents.float().cpu().clamp(-1, 1),
            size=size,
            mode="bicubic",
            align_corners=False,
            antialias=True,
        )
        return large.to(latents)

    def _decoded(
        self, latents: torch.Tensor, generator: torch.Generator, desk: Desk
    ) -> torch.Tensor:
        """Enlarged by super-resolution; the last step is made by a denoiser of its own."""
        blurred, modules = self._decode(latents), self._modules
        scheduler: Scheduler = spaced(modules["super_res_scheduler"])
        scheduler.set_timesteps(_ENLARGING_STEPS, device=self._machine.device)

        def predict(planes: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            is_last = bool(timestep == scheduler.timesteps[-1])
            unet = modules["super_res_last" if is_last else "super_res_first"]
            seen = torch.cat([planes, blurred], dim=1).to(self._machine.dtype)
            answer: torch.Tensor = unet(seen, timestep).sample
            return answer.to(planes.dtype)

        def report(step: int, total: int, _clean: torch.Tensor) -> None:
            desk.step(Phase.DECODING, step, total, units=_ENLARGING_STEP)

        initial = noise(tuple(blurred.shape), generator, self._machine)
        return denoise(predict, scheduler, initial, generator, after_step=report)


load = loader(Karlo)
