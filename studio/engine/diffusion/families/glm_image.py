"""GLM-Image: a language model dreams a picture up in tokens, and a transformer paints it.

Z.ai, "GLM-Image", 2026. The dream says what is where; the transformer of rectified flow adds what
is fine, and writes what stands in quotes by its letters' shapes. Where there is a picture to begin
with, both have looked at it: the language model has it before its eyes while it dreams, and the
transformer's attention goes to it at every step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import GlmImagePipeline, GlmImageTransformer2DModel
from diffusers.models.transformers.transformer_glm_image import GlmImageKVCache
from PIL import Image
from transformers import StoppingCriteria

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.autoencoder import Autoencoder
from studio.engine.diffusion.denoise import Predict, Scheduler, contrasted
from studio.engine.diffusion.families.language import (
    TIMESTEPS,
    AutoencodedLanguageFamily,
    Conditions,
)
from studio.engine.diffusion.family import Brief, Unsound
from studio.engine.diffusion.loading import loading
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.placement import summon
from studio.engine.diffusion.references import extent_of, of_area, scaled
from studio.engine.diffusion.remembered import Remembered
from studio.engine.diffusion.shifting import set_whole_flow
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.request import Digest

_GRID: Final = 32
"""Pixels along the side of a token of the dream; the transformer's have half of them."""
_DREAMS: Final = 4
_DREAMING: Final = 30.0
"""What a dream takes, in denoising steps."""

Occasion = tuple[str, int, Extent, tuple[Digest, ...]]
"""Of a dream: the prompt, the seed, the extent, and the pictures that are looked at."""


@dataclass(frozen=True)
class Dream:
    """What the language model has made up.

    Attributes:
        tokens: ``(1, n)``, one for each of the transformer's.
        looked_at: the same of pictures, as it sees them.
    """

    tokens: torch.Tensor
    looked_at: tuple[torch.Tensor, ...]


@dataclass(frozen=True, kw_only=True)
class Dreamt(Conditions[torch.Tensor]):
    """What to paint, with the dream of it. Words are the shapes of what is to be written."""

    dream: Dream


