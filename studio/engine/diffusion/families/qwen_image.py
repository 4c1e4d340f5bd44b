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
from studio.engine.diffusion.adapters.qwen_control import QwenControls, QwenGuide
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.instructed import EditorFamily
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions, kind_of
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.latents.packing import PATCH, packed, unpacked
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.prompts.pictures import extent_of, of_area, scaled
from studio.engine.diffusion.prompts.qwen_reader import read_reader
from studio.engine.diffusion.prompts.reach import unread_in_template
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.engine.diffusion.sampling.guidance import as_large, contrasted, spread
from studio.generation.catalog import ModelInfo

_EDITORS: Final = (QwenImageEditPipeline, QwenImageEditPlusPipeline)
_GRID: Final = 32
_GLANCE: Final = 384
"""Side of the area at which the language model of an editor of several pictures sees each."""

Shape: TypeAlias = tuple[int, int, int]
"""Of latents in tokens: one frame, rows, columns."""


class QwenImage(EditorFamily[torch.Tensor], AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded Qwen-Image, Qwen-Image-Edit, or both. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (QwenImagePipeline, *_EDITORS)
    transformer_kind: ClassVar[Any] = QwenImageTransformer2DModel
    shown_grid = _GRID

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._controls = QwenControls(machine)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        return unread_in_template(self._pipeline, prompt)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(text, device=self._machine.device)
        return embeds

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
        guide = self._guide(transformer, brief, positive)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            painted = packed(latents).to(positive.dtype)
            seen = torch.cat([painted, *(spread(each, len(painted)) for each in behind)], dim=1)
            time = timestep.expand(len(seen)) / TIMESTEPS
            more = {} if guide is None else guide(seen, timestep, time)

            def answer(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=seen,
                        timestep=time,
                        guidance=guidance if transformer.config.guidance_embeds else None,
                        encoder_hidden_states=spread(words, len(seen)),
                        img_shapes=[[_shape(latents), *shapes]] * len(seen),
                        return_dict=False,
                        **more,
                    )[0]
                return tokens[:, : painted.shape[1]].float()

            velocity = contrasted(answer, positive, negative, brief.guidance, as_large)
            return unpacked(velocity, *latents.shape[2:])

        return predict

    @torch.inference_mode()
    def _guide(self, transformer: Any, brief: Brief, words: torch.Tensor) -> QwenGuide | None:
        """What is beside a denoiser for the brief's pictures."""
        timesteps = self._scheduler(brief).timesteps.tolist()
        return self._controls.guide(brief.controls, transformer, words, timesteps, self._encoded)

    def _make_editor(self, folder: Path) -> Any:
        kind = kind_of(self._model, folder, _EDITORS)
        shared = self._shared("text_encoder", "tokenizer", "vae")
        reader = read_reader(folder / "processor", self._pipeline.tokenizer)
        return load_pipeline(kind, folder, self._machine, processor=reader, **shared)

    @property
    def _reads_several(self) -> bool:
        return isinstance(self._editor, QwenImageEditPlusPipeline)

    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._editor.encode_prompt(text, list(pictures), device=self._machine.device)
        return embeds

    def _seen(self, source: Pixels, painted: Extent) -> Pixels:
        if not self._reads_several:
            return self._sized(source, painted)
        side = min(_GLANCE, self._model.native_size)
        return scaled(source, of_area(extent_of(source), side**2, _GRID))


def _shape(latents: torch.Tensor) -> Shape:
    rows, columns = (side // PATCH for side in latents.shape[2:])
    return (1, rows, columns)


load = loader(QwenImage)
