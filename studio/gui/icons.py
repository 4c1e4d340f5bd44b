"""Lucide's icons in the colour of the text around them, sharp at every scale."""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio import paths

_Role = QPalette.ColorRole


def icon(name: str, role: _Role = _Role.WindowText, checked: _Role | None = None) -> QIcon:
    """The icon of that name, which follows the theme.

    Args:
        name: of a file in ``resources/icons``, without its suffix.
        role: the palette's colour that it is drawn in.
        checked: the colour on a button that is on, where that is another one.
    """
    return QIcon(_LineIcon(name, role, checked or role))


def icon_names() -> frozenset[str]:
    """All names that `icon` knows."""
    return frozenset(path.stem for path in (paths.resources() / "icons").glob("*.svg"))


@functools.cache
def _source(name: str) -> str:
    return (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=512)
def _drawn(name: str, colour: str, width: int, height: int) -> QPixmap:
    """The icon in a colour; kept, because every repaint of a button asks for it."""
    source = _source(name).replace("currentColor", colour)
    pixmap = QPixmap(width, height)
    pixmap.fill(Qt.GlobalColor.transparent)
    side = min(width, height)
    place = QRectF((width - side) / 2, (height - side) / 2, side, side)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, place)
    painter.end()
    return pixmap


class _LineIcon(QIconEngine):
    """Draws an icon in the present palette, so that a change of theme needs no new icons."""

    def __init__(self, name: str, role: _Role, checked: _Role) -> None:
        super().__init__()
        self._name = name
        self._role = role
        self._checked = checked

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks for when an icon is changed."""
        return _LineIcon(self._name, self._role, self._checked)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draws into ``rect``, given in the painter's own units."""
        ratio = painter.device().devicePixelRatio()
        pixmap = self.pixmap(rect.size() * ratio, mode, state)
        painter.drawPixmap(rect, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The icon at a size in device pixels."""
        colour = self._colour(mode, state).name()
        return _drawn(self._name, colour, max(1, size.width()), max(1, size.height()))

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        palette = QGuiApplication.palette()
        if mode is QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, self._role)
        role = self._checked if state is QIcon.State.On else self._role
        if mode is QIcon.Mode.Selected:
            role = _Role.HighlightedText
        return palette.color(QPalette.ColorGroup.Active, role)
