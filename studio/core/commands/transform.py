"""Layers are moved, scaled, turned and put in perspective."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from studio.core.commands.group import CommandGroup
from studio.core.commands.merging import ReplaceLayer
from studio.core.commands.paint import PaintLayerMask, PaintStroke
from studio.core.commands.selection import SetSelection
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Point
from studio.core.layers import GeneratedLayer, RasterLayer, TextLayer
from studio.core.projection import Projection, bounds_around
from studio.core.subject import Outcome, Piece, Subject
from studio.core.text import TextContent
from studio.core.tiles import MaskSurface, Snapshot, TileChange, TiledSurface
from studio.core.warping import Warp


def transform(
    subject: Subject, projection: Projection, outcomes: Sequence[Outcome], name: str = "Transform"
) -> Command:
    """What makes a projection final.

    A text stays a text where it is only moved and scaled both ways alike; else it becomes plain
    pixels. A generated layer keeps its recipe, and the area that it was about moves along.

    Args:
        subject: what was taken in hand; its layers are still as they were.
        projection: of all of it.
        outcomes: what `Subject.projected` made of it.
        name: as the person reads it.
    """
    commands = layer_changes(subject, projection, outcomes, name)
    if subject.selection is not None:
        moved = projected_mask(subject.selection, projection)
        commands.append(SetSelection(moved, name))
    return CommandGroup(name, commands)


def layer_changes(
    subject: Subject, projection: Projection, outcomes: Sequence[Outcome], name: str
) -> list[Command]:
    """What makes a projection of layers final, one after the other; as `transform`."""
    commands: list[Command] = []
    for piece, outcome in zip(subject.pieces, outcomes, strict=True):
        commands += _changes(piece, outcome, projection, name)
    return commands


def rasterises(subject: Subject, projection: Projection) -> bool:
    """Whether a text would become plain pixels."""
    return any(
        isinstance(piece.layer, TextLayer) and not _stays_text(piece, projection)
        for piece in subject.pieces
    )


def projected_mask(mask: Snapshot, projection: Projection) -> Snapshot:
    """A mask moved along; nothing where there is nothing."""
    used = mask.used_bounds()
    return mask if used.is_empty else Warp(mask, used, projection).snapshot()


class PlaceText(Command):
    """Gives a text another size and place.

    Args:
        layer: that holds it.
        content: what it is to say, and how.
        origin: of its top left corner.
        name: as the person reads it.
    """

    def __init__(
        self, layer: TextLayer, content: TextContent, origin: Point, name: str = "Edit text"
    ) -> None:
        self._layer = layer
        self._after = content, origin
        self._before = layer.text, layer.origin
        self._name = name

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def do(self, document: Document) -> None:
        """Sets the new text."""
        self._layer.set_content(*self._after)

    def undo(self, document: Document) -> None:
        """Sets the old one."""
        self._layer.set_content(*self._before)

    def merge(self, later: Command) -> Command | None:
        """From the first text to the last one, for the same thing done to the same layer."""
        if not isinstance(later, PlaceText):
            return None
        if later._layer is not self._layer or later._name != self._name:
            return None
        merged = PlaceText(self._layer, *later._after, self._name)
        merged._before = self._before
        return merged


class PlaceRequest(Command):
    """Says of a generated layer that what it was asked for lies elsewhere now."""

    def __init__(self, layer: GeneratedLayer, projection: Projection, name: str) -> None:
        self._layer = layer
        self._name = name
        mask = layer.request_mask
        self._before = layer.area, mask
        self._after = (
            bounds_around(projection.quad(layer.area)),
            None if mask is None else projected_mask(mask, projection),
        )

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def do(self, document: Document) -> None:
        """Moves the area along."""
        self._layer.place_request(*self._after)

    def undo(self, document: Document) -> None:
        """Moves it back."""
        self._layer.place_request(*self._before)


def _changes(piece: Piece, outcome: Outcome, projection: Projection, name: str) -> list[Command]:
    layer, changes = piece.layer, list[Command]()
    if isinstance(layer, TextLayer) and not _stays_text(piece, projection):
        return [_replacement(layer, outcome, name)]
    if outcome.mask is not None and piece.mask is not None:
        changes.append(PaintLayerMask(layer, TileChange.between(piece.mask, outcome.mask)))
    if outcome.pixels is None or not isinstance(layer, RasterLayer):
        return changes
    if isinstance(layer, TextLayer):
        return [*changes, _placed(layer, projection, name)]
    if isinstance(layer, GeneratedLayer) and piece.staying is None:
        changes.append(PlaceRequest(layer, projection, name))
    change = TileChange.between(layer.surface.snapshot(), outcome.pixels)
    return [*changes, PaintStroke(layer, change, name)]


def _replacement(layer: TextLayer, outcome: Outcome, name: str) -> Command:
    """Plain pixels in the place of a text."""
    look = layer.look()
    if outcome.mask is not None:
        look["mask"] = MaskSurface.of(outcome.mask)
    pixels = outcome.pixels or layer.surface.snapshot()
    return ReplaceLayer(layer, RasterLayer(layer.name, TiledSurface.of(pixels), **look), name)


def _placed(layer: TextLayer, projection: Projection, name: str) -> Command:
    """The same text, larger or smaller, elsewhere."""
    scale = projection.uniform_scale or 1.0
    content, place = layer.text, projection.apply(layer.origin)
    width = None if content.width is None else max(1, round(content.width * scale))
    content = replace(content, size_px=content.size_px * scale, width=width)
    return PlaceText(layer, content, Point(round(place.x), round(place.y)), name)


def _stays_text(piece: Piece, projection: Projection) -> bool:
    if piece.moving is None:
        return True
    return piece.staying is None and projection.uniform_scale is not None
