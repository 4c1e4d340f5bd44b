"""Trains the image tower: from a picture to its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPVisionModelWithProjection

from studio.training.codec import to_unit
from studio.training.coverage import covered
from studio.training.loop import Losses, Plan, Trainer
from studio.training.parts import IMAGE_SIDE, PATCH, Sizes, build_image_tower
from studio.training.pool import Pool
from studio.training.prior import contrast
from studio.training.space import (
    GROUPS,
    NAMED_SLOTS,
    ONE_HOT,
    SLOTS,
    axes,
    embed,
    mirrored,
    null_embedding,
)
from studio.training.world.scene import Kind

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""What CLIP's picture processor subtracts and divides by, per colour, for pixels in 0 to 1."""

_NOTHING = len(Kind)
_AT_ONCE = 256
_LABEL_WEIGHTS = {name: 0.6 if name.startswith("kind") else 0.1 for name in ONE_HOT}
_PATCH_WEIGHT, _CONTRAST_WEIGHT, _KIND_WEIGHT = 1.0, 0.1, 4.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pictures to read, and how many of all batches, relative to other shelves', are of them."""

    pool: Pool
    share: float


class Reader(nn.Module):
    """The image tower, and heads that only training needs: what each patch and slot shows.

    Contrast and regression alone leave a small vision transformer blind to shapes for a long
    time; a label for each patch comes free with drawn pictures and opens its eyes.
    """

    def __init__(self, tower: CLIPVisionModelWithProjection) -> None:
        super().__init__()
        self.tower = tower
        hidden = tower.config.hidden_size
        self.patches = nn.Linear(hidden, len(Kind) + 1)
        widths = {name: GROUPS[name].stop - GROUPS[name].start for name in ONE_HOT}
        projected = tower.config.projection_dim
        self.slots = nn.ModuleDict(
            {name: nn.Linear(projected, width) for name, width in widths.items()}
        )


def train_image_tower(
    shelves: Sequence[Shelf], sizes: Sizes, plan: Plan, folder: Path
) -> CLIPVisionModelWithProjection:
    """Trains the tower on the shelves' pictures, or continues a training found in ``folder``.

    Without shelves it is given as far as its training has come.
    """
    torch.manual_seed(6)
    reader = Reader(build_image_tower(sizes))
    if shelves:
        start_patches(reader.tower, shelves[0].pool)
    Trainer("image_tower", reader, plan, folder).run(reader_losses(reader, shelves, plan.batch))
    return reader.tower


