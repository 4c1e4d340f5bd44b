"""From a document to the description of its layers, and the pictures that go with it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from studio.core.composing import ComposedSnapshot
from studio.core.document import DocumentSnapshot
from studio.core.geometry import Bounds
from studio.core.layers import LayerSnapshot
from studio.core.tiles import Snapshot, TileReader
from studio.files.openraster import extras, layout
from studio.files.openraster.attributes import written
from studio.files.openraster.layout import bounds_text, own
from studio.files.openraster.sheets import Sheet


class Description:
    """Everything that is written of a document.

    Attributes:
        root: of ``stack.xml``.
        pictures: in the order in which they are to be written.
        witnessed: the entries of those that other programs see in another way than we do, so that
            it matters whether one has changed them.
        texts: other entries, small ones.
        extras: of the document, but for the checksums.
    """

    def __init__(self, snapshot: DocumentSnapshot) -> None:
        self._snapshot = snapshot
        self._count = 0
        self.pictures: list[Sheet] = []
        self.witnessed: set[str] = set()
        self.texts: dict[str, bytes] = {}
        self.root = self._image()
        self.extras = self._extras()

    def _image(self) -> Element:
        canvas = self._snapshot.canvas
        attributes = {
            "version": layout.VERSION,
            "w": str(canvas.width),
            "h": str(canvas.height),
            own("canvas"): bounds_text(canvas),
            own("frame"): bounds_text(self._snapshot.frame),
        }
        root = Element("image", attributes)
        merged = ComposedSnapshot(self._snapshot.layers)
        self.pictures.append(Sheet(layout.MERGED_ENTRY, canvas, merged))
        mask = self._mask(layout.MASK_ENTRY, self._snapshot.mask_tiles)
        if mask is not None:
            root.set(own("mask"), bounds_text(mask))
        self._add_layers(SubElement(root, "stack"), self._snapshot.layers, ())
        return root

    def _extras(self) -> extras.DocumentExtras:
        channels = []
        for number, (name, channel) in enumerate(self._snapshot.channels.items()):
            entry = f"sfumato/channel{number:03d}.png"
            area = self._mask(entry, channel)
            channels.append(
                extras.ChannelExtra(name)
                if area is None
                else extras.ChannelExtra(name, entry, area)
            )
        selection = self._mask(layout.SELECTION_ENTRY, self._snapshot.selection)
        return extras.DocumentExtras(selection, tuple(channels), self._snapshot.guides)

    def _add_layers(
        self, stack: Element, layers: tuple[LayerSnapshot, ...], covers: tuple[TileReader, ...]
    ) -> None:
        """Adds layers, the topmost first; ``covers`` are the masks of the groups around them."""
        elements: list[Element] = []
        base: LayerSnapshot | None = None
        for layer in layers:
            if base is None or not layer.clipped:
                base = layer
                elements.append(self._layer(layer, (*_mask_of(layer), *covers)))
                continue
            clip = (base.pixels, *_mask_of(base))
            element = self._layer(layer, (*_mask_of(layer), *clip, *covers))
            if layer.visible and not base.visible:
                element.set("visibility", "hidden")
                element.set(own("visible"), "true")
            elements.append(element)
        stack.extend(reversed(elements))

    def _layer(self, layer: LayerSnapshot, covers: tuple[TileReader, ...]) -> Element:
        self._count += 1
        number = self._count
        if layer.children is None:
            element = self._sheet_layer(layer, covers, number)
        else:
            element = Element("stack", {**written(layer), "isolation": "isolate"})
            self._add_layers(element, layer.children, covers)
        if layer.id == self._snapshot.active_id:
            element.set("selected", "true")
        self._add_mask(element, layer, number)
        return element

    def _sheet_layer(
        self, layer: LayerSnapshot, covers: tuple[TileReader, ...], number: int
    ) -> Element:
        used = layer.pixels.used_bounds()
        # A layer without pixels still needs a picture.
        area = used if not used.is_empty else Bounds(*self._snapshot.canvas.origin, 1, 1)
        # Other programs' coordinates start at the canvas' corner.
        place = area.relative_to(self._snapshot.canvas.origin).origin
        source = f"data/layer{number:03d}.png"
        attributes = {"src": source, "x": str(place.x), "y": str(place.y)}
        element = Element("layer", {**written(layer), **attributes})
        self._add_recipe(element, layer, number)
        self._add_text(element, layer, number)
        if covers:
            entry = f"sfumato/pixels{number:03d}.png"
            self.pictures.append(Sheet(entry, area, layer.pixels))
            element.set(own("pixels"), entry)
        if covers or layer.text is not None:
            self.witnessed.add(source)
        self.pictures.append(Sheet(source, area, layer.pixels, covers))
        return element

    def _add_recipe(self, element: Element, layer: LayerSnapshot, number: int) -> None:
        if layer.recipe is None or layer.area is None:
            return
        entry = f"sfumato/recipe{number:03d}.json"
        self.texts[entry] = layer.recipe
        element.set(own("recipe"), entry)
        element.set(own("area"), bounds_text(layer.area))
        if layer.request_mask is not None:
            entry = f"sfumato/asked{number:03d}.png"
            asked = self._mask(entry, layer.request_mask)
            if asked is not None:
                element.set(own("asked"), entry)
                element.set(own("asked-area"), bounds_text(asked))

    def _add_text(self, element: Element, layer: LayerSnapshot, number: int) -> None:
        if layer.text is not None and layer.origin is not None:
            entry = f"sfumato/text{number:03d}.json"
            self.texts[entry] = extras.encode(extras.TextExtra(layer.text, layer.origin))
            element.set(own("text"), entry)

    def _add_mask(self, element: Element, layer: LayerSnapshot, number: int) -> None:
        if layer.mask is None:
            return
        entry = f"sfumato/mask{number:03d}.png"
        element.set(own("mask-beyond"), "shown" if layer.mask.fill else "hidden")
        area = self._mask(entry, layer.mask)
        if area is not None:
            element.set(own("mask"), entry)
            element.set(own("mask-area"), bounds_text(area))

    def _mask(self, entry: str, mask: Snapshot) -> Bounds | None:
        """What of a mask is written as that entry; None where all of it is the same."""
        used = mask.used_bounds()
        if used.is_empty:
            return None
        self.pictures.append(Sheet(entry, used, mask))
        return used


def _mask_of(layer: LayerSnapshot) -> tuple[TileReader, ...]:
    """What hides parts of a layer: its mask, where it counts."""
    return (layer.mask,) if layer.mask is not None and layer.mask_enabled else ()
