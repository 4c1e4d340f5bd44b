"""Pictures that GLM-Image's language model dreams up: tokens, drawn one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from PIL import Image
from transformers import StoppingCriteria

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, Unsound
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import summon
from studio.engine.diffusion.prompts.pictures import of_area
from studio.engine.diffusion.remembered import Remembered
from studio.engine.protocol import Phase
from studio.generation.request import Digest

DREAMING: Final = 30.0
"""What a dream takes, in denoising steps."""

_GRID: Final = 32
"""Pixels along the side of a token."""
_DREAMS: Final = 4

Occasion = tuple[str, int, Extent, tuple[Digest, ...]]
"""Of a dream: the prompt, the seed, the extent, and the pictures that are looked at."""


@dataclass(frozen=True)
class Dream:
    """What the language model has made up.

    Attributes:
        tokens: ``(1, n)``, one for each of the transformer's, which are half as large.
        looked_at: the same of pictures, as it sees them.
    """

    tokens: torch.Tensor
    looked_at: tuple[torch.Tensor, ...]


class Dreamer:
    """The language model of a pipeline; the last dreams are remembered.

    Args:
        pipeline: a stock one.
        machine: where it runs.
    """

    def __init__(self, pipeline: Any, machine: Machine) -> None:
        self._pipeline = pipeline
        self._machine = machine
        self._dreams: Remembered[Occasion, Dream] = Remembered(_DREAMS)

    def dream(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Dream:
        """Tokens drawn by the chance of the brief's seed.

        Args:
            brief: what to dream of.
            sources: pictures to look at, of extents as `looked_at` gives them.
            desk: is told of each token.

        Raises:
            Unsound: if there are fewer tokens than the picture has.
        """
        content = tuple(Picture.from_array(pixels).digest for pixels in sources)
        occasion = (brief.prompt, brief.seed, brief.extent, content)
        return self._dreams.get(occasion, lambda: self._draw(brief, sources, desk))

    @torch.inference_mode()
    def _draw(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Dream:
        pipeline = self._pipeline
        told = self._told(brief, sources)
        seen = self._seen(told, len(sources)) if sources else ()
        most, start, rows, columns = pipeline._compute_generation_params(
            told["image_grid_thw"], is_text_to_image=not sources
        )
        with torch.random.fork_rng(self._devices_of_chance):
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
        return Dream(pipeline._upsample_token_ids(tokens, rows, columns), seen)

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
        inner = encoder.model
        looked_up = inner.visual.embeddings.position_embedding, inner.vqmodel.quantize.embedding
        summon(encoder, self._machine, *looked_up)
        features = encoder.get_image_features(told["pixel_values"], grids).pooler_output
        tokens = encoder.get_image_tokens(features).split(grids.prod(dim=-1).tolist())
        return tuple(
            self._pipeline._upsample_token_ids(each, *grid[1:].tolist())
            for each, grid in zip(tokens, grids, strict=True)
        )

    @property
    def _devices_of_chance(self) -> list[torch.device]:
        """The devices, beside the processor, whose chance is set apart while a dream is drawn."""
        return [self._machine.device] if self._machine.device.type == "cuda" else []


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
        self._desk.step(Phase.PROMPT, self._done, self._total, units=DREAMING / self._total)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


def looked_at(extent: Extent, side: int) -> Extent:
    """The size at which a picture is looked at: about as large as a square of that side.

    Each of its sides is at least half and at most twice that: no other is taken as it is.

    >>> looked_at(Extent(300, 200), 1024)
    Extent(width=1248, height=832)
    """
    shortest = max(_GRID, side // 2 // _GRID * _GRID)
    found = of_area(extent, (2 * shortest) ** 2, _GRID)
    return Extent(*(min(max(each, shortest), 4 * shortest) for each in found))
