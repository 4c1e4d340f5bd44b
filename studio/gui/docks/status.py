"""The status bar: the view on the left, the engine on the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from studio.core.colour import Colour
from studio.core.geometry import Extent, Point
from studio.engine.protocol import EngineStatus
from studio.gui.errands import Errand
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import tool_button
from studio.gui.words import bytes_words, queue_words

PATIENCE_MILLISECONDS = 300
"""Work that is done sooner is not shown."""


class StatusPanel(QStatusBar):
    """Zoom, mirror, canvas and the colour under the pointer; model, device, queue and memory.

    Status tips of actions are shown over the left part while they last.

    Signals:
        cancelled(): the work with files under way is to end.
        queue_requested(): the list of jobs is to be shown.
        mirror_requested(): the view is to be mirrored back.
    """

    cancelled = Signal()
    mirror_requested = Signal()
    queue_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._zoom = _label("Zoom")
        self._mirrored = _small_button("flip-horizontal-2", "The view is mirrored: mirror it back")
        self._mirrored.clicked.connect(self.mirror_requested)
        self._mirrored.hide()
        self._canvas = _label("Size of the canvas")
        self._swatch = Swatch()
        self._colour = _label("Colour under the pointer")
        self._engine = _label("Engine")
        self._queue = _queue_button()
        self._queue.clicked.connect(self.queue_requested)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(UNIT, 0, 0, 0)
        row.setSpacing(2 * UNIT)
        for widget in (self._zoom, self._mirrored, self._canvas):
            row.addWidget(widget)
        row.addWidget(self._swatch)
        row.setSpacing(UNIT)
        row.addWidget(self._colour)
        row.addStretch(1)
        self._errand = ErrandLine()
        self._errand.cancelled.connect(self.cancelled)
        self.addWidget(left, 1)
        self.addPermanentWidget(self._errand)
        self.addPermanentWidget(self._queue)
        self.addPermanentWidget(self._engine)
        self._status = EngineStatus()
        self._model = ""
        self.show_pointer(None, None)

    def show_zoom(self, zoom: float) -> None:
        """1.0 is 100 %."""
        self._zoom.setText(f"{zoom * 100:.0f} %")

    def show_mirrored(self, mirrored: bool) -> None:
        """Whether the view swaps left and right."""
        self._mirrored.setVisible(mirrored)

    def show_canvas(self, extent: Extent) -> None:
        """The canvas' size in pixels."""
        self._canvas.setText(f"{extent.width} × {extent.height}")

    def show_pointer(self, pixel: Point | None, colour: Colour | None) -> None:
        """The colour under the pointer, or nothing."""
        self._swatch.show_colour(colour)
        place = f"{pixel.x}, {pixel.y}" if pixel is not None else ""
        self._colour.setText("  ".join(filter(None, (colour.hex if colour else "", place))))

    def show_errands(self, under_way: tuple[Errand, ...]) -> None:
        """What is being read or written, and how far it is."""
        self._errand.show_errands(under_way)

    def show_model(self, title: str) -> None:
        """The model that the next generation uses."""
        self._model = title
        self._show_engine()

    @property
    def queue_corner(self) -> QPoint:
        """Where on the screen the list of jobs has its lower right corner."""
        anchor = self._queue if self._queue.isVisible() else self
        return anchor.mapToGlobal(QPoint(anchor.width(), 0))

    def show_queue(self, running: int, waiting: int, paused: bool) -> None:
        """How many jobs there are, and whether others begin."""
        words = queue_words(running, waiting, paused)
        self._queue.setText(words)
        self._queue.setVisible(bool(words))

    def show_engine(self, status: EngineStatus) -> None:
        """What the engine says of itself."""
        self._status = status
        self._show_engine()

    def _show_engine(self) -> None:
        status = self._status
        memory = bytes_words(status.memory) if status.memory else ""
        device = status.device or "engine starting"
        parts = filter(None, (self._model, device, _held_words(status), memory))
        self._engine.setText(" · ".join(parts) + "  ")
        self._engine.setToolTip(status.plan.line if status.plan else "")


class ErrandLine(QWidget):
    """What is under way besides generating; short work is not worth a line that flickers.

    Signals:
        cancelled(): the person wants it to end.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._under_way: tuple[Errand, ...] = ()
        self._words = _label("Work under way")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(QSize(120, 6))
        self._bar.setAccessibleName("Progress of the work under way")
        self._wait = QTimer(self, singleShot=True, interval=PATIENCE_MILLISECONDS)
        self._wait.timeout.connect(self._show)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 2 * UNIT, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._words)
        layout.addWidget(self._bar)
        cancel = _small_button("x", "Cancel this work")
        cancel.clicked.connect(lambda: self.cancelled.emit())
        layout.addWidget(cancel)
        self.hide()

    def show_errands(self, under_way: tuple[Errand, ...]) -> None:
        """Shows the first of them once it has taken a while; nothing where there is none."""
        self._under_way = under_way
        if not under_way:
            self._wait.stop()
            self.hide()
        elif self.isHidden():
            if not self._wait.isActive():
                self._wait.start()
        else:
            self._show()

    def _show(self) -> None:
        first, *others = self._under_way
        more = f" and {len(others)} more" if others else ""
        self._words.setText(f"{first.words}{more}…")
        # A range of nothing is what Qt shows as "nobody knows how far".
        self._bar.setRange(0, 0 if first.fraction is None else 1000)
        self._bar.setValue(round(1000 * (first.fraction or 0.0)))
        self.show()


class Swatch(QWidget):
    """A small field of one colour, or an empty one."""

    def __init__(self) -> None:
        super().__init__()
        self._colour: Colour | None = None
        self.setFixedSize(QSize(14, 14))

    def show_colour(self, colour: Colour | None) -> None:
        """Shows another colour."""
        if colour != self._colour:
            self._colour = colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, with a line around it."""
        if self._colour is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.setBrush(QColor(*self._colour))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def _held_words(status: EngineStatus) -> str:
    """What is to be said of the model in memory; nothing where it is loaded, as it should be."""
    if status.loading is not None:
        share = status.loading
        of = f" {bytes_words(share.done)} of {bytes_words(share.total)}" if share.total else ""
        return f"loading{of}"
    return "not loaded" if status.device and not status.model else ""


def _small_button(icon_name: str, name: str) -> QToolButton:
    """Its icon is no larger than the words beside it."""
    button = tool_button(icon_name, name)
    button.setIconSize(QSize(12, 12))
    return button


def _queue_button() -> QToolButton:
    button = QToolButton()
    button.setAccessibleName("Queue")
    button.setToolTip("Show what runs and what waits")
    button.setAutoRaise(True)
    # Without words it would be as high as an icon, and the window's parts would jump.
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    button.hide()
    return button


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setObjectName("muted")
    return label
