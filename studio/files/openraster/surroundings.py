"""What a document has besides its layers: painted mask, selection, channels and guides."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.tiles import MaskSurface
from studio.files.openraster import extras, layout
from studio.files.openraster.decoding import SheetToRead
from studio.files.openraster.layout import own, sane_bounds

MAX_CHANNELS = 200
MAX_GUIDES = 1000


class Surroundings:
    """Reads them into a document that nobody listens to yet.

    Attributes:
        sheets: to be read before `settle` is called.
    """

    def __init__(self, document: Document, extra: extras.DocumentExtras, root: Element) -> None:
        self._document = document
        self._extra = extra
        self._channels: dict[str, SheetToRead] = {}
        self.sheets: list[SheetToRead] = []
        mask = layout.parse_bounds(root.get(own("mask")))
        self._plan(layout.MASK_ENTRY, mask, document.mask, "The painted mask")
        selection = self._extra.selection
        self._plan(layout.SELECTION_ENTRY, selection, document.selection, "The selection")
        for channel in self._extra.channels[:MAX_CHANNELS]:
            what = f"The channel {channel.name[:100]!r}"
            self._channels[channel.name] = self._plan(
                channel.entry, channel.area, MaskSurface(), what
            )

    def settle(self) -> None:
        """Gives the document what was read."""
        for name, sheet in self._channels.items():
            self._document.channels[name] = sheet.surface.snapshot()
        self._document.guides = self._extra.guides[:MAX_GUIDES]

    def _plan(
        self, entry: str, area: Bounds | None, surface: MaskSurface, what: str
    ) -> SheetToRead:
        area = area and sane_bounds(area)
        sheet = SheetToRead((entry,), surface, (area or self._document.canvas).origin, what)
        if area is not None:
            self.sheets.append(sheet)
        return sheet
