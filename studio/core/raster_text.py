"""Text drawn with Qt's fonts; needs a running QGuiApplication, offscreen or not."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QTextLayout,
    QTextOption,
)

from studio.core.errors import BugError, KnownError
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import blank, image_of
from studio.core.text import Alignment, TextContent

_ALIGNMENTS = {
    Alignment.LEFT: Qt.AlignmentFlag.AlignLeft,
    Alignment.CENTRE: Qt.AlignmentFlag.AlignHCenter,
    Alignment.RIGHT: Qt.AlignmentFlag.AlignRight,
    Alignment.JUSTIFIED: Qt.AlignmentFlag.AlignJustify,
}
_UNBOUNDED = 2.0**20

MAX_PIXELS = 2**26
"""What a text may cover, so that it takes no more than a quarter of a gigabyte."""


def rendered_text(content: TextContent) -> tuple[Bounds, Pixels]:
    """A text as premultiplied BGRA, and the place of these pixels beside the text's top left.

    The pixels reach a little beyond the lines, as some letters do.

    Raises:
        KnownError: if that would be more than `MAX_PIXELS`.
        BugError: if no QGuiApplication runs.
    """
    if QGuiApplication.instance() is None:
        raise BugError("Text is drawn only while a QGuiApplication runs.")
    layout = _laid_out(content)
    overhang = math.ceil(content.size_px / 2)
    lines = layout.boundingRect().toAlignedRect()
    place = Bounds(lines.x(), lines.y(), lines.width(), lines.height()).padded(overhang)
    if place.area > MAX_PIXELS:
        raise KnownError("The text is too large to be drawn: make it shorter or its font smaller.")
    pixels = blank(*place.extent)
    image = image_of(pixels)
    painter = QPainter(image)
    try:
        painter.setPen(QColor(*content.colour))
        layout.draw(painter, QPointF(-place.x, -place.y))
    finally:
        painter.end()
    return place, pixels


def _laid_out(content: TextContent) -> QTextLayout:
    layout = QTextLayout(content.text.replace("\n", "\N{LINE SEPARATOR}"), _font(content))
    option = QTextOption(_ALIGNMENTS[content.alignment])
    if content.width is None:
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    if content.width is not None:
        _break_lines(layout, float(content.width), content.line_height)
        return layout
    _break_lines(layout, _UNBOUNDED, content.line_height)
    widest = max(
        (layout.lineAt(number).naturalTextWidth() for number in range(layout.lineCount())),
        default=0.0,
    )
    _break_lines(layout, math.ceil(widest), content.line_height)
    return layout


def _font(content: TextContent) -> QFont:
    font = QFont(content.family)
    font.setPixelSize(max(1, round(content.size_px)))
    font.setBold(content.bold)
    font.setItalic(content.italic)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _break_lines(layout: QTextLayout, width: float, line_height: float) -> None:
    top = 0.0
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height() * line_height
    layout.endLayout()
