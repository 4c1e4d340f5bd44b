"""The stages of training, each of which can run alone and be interrupted.

Stages meet only in the work folder: what one leaves there the next reads. Once ``prepare`` is
done, autoencoder, prior and denoiser may run at the same time. Then the decoder's own pictures are
painted, the image tower learns to read them and drawings, and the denoiser goes on with what the
tower reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import KandinskyV22Pipeline, VQModel
from torch import Tensor
from transformers import CLIPTokenizer

from studio.training.assemble import Starter, write_starter
from studio.training.autoencoder import train_autoencoder
from studio.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from studio.training.codec import BlockCodec, fit_codec
from studio.training.denoiser import Lesson, cut_to_base, encode_pool, train_denoiser
from studio.training.image_tower import Shelf, read_pool, train_image_tower
from studio.training.language import train_tokenizer
from studio.training.loop import Plan
from studio.training.paintings import painting_with
from studio.training.parts import LATENT_CHANNELS, build_decoder_scheduler
from studio.training.pool import Pool, draw_lesson, draw_pool, drawing_in, find_pool
from studio.training.prior import train_prior
from studio.training.recipe import Recipe
from studio.training.thumbnails import paint_thumbnails
from studio.training.upsampler import train_upsampler
from studio.training.world.formats import FORMATS

_CODEC, _TOKENIZER, _POOL, _LESSONS = "codec", "tokenizer", "pool", "lessons"
_PAINTINGS = "paintings"

_PAINTED_SHARE = 0.3
"""How many batches of paintings the image tower reads for one of drawings."""

_AS_IT_IS = Plan(steps=0, batch=1)
"""Trains nothing: gives a part as far as its training has come."""

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

    def squares(self) -> list[Pool]:
        """The drawn pictures, and as large ones with more pairs."""
        folder, count = self.work / _LESSONS / "square", self.recipe.lessons
        return [self.pool(), draw_pool(folder, count, seed=1, draw=draw_lesson)]

    def shelves(self) -> list[Shelf]:
        """What the image tower learns from: drawn squares, and painted ones where there are any."""
        drawn = self.squares()
        shelves = [Shelf(pool, len(pool) / sum(map(len, drawn))) for pool in drawn]
        painted = find_pool(self.work / _PAINTINGS)
        return shelves if painted is None else [*shelves, Shelf(painted, _PAINTED_SHARE)]

    def lessons(self, *, readings: bool) -> list[Lesson]:
        """What the denoiser learns from: squares of every sort, and pictures in each format."""
        codec = self.codec()
        squares = self.squares()
        latents = torch.cat([encode_pool(pool, codec) for pool in squares])
        vectors = np.concatenate([pool.attributes for pool in squares])
        read = self._read(squares) if readings else None
        lessons = [Lesson(latents, vectors, 1 - _LONG_SHARE, read)]
        for seed, size in enumerate(FORMATS, start=2):
            place = self.work / _LESSONS / f"{size.width}x{size.height}"
            pool = draw_pool(place, self.recipe.long_pictures, seed, drawing_in(size))
            share = _LONG_SHARE / len(FORMATS)
            lessons.append(Lesson(encode_pool(pool, codec), pool.attributes, share))
        return lessons

    def _read(self, pools: Sequence[Pool]) -> Tensor:
        """What the image tower reads in the pictures."""
        tower = train_image_tower([], self.recipe.sizes, _AS_IT_IS, self.work)
        return torch.cat([read_pool(tower, pool) for pool in pools])

    def demand(self, part: str, stage: str) -> None:
        """Makes sure that a part has been trained, before others build on it.

        Raises:
            CheckpointError: if there is no checkpoint of it.
        """
        if load_checkpoint(self.work, part) is None:
            missing = part.replace("_", " ")
            raise CheckpointError(f"There is no {missing} in {self.work}: run {stage} first.")

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
    lessons = shop.lessons(readings=False)
    train_denoiser(lessons, shop.recipe.sizes, shop.recipe.denoiser, shop.work)


def paintings(shop: Workshop) -> None:
    """Paints pictures with the decoder as it is, for the image tower to read."""
    shop.demand("autoencoder", "autoencoder")
    shop.demand("denoiser", "denoiser")
    sizes = shop.recipe.sizes
    decoder = KandinskyV22Pipeline(
        unet=cut_to_base(train_denoiser([], sizes, _AS_IT_IS, shop.work), sizes),
        scheduler=build_decoder_scheduler(),
        movq=_autoencoder_as_it_is(shop),
    )
    draw_pool(shop.work / _PAINTINGS, shop.recipe.paintings, 9, painting_with(decoder))


def readings(shop: Workshop) -> None:
    """Goes on with the decoder, now also told what the image tower reads, as variations are."""
    shop.demand("image_tower", "image-tower")
    lessons = shop.lessons(readings=True)
    train_denoiser(lessons, shop.recipe.sizes, shop.recipe.readings, shop.work)


def autoencoder(shop: Workshop) -> None:
    """Trains the autoencoder's decoder."""
    train_autoencoder(shop.pool(), shop.codec(), shop.recipe.autoencoder, shop.work)


def image_tower(shop: Workshop) -> None:
    """Trains the image tower on drawings and, where there are any, on paintings."""
    train_image_tower(shop.shelves(), shop.recipe.sizes, shop.recipe.image_tower, shop.work)


def upsamplers(shop: Workshop) -> None:
    """Trains the upsamplers, on what the autoencoder has learned so far."""
    trained = _autoencoder_as_it_is(shop)
    for factor, plan in shop.recipe.upsamplers.items():
        train_upsampler(factor, trained, shop.recipe.drawings, plan, shop.work)


def _autoencoder_as_it_is(shop: Workshop) -> VQModel:
    return train_autoencoder(shop.pool(), shop.codec(), _AS_IT_IS, shop.work)


def assemble(shop: Workshop) -> None:
    """Writes the starter from what every stage has reached, finished or not."""
    sizes = shop.recipe.sizes
    text, prior_part = train_prior(shop.tokenizer(), sizes, _AS_IT_IS, shop.work)
    trained = _autoencoder_as_it_is(shop)
    starter = Starter(
        tokenizer=shop.tokenizer(),
        text_tower=text,
        image_tower=train_image_tower([], sizes, _AS_IT_IS, shop.work),
        prior=prior_part,
        autoencoder=trained,
        denoiser=train_denoiser([], sizes, _AS_IT_IS, shop.work),
        upsamplers={
            factor: train_upsampler(factor, trained, 0, _AS_IT_IS, shop.work)
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
    "denoiser": denoiser,
    "paintings": paintings,
    "image-tower": image_tower,
    "readings": readings,
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
