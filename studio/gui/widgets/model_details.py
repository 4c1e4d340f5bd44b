"""What is known of a model or adapter, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.units import file_size
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.fitting import fit_of
from studio.generation.memory import Budget
from studio.gui.installations import Installation
from studio.gui.models.catalogue import Item, kind_of
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted
from studio.gui.words import tasks_words

_THOUSANDTHS = 1000


class ModelDetails(QWidget):
    """One model or adapter.

    Signals:
        install_requested(bool): it is to be installed; whether its licence was accepted just now.
        pause_requested(bool): its installation is to wait, or to go on.
        cancel_requested(): what is under way is to end.
        check_requested(): its files are to be compared with their checksums.
        remove_requested(): it is to be removed.
    """

    install_requested = Signal(bool)
    pause_requested = Signal(bool)
    cancel_requested = Signal()
    check_requested = Signal()
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._title.setWordWrap(True)
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(2 * UNIT)
        self._gate = muted()
        self._gate.setWordWrap(True)
        self._licence = QCheckBox("I have read the licence and accept it")
        self._bar = QProgressBar(maximum=_THOUSANDTHS)
        self._bar.setTextVisible(False)
        self._state = muted()
        self._state.setWordWrap(True)
        self._buttons = {
            name: QPushButton(name)
            for name in ("Install", "Pause", "Resume", "Cancel", "Check", "Remove")
        }
        self._must_accept = False
        self._lay_out()
        self._connect()

    def show_item(
        self,
        item: Item | None,
        under_way: Installation | None,
        budget: Budget | None,
        *,
        must_accept: bool = False,
    ) -> None:
        """Shows a model or adapter; None shows nothing.

        Args:
            item: from the catalog.
            under_way: the work on it, where there is some.
            budget: the device's memory, where it is known.
            must_accept: whether its licence has yet to be accepted.
        """
        self.setVisible(item is not None)
        if item is None:
            return
        self._title.setText(item.title)
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for name, value in _facts(item, budget):
            self._facts.addRow(muted(name), _value(value))
        self._gate.setText(
            "The hub gives it only to those whom it knows: ask for it on its page there, and give "
            "Sfumato your token under Hub…"
        )
        self._gate.setVisible(item.gated and not item.installed)
        if must_accept is not self._must_accept:
            self._licence.setChecked(False)
        self._must_accept = must_accept and not item.installed and under_way is None
        self._licence.setVisible(self._must_accept)
        self.show_work(item, under_way)

    def show_work(self, item: Item, under_way: Installation | None) -> None:
        """Shows how far the work on the model or adapter is that is shown already."""
        progress = under_way.progress if under_way else None
        self._bar.setVisible(under_way is not None)
        self._bar.setValue(round(_THOUSANDTHS * progress.fraction) if progress else 0)
        self._state.setText(under_way.sentence if under_way else "")
        self._state.setVisible(under_way is not None)
        is_own = _is_own(item)
        is_idle, paused = under_way is None, under_way is not None and under_way.paused
        shown = {
            "Install": is_idle and is_own and not item.installed,
            "Pause": not is_idle and not paused,
            "Resume": paused,
            "Cancel": not is_idle,
            "Check": is_idle and item.installed,
            "Remove": is_idle and item.installed and not _is_bundled(item),
        }
        for name, button in self._buttons.items():
            button.setVisible(shown[name])
        self._allow()

    def _allow(self) -> None:
        self._buttons["Install"].setEnabled(not self._must_accept or self._licence.isChecked())

    def _connect(self) -> None:
        self._licence.toggled.connect(self._allow)
        self._buttons["Install"].clicked.connect(
            lambda: self.install_requested.emit(self._must_accept)
        )
        self._buttons["Pause"].clicked.connect(partial(self.pause_requested.emit, True))
        self._buttons["Resume"].clicked.connect(partial(self.pause_requested.emit, False))
        self._buttons["Cancel"].clicked.connect(self.cancel_requested)
        self._buttons["Check"].clicked.connect(self.check_requested)
        self._buttons["Remove"].clicked.connect(self.remove_requested)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 0, 0, 0)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(self._title)
        layout.addLayout(self._facts)
        layout.addWidget(self._gate)
        layout.addWidget(self._licence)
        layout.addStretch(1)
        layout.addWidget(self._state)
        layout.addWidget(self._bar)
        layout.addLayout(row)


def _facts(item: Item, budget: Budget | None) -> Iterator[tuple[str, str]]:
    yield "Kind", kind_of(item)
    if isinstance(item, ModelInfo):
        yield "Does", tasks_words(item.tasks)
        yield "Paints at", f"{item.native_size} × {item.native_size} px"
        needs = f"{item.memory.full:g} GB, {item.memory.offload:g} GB with parts waiting"
        yield "Memory", f"{needs}: {fit_of(item, budget)}" if budget else needs
    else:
        yield "For", item.family.replace("_", " ")
        if item.trigger:
            yield "Word", item.trigger
    if item.installed:
        yield "On disk", file_size(item.size_bytes)
    elif item.download_bytes:
        yield "Download", f"about {file_size(item.download_bytes)}"
    link = f' <a href="{item.licence_url}">Read it</a>' if item.licence_url else ""
    yield "Licence", f"{item.licence}{link}"
    yield "Id", item.id


def _value(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setOpenExternalLinks(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return label


def _is_own(item: Item) -> bool:
    """Whether it can be fetched from somewhere."""
    return any(part.source.hub or part.source.url for part in item.parts)


def _is_bundled(item: ModelInfo | AdapterInfo) -> bool:
    return any(part.source.bundled for part in item.parts)
