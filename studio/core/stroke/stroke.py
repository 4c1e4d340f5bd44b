"""From dabs to pixels.

A stroke gathers what its dabs cover in a mask of its own, and mixes its ink once with the pixels
that were there before. So a stroke that crosses itself reaches its opacity and no more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

import cv2

from studio.core.brush import BrushSettings, Dab, DabMasks, hollows
from studio.core.commands.stack import Command
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.stroke.cover import StrokeCover
from studio.core.stroke.stencil import Stencil
from studio.core.tiles import Surface, TileChange, TileIndex, window

MASKS = DabMasks()
"""The tips' masks that all strokes share."""


class Stroke(ABC):
    """A stroke under way; paints as it goes.

    Args:
        surface: to paint on.
        settings: of the brush.
        stencil: what may be painted.
    """

    def __init__(self, surface: Surface, settings: BrushSettings, stencil: Stencil) -> None:
        self._surface = surface
        self._settings = settings
        self._stencil = stencil
        self._before = surface.snapshot()
        self._cover = StrokeCover(MASKS, stencil.bounds)
        self._hollows = hollows(settings.texture, settings.grain)

    @abstractmethod
    def command(self) -> Command | None:
        """The finished stroke, to be pushed; None if it changed nothing."""

    @abstractmethod
    def _touch(self, dirty: Bounds) -> None:
        """Tells whoever listens that pixels were changed."""

    @abstractmethod
    def _ink(self, target: Pixels, place: Bounds, part: Bounds, cover: Pixels) -> None:
        """Mixes the ink into the ``part`` of the tile ``target``, which lies at ``place``."""

    def paint(self, dabs: Iterable[Dab]) -> None:
        """Paints more dabs."""
        dirty: dict[TileIndex, Bounds] = {}
        for dab in dabs:
            for index, part in self._cover.add(dab):
                dirty[index] = part.union(dirty.get(index, part))
        # Tile by tile: the rectangle around a long diagonal line is mostly untouched.
        for index, part in dirty.items():
            self._mix(part, self._covered(index, part))
            self._touch(part)

    def abandon(self) -> None:
        """Takes all of it back."""
        self._touch(self._surface.restore(self._before))

    @property
    def _covered_bounds(self) -> Bounds:
        """A rectangle outside of which nothing was painted."""
        return self._cover.bounds

    def _change(self) -> TileChange | None:
        self._surface.drop_empty(self._covered_bounds)
        change = TileChange.between(self._before, self._surface.snapshot())
        return None if change.is_nothing else change

    def _covered(self, index: TileIndex, part: Bounds) -> Pixels:
        cover = self._cover.read(index, part)
        if self._hollows is not None:
            cover = cv2.subtract(cover, self._hollows[window(part, index.bounds.origin)])
        return self._stencil.held_back(cover, part)

    def _mix(self, dirty: Bounds, cover: Pixels) -> None:
        before = self._before.read_stored(dirty)
        for place, tile in self._surface.edit_in(dirty):
            part = place.intersection(dirty)
            inside = window(part, dirty.origin)
            tile[window(part, place.origin)] = before[inside]
            self._ink(tile, place, part, cover[inside])
