"""Fields that show and set one tool's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from studio.core.colour import Colour
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import SliderField, field_row, rows
from studio.tools import SettingsStore


class BoundOptions(QWidget):
    """A column of fields, each bound to a setting by its name.

    Args:
        store: of all tools' settings.
        kind: the class of the settings that are shown here.
    """

    def __init__(self, store: SettingsStore, kind: type[Any]) -> None:
        super().__init__()
        self._store = store
        self._kind = kind
        self._rows = rows(self)
        self._showing: list[Callable[[], None]] = []
        store.changed.connect(self._on_changed)

    @property
    def settings(self) -> Any:
        """As they are now."""
        return self._store[self._kind]

    def add(self, widget: QWidget) -> None:
        """Anything else."""
        self._rows.addWidget(widget)

    def add_check(self, name: str, text: str) -> QCheckBox:
        """A setting that is on or off."""
        box = QCheckBox(text)
        box.toggled.connect(lambda on: self._set(name, on))

        def show() -> None:
            with QSignalBlocker(box):
                box.setChecked(self._get(name))

        self._add(box, show)
        return box

    def add_slider(
        self, name: str, text: str, low: float, high: float, *, scale: float = 1.0
    ) -> SliderField:
        """A whole number; ``scale`` turns the setting into what is shown, such as 100 for per cent.

        A setting that is an int stays one.
        """
        field = SliderField(text, low, high)
        is_whole = isinstance(self._get(name), int)

        def choose(value: float) -> None:
            self._set(name, round(value / scale) if is_whole else value / scale)

        field.changed.connect(choose)
        self._add(field_row(text, field), lambda: field.set_value(round(self._get(name) * scale)))
        return field

    def add_choice(self, name: str, text: str, choices: Iterable[tuple[str, Any]]) -> QComboBox:
        """One of several values, each with its name."""
        box, values = QComboBox(), []
        for title, value in choices:
            box.addItem(title)
            values.append(value)
        box.activated.connect(lambda row: self._set(name, values[row]))
        self._add(field_row(text, box), lambda: box.setCurrentIndex(values.index(self._get(name))))
        return box

    def add_colour(self, name: str, text: str) -> QWidget:
        """A colour; returns the row that holds it."""
        button = ColourButton(text, QColor(self._get(name).hex))
        button.chosen.connect(lambda colour: self._set(name, Colour.from_hex(colour.name())))
        row = field_row(text, button)
        self._add(row, lambda: button.set_colour(QColor(self._get(name).hex)))
        return row

    def when_shown(self, show: Callable[[], None]) -> None:
        """Calls ``show`` now and whenever the settings are others."""
        self._showing.append(show)
        show()

    def _get(self, name: str) -> Any:
        return getattr(self.settings, name)

    def _set(self, name: str, value: Any) -> None:
        self._store.change(self._kind, **{name: value})

    def _add(self, widget: QWidget, show: Callable[[], None]) -> None:
        self.add(widget)
        self.when_shown(show)

    def _on_changed(self, kind: type) -> None:
        if kind is self._kind:
            for show in self._showing:
                show()
