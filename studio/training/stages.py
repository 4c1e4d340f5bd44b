"""The stages of training, each of which can run alone and be interrupted.

Stages meet only in the work folder: what one leaves there the next reads. All but ``assemble``
may run at the same time, once ``prepare`` is done; the denoiser makes better variations when the
image tower is there before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import VQModel
from torch import Tensor
from transformers import CLIPTokenizer

from studio.training.assemble import Starter, write_starter
from studio.training.autoencoder import train_autoencoder
from studio.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from studio.training.codec import BlockCodec, fit_codec
from studio.training.denoiser import Lesson, encode_pool, train_denoiser
from studio.training.image_tower import read_pool, train_image_tower
from studio.training.language import train_tokenizer
from studio.training.loop import Plan
from studio.training.parts import LATENT_CHANNELS
from studio.training.pool import Pool, draw_lesson, draw_pool, drawing_in
from studio.training.prior import train_prior
from studio.training.recipe import Recipe
from studio.training.thumbnails import paint_thumbnails
from studio.training.upsampler import train_upsampler
from studio.training.world.formats import FORMATS

_CODEC, _TOKENIZER, _POOL, _LESSONS = "codec", "tokenizer", "pool", "lessons"
_IMAGE_TOWER = "image_tower"

_LONG_SHARE = 0.33
"""Share of the denoiser's batches that are not square."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """A recipe, the folder its stages work in, and the folder the starter is written to."""

    recipe: Recipe
    work: Path
    output: Path

    def pool(self) -> Pool:
        """The drawn pictures."""
        return draw_pool(self.work / _POOL, self.recipe.pictures)

    def lessons(self) -> list[Lesson]:
        """What the denoiser learns from: squares of every sort, and pictures in each format."""
        codec = self.codec()
        folder, count = self.work / _LESSONS, self.recipe.lessons
        squares = [self.pool(), draw_pool(folder / "square", count, seed=1, draw=draw_lesson)]
        latents = torch.cat([encode_pool(pool, codec) for pool in squares])
        vectors = np.concatenate([pool.attributes for pool in squares])
        readings = self._readings(squares)
        lessons = [Lesson(latents, vectors, 1 - _LONG_SHARE, readings)]
        for seed, size in enumerate(FORMATS, start=2):
            place = folder / f"{size.width}x{size.height}"
            pool = draw_pool(place, self.recipe.long_pictures, seed, drawing_in(size))
            share = _LONG_SHARE / len(FORMATS)
            lessons.append(Lesson(encode_pool(pool, codec), pool.attributes, share))
        return lessons

    def _readings(self, pools: Sequence[Pool]) -> Tensor | None:
        """What the image tower reads in the pictures; None where it has not been trained."""
        if load_checkpoint(self.work, _IMAGE_TOWER) is None:
            return None
        as_it_is = Plan(steps=0, batch=1)
        tower = train_image_tower(pools[0], self.recipe.sizes, as_it_is, self.work)
        return torch.cat([read_pool(tower, pool) for pool in pools])

    def tokenizer(self) -> CLIPTokenizer:
        """The tokenizer that ``prepare`` made."""
        folder = self.work / _TOKENIZER
        if not folder.is_dir():
            raise CheckpointError(f"There is no tokenizer in {self.work}: run prepare first.")
        return CLIPTokenizer.from_pretrained(folder)

    def codec(self) -> BlockCodec:
        """The picture codec that ``prepare`` fitted."""
        found = load_checkpoint(self.work, _CODEC)
        if found is None:
            raise CheckpointError(f"There is no codec in {self.work}: run prepare first.")
        return BlockCodec(**found[1])


def prepare(shop: Workshop) -> None:
    """Draws the pictures, learns the tokenizer and fits the codec."""
    pool = shop.pool()
    if not (shop.work / _TOKENIZER).is_dir():
        train_tokenizer(captions=shop.recipe.captions).save_pretrained(shop.work / _TOKENIZER)
    if load_checkpoint(shop.work, _CODEC) is None:
        codec = fit_codec(pool.pictures[: shop.recipe.codec_pictures], LATENT_CHANNELS)
        tensors = {name: getattr(codec, name).contiguous() for name in BlockCodec.__slots__}
        save_checkpoint(shop.work, _CODEC, 0, tensors)


def prior(shop: Workshop) -> None:
    """Trains text tower and prior."""
    train_prior(shop.tokenizer(), shop.recipe.sizes, shop.recipe.prior, shop.work)


def denoiser(shop: Workshop) -> None:
    """Trains the decoder for whole pictures and holes."""
    train_denoiser(shop.lessons(), shop.recipe.sizes, shop.recipe.denoiser, shop.work)


def autoencoder(shop: Workshop) -> None:
    """Trains the autoencoder's decoder."""
    train_autoencoder(shop.pool(), shop.codec(), shop.recipe.autoencoder, shop.work)


def image_tower(shop: Workshop) -> None:
    """Trains the image tower."""
    train_image_tower(shop.pool(), shop.recipe.sizes, shop.recipe.image_tower, shop.work)


def upsamplers(shop: Workshop) -> None:
    """Trains the upsamplers, on what the autoencoder has learned so far."""
    trained = _autoencoder_as_it_is(shop)
    for factor, plan in shop.recipe.upsamplers.items():
        train_upsampler(factor, trained, shop.recipe.drawings, plan, shop.work)


def _autoencoder_as_it_is(shop: Workshop) -> VQModel:
    return train_autoencoder(shop.pool(), shop.codec(), Plan(steps=0, batch=1), shop.work)


def assemble(shop: Workshop) -> None:
    """Writes the starter from what every stage has reached, finished or not."""
    pool, sizes = shop.pool(), shop.recipe.sizes
    as_it_is = Plan(steps=0, batch=1)
    text, prior_part = train_prior(shop.tokenizer(), sizes, as_it_is, shop.work)
    trained = _autoencoder_as_it_is(shop)
    starter = Starter(
        tokenizer=shop.tokenizer(),
        text_tower=text,
        image_tower=train_image_tower(pool, sizes, as_it_is, shop.work),
        prior=prior_part,
        autoencoder=trained,
        denoiser=train_denoiser([], sizes, as_it_is, shop.work),
        upsamplers={
            factor: train_upsampler(factor, trained, 0, as_it_is, shop.work)
            for factor in shop.recipe.upsamplers
        },
    )
    write_starter(starter, sizes, shop.output)


def thumbnails(shop: Workshop) -> None:
    """Paints a small picture of every style with the starter that ``assemble`` wrote."""
    paint_thumbnails(shop.output, shop.output / "styles")


STAGES: dict[str, Callable[[Workshop], None]] = {
    "prepare": prepare,
    "autoencoder": autoencoder,
    "prior": prior,
    "image-tower": image_tower,
    "denoiser": denoiser,
    "upsamplers": upsamplers,
    "assemble": assemble,
    "thumbnails": thumbnails,
}
"""Every stage by its name on the command line, in the order of a full run."""


def run(names: list[str], shop: Workshop, threads: int) -> None:
    """Runs the named stages one after another on ``threads`` CPU threads."""
    torch.set_num_threads(threads)
    shop.work.mkdir(parents=True, exist_ok=True)
    for name in names:
        STAGES[name](shop)
