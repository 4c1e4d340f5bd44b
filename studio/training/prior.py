"""Trains the text tower and the prior: from a prompt to where its pictures lie.

Both learn together and need no picture: a scene's embedding is known as soon as it is invented.
The text tower is pulled to the embeddings of matching scenes and away from others (Radford et al.
2021); the prior learns to denoise embeddings given the text (Ramesh et al. 2022).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import PriorTransformer
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModelWithProjection, CLIPTokenizer

from studio.training.language import tokenize, typed_caption
from studio.training.loop import Losses, Plan, Trainer
from studio.training.parts import Sizes, build_prior, build_prior_scheduler, build_text_tower
from studio.training.space import embed_scenes
from studio.training.world.sampling import random_lesson, random_scene

CONTRAST = 20.0
"""Inverse temperature of the contrastive loss."""

_TEXT_WEIGHT, _CONTRAST_WEIGHT = 0.5, 0.1


class Writer(nn.Module):
    """The text tower and the prior side by side, trained as one."""

    def __init__(self, text: CLIPTextModelWithProjection, prior: PriorTransformer) -> None:
        super().__init__()
        self.text, self.prior = text, prior


def train_prior(
    tokenizer: CLIPTokenizer, sizes: Sizes, plan: Plan, folder: Path
) -> tuple[CLIPTextModelWithProjection, PriorTransformer]:
    """Trains both parts on fresh scenes, or continues a training found in ``folder``."""
    torch.manual_seed(2)
    writer = Writer(build_text_tower(sizes, tokenizer), build_prior(sizes))
    set_statistics(writer.prior)
    Trainer("prior", writer, plan, folder).run(writer_losses(writer, tokenizer, plan.batch))
    return writer.text, writer.prior


def set_statistics(prior: PriorTransformer) -> None:
    """Stores the embeddings' mean and deviation, between which the prior's output is scaled."""
    rng = np.random.default_rng(5)
    embeddings = torch.from_numpy(embed_scenes([random_scene(rng) for _ in range(4000)]))
    for parameter, values in (
        (prior.clip_mean, embeddings.mean(dim=0)),
        (prior.clip_std, embeddings.std(dim=0)),
    ):
        parameter.requires_grad_(False)
        parameter[:] = values


def writer_losses(writer: Writer, tokenizer: CLIPTokenizer, batch: int) -> Losses:
    """The prior's denoising loss and the text tower's regression and contrastive losses."""
    scheduler = build_prior_scheduler()
    text, prior = writer.text, writer.prior

    def losses(rng: np.random.Generator) -> Tensor:
        scenes = [random_lesson(rng) for _ in range(batch)]
        target = torch.from_numpy(embed_scenes(scenes))
        ids, mask = tokenize(tokenizer, [typed_caption(scene, rng) for scene in scenes])
        read = text(ids)
        clean = (target - prior.clip_mean) / prior.clip_std
        steps = torch.from_numpy(rng.integers(1000, size=batch))
        predicted = prior(
            scheduler.add_noise(clean, torch.randn_like(clean), steps),
            timestep=steps,
            proj_embedding=read.text_embeds,
            encoder_hidden_states=read.last_hidden_state,
            attention_mask=mask,
        ).predicted_image_embedding
        return (
            functional.mse_loss(predicted, clean)
            + _TEXT_WEIGHT * functional.mse_loss(read.text_embeds, target)
            + _CONTRAST_WEIGHT * contrast(read.text_embeds, target)
        )

    return losses


def contrast(texts: Tensor, pictures: Tensor) -> Tensor:
    """The symmetric contrastive loss between rows that belong together."""
    logits = CONTRAST * functional.normalize(texts) @ functional.normalize(pictures).T
    rows = torch.arange(len(logits))
    return (functional.cross_entropy(logits, rows) + functional.cross_entropy(logits.T, rows)) / 2
