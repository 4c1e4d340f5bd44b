"""Chooses a brush by its sample, and keeps, renames and deletes the person's own."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QMenu, QToolButton, QWidget

from studio.core.brush import BrushSettings
from studio.core.errors import KnownError
from studio.files.brushes import MAX_NAME, BrushKind, BrushPreset, BrushStore
from studio.gui.models.brushes import SAMPLE_HEIGHT, SAMPLE_WIDTH, BrushesModel
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import tool_button

_LIST_WIDTH = SAMPLE_WIDTH + 160


class BrushPicker(QWidget):
    """The brushes of one kind.

    Args:
        store: of brushes.

    Signals:
        chosen(object): the person took the brush with these `BrushSettings`.
        refused(str): a brush cannot be kept, renamed or deleted; the sentence says why.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, store: BrushStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._kind = BrushKind.PAINT
        self._brush = BrushSettings()
        self._names: dict[BrushKind, str] = {}
        self._model = BrushesModel(self.devicePixelRatioF(), self)
        self._list = QComboBox()
        self._list.setModel(self._model)
        self._list.setIconSize(QSize(SAMPLE_WIDTH, SAMPLE_HEIGHT))
        self._list.setAccessibleName("Brush")
        self._list.setPlaceholderText("Choose a brush")
        # As narrow as the panel makes it; the list that opens has room for sample and name.
        self._list.setMinimumWidth(SAMPLE_HEIGHT)
        self._list.view().setMinimumWidth(_LIST_WIDTH)
        self._more = tool_button("ellipsis-vertical", "Brush menu", "Save, rename, delete")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._more)
        self.setFocusProxy(self._list)
        self._make_menu()
        self._list.activated.connect(self._on_activated)
        self._show_ink()
        self.show_kind(self._kind)

    @property
    def preset(self) -> BrushPreset | None:
        """The brush that was chosen last among those of this kind."""
        row = self._list.currentIndex()
        return self._model.presets[row] if row >= 0 else None

    def show_kind(self, kind: BrushKind) -> None:
        """Offers the brushes of another kind."""
        self._kind = kind
        self._model.set_presets(self._store.of(kind))
        self._select(self._names.get(kind, ""))

    def show_brush(self, brush: BrushSettings) -> None:
        """Remembers how the brush is now: that is what is kept."""
        self._brush = brush

    def save_as(self, name: str) -> None:
        """Keeps the brush as it is now under that name."""
        self._try(lambda: self._store.save(name, self._kind, self._brush))

    def rename(self, name: str) -> None:
        """Gives the chosen brush another name."""
        preset = self.preset
        if preset is not None:
            self._try(lambda: self._store.rename(preset, name))

    def delete(self) -> None:
        """Deletes the chosen brush."""
        preset = self.preset
        if preset is not None:
            self._try(lambda: self._store.delete(preset))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Has samples drawn once it is seen, which is not before the window stands."""
        self._model.draw_samples()
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._show_ink()
        super().changeEvent(event)

    def _make_menu(self) -> None:
        menu = QMenu(self)
        save = menu.addAction("Save As…", lambda: self._ask("Save the Brush", self.save_as))
        keep = menu.addAction("Save the Changes", self._save_changes)
        again = menu.addAction("As It Was", self._choose_again)
        menu.addSeparator()
        rename = menu.addAction("Rename…", lambda: self._ask("Rename the Brush", self.rename))
        delete = menu.addAction("Delete", self.delete)

        def look() -> None:
            preset = self.preset
            is_own = preset is not None and preset.is_own
            changed = preset is not None and _differs(preset.settings, self._brush)
            save.setEnabled(self._store.keeps)
            keep.setEnabled(is_own and changed)
            again.setEnabled(changed)
            rename.setEnabled(is_own)
            delete.setEnabled(is_own)

        menu.aboutToShow.connect(look)
        self._more.setMenu(menu)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _on_activated(self, row: int) -> None:
        name = self._names[self._kind] = self._model.presets[row].name
        self._list.setToolTip(name)
        self._choose_again()

    def _choose_again(self) -> None:
        preset = self.preset
        if preset is not None:
            self.chosen.emit(preset.settings)

    def _save_changes(self) -> None:
        preset = self.preset
        if preset is not None:
            self.save_as(preset.name)

    def _ask(self, title: str, answer: Callable[[str], None]) -> None:
        """Asks for a name beside the work, which goes on meanwhile."""
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(f"Name, at most {MAX_NAME} letters:")
        dialog.setTextValue(self.preset.name if self.preset is not None else "")
        dialog.textValueSelected.connect(answer)
        dialog.open()

    def _try(self, change: Callable[[], BrushPreset | None]) -> None:
        try:
            kept = change()
        except KnownError as error:
            self.refused.emit(error.message)
            return
        self._names[self._kind] = kept.name if kept is not None else ""
        self.show_kind(self._kind)

    def _select(self, name: str) -> None:
        names = [preset.name for preset in self._model.presets]
        self._list.setCurrentIndex(names.index(name) if name in names else -1)
        self._list.setToolTip(name)

    def _show_ink(self) -> None:
        self._model.set_ink(self.palette().text().color())


def _differs(preset: BrushSettings, brush: BrushSettings) -> bool:
    """Whether it paints differently, whatever the colour."""
    return replace(preset, colour=brush.colour) != brush
