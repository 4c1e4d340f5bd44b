"""What the decoder is shown while it learns: pictures of every shape, and how they are told."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from studio.training.denoiser import READ_SHARE, Lesson, velocity_losses
from studio.training.masks import WHOLE_SHARE
from studio.training.parts import LATENT_CHANNELS
from studio.training.space import WIDTH, attributes
from studio.training.world.sampling import random_scene

BATCH = 64
READING = 7.0
"""A number that no scene's embedding has everywhere."""


class Listener:
    """Stands for the decoder, predicts nothing and notes what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []
        self.told: list[Tensor] = []

    def __call__(self, seen: Tensor, *_: Any, added_cond_kwargs: Any, **__: Any) -> tuple[Tensor]:
        self.seen.append(seen)
        self.told.append(added_cond_kwargs["image_embeds"])
        return (torch.zeros(len(seen), 2 * LATENT_CHANNELS, *seen.shape[2:]),)


def lesson(rows: int, columns: int, share: float, *, read: bool = False) -> Lesson:
    rng = np.random.default_rng(1)
    vectors = np.stack([attributes(random_scene(rng)) for _ in range(20)])
    latents = torch.randn(20, LATENT_CHANNELS, rows, columns).half()
    return Lesson(latents, vectors, share, torch.full((20, WIDTH), READING) if read else None)


def listen(*lessons: Lesson, batches: int = 8) -> Listener:
    listener = Listener()
    losses = velocity_losses(cast(UNet2DConditionModel, listener), lessons, BATCH)
    for seed in range(batches):
        assert float(losses(np.random.default_rng(seed))) > 0
    return listener


def test_every_shape_comes_as_often_as_its_share() -> None:
    listener = listen(lesson(16, 16, 0.5), lesson(12, 20, 0.5), batches=20)
    shapes = [tuple(seen.shape[2:]) for seen in listener.seen]
    assert set(shapes) == {(16, 16), (12, 20)}
    assert 4 < shapes.count((12, 20)) < 16


def test_masks_of_long_pictures_are_as_long() -> None:
    (seen,) = listen(lesson(12, 20, 1.0), batches=1).seen
    keep = seen[:, -1]
    assert keep.shape == (BATCH, 12, 20)
    assert set(keep.flatten().tolist()) == {0.0, 1.0}


def test_some_whole_pictures_are_told_as_the_image_tower_reads_them() -> None:
    listener = listen(lesson(16, 16, 1.0, read=True))
    read = torch.cat([(told == READING).all(dim=1) for told in listener.told])
    whole = torch.cat([~seen[:, -1].flatten(1).any(dim=1) for seen in listener.seen])
    assert not (read & ~whole).any()
    assert float(read.float().mean()) == pytest.approx(READ_SHARE * WHOLE_SHARE, abs=0.08)


def test_without_an_image_tower_scenes_tell_everything() -> None:
    listener = listen(lesson(16, 16, 1.0))
    assert not any((told == READING).any() for told in listener.told)
