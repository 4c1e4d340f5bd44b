"""A family that needs no model, for what is the same with all families, and requests to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.bases.family import Brief, Unsound
from studio.engine.protocol import Candidate
from studio.generation.catalog import AdapterInfo
from studio.generation.request import Control, Inpaint, TextToImage
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded

SOURCE = shaded(96, 80)


class Copyist:
    """A family that answers with its source, or with a colour made of the seed."""

    pipelines = ()
    ranks = True
    tiled = False
    paints_together = True

    def __init__(self, unsound: int = 0) -> None:
        self.briefs: list[Brief] = []
        self.masks: list[Picture] = []
        self.sources: Sequence[Pixels] = ()
        self.seen: Pixels | None = None
        self._unsound = unsound

    def wear(self, loras: Sequence[Worn]) -> None:
        assert not loras

    def learn(self, words: Sequence[AdapterInfo]) -> Sequence[AdapterInfo]:
        return words

    def effort(self, steps: int) -> float:
        return steps

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        self._work(brief)
        height, width = brief.extent.height, brief.extent.width
        return np.full((height, width, 3), brief.seed % 256, np.uint8)

    def image_to_image(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        self._work(brief)
        self.seen = source
        return source

    variation = image_to_image

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        self._work(brief)
        self.sources = sources
        return sources[0]

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        self._work(brief)
        self.masks.append(mask)
        self.seen = source
        return source

    def similarity(self, prompt: str, pictures: Sequence[Pixels]) -> list[float]:
        return [float(pixels.mean()) / 255 for pixels in pictures]

    def unread(self, prompt: str) -> str:
        return ""

    def _work(self, brief: Brief) -> None:
        self.briefs.append(brief)
        if len(self.briefs) <= self._unsound:
            raise Unsound


Paint: TypeAlias = Callable[..., tuple[RecordingDesk, Copyist]]
"""Runs a request: gives what was sent, and the family that was asked."""


def words(width: int, height: int, count: int = 1) -> TextToImage:
    return TextToImage(model="tiny", prompt="x", seed=40, count=count, width=width, height=height)


def inpaint(mask: Picture, width: int = 96, height: int = 80) -> Inpaint:
    return Inpaint(
        model="tiny",
        seed=1,
        width=width,
        height=height,
        source=SOURCE.digest,
        mask=mask.digest,
    )


def guided_by(picture: Picture, preprocessor: str = "") -> Control:
    return Control(picture=picture.digest, adapter="edges", preprocessor=preprocessor)


def candidates(desk: RecordingDesk) -> list[Candidate]:
    return of_kind(desk.events, Candidate)
