"""Reading OpenRaster documents, ours and other programs', whole or damaged."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from studio.core import atomic
from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds, Point
from studio.core.layers import LOCKED, UNLOCKED, GeneratedLayer, RasterLayer
from studio.core.tiles import Surface
from studio.files.openraster import layout
from studio.files.openraster.archive import MAX_SIDE, Archive, DamagedEntry
from studio.files.openraster.layout import own

MAX_LAYERS = 2000
"""No document may have more layers."""
_MAX_NAME = 500


class LoadedDocument(NamedTuple):
    """A document as it was read.

    Attributes:
        document: what could be read.
        notes: sentences that the person should read: what was left out or changed.
    """

    document: Document
    notes: tuple[str, ...]


def load_openraster(path: Path) -> Document:
    """As `read_openraster`, without the notes."""
    return read_openraster(path).document


def read_openraster(path: Path) -> LoadedDocument:
    """Reads a document; what is damaged or unknown in it is left out with a note.

    Groups become their layers, one after the other. Works in any thread.

    Raises:
        PictureError: if it is no such file, exceeds the limits, or nothing in it can be read.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return _Reader(Archive(file, path), path).read()
    except zipfile.BadZipFile as error:
        raise PictureError(
            f"{path} is not an OpenRaster document, or is cut off: get the whole file.",
            details=str(error),
        ) from error
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {atomic.reason(error)}.") from error


class _Item(NamedTuple):
    """A layer of the file, with what the groups around it add."""

    element: Element
    visible: bool
    opacity: float
    offset: Point


class _Reader:
    def __init__(self, archive: Archive, path: Path) -> None:
        self._archive = archive
        self._path = path
        self._notes: list[str] = []

    def read(self) -> LoadedDocument:
        """The document of the archive."""
        root = self._archive.stack()
        canvas = self._canvas(root)
        document = Document(canvas, layout.parse_bounds(root.get(own("frame"))))
        items = list(self._items(root))
        for item in reversed(items):
            self._add_layer(document, item)
        if items and not document.layers:
            self._add_merged(document)
        self._read_mask(document, root)
        return LoadedDocument(document, tuple(self._notes))

    def _canvas(self, root: Element) -> Bounds:
        """The size that the file states, at the origin that ours remember."""
        width, height = _integer(root.get("w")), _integer(root.get("h"))
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise PictureError(
                f"{self._path} has {width}x{height} pixels: 1 to {MAX_SIDE} a side can be opened."
            )
        stated = layout.parse_bounds(root.get(own("canvas")))
        if stated is not None and stated.extent == (width, height):
            return stated
        return Bounds(0, 0, width, height)

    def _items(self, root: Element) -> Iterator[_Item]:
        """The layers in the order of the file, the topmost first, without their groups."""
        waiting = [_Item(child, True, 1.0, Point(0, 0)) for child in root if child.tag == "stack"]
        count = 0
        while waiting:
            item = waiting.pop()
            if item.element.tag == "stack":
                if item.element is not root.find("stack"):
                    self._note("Groups are not kept: their layers were put one above the other.")
                waiting.extend(_inside(child, item) for child in reversed(item.element))
            elif item.element.tag == "layer":
                count += 1
                if count > MAX_LAYERS:
                    raise PictureError(
                        f"{self._path} has too many layers: {MAX_LAYERS} can be opened."
                    )
                yield item
            else:
                self._note(f"What is not a layer of pixels was left out ({item.element.tag[:40]}).")

    def _add_layer(self, document: Document, item: _Item) -> None:
        element = item.element
        name = (element.get("name") or "Layer")[:_MAX_NAME]
        layer = self._empty_layer(document, item, name)
        x, y = _integer(element.get("x")), _integer(element.get("y"))
        place = document.canvas.moved(x + item.offset.x, y + item.offset.y).origin
        if not self._fill(layer.surface, element.get("src"), place, f"The layer {name!r}"):
            return
        document.layers.insert(len(document.layers), layer)
        if element.get("selected") == "true" or document.active is None:
            document.active = layer

    def _empty_layer(self, document: Document, item: _Item, name: str) -> RasterLayer:
        element = item.element
        properties: dict[str, Any] = {
            "visible": item.visible and element.get("visibility", "visible") == "visible",
            "opacity": item.opacity * _opacity(element),
            "locks": LOCKED if element.get("edit-locked") == "true" else UNLOCKED,
            "blend_mode": self._blend_mode(element),
        }
        layer_id = element.get(own("id"))
        if layer_id and document.layers.find(layer_id) is None:
            properties["layer_id"] = layer_id
        area = layout.parse_bounds(element.get(own("area")))
        recipe = self._archive.recipe(element.get(own("recipe")))
        if area is None or recipe is None:
            return RasterLayer(name, **properties)
        return GeneratedLayer(name, recipe=recipe, area=area, **properties)

    def _blend_mode(self, element: Element) -> BlendMode:
        name = element.get("composite-op", BlendMode.NORMAL.value)
        mode = BlendMode.named(name)
        if mode is None:
            self._note(f"The composite mode {name[:40]!r} is not known: normal is used.")
        return mode or BlendMode.NORMAL

    def _fill(self, surface: Surface, source: str | None, place: Point, what: str) -> bool:
        """Whether the picture could be read into the surface."""
        try:
            self._archive.read_picture(source, surface, place)
        except DamagedEntry as damage:
            self._note(f"{what} {damage} and was left out.")
            return False
        return True

    def _add_merged(self, document: Document) -> None:
        """Where no layer could be read, the picture that they made."""
        layer = RasterLayer("Merged picture")
        origin = document.canvas.origin
        if not self._fill(layer.surface, layout.MERGED_ENTRY, origin, "The merged picture"):
            raise PictureError(
                f"Nothing in {self._path} can be read: its layers are missing or damaged.",
                details="\n".join(self._notes),
            )
        self._note("Its layers are lost: the merged picture is shown instead.")
        document.layers.insert(0, layer)
        document.active = layer

    def _read_mask(self, document: Document, root: Element) -> None:
        bounds = layout.parse_bounds(root.get(own("mask")))
        if bounds is not None:
            self._fill(document.mask, layout.MASK_ENTRY, bounds.origin, "The painted mask")

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.append(sentence)


def _inside(child: Element, group: _Item) -> _Item:
    """A child with what its group adds; the root stack adds nothing."""
    element = group.element
    return _Item(
        child,
        group.visible and element.get("visibility", "visible") == "visible",
        group.opacity * _opacity(element),
        Point(
            group.offset.x + _integer(element.get("x")), group.offset.y + _integer(element.get("y"))
        ),
    )


def _opacity(element: Element) -> float:
    try:
        opacity = float(element.get("opacity", "1"))
    except ValueError:
        return 1.0
    return min(1.0, max(0.0, opacity)) if math.isfinite(opacity) else 1.0


def _integer(text: str | None) -> int:
    """The number, 0 where there is none or it is beyond all sense."""
    try:
        number = int(text or "0")
    except ValueError:
        return 0
    return number if abs(number) < 2**24 else 0
