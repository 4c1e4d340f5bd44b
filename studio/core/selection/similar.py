"""Selections by colour: what is like a colour, all over the canvas or around a place.

Colours are premultiplied BGRA as tiles hold them, so that what is transparent is alike whatever
colour it hides; two differ by the largest difference of a channel, 0 to 255.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.selection.masks import NOTHING, mask_of, settled
from studio.core.tiles import TILE, Snapshot, TileIndex, tiles_over, window

ReadPixels = Callable[[Bounds], Pixels]
"""Brings premultiplied BGRA ``(height, width, 4)`` of a part of the canvas."""

Labels = npt.NDArray[np.uint16]

_EVERYWHERE: Final = np.ones((TILE, TILE), dtype=np.uint16)
"""The labels of a tile that is one region throughout."""


def colour_range(read: ReadPixels, at: Point, canvas: Bounds, fuzziness: int) -> Snapshot:
    """Everything on the canvas that is like the colour at a place.

    Args:
        read: the picture.
        fuzziness: 0 to 255: what differs by half of it is selected wholly, from there on less.
    """
    if not canvas.contains_point(at):
        return NOTHING
    return _similar(read, at, canvas, _fading(fuzziness))


def alike(read: ReadPixels, at: Point, canvas: Bounds, tolerance: int) -> Snapshot:
    """Everything on the canvas that differs by at most ``tolerance`` from the colour at a place."""
    if not canvas.contains_point(at):
        return NOTHING
    return _similar(read, at, canvas, _sharp(tolerance))


def flooded(read: ReadPixels, at: Point, canvas: Bounds, tolerance: int) -> Snapshot:
    """What `alike` finds, as far as it hangs together with the place by pixels' sides.

    Reads only the tiles that the region reaches, so that the cost follows the region.
    """
    if not canvas.contains_point(at):
        return NOTHING
    return _Flood(read, at, canvas, tolerance).run()


class _Flood:
    """Follows a region from tile to tile, by the connected regions in each of them."""

    def __init__(self, read: ReadPixels, at: Point, canvas: Bounds, tolerance: int) -> None:
        self._read = read
        self._at = at
        self._canvas = canvas
        colour = read(Bounds(*at, 1, 1))[0, 0].astype(np.int16)
        self._lowest = np.clip(colour - tolerance, 0, 255)
        self._highest = np.clip(colour + tolerance, 0, 255)
        self._labels: dict[TileIndex, Labels] = {}

    def run(self) -> Snapshot:
        """The region as a mask."""
        start = TileIndex(self._at.x // TILE, self._at.y // TILE)
        label = int(self._labels_of(start)[self._at.y % TILE, self._at.x % TILE])
        found: defaultdict[TileIndex, set[int]] = defaultdict(set, {start: {label}})
        waiting = deque([(start, label)])
        while waiting:
            for index, label in self._beside(*waiting.popleft()):
                if label not in found[index]:
                    found[index].add(label)
                    waiting.append((index, label))
        return mask_of(dict(self._tiles(found)))

    def _beside(self, index: TileIndex, label: int) -> Iterator[tuple[TileIndex, int]]:
        """The regions of other tiles that this one touches."""
        labels = self._labels_of(index)
        sides = (
            (TileIndex(index.column - 1, index.row), np.s_[:, 0], np.s_[:, -1]),
            (TileIndex(index.column + 1, index.row), np.s_[:, -1], np.s_[:, 0]),
            (TileIndex(index.column, index.row - 1), np.s_[0], np.s_[-1]),
            (TileIndex(index.column, index.row + 1), np.s_[-1], np.s_[0]),
        )
        for neighbour, mine, theirs in sides:
            touching = labels[mine] == label
            if touching.any() and not neighbour.bounds.intersection(self._canvas).is_empty:
                for other in np.unique(self._labels_of(neighbour)[theirs][touching]):
                    if other:
                        yield neighbour, int(other)

    def _labels_of(self, index: TileIndex) -> Labels:
        """A number for each connected region of similar pixels, 0 for the others."""
        labels = self._labels.get(index)
        if labels is None:
            part = index.bounds.intersection(self._canvas)
            like = np.zeros((TILE, TILE), dtype=np.uint8)
            like[window(part, index.bounds.origin)] = cv2.inRange(
                self._read(part), self._lowest, self._highest
            )
            labels = _EVERYWHERE if like.all() else _regions(like)
            self._labels[index] = labels
        return labels

    def _tiles(self, found: dict[TileIndex, set[int]]) -> Iterator[tuple[TileIndex, Pixels]]:
        for index, regions in found.items():
            labels = self._labels[index]
            shades = np.zeros(int(labels.max()) + 1, dtype=np.uint8)
            shades[list(regions)] = 255
            tile = settled(shades[labels])
            if tile is not None:
                yield index, tile


def _regions(like: Pixels) -> Labels:
    _, labels = cv2.connectedComponents(like, connectivity=4, ltype=cv2.CV_16U)
    return np.asarray(labels, dtype=np.uint16)


def _similar(read: ReadPixels, at: Point, canvas: Bounds, shades: Pixels) -> Snapshot:
    """The mask with a value for each difference from the colour at a place."""
    colour = read(Bounds(*at, 1, 1))[0, 0]
    tiles = {}
    for index in tiles_over(canvas):
        part = index.bounds.intersection(canvas)
        tile = np.zeros((TILE, TILE), dtype=np.uint8)
        tile[window(part, index.bounds.origin)] = shades[_differences(read(part), colour)]
        kept = settled(tile)
        if kept is not None:
            tiles[index] = kept
    return mask_of(tiles)


def _differences(pixels: Pixels, colour: Pixels) -> Pixels:
    channels = cv2.split(cv2.absdiff(pixels, colour.astype(np.float64)))
    largest = channels[0]
    for channel in channels[1:]:
        largest = cv2.max(largest, channel)
    return np.asarray(largest, dtype=np.uint8)


def _sharp(tolerance: int) -> Pixels:
    return np.where(np.arange(256) <= tolerance, 255, 0).astype(np.uint8)


def _fading(fuzziness: int) -> Pixels:
    share = 2 * (1 - np.arange(256) / (fuzziness + 1))
    return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
