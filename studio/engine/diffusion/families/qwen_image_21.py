"""Qwen-Image 2.1: one stream of words and pictures, in which each sees what stands before it.

Qwen Team, "Qwen-Image 2.1", 2026. Pictures that it looks at stand among the words, where the
language model has read them; what it has made of both stays the same from step to step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import torch
from diffusers import QwenImage21Pipeline, QwenImage21Transformer2DModel
from diffusers.models.transformers.transformer_qwenimage21 import QwenImage21KVCache
from PIL import Image

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.instructed import InstructedFamily
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.loading.pipelines import load_tokenizer
from studio.engine.diffusion.prompts.qwen_reader import read_reader, without_pictures
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.generation.roles import PIPELINE

_CELLS: Final = 4
"""Of latents, for which one token of the language model stands."""

Shape: TypeAlias = tuple[int, int, int]
"""Of latents: one frame, rows, columns."""


@dataclass(frozen=True)
class PicturedWords:
    """A prompt as the language model tells it, with the pictures that stand in it.

    Attributes:
        embeds: ``(1, tokens, width)``.
        slots: ``(1, tokens)``, which of them are a picture's.
    """

    embeds: torch.Tensor
    slots: torch.Tensor


class QwenImage21(InstructedFamily[PicturedWords], AutoencodedLanguageFamily[PicturedWords]):
    """A loaded Qwen-Image 2.1. A latent cell is one token."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (QwenImage21Pipeline,)
    transformer_kind: ClassVar[Any] = QwenImage21Transformer2DModel
    patch: ClassVar[int] = 1
    shown_grid = 32

    def _load_pipeline(self, **parts: Any) -> Any:
        """The published processor needs torchvision, for videos only."""
        folder = self._folders[PIPELINE] / "processor"
        reader = read_reader(folder, load_tokenizer(folder))
        return super()._load_pipeline(processor=reader, **parts)

    def _encode_words(self, text: str, *, wanted: bool = True) -> PicturedWords:
        return self._told(without_pictures(text), None)

    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> PicturedWords:
        return self._told(text, list(pictures))

    def _told(self, text: str, pictures: list[Image.Image] | None) -> PicturedWords:
        embeds, _, slots = self._pipeline.encode_prompt(text, pictures, device=self._machine.device)
        return PicturedWords(embeds, slots.bool())

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        """Its makers' noise levels where they give any, of which other numbers lie between."""
        levels = self._pipeline.config.sample_sigmas
        if levels is None:
            super()._set_timesteps(scheduler, brief)
            return
        places = np.linspace(0, len(levels) - 1, brief.steps)
        scheduler.set_timesteps(
            sigmas=np.interp(places, np.arange(len(levels)), levels),
            device=self._machine.device,
            mu=self._shift(scheduler, self._tokens_of(brief), brief.steps),
        )

    def _predictor(self, brief: Brief, conditions: Conditions[PicturedWords]) -> Predict:
        """The transformer, which keeps what it has made of words and pictures at the first step."""
        transformer, shown = self._pipeline.transformer, conditions.shown
        kept: dict[str, QwenImage21KVCache] = {}

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            rows, cells = len(latents), latents.shape[2] * latents.shape[3]
            dtype = conditions.positive.embeds.dtype
            seen = [_tokens(spread(each, rows)) for each in (*shown, latents)]
            shapes = [_shape(each) for each in (*shown, latents)]

            def ask(name: str, words: PicturedWords) -> torch.Tensor:
                mode = _mode(transformer, kept, name)
                own = words.slots.new_ones(1, cells // _CELLS)
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=torch.cat(seen, dim=1).to(dtype),
                        timestep=timestep.expand(rows) / TIMESTEPS,
                        encoder_hidden_states=spread(words.embeds, rows),
                        img_shapes=[shapes] * rows,
                        img_mask=spread(torch.cat([words.slots, own], dim=1), rows),
                        kv_cache=kept.get(name),
                        kv_cache_mode=mode,
                        return_dict=False,
                    )[0]
                return tokens[:, -cells:].float()

            velocity = contrasted(ask, conditions.positive, conditions.negative, brief.guidance)
            return velocity.transpose(1, 2).reshape(latents.shape)

        return predict


def _mode(transformer: Any, kept: dict[str, QwenImage21KVCache], name: str) -> str | None:
    """What is to be done with what is kept of a prompt: nothing, or it is made or used."""
    if not transformer.config.causal_condition:
        return None
    if name in kept:
        return "cached"
    kept[name] = QwenImage21KVCache(len(transformer.transformer_blocks))
    return "extract"


def _tokens(latents: torch.Tensor) -> torch.Tensor:
    """Latents ``(n, c, h, w)`` as tokens ``(n, h * w, c)``."""
    return latents.flatten(2).transpose(1, 2)


def _shape(latents: torch.Tensor) -> Shape:
    return (1, *latents.shape[2:])


load = loader(QwenImage21)