class GlmImage(AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded GLM-Image. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (GlmImagePipeline,)
    transformer_kind: ClassVar[Any] = GlmImageTransformer2DModel
    paints_together: ClassVar[bool] = False

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._autoencoder = _Autoencoder(self._pipeline.vae)
        self._dreams: Remembered[Occasion, Dream] = Remembered(_DREAMS)

    def effort(self, steps: int) -> float:
        """As of others, and the dream."""
        return super().effort(steps) + _DREAMING

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """A dream of the sources changed as the prompt says, painted with an eye on them."""
        conditions = self._dreamt(brief, sources, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """A dream of the source, painted with an eye on it.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        return self._varied(brief, self._dreamt(brief, [source], desk), source, strength, desk)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(
            text, do_classifier_free_guidance=False, device=self._machine.device
        )
        return embeds

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 1

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        timesteps = np.linspace(TIMESTEPS, 1.0, brief.steps + 1, dtype=np.float32)[:-1]
        tokens = brief.extent.area // (self._factor * self.patch) ** 2
        set_whole_flow(scheduler, timesteps, self._machine.device, tokens)

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> Dreamt:
        return self._dreamt(brief, [] if source is None else [source], desk)

    def _dreamt(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Dreamt:
        """What to paint, dreamt with these pictures before one's eyes."""
        if brief.negative_prompt.strip():
            desk.note(f"{self._model.title} reads no negative prompt.")
        told = super()._conditions(replace(brief, negative_prompt=""), None, desk)
        looked_at = [
            scaled(source, _looked_at(extent_of(source), self._model.native_size))
            for source in sources
        ]
        content = tuple(Picture.from_array(pixels).digest for pixels in looked_at)
        dream = self._dreams.get(
            (brief.prompt, brief.seed, brief.extent, content),
            lambda: self._dream(brief, looked_at, desk),
        )
        shown = tuple(self._encoded(pixels) for pixels in looked_at)
        return Dreamt(told.positive, told.negative, shown, dream=dream)

    @torch.inference_mode()
    def _dream(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Dream:
        """Tokens drawn one by one, by the chance of the seed.

        Raises:
            Unsound: if there are fewer than the picture has.
        """
        pipeline = self._pipeline
        told = self._told(brief, sources)
        looked_at = self._seen(told, len(sources)) if sources else ()
        most, start, rows, columns = pipeline._compute_generation_params(
            told["image_grid_thw"], is_text_to_image=not sources
        )
        with torch.random.fork_rng(_devices_of_chance(self._machine)):
            torch.manual_seed(brief.seed)
            [answer] = pipeline.vision_language_encoder.generate(
                **told,
                max_new_tokens=most,
                do_sample=True,
                stopping_criteria=[_Reports(desk, most)],
            )
        tokens = answer[told["input_ids"].shape[-1] :][start : start + rows * columns]
        if len(tokens) < rows * columns:
            raise Unsound
        return Dream(pipeline._upsample_token_ids(tokens, rows, columns), looked_at)

    def _told(self, brief: Brief, sources: Sequence[Pixels]) -> Any:
        """The prompt and the pictures in the language model's form."""
        words = brief.prompt
        for special in self._pipeline.processor.tokenizer.all_special_tokens:
            words = words.replace(special, "")  # nobody can type a picture
        content = [{"type": "image", "image": Image.fromarray(pixels)} for pixels in sources]
        message = {"role": "user", "content": [*content, {"type": "text", "text": words}]}
        told = self._pipeline.processor.apply_chat_template(
            [[message]],
            tokenize=True,
            target_h=brief.extent.height,
            target_w=brief.extent.width,
            return_dict=True,
            return_tensors="pt",
        )
        return told.to(self._machine.device)

    def _seen(self, told: Any, count: int) -> tuple[torch.Tensor, ...]:
        """The tokens of the pictures, as the transformer takes them."""
        encoder = self._pipeline.vision_language_encoder
        grids = told["image_grid_thw"][:count]
        summon(encoder, self._machine)
        features = encoder.get_image_features(told["pixel_values"], grids).pooler_output
        tokens = encoder.get_image_tokens(features).split(grids.prod(dim=-1).tolist())
        return tuple(
            self._pipeline._upsample_token_ids(each, *grid[1:].tolist())
            for each, grid in zip(tokens, grids, strict=True)
        )

    @torch.inference_mode()
    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The transformer, whose attention goes to what was looked at, but not where it is told
        what is not wanted."""
        assert isinstance(conditions, Dreamt)
        transformer, dream = self._pipeline.transformer, conditions.dream.tokens
        size = conditions.positive.new_tensor([[brief.extent.height, brief.extent.width]])
        looks = self._looks(conditions)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            def ask(name: str, words: torch.Tensor) -> torch.Tensor:
                is_wanted = name == "cond"
                looks.set_mode("read" if is_wanted else "skip")
                answer: torch.Tensor = transformer(
                    hidden_states=latents.to(words.dtype),
                    encoder_hidden_states=words,
                    prior_token_id=dream,
                    prior_token_drop=torch.full_like(dream, not is_wanted, dtype=torch.bool),
                    timestep=timestep.reshape(1) - 1,
                    target_size=size,
                    crop_coords=torch.zeros_like(size),
                    kv_caches=looks,
                    return_dict=False,
                )[0]
                return answer.float()

            return contrasted(ask, conditions.positive, conditions.negative, brief.guidance)

        return predict

    def _looks(self, conditions: Dreamt) -> GlmImageKVCache:
        """What the transformer's attention keeps of the pictures that were looked at."""
        transformer, words = self._pipeline.transformer, conditions.positive
        looks = GlmImageKVCache(num_layers=transformer.config.num_layers)
        looks.set_mode("write")
        for latents, tokens in zip(conditions.shown, conditions.dream.looked_at, strict=True):
            sides = [side * self._factor for side in latents.shape[2:]]
            size = words.new_tensor([sides])
            transformer(
                hidden_states=latents.to(words.dtype),
                encoder_hidden_states=words[:, :0],
                prior_token_id=tokens,
                prior_token_drop=torch.zeros_like(tokens, dtype=torch.bool),
                timestep=words.new_zeros(1, dtype=torch.float32),
                target_size=size,
                crop_coords=torch.zeros_like(size),
                kv_caches=looks,
            )
        return looks


class _Autoencoder(Autoencoder):
    """Brings latents to the mean and deviation of all pictures, and scales them no further."""

    def _shift_and_scale(self, like: torch.Tensor) -> tuple[torch.Tensor | float, Any]:
        shift, scale = super()._shift_and_scale(like)
        return shift, scale / self.module.config.scaling_factor


class _Reports(StoppingCriteria):  # type: ignore[misc]
    """Reports each token, and lets the language model go on.

    Args:
        desk: raises when the job is to end.
        total: tokens that are drawn at most.
    """

    def __init__(self, desk: Desk, total: int) -> None:
        self._desk = desk
        self._total = total
        self._done = 0

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """Never that it is enough."""
        self._done += 1
        self._desk.step(Phase.PROMPT, self._done, self._total, units=_DREAMING / self._total)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


def load(model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> GlmImage:
    """Loads the pipeline.

    Raises:
        ModelError: if a part is no such model, or its weights cannot be read.
    """
    with loading(model):
        return GlmImage(model, parts, machine)


def _looked_at(extent: Extent, side: int) -> Extent:
    """The size at which a picture is looked at: about as large as a square of that side.

    Each of its sides is at least half and at most twice that: no other is taken as it is.
    """
    shortest = max(_GRID, side // 2 // _GRID * _GRID)
    found = of_area(extent, (2 * shortest) ** 2, _GRID)
    return Extent(*(min(max(each, shortest), 4 * shortest) for each in found))


def _devices_of_chance(machine: Machine) -> list[torch.device]:
    """The devices, beside the processor, whose chance is set apart while a dream is drawn."""
    return [machine.device] if machine.device.type == "cuda" else []
