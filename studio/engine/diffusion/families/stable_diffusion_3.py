"""Stable Diffusion 3 and 3.5: a transformer of rectified flow, two CLIPs and perhaps a T5.

P. Esser et al., "Scaling rectified flow transformers for high-resolution image synthesis", 2024.
The T5 may be left out, which saves most of the memory that words take.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import SD3Transformer2DModel, StableDiffusion3Pipeline

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.flow_references import Sd3References
from studio.engine.diffusion.adapters.sd3_control import Sd3Controls, Sd3Guide
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.flow import FlowConditions, FlowFamily, Words
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.headers import Shapes, blocks_of, has, shape_of
from studio.engine.diffusion.prompts.reach import beyond
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import guided, spread
from studio.engine.diffusion.sampling.shifting import shift_of
from studio.generation.catalog import ModelInfo

_T5_TOKENS: Final = 256
_MAX_SHIFT: Final = 1.16
"""For schedulers that do not say theirs."""


class StableDiffusion3(FlowFamily):
    """A loaded Stable Diffusion 3 or 3.5."""

    pipeline_kind: ClassVar[Any] = StableDiffusion3Pipeline
    transformer_kind: ClassVar[Any] = SD3Transformer2DModel
    mask_channels = 1
    dispensable = ("text_encoder_3", "tokenizer_3")

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._controls = Sd3Controls(machine)
        self._references = Sd3References(machine)

    def unread(self, prompt: str) -> str:
        """The end that the longest-reading encoder does not read."""
        pipeline = self._base
        if pipeline.text_encoder_3 is None:
            return beyond(pipeline.tokenizer, prompt, pipeline.tokenizer_max_length)
        return beyond(pipeline.tokenizer_3, prompt, _T5_TOKENS)

    def _anatomy(self, shapes: Shapes, config: Mapping[str, Any]) -> dict[str, Any]:
        """That which tells 3, 3.5 medium and 3.5 large apart."""
        width, channels, *_ = shape_of(shapes, "x_embedder.proj.weight", "pos_embed.proj.weight")
        spots = shape_of(shapes, "pos_embed", "pos_embed.pos_embed")[1]
        return {
            "in_channels": channels,
            "num_layers": 1 + max(blocks_of(shapes), default=-1),
            "num_attention_heads": width // config["attention_head_dim"],
            "caption_projection_dim": width,
            "pos_embed_max_size": math.isqrt(spots),
            "dual_attention_layers": blocks_of(shapes, "attn2."),
            "qk_norm": "rms_norm" if has(shapes, "ln_q.", "norm_q.") else None,
        }

    def _reach(self, transformer: Any) -> int:
        return _T5_TOKENS

    def _read(self, text: str, reach: int) -> Words:
        embeds, _, pooled, _ = self._base.encode_prompt(
            text,
            None,
            None,
            device=self._machine.device,
            do_classifier_free_guidance=False,
            max_sequence_length=reach,
        )
        return Words(embeds, pooled)

    def _is_guided(self, brief: Brief, transformer: Any) -> bool:
        return brief.guidance > 1

    def _set_timesteps(self, scheduler: Scheduler, steps: int, tokens: int) -> None:
        """At the scheduler's own noise levels, shifted by the size only where it says so."""
        shift = {}
        if scheduler.config.use_dynamic_shifting:
            shift["mu"] = shift_of({"max_shift": _MAX_SHIFT, **scheduler.config}, tokens)
        scheduler.set_timesteps(steps, device=self._machine.device, **shift)

    def _known_channels(self, known: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
        cells = torch.nn.functional.max_pool2d(hole, self._factor)
        return torch.cat([cells, self._encoded(known)], dim=1)

    def _predictor_of(
        self,
        transformer: Any,
        brief: Brief,
        conditions: FlowConditions,
        beside: torch.Tensor | None = None,
    ) -> Predict:
        pair = [conditions.positive]
        if conditions.negative is not None:
            pair.insert(0, conditions.negative)
        embeds = torch.cat([words.embeds for words in pair])
        pooled = torch.cat([words.pooled for words in pair])
        guide = self._guide(transformer, brief, embeds, pooled)
        look = self._references.guide(
            brief.references,
            transformer,
            self._timesteps(brief, transformer),
            is_guided=len(pair) > 1,
        )

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            seen = latents
            if beside is not None:
                seen = torch.cat([latents, spread(beside, len(latents))], dim=1)
            seen = torch.cat([seen.to(embeds.dtype)] * len(pair))
            more = {} if guide is None else guide(seen, timestep)
            shown = {} if look is None else look(timestep, len(seen))
            answer: torch.Tensor = transformer(
                hidden_states=seen,
                timestep=timestep.expand(len(seen)),
                encoder_hidden_states=spread(embeds, len(seen)),
                pooled_projections=spread(pooled, len(seen)),
                return_dict=False,
                **more,
                **shown,
            )[0].to(latents.dtype)
            return answer if len(pair) == 1 else guided(answer, brief.guidance)

        return predict

    @torch.inference_mode()
    def _guide(
        self, transformer: Any, brief: Brief, embeds: torch.Tensor, pooled: torch.Tensor
    ) -> Sd3Guide | None:
        """What is beside a denoiser for the brief's pictures."""
        timesteps = self._timesteps(brief, transformer)
        return self._controls.guide(
            brief.controls, transformer, embeds, pooled, timesteps, self._shown
        )

    def _shown(self, pixels: Pixels, is_shifted: bool) -> torch.Tensor:
        """The latents of a picture for a ControlNet, some of which know no shift."""
        latents = self._encoded(pixels)
        if is_shifted:
            return latents
        scale: float = self._autoencoder.module.config.scaling_factor
        return self._autoencoder.unscaled(latents) * scale


load = loader(StableDiffusion3)
