"""Small building blocks of panels: rows with a label, folds, sliders with their number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.icons import icon
from studio.gui.theme import ICON_SIZE, UNIT

LABEL_WIDTH = 76
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_FIELDS = (QAbstractSlider, QAbstractSpinBox, QComboBox)
"""What the wheel changes."""


def muted(text: str = "") -> QLabel:
    """A label of second rank that wraps."""
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def field_row(text: str, field: QWidget, *beside: QWidget) -> QWidget:
    """A field with its name to the left, which takes the focus there, and what is beside it."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    label = QLabel(text)
    label.setMinimumWidth(LABEL_WIDTH)
    label.setBuddy(field)
    layout.addWidget(label)
    layout.addWidget(field, 1)
    for widget in beside:
        layout.addWidget(widget)
    if not field.accessibleName():
        field.setAccessibleName(text)
    return row


def tool_button(icon_name: str, name: str, tip: str = "") -> QToolButton:
    """A quiet button with an icon, and a name for those who do not see it."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setToolTip(tip or name)
    button.setAutoRaise(True)
    return button


def push_button(icon_name: str, text: str, side: int = ICON_SIZE) -> QPushButton:
    """A button with an icon before its words, and room between them, which Qt leaves none."""
    button = QPushButton(icon(icon_name), text)
    button.setIconSize(QSize(side + UNIT, side))
    return button


class SliderField(QWidget):
    """A slider for the hand and a number for the exact.

    Signals:
        changed(float): the person chose another value.
    """

    changed = Signal(float)

    def __init__(self, name: str, low: float, high: float, *, decimals: int = 0) -> None:
        super().__init__()
        self._scale = 10**decimals
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(round(low * self._scale), round(high * self._scale))
        self._slider.setPageStep(max(1, (self._slider.maximum() - self._slider.minimum()) // 10))
        self._number = QDoubleSpinBox()
        self._number.setDecimals(decimals)
        self._number.setRange(low, high)
        self._number.setSingleStep(1 / self._scale if decimals < 2 else 0.05)
        self._number.setFixedWidth(64)
        for widget in (self._slider, self._number):
            widget.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        self.setFocusProxy(self._slider)
        self.setAccessibleName(name)
        self._slider.valueChanged.connect(lambda value: self._choose(value / self._scale))
        self._number.valueChanged.connect(self._choose)

    @property
    def value(self) -> float:
        """What is chosen."""
        return self._number.value()

    def set_value(self, value: float) -> None:
        """Shows a value without telling anybody."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._number):
            self._slider.setValue(round(value * self._scale))
            self._number.setValue(value)

    def _choose(self, value: float) -> None:
        self.set_value(value)
        self.changed.emit(self.value)


class OptionalNumber(QDoubleSpinBox):
    """A number whose lowest place stands for "as the model likes it".

    Signals:
        chosen(object): the number, or None.
    """

    chosen = Signal(object)

    def __init__(self, low: float, high: float, *, decimals: int = 0, step: float = 1.0) -> None:
        super().__init__()
        self.setDecimals(decimals)
        self.setSingleStep(step)
        self.setRange(low - step, high)
        self._none = low - step
        self.setSpecialValueText("model's own")
        self.set_value(None)
        self.valueChanged.connect(lambda: self.chosen.emit(self.number))

    @property
    def number(self) -> float | None:
        """What is chosen."""
        return None if self.value() <= self._none else self.value()

    def set_value(self, number: float | None) -> None:
        """Shows a number without telling anybody."""
        with QSignalBlocker(self):
            self.setValue(self._none if number is None else number)


class SizeBox(QSpinBox):
    """A side in pixels."""

    def __init__(self, name: str, low: int, high: int) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setSingleStep(8)
        self.setAccessibleName(name)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)


class Fold(QWidget):
    """A part of a panel behind a heading that opens and closes it.

    Signals:
        toggled(bool): it was opened or closed.
        unfolded(): the person opened it.
    """

    toggled = Signal(bool)
    unfolded = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._heading = QToolButton()
        self._heading.setText(title)
        self._heading.setCheckable(True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._heading.setStyleSheet("QToolButton:checked { background: transparent; }")
        self._body = QWidget()
        self.rows = QVBoxLayout(self._body)
        self.rows.setContentsMargins(0, UNIT // 2, 0, 0)
        self.rows.setSpacing(UNIT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._heading)
        layout.addWidget(self._body)
        self._heading.toggled.connect(self.set_open)
        self._heading.clicked.connect(lambda is_open: self.unfolded.emit() if is_open else None)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        """Whether its content is shown."""
        return self._heading.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Shows or hides its content."""
        self._heading.setIcon(icon("chevron-down" if is_open else "chevron-right"))
        self._body.setVisible(is_open)
        if self._heading.isChecked() != is_open:
            self._heading.setChecked(is_open)
        self.toggled.emit(is_open)


def rows(widget: QWidget) -> QVBoxLayout:
    """Lays what is added to the widget one below the other."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    return layout


class ListKeys(QObject):
    """Has the arrows move in a list while a field above it has the keyboard."""

    def __init__(self, field: QWidget, view: QAbstractItemView) -> None:
        super().__init__(field)
        self._view = view
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Passes on what moves up and down."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in _MOVES:
            return False
        self._view.event(event)
        return True


class Scrolled(QScrollArea):
    """A widget that scrolls up and down where there is too little room for it.

    The wheel scrolls, and changes no field on its way but the one that has the keyboard.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the keyboard
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        guard_from_wheel(widget)


class _WheelGuard(QObject):
    """Keeps the wheel from fields that are only passed over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lets the wheel go on to what scrolls, unless the field has the keyboard."""
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def guard_from_wheel(widget: QWidget) -> None:
    """Has the wheel change no field inside a widget but the one that has the keyboard."""
    guard = _WheelGuard(widget)
    for kind in _FIELDS:
        for field in widget.findChildren(kind):
            if not isinstance(field, QScrollBar):
                field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                field.installEventFilter(guard)


def side_by_side(*fields: QWidget) -> QWidget:
    """The fields in one line, of one width."""
    box = QWidget()
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    for field in fields:
        layout.addWidget(field, 1)
    box.setFocusProxy(fields[0])
    return box
