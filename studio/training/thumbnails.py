"""Small pictures of the styles, painted by the starter itself."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import KandinskyV22Pipeline, KandinskyV22PriorPipeline

from studio.training.world.scene import Style
from studio.training.world.words import STYLE_TAILS

PROMPT = "a big red house on a meadow"
SIDE = 96
"""Width and height in pixels."""

_SEED = 5
_STEPS, _GUIDANCE, _PRIOR_STEPS, _PRIOR_GUIDANCE = 16, 1.8, 10, 2.5


def paint_thumbnails(starter: Path, folder: Path) -> None:
    """Writes ``<style>.png`` into ``folder`` for every style of the world."""
    prior = KandinskyV22PriorPipeline.from_pretrained(starter / "prior", local_files_only=True)
    decoder = KandinskyV22Pipeline.from_pretrained(starter / "decoder", local_files_only=True)
    folder.mkdir(parents=True, exist_ok=True)
    for style in Style:
        embeddings = prior(
            f"{PROMPT}, {STYLE_TAILS[style][0]}",
            num_inference_steps=_PRIOR_STEPS,
            guidance_scale=_PRIOR_GUIDANCE,
            generator=torch.Generator().manual_seed(_SEED),
        )
        (picture,) = decoder(
            image_embeds=embeddings.image_embeds,
            negative_image_embeds=embeddings.negative_image_embeds,
            height=128,
            width=128,
            num_inference_steps=_STEPS,
            guidance_scale=_GUIDANCE,
            generator=torch.Generator().manual_seed(_SEED),
        ).images
        picture.resize((SIDE, SIDE)).save(folder / f"{style.value}.png", optimize=True)
