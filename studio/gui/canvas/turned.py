"""A widget that lies turned and mirrored over another one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget


class Turned(QGraphicsView):
    """Holds a widget and lays it over its parent at any angle; nothing else of it is seen.

    Args:
        widget: without a parent; it belongs to this one from now on.
        parent: over which it lies.
    """

    def __init__(self, widget: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = widget
        scene = QGraphicsScene(self)
        widget.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._proxy = scene.addWidget(widget)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QGraphicsView { background: transparent; border: none; padding: 0; }")
        self.hide()

    def lay(self, origin: QPointF, turn: QTransform) -> None:
        """Lays it down.

        Args:
            origin: of its top left corner, in the parent.
            turn: about that corner; neither scales nor moves.
        """
        self._proxy.setTransform(turn)
        taken = turn.mapRect(QRectF(self._widget.rect())).translated(origin)
        place = taken.toAlignedRect()
        self.setSceneRect(QRectF(place).translated(-origin))
        self.setGeometry(place)

    def appear(self) -> None:
        """Shows it, and gives it the keyboard."""
        self.show()
        self._widget.show()
        self.setFocus()
        self._proxy.setFocus()
        self._widget.setFocus()

    def disappear(self) -> None:
        """Hides it."""
        self._widget.hide()
        self.hide()
