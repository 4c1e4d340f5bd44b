"""Where paint may go: the canvas, and of it what is selected."""

from __future__ import annotations

import cv2
import msgspec

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.tiles import Snapshot


class Stencil(msgspec.Struct, frozen=True):
    """Lets paint through in some places.

    Attributes:
        canvas: nothing outside of it is painted.
        selection: how much is let through, 255 = all; None where nothing is held back.
    """

    canvas: Bounds
    selection: Snapshot | None = None

    @classmethod
    def of(cls, document: Document) -> Stencil:
        """The canvas of a document and its selection, if there is one, as they are now."""
        selection = document.selection.snapshot() if document.has_selection else None
        return cls(document.canvas, selection)

    @property
    def bounds(self) -> Bounds:
        """A rectangle outside of which nothing is let through."""
        if self.selection is None:
            return self.canvas
        return self.canvas.intersection(self.selection.bounds)

    def share(self, part: Bounds) -> Pixels | None:
        """How much is let through of each pixel of a part, 0 to 255; None where all is."""
        return None if self.selection is None else self.selection.read(part)

    def held_back(self, cover: Pixels, part: Bounds) -> Pixels:
        """What is left of a cover for ``part``, which lies within `bounds`; 0 to 255."""
        share = self.share(part)
        if share is None:
            return cover
        through: Pixels = cv2.multiply(cover, share, scale=1 / 255)
        return through


def thinned(ink: Pixels, share: Pixels | None) -> Pixels:
    """Premultiplied ink of which each pixel keeps its share, 0 to 255; None stands for all."""
    if share is None:
        return ink
    thin: Pixels = cv2.multiply(ink, cv2.merge([share] * 4), scale=1 / 255)
    return thin
