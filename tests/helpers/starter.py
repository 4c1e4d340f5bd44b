"""The starter under test: through the stock pipelines in batches, and through our own engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
)
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio import paths
from studio.core.picture import Picture
from studio.engine.desk import Desk
from studio.engine.diffusion.device.machine import find_machine
from studio.engine.diffusion.runner import Runner
from studio.engine.diffusion.upscalers.upscaler import Upscaler
from studio.engine.protocol import Candidate, EngineEvent
from studio.generation.catalog import load_catalog
from studio.generation.enlarging import own_upscaler
from studio.generation.request import Attachments, Generation
from studio.training.image_tower import to_clip
from studio.training.world.scene import SIDE

Pictures = NDArray[np.uint8]
BATCH = 16


@dataclass(frozen=True)
class Settings:
    """How pictures are made; the defaults are the starter's own."""

    steps: int = 16
    guidance: float = 1.8
    prior_steps: int = 10
    prior_guidance: float = 2.5


class Studio:
    """The starter through the stock pipelines, in batches, with fixed seeds."""

    def __init__(self, folder: Path, settings: Settings = Settings()) -> None:
        load: dict[str, Any] = {"local_files_only": True}
        self.settings = settings
        self.prior = KandinskyV22PriorPipeline.from_pretrained(folder / "prior", **load)
        self.decoder = KandinskyV22Pipeline.from_pretrained(folder / "decoder", **load)
        self.inpaint = KandinskyV22InpaintPipeline.from_pretrained(folder / "inpaint", **load)
        for pipeline in (self.prior, self.decoder, self.inpaint):
            pipeline.set_progress_bar_config(disable=True)

    def imagine(self, prompts: Sequence[str], seed: int) -> tuple[Tensor, Tensor]:
        """Image embeddings of the prompts, and the unconditional ones."""
        embeddings = self.prior(
            list(prompts),
            num_inference_steps=self.settings.prior_steps,
            guidance_scale=self.settings.prior_guidance,
            generator=torch.Generator().manual_seed(seed),
        )
        return embeddings.image_embeds, embeddings.negative_image_embeds

    def paint(self, embeddings: tuple[Tensor, Tensor], seed: int) -> Pictures:
        """Pictures of the embeddings."""
        return _bytes(self.decoder(**self._arguments(embeddings, seed)).images)

    def repaint(
        self, pictures: Pictures, repainted: Pictures, embeddings: tuple[Tensor, Tensor], seed: int
    ) -> Pictures:
        """The pictures with their mask's (``(n, h, w)``, 255 where) area painted anew."""
        painted = []
        for row in range(len(pictures)):  # the stock pipeline keeps only the first of a batch
            one = (embeddings[0][row : row + 1], embeddings[1][row : row + 1])
            result = self.inpaint(
                image=Image.fromarray(pictures[row]),
                mask_image=Image.fromarray(repainted[row]),
                **self._arguments(one, seed + row),
            )
            painted.append(_bytes(result.images)[0])
        return np.stack(painted)

    def draw(self, prompts: Sequence[str], seed: int = 0) -> Pictures:
        """Pictures of the prompts, uint8 of shape ``(n, SIDE, SIDE, 3)``."""
        batches = []
        for start in range(0, len(prompts), BATCH):
            embeddings = self.imagine(prompts[start : start + BATCH], seed + start)
            batches.append(self.paint(embeddings, seed + start))
        return np.concatenate(batches)

    @torch.no_grad()
    def read_pictures(self, pictures: Pictures) -> Tensor:
        """The image tower's embeddings."""
        embeddings: Tensor = self.prior.image_encoder(to_clip(pictures)).image_embeds
        return embeddings

    @torch.no_grad()
    def read_texts(self, texts: Sequence[str]) -> Tensor:
        """The text tower's embeddings."""
        tokenizer = self.prior.tokenizer
        ids = tokenizer(
            list(texts),
            padding="max_length",
            truncation=True,
            max_length=tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids
        embeddings: Tensor = self.prior.text_encoder(ids).text_embeds
        return embeddings

    def _arguments(self, embeddings: tuple[Tensor, Tensor], seed: int) -> dict[str, Any]:
        return {
            "image_embeds": embeddings[0],
            "negative_image_embeds": embeddings[1],
            "height": SIDE,
            "width": SIDE,
            "num_inference_steps": self.settings.steps,
            "guidance_scale": self.settings.guidance,
            "generator": torch.Generator().manual_seed(seed),
            "output_type": "np",
        }


def _bytes(images: NDArray[np.float32]) -> Pictures:
    return np.rint(images * 255).astype(np.uint8)


class Workbench:
    """The engine's runner in this process, with the starter of any folder.

    Args:
        folder: holds the starter's parts; its name must be "starter", as in the resources.
    """

    def __init__(self, folder: Path) -> None:
        nowhere = folder / "none"
        self._catalog = load_catalog(paths.models_file(), folder.parent, nowhere, nowhere)
        self._runner = Runner(lambda: self._catalog, spare_cores=0)

    @property
    def upscaler(self) -> Upscaler | None:
        """Its upsamplers, where it has them."""
        own = own_upscaler(self._catalog.get("starter"))
        return Upscaler.of_model(own.part.path, find_machine(0)) if own else None

    def pictures(self, request: Generation, attachments: Attachments) -> list[Picture]:
        """The candidates of a request."""
        events: list[EngineEvent] = []
        self._runner.run(request, attachments, Desk("job", events.append, lambda: False))
        return [event.picture for event in events if isinstance(event, Candidate)]
