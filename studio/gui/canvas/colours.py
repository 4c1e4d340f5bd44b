"""The canvas' own colours, which are few: everything else comes from the palette."""

from __future__ import annotations

import msgspec
from PySide6.QtGui import QColor, QPalette

MASK_COLOUR = QColor(226, 38, 80)
MASK_OPACITY = 0.55
"""How much of the picture a full mask hides."""


class CanvasColours(msgspec.Struct, frozen=True):
    """Neutral greys around and behind the picture, so that its colours are judged right.

    Attributes:
        surround: what lies around the canvas.
        checks: the two greys that stand for transparency.
        light, dark: of lines that must show on any picture: one is drawn upon the other.
        accent: what is in hand: handles, progress.
    """

    surround: QColor
    checks: tuple[QColor, QColor]
    light: QColor
    dark: QColor
    accent: QColor

    @classmethod
    def of(cls, palette: QPalette) -> CanvasColours:
        """The colours that go with a palette, light or dark."""
        window = palette.color(QPalette.ColorRole.Window)
        grey = window.lightness()
        dark_theme = grey < 128
        surround = max(0, grey - 14) if dark_theme else max(0, grey - 48)
        return cls(
            surround=QColor(surround, surround, surround),
            checks=(QColor(112, 112, 112), QColor(98, 98, 98))
            if dark_theme
            else (QColor(255, 255, 255), QColor(224, 224, 224)),
            light=QColor(255, 255, 255, 230),
            dark=QColor(0, 0, 0, 170),
            accent=palette.color(QPalette.ColorRole.Highlight),
        )