def to_clip(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 pictures ``(n, h, w, 3)`` as the tower reads them: resized and normalised."""
    small = functional.interpolate(
        (to_unit(pictures) + 1) / 2,
        (IMAGE_SIDE, IMAGE_SIDE),
        mode="bicubic",
        antialias=True,
        align_corners=False,
    ).clamp(0, 1)
    mean, std = (torch.tensor(values)[:, None, None] for values in (CLIP_MEAN, CLIP_STD))
    return (small - mean) / std


@torch.no_grad()
def read_pool(tower: CLIPVisionModelWithProjection, pool: Pool) -> Tensor:
    """The tower's embeddings of every picture, float16 of shape ``(n, WIDTH)``."""
    batches = range(0, len(pool), _AT_ONCE)
    pictures = (to_clip(pool.pictures[start : start + _AT_ONCE]) for start in batches)
    return torch.cat([tower(each).image_embeds.half() for each in pictures])


def reader_losses(reader: Reader, shelves: Sequence[Shelf], batch: int) -> Losses:
    """Regression to the scene's embedding, contrast, labels of slots and of patches.

    Each batch is of one shelf. Its last picture is all zeros, which stands for nothing: its
    embedding is what the pipelines take as the unconditional one.
    """
    null = torch.from_numpy(null_embedding())
    shares = np.array([shelf.share for shelf in shelves])

    def losses(rng: np.random.Generator) -> Tensor:
        pool = shelves[int(rng.choice(len(shelves), p=shares / shares.sum()))].pool
        rows = rng.integers(len(pool), size=batch)
        drawn, vectors = mirror_some(pool.pictures[rows], pool.attributes[rows], rng)
        pictures = to_clip(_wobble(drawn, rng))
        target = torch.from_numpy(embed(vectors))
        inputs = torch.cat([pictures, torch.zeros_like(pictures[:1])])
        read = reader.tower(inputs)
        embeddings = read.image_embeds
        pairs = embeddings[:-1]
        total = misreading(embeddings, torch.cat([target, null[None]]))
        total = total + _CONTRAST_WEIGHT * contrast(pairs, target)
        for name in ONE_HOT:
            total = total + _LABEL_WEIGHTS[name] * _slot_loss(reader, name, pairs, vectors)
        hidden = read.last_hidden_state[:-1, 1:]
        labels = torch.from_numpy(patch_labels(vectors)).flatten()
        patches = functional.cross_entropy(reader.patches(hidden).flatten(0, 1), labels)
        return total + _PATCH_WEIGHT * patches

    return losses


def misreading(embeddings: Tensor, targets: Tensor) -> Tensor:
    """The mean squared error of embeddings ``(n, WIDTH)``, with that in kinds counted more.

    Kinds are what a small tower is slowest to be sure of, and unsure it says them faintly.
    """
    error = embeddings.float() - targets
    kinds = torch.from_numpy(axes(*(f"kind{slot}" for slot in range(NAMED_SLOTS))))
    return (error.square().sum() + _KIND_WEIGHT * (error @ kinds.T).square().sum()) / error.numel()


def _slot_loss(
    reader: Reader, name: str, embeddings: Tensor, vectors: NDArray[np.float32]
) -> Tensor:
    """Cross-entropy of one attribute, over the pictures that have it."""
    truth = torch.from_numpy(vectors[:, GROUPS[name]])
    has = truth.sum(dim=1) > 0
    logits = reader.slots[name](embeddings[has])
    return functional.cross_entropy(logits, truth[has].argmax(dim=1)) * has.float().mean()


def patch_labels(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which kind covers each patch, shape ``(n, patches)``; the last number means none."""
    grid = IMAGE_SIDE // PATCH
    labels = np.full((len(vectors), grid, grid), _NOTHING, dtype=np.int64)
    for slot in range(SLOTS):
        named = slot if slot < NAMED_SLOTS else 0
        kind = vectors[:, GROUPS[f"kind{named}"]].argmax(axis=1)[:, None, None]
        labels = np.where(covered(vectors, slot, grid), kind, labels)
    return labels.reshape(len(vectors), -1)


def start_patches(tower: CLIPVisionModelWithProjection, pool: Pool) -> None:
    """Sets the patch embedding to the pictures' principal components, at unit variance.

    From random filters a small transformer takes thousands of steps to see shapes within a patch.
    """
    pictures = to_clip(pool.pictures[:400])
    patches = functional.unfold(pictures, PATCH, stride=PATCH).transpose(1, 2).flatten(0, 1)
    values, vectors = torch.linalg.eigh(torch.cov(patches.T))
    convolution = tower.vision_model.embeddings.patch_embedding
    count = min(convolution.out_channels, len(values))
    filters = (vectors / values.clamp(min=1e-3).sqrt()).T.flip(0)[:count]
    with torch.no_grad():
        convolution.weight[:count] = 0.5 * filters.reshape(count, *convolution.weight.shape[1:])


def mirror_some(
    pictures: NDArray[np.uint8], vectors: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Half of the pictures with left and right exchanged, and what those show."""
    turned = rng.random(len(pictures)) < 0.5
    return (
        np.where(turned[:, None, None, None], pictures[:, :, ::-1], pictures),
        np.where(turned[:, None], mirrored(vectors), vectors),
    )


def _wobble(pictures: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A little noise, because the decoder's pictures are not as clean as drawings."""
    noise = rng.standard_normal(pictures.shape, np.float32) * rng.uniform(0, 10)
    return np.clip(pictures + noise, 0, 255).astype(np.uint8)
