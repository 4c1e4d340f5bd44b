"""FLUX.1: a transformer of rectified flow that sees latents as a sequence, told by a T5.

``dev`` was distilled to take its guidance as an input; ``schnell`` takes none and paints in four
steps. Fill sees what is known beside the latents; Kontext (Black Forest Labs, "FLUX.1 Kontext: flow
matching for in-context image generation and editing in latent space", 2025) reads pictures as
further tokens of the sequence; Redux makes words out of a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxPriorReduxPipeline,
    FluxTransformer2DModel,
)
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.flow_references import FluxReferences
from studio.engine.diffusion.adapters.flux_control import FluxControls, FluxGuide, FluxTold
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.flow import FlowConditions, FlowFamily, Words
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.speed import forget_steps
from studio.engine.diffusion.latents.packing import PATCH, packed, places, unpacked
from studio.engine.diffusion.loading.headers import Shapes, has, shape_of
from studio.engine.diffusion.loading.pipelines import load_pipeline, loading
from studio.engine.diffusion.prompts.reach import beyond
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.engine.diffusion.sampling.shifting import set_flow, shift_of
from studio.generation.catalog import ModelInfo
from studio.generation.preparation import model_extent, resized, to_bytes
from studio.generation.roles import EDIT, REDUX, TRANSFORMER

_T5_TOKENS: Final = 512
_FAST_T5_TOKENS: Final = 256
"""What schnell was distilled with."""


@dataclass(frozen=True)
class _Pictures:
    """What is read beside what is painted: tokens ``(1, n, c)``, and where they lie, ``(n, 3)``."""

    tokens: torch.Tensor
    spots: torch.Tensor


class Flux(FlowFamily):
    """A loaded FLUX.1 of any kind."""

    pipeline_kind: ClassVar[Any] = FluxPipeline
    transformer_kind: ClassVar[Any] = FluxTransformer2DModel
    mask_channels = 256

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._controls = FluxControls(machine)
        self._references = FluxReferences(machine)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's content as Redux tells it; without Redux the source repainted."""
        if REDUX not in self._folders:
            return super().variation(brief, source, strength, desk)
        conditions = self._conditions(brief, source, desk, words=False)
        return self._varied(brief, conditions, source, strength, desk)

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The sources read by Kontext beside what is painted."""
        if EDIT not in self._folders:
            return super().edit(brief, sources, desk)
        pipeline = self._pipeline_for(EDIT)
        conditions = self._conditions_for(brief, None, desk, pipeline.transformer)
        pictures = self._pictures(sources)
        predict = self._predictor_of(pipeline.transformer, brief, conditions, pictures=pictures)
        scheduler = self._scheduler_of(brief, pipeline)
        return self._painted(brief, predict, None, 1.0, desk, scheduler=scheduler)

    def unread(self, prompt: str) -> str:
        """The end that the T5 does not read; what CLIP reads is only the gist."""
        return beyond(self._base.tokenizer_2, prompt, self._reach(self._base.transformer))

    def _conditions_for(
        self,
        brief: Brief,
        source: Pixels | None,
        desk: Desk,
        transformer: Any,
        *,
        words: bool = True,
    ) -> FlowConditions:
        """The words, or the source's content where there are none and Redux can tell it."""
        if brief.negative_prompt.strip() and _is_distilled(transformer):
            desk.note(f"{self._model.title} reads no negative prompt.")
        conditions = super()._conditions_for(brief, source, desk, transformer)
        if source is None or REDUX not in self._folders or (words and brief.prompt.strip()):
            return conditions
        nothing = self._read_once("", self._reach(transformer), desk)
        return FlowConditions(self._retold(source, nothing), conditions.negative)

    @torch.inference_mode()
    def _retold(self, source: Pixels, nothing: Words) -> Words:
        """A picture in the place of words."""
        redux = self._load_redux()
        image = Image.fromarray(source)
        seen = redux.encode_image(image, self._machine.device, 1)
        embeds = redux.image_embedder(seen).image_embeds.to(nothing.embeds)
        return Words(torch.cat([nothing.embeds, embeds], dim=1), nothing.pooled)

    def _load_redux(self) -> Any:
        if REDUX not in self._loaded:
            folder = self._folders[REDUX]
            with loading(self._model):
                self._loaded[REDUX] = load_pipeline(FluxPriorReduxPipeline, folder, self._machine)
        return self._loaded[REDUX]

    def _replacements(self, folder: Path) -> dict[str, Any]:
        """A schnell in the place of a dev shifts no noise levels, and the other way round."""
        found = super()._replacements(folder)
        if TRANSFORMER in found:
            is_shifted = _is_distilled(found[TRANSFORMER])
            replaced = FluxTransformer2DModel.load_config(folder / TRANSFORMER)
            if is_shifted != bool(replaced.get("guidance_embeds")):
                found["scheduler"] = FlowMatchEulerDiscreteScheduler.from_pretrained(
                    folder / "scheduler", use_dynamic_shifting=is_shifted, shift=1.0
                )
        return found

    def _anatomy(self, shapes: Shapes, config: Mapping[str, Any]) -> dict[str, Any]:
        """That which tells dev, schnell and Fill apart."""
        return {
            "in_channels": shape_of(shapes, "img_in.weight", "x_embedder.weight")[1],
            "out_channels": shape_of(shapes, "final_layer.linear.weight", "proj_out.weight")[0],
            "guidance_embeds": has(shapes, "guidance_in.", "guidance_embedder."),
        }

    def _reach(self, transformer: Any) -> int:
        return _T5_TOKENS if _is_distilled(transformer) else _FAST_T5_TOKENS

    def _read(self, text: str, reach: int) -> Words:
        embeds, pooled, _ = self._base.encode_prompt(
            text, device=self._machine.device, max_sequence_length=reach
        )
        return Words(embeds, pooled)

    def _is_guided(self, brief: Brief, transformer: Any) -> bool:
        """Where guidance is no input and there is something not wanted."""
        asked_for = brief.guidance > 1 and bool(brief.negative_prompt.strip())
        return asked_for and not _is_distilled(transformer)

    def _set_timesteps(self, scheduler: Scheduler, steps: int, tokens: int) -> None:
        set_flow(scheduler, steps, self._machine.device, shift_of(scheduler.config, tokens))

    def _known_channels(self, known: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
        """The mask in full detail: each pixel of a cell is a channel."""
        mask = torch.nn.functional.pixel_unshuffle(hole, self._factor)
        return torch.cat([packed(self._encoded(known)), packed(mask)], dim=2)

    @torch.inference_mode()
    def _pictures(self, sources: Sequence[Pixels]) -> _Pictures:
        """The first lies where the result will, the others beside or below it.

        Kontext was trained with one picture, so more are shown as parts of one.
        """
        tokens, spots = [], []
        down, across = 0, 0
        for index, source in enumerate(sources):
            latents = self._encoded(source if index == 0 else self._sized(source))
            rows, columns = (side // PATCH for side in latents.shape[2:])
            is_beside = down + rows > across + columns
            top, left = (0, across) if is_beside else (down, 0)
            tokens.append(packed(latents))
            spots.append(places(rows, columns, picture=1, top=top, left=left))
            down, across = max(down, top + rows), max(across, left + columns)
        return _Pictures(torch.cat(tokens, dim=1), torch.cat(spots))

    def _sized(self, source: Pixels) -> Pixels:
        """At the size that the model would paint it."""
        height, width = source.shape[:2]
        extent = model_extent(Extent(width, height), self._model.native_size, self._model.grid)
        return to_bytes(resized(source.astype(np.float32), extent))

    def _predictor_of(
        self,
        transformer: Any,
        brief: Brief,
        conditions: FlowConditions,
        beside: torch.Tensor | None = None,
        pictures: _Pictures | None = None,
    ) -> Predict:
        """A denoiser, which may read pictures too."""
        side = self._factor * PATCH
        spots = places(brief.extent.height // side, brief.extent.width // side)
        guide = self._guide(transformer, brief, conditions.positive, spots)
        if pictures is not None:
            spots = torch.cat([spots, pictures.spots])
        ask = _Asking(transformer, spots.to(self._machine.device), brief)
        timesteps = self._timesteps(brief, transformer)
        look = self._references.guide(brief.references, transformer, timesteps)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            seen = painted = packed(latents)
            if beside is not None:
                seen = torch.cat([seen, spread(beside, len(seen))], dim=2)
            if pictures is not None:
                seen = torch.cat([seen, spread(pictures.tokens, len(seen))], dim=1)
            seen = seen.to(conditions.positive.embeds.dtype)
            time = timestep.reshape(1).to(seen.dtype) / TIMESTEPS
            more: Mapping[str, Any] = {}
            if guide is not None:
                forget_steps([transformer])  # which would have the guide's answers in them twice
                more = guide(seen, timestep, time)

            def told(name: str, words: Words) -> torch.Tensor:
                shown = {} if look is None else look(timestep, name == "cond", len(seen))
                return ask(seen, time, words, name, {**more, **shown})

            answer = contrasted(told, conditions.positive, conditions.negative, brief.guidance)
            answer = answer[:, : painted.shape[1]].to(latents.dtype)
            return unpacked(answer, *latents.shape[2:])

        return predict

    @torch.inference_mode()
    def _guide(
        self, transformer: Any, brief: Brief, words: Words, spots: torch.Tensor
    ) -> FluxGuide | None:
        """What is beside a denoiser for the brief's pictures."""
        timesteps = self._timesteps(brief, transformer)
        here = spots.to(self._machine.device)
        told = FluxTold(words.embeds, words.pooled, here, brief.guidance)
        return self._controls.guide(brief.controls, transformer, told, timesteps, self._encoded)


class _Asking:
    """A denoiser with all that stays the same from step to step.

    Args:
        transformer: to be asked.
        spots: where each token lies, ``(n, 3)``.
        brief: has the guidance.
    """

    def __init__(self, transformer: Any, spots: torch.Tensor, brief: Brief) -> None:
        self._transformer = transformer
        self._spots = spots
        self._guidance = None
        if _is_distilled(transformer):
            self._guidance = torch.tensor([brief.guidance], device=spots.device)

    def __call__(
        self,
        tokens: torch.Tensor,
        time: torch.Tensor,
        words: Words,
        name: str,
        more: Mapping[str, Any],
    ) -> torch.Tensor:
        """The answer to all tokens.

        Args:
            tokens: what is painted, and any pictures behind it.
            time: the share of noise, ``(1,)``.
            words: to be followed.
            name: of a cache of steps, where there is one.
            more: arguments, what a `FluxGuide` has made.
        """
        with self._transformer.cache_context(name):
            answer: torch.Tensor = self._transformer(
                hidden_states=tokens,
                timestep=time,
                guidance=self._guidance,
                pooled_projections=spread(words.pooled, len(tokens)),
                encoder_hidden_states=spread(words.embeds, len(tokens)),
                txt_ids=self._spots.new_zeros(words.embeds.shape[1], 3),
                img_ids=self._spots,
                return_dict=False,
                **more,
            )[0]
        return answer


def _is_distilled(transformer: Any) -> bool:
    """Whether guidance is one of a denoiser's inputs."""
    return bool(transformer.config.guidance_embeds)


load = loader(Flux)
