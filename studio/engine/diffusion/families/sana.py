"""Sana: a transformer of linear attention over latents of few and large cells.

E. Xie et al., "SANA: efficient high-resolution image synthesis with linear diffusion transformers",
2024. J. Chen et al., "SANA-Sprint: one-step diffusion with continuous-time consistency
distillation", 2025. The language model is told how to picture a prompt before it reads it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    SanaPipeline,
    SanaSprintPipeline,
    SanaTransformer2DModel,
)

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.sana_control import SanaControls, SanaGuide
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import Conditions, LanguageFamily, MaskedWords, kind_of
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler, start_of
from studio.engine.diffusion.sampling.guidance import guided, spread
from studio.engine.diffusion.sampling.schedulers import MakeScheduler
from studio.engine.diffusion.sampling.shifting import matching, solving
from studio.engine.diffusion.sampling.trigflow import TrigFlowScheduler
from studio.generation.catalog import ModelInfo
from studio.generation.roles import PIPELINE

_TOKENS: Final = 300
_INSTRUCTION: Final[list[str]] = (
    inspect.signature(SanaPipeline.__call__).parameters["complex_human_instruction"].default
)
"""What the language model is told before a prompt."""


class Sana(LanguageFamily[MaskedWords]):
    """A loaded Sana. A latent cell is one token, of 32 pixels along its side."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (SanaPipeline,)
    transformer_kind: ClassVar[Any] = SanaTransformer2DModel
    schedulers: ClassVar[Mapping[str, MakeScheduler]] = {
        "flow": partial(matching, FlowMatchEulerDiscreteScheduler),
        "dpm++": partial(solving, DPMSolverMultistepScheduler),
    }

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._controls = SanaControls(machine)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        tokenizer = self._pipeline.tokenizer
        instruction, read = "\n".join(_INSTRUCTION), prompt.lower().strip()
        limit = len(tokenizer.encode(instruction)) + _TOKENS - 2
        return unread_end(tokenizer, instruction + read, read, limit)

    @property
    def _factor(self) -> int:
        return int(2 ** (len(self._pipeline.vae.config.encoder_block_out_channels) - 1))

    @property
    def _channels(self) -> int:
        channels: int = self._pipeline.vae.config.latent_channels
        return channels

    def _encode_words(self, text: str, *, wanted: bool = True) -> MaskedWords:
        embeds, mask, *_ = self._pipeline.encode_prompt(
            text,
            do_classifier_free_guidance=False,
            device=self._machine.device,
            max_sequence_length=_TOKENS,
            complex_human_instruction=_INSTRUCTION if wanted else None,
        )
        return MaskedWords(embeds, mask)

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        scheduler.set_timesteps(brief.steps, device=self._machine.device)

    def _predictor(self, brief: Brief, conditions: Conditions[MaskedWords]) -> Predict:
        transformer = self._pipeline.transformer
        said = [conditions.positive]
        if conditions.negative is not None:
            said.insert(0, conditions.negative)
        embeds = torch.cat([words.embeds for words in said])
        mask = torch.cat([words.mask for words in said])
        scale = transformer.config.timestep_scale
        guide = self._guide(transformer, brief, embeds, mask)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            seen = torch.cat([latents.to(embeds.dtype)] * len(said))
            more = {} if guide is None else guide(seen, timestep)
            answers: torch.Tensor = transformer(
                seen,
                encoder_hidden_states=spread(embeds, len(seen)),
                encoder_attention_mask=spread(mask, len(seen)),
                timestep=timestep.expand(len(seen)) * scale,
                return_dict=False,
                **more,
            )[0]
            velocity = answers[:, : latents.shape[1]].float()
            return velocity if len(said) == 1 else guided(velocity, brief.guidance)

        return predict

    @torch.inference_mode()
    def _guide(
        self, transformer: Any, brief: Brief, embeds: torch.Tensor, mask: torch.Tensor
    ) -> SanaGuide | None:
        """What is beside the denoiser for the brief's pictures."""
        timesteps = self._scheduler(brief).timesteps.tolist()
        return self._controls.guide(
            brief.controls, transformer, embeds, mask, timesteps, self._encoded
        )

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        vae = self._pipeline.vae
        latents: torch.Tensor = vae.encode(planes).latent * vae.config.scaling_factor
        return latents

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        vae = self._pipeline.vae
        plain = (latents / vae.config.scaling_factor).to(vae.dtype)
        planes: torch.Tensor = vae.decode(plain, return_dict=False)[0]
        return planes


class SanaSprint(Sana):
    """A loaded Sana Sprint, which paints in one to four steps; its guidance is an input.

    It was distilled for one scheduler, which is its own by whatever name.
    """

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (SanaSprintPipeline,)
    schedulers: ClassVar[Mapping[str, MakeScheduler]] = dict.fromkeys(
        Sana.schedulers, TrigFlowScheduler.from_config
    )

    def _encode_words(self, text: str, *, wanted: bool = True) -> MaskedWords:
        embeds, mask = self._pipeline.encode_prompt(
            text,
            device=self._machine.device,
            max_sequence_length=_TOKENS,
            complex_human_instruction=_INSTRUCTION,
        )
        return MaskedWords(embeds, mask)

    def _is_guided(self, brief: Brief) -> bool:
        return False

    def _begin(self, scheduler: Scheduler, brief: Brief, strength: float) -> int:
        """At the very angle that the strength says, since it may begin at any."""
        if strength == 1:
            return 0
        scheduler.begin_at(strength, brief.steps - start_of(brief.steps, strength))
        return 1

    def _predictor(self, brief: Brief, conditions: Conditions[MaskedWords]) -> Predict:
        """The transformer of a Sana, asked in the time of straight lines and answering for angles.

        See section 3.1 of the paper on Sprint.
        """
        if brief.controls:
            raise ModelError(
                f"{self._model.title} paints in steps that no ControlNet knows: choose a plain "
                "Sana to be guided by pictures."
            )
        transformer = self._pipeline.transformer
        words = conditions.positive
        embeds = words.embeds
        guidance = torch.full([1], brief.guidance, device=embeds.device).to(embeds)
        guidance = guidance * transformer.config.guidance_embeds_scale

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            time = torch.sin(timestep) / (torch.cos(timestep) + torch.sin(timestep))
            size = torch.sqrt(time**2 + (1 - time) ** 2)
            seen = latents * size
            answer = transformer(
                seen.to(embeds.dtype),
                encoder_hidden_states=spread(embeds, len(seen)),
                encoder_attention_mask=spread(words.mask, len(seen)),
                guidance=guidance.expand(len(seen)),
                timestep=time.expand(len(seen)),
                return_dict=False,
            )[0].float()
            velocity: torch.Tensor = (1 - 2 * time) * seen + size**2 * answer
            return velocity / size

        return predict


@loader
def load(model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> Sana:
    """Loads the pipeline, of either kind."""
    families = {SanaPipeline: Sana, SanaSprintPipeline: SanaSprint}
    return families[kind_of(model, parts[PIPELINE], tuple(families))](model, parts, machine)
