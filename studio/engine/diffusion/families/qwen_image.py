"""Qwen-Image: a transformer of rectified flow that writes as well as it paints.

C. Wu et al., "Qwen-Image technical report", 2025. Qwen-Image-Edit reads the pictures that are to
be changed twice: as its language model sees them, and as latents beside those that it paints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import torch
from diffusers import (
    QwenImageEditPipeline,
    QwenImageEditPlusPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.chat import unread_end
from studio.engine.diffusion.denoise import Predict
from studio.engine.diffusion.families.instructed import InstructedFamily
from studio.engine.diffusion.families.language import TIMESTEPS, Conditions, kind_of
from studio.engine.diffusion.families.qwen_reader import read_reader
from studio.engine.diffusion.family import Brief
from studio.engine.diffusion.loading import load_pipeline, loading
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.packing import packed, unpacked
from studio.engine.diffusion.references import extent_of, of_area, scaled
from studio.generation.catalog import ModelInfo

_EDITORS: Final = (QwenImageEditPipeline, QwenImageEditPlusPipeline)
_GRID: Final = 32
_GLANCE: Final = 384
"""Side of the area at which the language model of an editor of several pictures sees each."""

Shape: TypeAlias = tuple[int, int, int]
"""Of latents in tokens: one frame, rows, columns."""


class QwenImage(InstructedFamily[torch.Tensor]):
    """A loaded Qwen-Image, Qwen-Image-Edit, or both. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (QwenImagePipeline, *_EDITORS)
    transformer_kind: ClassVar[Any] = QwenImageTransformer2DModel
    shown_grid = _GRID

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        pipeline = self._pipeline
        framed = pipeline.prompt_template_encode.format(prompt)
        limit = pipeline.tokenizer_max_length + pipeline.prompt_template_encode_start_idx
        return unread_end(pipeline.tokenizer, framed, prompt, limit)

    @property
    def _factor(self) -> int:
        return int(2 ** len(self._pipeline.vae.temperal_downsample))

    @property
    def _channels(self) -> int:
        channels: int = self._pipeline.vae.config.z_dim
        return channels

    def _kind_in(self, folder: Path) -> Any:
        """A painter, also where the folder holds an editor."""
        super()._kind_in(folder)
        return QwenImagePipeline

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(text, device=self._machine.device)
        return embeds

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 1

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The painter, or the editor, which sees what is shown behind its own latents.

        Guidance keeps the magnitude of each token of the answer to what is wanted.
        """
        shown = conditions.shown
        transformer = self._denoiser(conditions)
        positive, negative = conditions.positive, conditions.negative
        guidance = torch.full([1], brief.guidance, device=positive.device)
        behind = [packed(latents).to(positive.dtype) for latents in shown]
        shapes = [_shape(latents) for latents in shown]

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            painted = packed(latents).to(positive.dtype)

            def answer(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=torch.cat([painted, *behind], dim=1),
                        timestep=timestep.reshape(1) / TIMESTEPS,
                        guidance=guidance if transformer.config.guidance_embeds else None,
                        encoder_hidden_states=words,
                        img_shapes=[[_shape(latents), *shapes]],
                        return_dict=False,
                    )[0]
                return tokens[:, : painted.shape[1]].float()

            velocity = answer("cond", positive)
            if negative is not None:
                unwanted = answer("uncond", negative)
                velocity = _guided(velocity, unwanted, brief.guidance)
            return unpacked(velocity, *latents.shape[2:])

        return predict

    def _make_editor(self, folder: Path) -> Any:
        kind = kind_of(self._model, folder, _EDITORS)
        shared = self._shared("text_encoder", "tokenizer", "vae")
        editor = load_pipeline(kind, folder, self._machine, processor=None, **shared)
        editor.processor = read_reader(folder / "processor", editor.tokenizer)
        return editor

    def _reads_several(self, editor: Any) -> bool:
        return isinstance(editor, QwenImageEditPlusPipeline)

    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._editor.encode_prompt(text, list(pictures), device=self._machine.device)
        return embeds

    def _seen(self, source: Pixels, painted: Extent) -> Pixels:
        if not self._reads_several(self._editor):
            return self._sized(source, painted)
        side = min(_GLANCE, self._model.native_size)
        return scaled(source, of_area(extent_of(source), side**2, _GRID))

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(planes)
        frames = self._pipeline.vae.encode(planes.unsqueeze(2)).latent_dist.mode()
        latents: torch.Tensor = (frames.squeeze(2) - mean) / deviation
        return latents

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(latents)
        plain = (latents * deviation + mean).to(self._pipeline.vae.dtype)
        planes: torch.Tensor = self._pipeline.vae.decode(plain.unsqueeze(2), return_dict=False)[0]
        return planes.squeeze(2)

    def _statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean and the deviation of each channel of the autoencoder's latents."""
        config = self._pipeline.vae.config
        mean, deviation = (
            torch.tensor(values).view(1, -1, 1, 1).to(like)
            for values in (config.latents_mean, config.latents_std)
        )
        return mean, deviation


def load(model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> QwenImage:
    """Loads the painter, which is the editor where there is nothing else.

    Raises:
        ModelError: if a part is no such model, or its weights cannot be read.
    """
    with loading(model):
        return QwenImage(model, parts, machine)


def _shape(latents: torch.Tensor) -> Shape:
    rows, columns = (side // 2 for side in latents.shape[2:])
    return (1, rows, columns)


def _guided(wanted: torch.Tensor, unwanted: torch.Tensor, guidance: float) -> torch.Tensor:
    """Classifier-free guidance that leaves each token as large as it was."""
    combined = unwanted + guidance * (wanted - unwanted)
    size = torch.linalg.vector_norm(wanted, dim=-1, keepdim=True)
    scale: torch.Tensor = size / torch.linalg.vector_norm(combined, dim=-1, keepdim=True)
    return combined * scale
