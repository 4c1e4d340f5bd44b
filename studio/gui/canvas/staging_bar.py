"""The bar under the frame with which candidates are looked through and one is chosen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from studio.gui.canvas.staging import StagingModel
from studio.gui.icons import icon

GAP = 12
"""Between the bar and the area that it belongs to, in view units."""
_MARGIN, _MIDDLE, _BETWEEN = 7, 14, 4
"""Around what the bar holds, between its two halves side by side, and between its parts."""


class StagingBar(QWidget):
    """Shows where one is among the candidates, and asks for what is to become of them.

    The bar changes which candidate is shown by itself; keeping, varying and discarding are for
    whoever listens.

    Signals:
        keep_requested(): the shown candidate shall become a layer.
        vary_requested(): variations of the shown candidate are wanted.
        discard_requested(): all candidates, and those still to come, shall leave the canvas.
        looks_changed(): its size or what it says changed: place it anew.
    """

    keep_requested = Signal()
    vary_requested = Signal()
    discard_requested = Signal()
    looks_changed = Signal()

    def __init__(self, staging: StagingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._staging = staging
        self.setObjectName("staging-bar")
        self.setAccessibleName("Candidates")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._previous = _arrow("chevron-left", "Previous candidate (Left)")
        self._next = _arrow("chevron-right", "Next candidate (Right)")
        self._count = QLabel()
        self._count.setAccessibleName("Shown candidate")
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._facts = QLabel()
        self._facts.setObjectName("muted")
        self._facts.setAccessibleName("Seed and score")
        self._facts.setMinimumWidth(1)  # what a narrow view cuts first
        self._keep = _button("Keep", "Keep this one as a generated layer (Enter)")
        self._vary = _button("Vary", "Make variations of this one (V)")
        self._discard = _button("Discard", "Clear the canvas of candidates; the gallery keeps them")
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Says what the model holds now."""
        current = self._staging.current
        total = max(1, self._staging.expected)
        shown = str(self._staging.index + 1) if current is not None else "–"
        self._count.setText(f"{shown} / {total}")
        self._facts.setText(self._describe())
        for control in (self._keep, self._vary):
            control.setEnabled(current is not None)
        self._keep.setDefault(current is not None)  # the accent says that Enter does it
        for arrow in (self._previous, self._next):
            arrow.setEnabled(len(self._staging.candidates) > 1)
        self.adjustSize()
        self.looks_changed.emit()

    def place_under(self, area: QRect, view: QSize) -> None:
        """Moves the bar under an area of the view, as far as there is room below.

        Where the view is too narrow for all of it, its buttons get a row of their own.
        """
        ways, parts = QBoxLayout.Direction, (self._looking, self._asking)
        needed = sum(part.sizeHint().width() for part in parts) + _MIDDLE + 2 * _MARGIN
        room = view.width() - 2 * GAP
        self._rows.setDirection(ways.TopToBottom if needed > room else ways.LeftToRight)
        self._rows.setSpacing(_BETWEEN if needed > room else _MIDDLE)
        size = self.sizeHint()
        size.setWidth(min(size.width(), room))
        x = area.center().x() - size.width() // 2
        x = max(GAP, min(x, view.width() - size.width() - GAP))
        y = max(GAP, min(area.bottom() + GAP, view.height() - size.height() - GAP))
        self.setGeometry(QRect(QPoint(x, y), size))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded ground that lifts the bar off the picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 90))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 9.0, 9.0)

    def _describe(self) -> str:
        current = self._staging.current
        if current is None:
            preview = self._staging.preview
            return f"{preview.fraction:.0%}" if preview is not None else ""
        score = "" if current.score is None else f"   score {current.score:.2f}"
        return f"seed {current.seed}{score}"

    def _lay_out(self) -> None:
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._rows.setSpacing(_MIDDLE)
        self._looking, self._asking = QHBoxLayout(), QHBoxLayout()
        for row in (self._looking, self._asking):
            row.setSpacing(_BETWEEN)
            self._rows.addLayout(row)
        self._count.setMinimumWidth(self.fontMetrics().horizontalAdvance("10 / 10") + 4)
        for part in (self._previous, self._count, self._next):
            self._looking.addWidget(part)
        self._looking.addSpacing(8)
        self._looking.addWidget(self._facts, 1)
        for button in (self._keep, self._vary, self._discard):
            self._asking.addWidget(button, 1)

    def _connect(self) -> None:
        self._previous.clicked.connect(lambda: self._staging.step(-1))
        self._next.clicked.connect(lambda: self._staging.step(1))
        self._keep.clicked.connect(self.keep_requested)
        self._vary.clicked.connect(self.vary_requested)
        self._discard.clicked.connect(self.discard_requested)
        self._staging.changed.connect(self.refresh)
        self._staging.preview_changed.connect(self.refresh)


def _arrow(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(18, 18))
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    # Clicked, it leaves the keyboard with the canvas, whose keys flick on; Tab still reaches it.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
