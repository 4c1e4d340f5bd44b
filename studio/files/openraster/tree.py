"""The layers and groups that ``stack.xml`` describes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from studio.core.errors import PictureError
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, GroupLayer, Layer, RasterLayer, TextLayer
from studio.core.tiles import MaskSurface, Surface, TiledSurface
from studio.files.limits import MAX_DEPTH, MAX_LAYERS
from studio.files.openraster import attributes, extras, layout
from studio.files.openraster.archive import Archive
from studio.files.openraster.decoding import SheetToRead
from studio.files.openraster.layout import own, parse_integer

Maker = Callable[[], Layer]
"""Makes a layer, once the pictures that it needs are read."""


class _Around(NamedTuple):
    """What the groups around an element add to it."""

    place: Point
    visible: bool = True
    opacity: float = 1.0

    def within(self, group: Element) -> _Around:
        """For what lies in a group that is kept."""
        return _Around(_moved(self.place, group))

    def instead_of(self, group: Element) -> _Around:
        """For what lies in a group that is not kept."""
        look = attributes.look_of(group)
        return _Around(
            _moved(self.place, group),
            self.visible and look["visible"],
            self.opacity * look["opacity"],
        )


class LayerTree:
    """Plans the layers of a document.

    Args:
        origin: of the canvas, where the file's coordinates start.
        checksums: of pictures as we wrote them, by their entries.
        note: is told what is not kept.

    Attributes:
        sheets: to be read before the layers are made.
        selected_id: of the layer that is to be the active one.
    """

    def __init__(
        self,
        archive: Archive,
        origin: Point,
        checksums: Mapping[str, int],
        path: Path,
        note: Callable[[str], None],
    ) -> None:
        self._archive = archive
        self._origin = origin
        self._checksums = checksums
        self._path = path
        self._note = note
        self._ids: set[str] = set()
        self._count = 0
        self._pictures: list[SheetToRead] = []
        self.sheets: list[SheetToRead] = []
        self.selected_id: str | None = None

    @property
    def is_lost(self) -> bool:
        """Whether there are layers, and the picture of none of them could be read."""
        return bool(self._pictures) and all(sheet.fault for sheet in self._pictures)

    def plan(self, root: Element) -> list[Maker]:
        """The layers of the document, the lowest first.

        Raises:
            PictureError: if there are too many.
        """
        stack = root.find("stack")
        return [] if stack is None else self._inside(stack, _Around(self._origin), 0)

    def _inside(self, stack: Element, around: _Around, depth: int) -> list[Maker]:
        makers = [self._maker(*member, depth) for member in self._members(stack, around, depth)]
        return makers[::-1]

    def _members(
        self, stack: Element, around: _Around, depth: int
    ) -> Iterator[tuple[Element, _Around]]:
        """What is directly in a group, the topmost first."""
        waiting = [(child, around) for child in reversed(stack)]
        while waiting:
            element, beside = waiting.pop()
            if element.tag == "stack" and depth >= MAX_DEPTH:
                self._note("Some groups lie too deep: their layers were put into the one around.")
                inner = beside.instead_of(element)
                waiting.extend((child, inner) for child in reversed(element))
            elif element.tag in ("layer", "stack"):
                self._count_one()
                yield element, beside
            else:
                self._note(f"What is not a layer of pixels was left out ({element.tag[:40]}).")

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_LAYERS:
            raise PictureError(f"{self._path} has too many layers: {MAX_LAYERS} can be opened.")

    def _maker(self, element: Element, around: _Around, depth: int) -> Maker:
        if element.tag == "stack":
            return self._group(element, around, depth)
        return self._sheet_layer(element, around)

    def _group(self, element: Element, around: _Around, depth: int) -> Maker:
        name = attributes.name_of(element, "Group")
        if not attributes.is_isolated(element):
            self._note(f"The group {name!r} is now mixed by itself, and may look different.")
        look = self._look(element, around)
        mask = self._mask(element, f"The mask of {name!r}")
        inside = self._inside(element, around.within(element), depth + 1)
        folded = element.get(own("collapsed")) == "true"

        def make() -> GroupLayer:
            layers = [maker() for maker in inside]
            return GroupLayer(name, layers, collapsed=folded, mask=_mask_of(mask), **look)

        return make

    def _sheet_layer(self, element: Element, around: _Around) -> Maker:
        name = attributes.name_of(element, "Layer")
        what = f"The layer {name!r}"
        look, surface = self._look(element, around), TiledSurface()
        source, place = element.get("src") or "", _moved(around.place, element)
        unmasked = element.get(own("pixels"))
        ours = self._is_ours(source)
        entries = (unmasked, source) if unmasked and ours else (source,)
        self._pictures.append(self._plan(entries, surface, place, what))
        mask = None
        if ours:
            mask = self._mask(element, f"The mask of {name!r}")
        elif element.get(own("mask-beyond")) or element.get(own("text")):
            self._note(f"{what} was changed by another program and is now a layer of pixels.")
        kind = self._kind(element, ours=ours)
        return lambda: kind(name, surface=surface, mask=_mask_of(mask), **look)

    def _kind(self, element: Element, *, ours: bool) -> Callable[..., RasterLayer]:
        """Makes a layer of the right kind, given its name, surface and look."""
        entry = element.get(own("text")) if ours else None
        text = extras.decode(self._archive.text(entry), extras.TextExtra)
        if text is not None:
            return partial(TextLayer, content=text.content, origin=text.origin)
        area = layout.parse_bounds(element.get(own("area")))
        recipe = self._archive.text(element.get(own("recipe")))
        if area is None or recipe is None:
            return RasterLayer
        asked = self._asked(element)
        return lambda name, **look: GeneratedLayer(
            name,
            recipe=recipe,
            area=area,
            request_mask=None if asked is None or asked.fault else asked.surface.snapshot(),
            **look,
        )

    def _asked(self, element: Element) -> SheetToRead | None:
        """The mask that a generated layer was asked with."""
        area = layout.parse_bounds(element.get(own("asked-area")))
        entry = element.get(own("asked"))
        if area is None or entry is None:
            return None
        return self._plan((entry,), MaskSurface(), area.origin, "A generated layer's request")

    def _is_ours(self, source: str) -> bool:
        """Whether a layer's picture is the one that we wrote, as far as that matters."""
        stated = self._checksums.get(source)
        return stated is None or stated == self._archive.crc(source)

    def _look(self, element: Element, around: _Around) -> dict[str, Any]:
        mode = attributes.unknown_mode(element)
        if mode is not None:
            self._note(f"The composite mode {mode!r} is not known: normal is used.")
        look = attributes.look_of(element)
        look["visible"] = look["visible"] and around.visible
        look["opacity"] *= around.opacity
        look["layer_id"] = self._id(element)
        return look

    def _id(self, element: Element) -> str:
        """What the file states, or a new one where that is missing or taken."""
        stated = element.get(own("id"))
        layer_id = stated if stated and stated not in self._ids else uuid.uuid4().hex
        self._ids.add(layer_id)
        if element.get("selected") == "true":
            self.selected_id = layer_id
        return layer_id

    def _mask(self, element: Element, what: str) -> SheetToRead | None:
        """A layer's mask, of which there may be nothing to read."""
        beyond = element.get(own("mask-beyond"))
        if beyond is None:
            return None
        surface = MaskSurface(255 if beyond == "shown" else 0)
        area = layout.parse_bounds(element.get(own("mask-area"))) or Bounds(0, 0, 0, 0)
        entry = element.get(own("mask"))
        if entry is None:
            return SheetToRead((), surface, area.origin, what)
        return self._plan((entry,), surface, area.origin, what)

    def _plan(
        self, entries: tuple[str, ...], surface: Surface, place: Point, what: str
    ) -> SheetToRead:
        sheet = SheetToRead(entries, surface, place, what)
        self.sheets.append(sheet)
        return sheet


def _mask_of(sheet: SheetToRead | None) -> MaskSurface | None:
    """The mask that was read; None where it could not be, for then all had better be seen."""
    if sheet is None or sheet.fault is not None or not isinstance(sheet.surface, MaskSurface):
        return None
    return sheet.surface


def _moved(place: Point, element: Element) -> Point:
    return Point(
        place.x + parse_integer(element.get("x")), place.y + parse_integer(element.get("y"))
    )
