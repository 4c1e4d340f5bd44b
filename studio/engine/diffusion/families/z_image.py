"""Z-Image: a transformer of rectified flow that sees words and picture as one stream.

Z-Image Team, "Z-Image: an efficient image generation foundation model with single-stream diffusion
transformer", 2025. Turbo was distilled to paint in eight steps without guidance. Guidance is
counted from 0 here, as its makers do: 0 is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import ZImagePipeline, ZImageTransformer2DModel

from studio.engine.diffusion.adapters.z_image_control import ZImageControls, ZImageGuide
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.generation.catalog import ModelInfo

_TOKENS: Final = 512


class ZImage(AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded Z-Image or Z-Image Turbo. Words are ``(tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (ZImagePipeline,)
    transformer_kind: ClassVar[Any] = ZImageTransformer2DModel

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._controls = ZImageControls(machine)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        tokenizer = self._pipeline.tokenizer
        framed = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=True,
        )
        return unread_end(tokenizer, framed, prompt.strip(), _TOKENS)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        [embeds], _ = self._pipeline.encode_prompt(
            text,
            device=self._machine.device,
            do_classifier_free_guidance=False,
            max_sequence_length=_TOKENS,
        )
        return embeds

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 0

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The transformer, whose time runs from noise at 0 to the picture at 1."""
        transformer = self._pipeline.transformer
        embeds = [conditions.positive]
        if conditions.negative is not None:
            embeds.append(conditions.negative)
        guide = self._guide(transformer, brief)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            time = (TIMESTEPS - timestep.reshape(1)) / TIMESTEPS
            frames = [*latents.to(embeds[0].dtype).unsqueeze(2)] * len(embeds)
            words = [each for each in embeds for _ in latents]
            times = time.repeat(len(frames))
            more = {} if guide is None else guide(frames, timestep, times, words)
            answers = transformer(frames, times, words, return_dict=False, **more)[0]
            velocity, *others = torch.stack(answers).float().squeeze(2).chunk(len(embeds))
            for other in others:
                velocity = velocity + brief.guidance * (velocity - other)
            return -velocity

        return predict

    @torch.inference_mode()
    def _guide(self, transformer: Any, brief: Brief) -> ZImageGuide | None:
        """What is beside the denoiser for the brief's pictures."""
        timesteps = self._scheduler(brief).timesteps.tolist()
        return self._controls.guide(brief.controls, transformer, timesteps, self._encoded)


load = loader(ZImage)
