"""What is put on a model: LoRAs into the prompt, and the pictures that guide it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.catalog_entries import KINDS, UNION
from studio.generation.request import MAX_GUIDES
from studio.gui.dialogs.questions import PICTURES
from studio.gui.settings import GuideSettings
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import (
    SliderField,
    field_row,
    guard_from_wheel,
    rows,
    side_by_side,
    tool_button,
)

_GUIDING: Final = ("controlnet", "ip_adapter")
_CANVAS: Final = "What is on the canvas"
_FILE: Final = "A picture file…"
_CHOOSE: Final = "choose"
_PICTURES: Final = f"Pictures ({' '.join(f'*{suffix}' for suffix in PICTURES)})"
_MOST: Final = 2.0
_FIND: Final = "None for this model is installed: find one…"


class AdaptersPanel(QWidget):
    """Two buttons that add to the prompt and to the list of guiding pictures below them.

    Signals:
        tag_chosen(str): this LoRA's tag belongs into the prompt.
        guides_changed(object): the pictures that guide, as a tuple of `GuideSettings`.
        find_requested(): something for the model is to be installed first.
    """

    tag_chosen = Signal(str)
    guides_changed = Signal(object)
    find_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._adapters: tuple[AdapterInfo, ...] = ()
        self._guides: tuple[GuideSettings, ...] = ()
        self._model = ""
        self._rows: list[GuideRow] = []
        self._lora = _menu_button("Add LoRA", "Put a LoRA into the prompt")
        self._guide = _menu_button("Guide by picture", "Let a picture guide the painting")
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT)
        layout = rows(self)
        layout.addWidget(side_by_side(self._lora, self._guide))
        layout.addLayout(self._list)

    @property
    def guide_rows(self) -> list[GuideRow]:
        """The rows of the list from top to bottom."""
        return list(self._rows)

    def show_adapters(self, adapters: Sequence[AdapterInfo], model: ModelInfo) -> None:
        """Offers those that are installed for a model."""
        if (tuple(adapters), model.id) == (self._adapters, self._model):
            return
        self._adapters, self._model = tuple(adapters), model.id
        fitting = [each for each in adapters if each.installed and each.family == model.family]
        self._offer(
            self._lora,
            [(each.title, partial(self._add_tag, each)) for each in fitting if each.kind == "lora"],
        )
        guiding = [each for each in fitting if each.kind in _GUIDING]
        choices = [(each.title, partial(self._add, _guide_by(each))) for each in guiding]
        if "edit" in model.tasks:
            choices.append((f"Shown to {model.title}", partial(self._add, GuideSettings())))
        self._offer(self._guide, choices)
        self._show()

    def show_guides(self, guides: Sequence[GuideSettings]) -> None:
        """Lists these; rows that stay keep the keyboard."""
        if tuple(guides) != self._guides:
            self._guides = tuple(guides)
            self._show()

    def _offer(
        self, button: QPushButton, choices: Sequence[tuple[str, Callable[[], None]]]
    ) -> None:
        menu = button.menu()
        menu.clear()
        for title, choose in choices or [(_FIND, self.find_requested.emit)]:
            action = menu.addAction(title.replace("&", "&&"))
            action.triggered.connect(lambda _=False, chosen=choose: chosen())

    def _show(self) -> None:
        while len(self._rows) > len(self._guides):
            row = self._rows.pop()
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self._rows) < len(self._guides):
            self._add_row(len(self._rows))
        for row, guide in zip(self._rows, self._guides, strict=True):
            adapter = next((a for a in self._adapters if a.id == guide.adapter), None)
            row.show_guide(guide, adapter)

    def _add_row(self, place: int) -> None:
        row = GuideRow()
        row.changed.connect(lambda guide: self._replace(place, guide))
        row.removed.connect(lambda: self._remove(place))
        self._rows.append(row)
        self._list.addWidget(row)

    def _add_tag(self, lora: AdapterInfo) -> None:
        self.tag_chosen.emit(f"<lora:{lora.id}:{lora.weight:g}>")

    def _add(self, guide: GuideSettings) -> None:
        if len(self._guides) < MAX_GUIDES:
            self._change((*self._guides, guide))

    def _replace(self, place: int, guide: GuideSettings) -> None:
        self._change((*self._guides[:place], guide, *self._guides[place + 1 :]))

    def _remove(self, place: int) -> None:
        self._change((*self._guides[:place], *self._guides[place + 1 :]))

    def _change(self, guides: tuple[GuideSettings, ...]) -> None:
        self.show_guides(guides)
        self.guides_changed.emit(guides)


class GuideRow(QWidget):
    """One picture that guides: which, how strongly, and for which of the steps.

    Signals:
        changed(object): the person wants it so, a `GuideSettings`.
        removed(): the person wants it no more.
    """

    changed = Signal(object)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._guide = GuideSettings()
        self._adapter: AdapterInfo | None = None
        self._title = QLabel()
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        remove = tool_button("x", "Take it off")
        self.picture = QComboBox()
        self.picture.setAccessibleName("Guiding picture")
        self.picture.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.kind = QComboBox()
        self.kind.setAccessibleName("What the ControlNet reads")
        for kind in KINDS:
            self.kind.addItem(kind.capitalize(), kind)
        self._kind_row = field_row("Kind", self.kind)
        self.prepared = QCheckBox()
        self.weight = SliderField("Weight of the picture", 0, _MOST, decimals=2)
        self.weight.setToolTip("0 does nothing, 1 is as the adapter was trained")
        self.begin, self.end = _percent("It begins after"), _percent("It ends after")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(remove)
        layout = rows(self)
        layout.addLayout(head)
        layout.addWidget(field_row("Picture", self.picture))
        layout.addWidget(self._kind_row)
        layout.addWidget(self.prepared)
        layout.addWidget(field_row("Weight", self.weight))
        layout.addWidget(field_row("Steps", side_by_side(self.begin, self.end)))
        guard_from_wheel(self)
        remove.clicked.connect(self.removed)
        self.picture.activated.connect(self._choose_picture)
        self.kind.activated.connect(self._choose_kind)
        self.prepared.clicked.connect(self._choose_prepared)
        self.weight.changed.connect(lambda weight: self._set(weight=weight))
        self.begin.valueChanged.connect(self._choose_range)
        self.end.valueChanged.connect(self._choose_range)

    def show_guide(self, guide: GuideSettings, adapter: AdapterInfo | None) -> None:
        """Shows a picture's settings without telling anybody.

        Args:
            guide: to be shown.
            adapter: that looks at it; None where that is the model, or not there any more.
        """
        self._guide, self._adapter = guide, adapter
        title = adapter.title if adapter else guide.adapter or "Shown to the model"
        self._title.setText(title)
        self._title.setToolTip(title)
        self._show_picture()
        self._show_prepared()
        self.weight.set_value(guide.weight)
        for field, share in ((self.begin, guide.begin), (self.end, guide.end)):
            field.blockSignals(True)
            field.setValue(100 * share)
            field.blockSignals(False)

    def _show_picture(self) -> None:
        path = self._guide.picture
        self.picture.clear()
        self.picture.addItem(_CANVAS, "")
        if path:
            self.picture.addItem(Path(path).name, path)
        self.picture.addItem(_FILE, _CHOOSE)
        self.picture.setCurrentIndex(1 if path else 0)
        self.picture.setToolTip(path)

    def _show_prepared(self) -> None:
        reads = self._reads
        self.kind.setCurrentIndex(self.kind.findData(reads))
        self._kind_row.setVisible(self._reads_several)
        self.prepared.setText(f"It is a {reads} picture already")
        self.prepared.setToolTip("It is not prepared then, but read as it is")
        self.prepared.setChecked(not self._guide.preprocessor)
        self.prepared.setVisible(bool(reads))

    @property
    def _reads_several(self) -> bool:
        return self._adapter is not None and self._adapter.preprocessor == UNION

    @property
    def _reads(self) -> str:
        """The kind of picture that the ControlNet reads; empty where nobody says so."""
        if self._reads_several:
            return self._guide.preprocessor or self._guide.kind or KINDS[0]
        return self._adapter.preprocessor if self._adapter else ""

    def _choose_kind(self) -> None:
        self._prepare(self.kind.currentData(), self.prepared.isChecked())

    def _choose_prepared(self, prepared: bool) -> None:
        self._prepare(self._reads, prepared)

    def _prepare(self, kind: str, prepared: bool) -> None:
        """Has a kind of picture made, or taken to be there already."""
        told = kind if prepared and self._reads_several else ""
        self._set(preprocessor="" if prepared else kind, kind=told)

    def _choose_picture(self) -> None:
        chosen = self.picture.currentData()
        if chosen == _CHOOSE:
            folder = str(Path(self._guide.picture).parent) if self._guide.picture else ""
            chosen, _ = QFileDialog.getOpenFileName(self, "Guide by a Picture", folder, _PICTURES)
            if not chosen:
                self._show_picture()
                return
        self._set(picture=chosen)

    def _choose_range(self) -> None:
        begin, end = self.begin.value() / 100, self.end.value() / 100
        if self.sender() is self.begin:
            end = max(begin, end)
        else:
            begin = min(begin, end)
        self._set(begin=begin, end=end)

    def _set(self, **changes: Any) -> None:
        guide: GuideSettings = msgspec.structs.replace(self._guide, **changes)
        if guide != self._guide:
            self.show_guide(guide, self._adapter)
            self.changed.emit(guide)


def _guide_by(adapter: AdapterInfo) -> GuideSettings:
    reads = KINDS[0] if adapter.preprocessor == UNION else adapter.preprocessor
    return GuideSettings(adapter=adapter.id, weight=adapter.weight, preprocessor=reads)


def _menu_button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setMenu(QMenu(button))
    button.setToolTip(tip)
    return button


def _percent(name: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(0, 100)
    field.setDecimals(0)
    field.setSingleStep(5)
    field.setSuffix(" %")
    field.setAccessibleName(name)
    field.setToolTip(f"{name} this share of the steps")
    return field
