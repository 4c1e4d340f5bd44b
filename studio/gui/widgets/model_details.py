"""What is known of a model or adapter, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.fitting import fit_words
from studio.generation.memory import Budget
from studio.gui.installations import Installation
from studio.gui.models.catalogue import Item, kind_of
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import Scrolled, muted
from studio.gui.widgets.sign import Sign
from studio.gui.words import tasks_words

_THOUSANDTHS = 1000
_GATE = (
    "The hub gives it only to those whom it knows: ask for it on its page there, and give Sfumato "
    "your token under Hub…"
)


@dataclass(frozen=True)
class Standing:
    """How it stands with a model or adapter on this computer.

    Attributes:
        under_way: the work on it; None where there is none.
        begun: bytes that an installation has left which did not come to its end.
        trouble: why the last work on it failed; empty where it did not.
        must_accept: whether its licence has yet to be accepted.
    """

    under_way: Installation | None = None
    begun: int = 0
    trouble: str = ""
    must_accept: bool = False

    @property
    def sentence(self) -> str:
        """What there is to be said of it; empty for nothing."""
        if self.under_way is not None:
            return self.under_way.sentence
        if self.trouble or not self.begun:
            return self.trouble
        return f"{file_size(self.begun)} are downloaded: it goes on from there."


class ModelDetails(QWidget):
    """One model or adapter.

    Signals:
        install_requested(bool): it is to be installed; whether its licence was accepted just now.
        pause_requested(bool): its installation is to wait, or to go on.
        cancel_requested(): what is under way is to end.
        use_requested(): the next picture is to be made with it.
        check_requested(): its files are to be compared with their checksums.
        remove_requested(): it is to be removed.
    """

    install_requested = Signal(bool)
    pause_requested = Signal(bool)
    cancel_requested = Signal()
    use_requested = Signal()
    check_requested = Signal()
    remove_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel()
        self._title.setObjectName("title")
        self._title.setWordWrap(True)
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(2 * UNIT)
        self._facts.setVerticalSpacing(UNIT)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._gate = muted(_GATE)
        self._licence = QCheckBox("I have read the licence and accept it")
        self._bar = QProgressBar(maximum=_THOUSANDTHS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(UNIT)
        self._warning = Sign("triangle-alert")
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = {
            name: QPushButton(name)
            for name in ("Install", "Pause", "Resume", "Cancel", "Use", "Check", "Remove")
        }
        for name, button in self._buttons.items():
            button.hide()
            if name in ("Install", "Resume", "Use"):
                button.setObjectName("primary")
        self._standing = Standing()
        self._lay_out()
        self._connect()

    def show_item(self, item: Item | None, standing: Standing, budget: Budget | None) -> None:
        """Shows a model or adapter; None shows nothing.

        Args:
            item: from the catalog.
            standing: how it stands with it.
            budget: the device's memory, where it is known.
        """
        self._page.setVisible(item is not None)
        if item is None:
            return
        self._title.setText(item.title)
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for name, value in _facts(item, budget):
            self._facts.addRow(_name(name), _value(value))
        self._gate.setVisible(item.gated and not item.installed)
        if standing.must_accept is not self._standing.must_accept:
            self._licence.setChecked(False)
        self._licence.setVisible(standing.must_accept)
        self.show_work(item, standing)

    def show_work(self, item: Item, standing: Standing) -> None:
        """Shows how far the work on the model or adapter is that is shown already."""
        self._standing = standing
        under_way = standing.under_way
        progress = under_way.progress if under_way else None
        self._bar.setVisible(under_way is not None)
        self._bar.setValue(round(_THOUSANDTHS * progress.fraction) if progress else 0)
        self._state.setText(standing.sentence)
        self._state.setVisible(bool(standing.sentence))
        self._warning.setVisible(under_way is None and bool(standing.trouble))
        self._show_buttons({name for name in self._buttons if _offers(name, item, standing)})
        self._buttons["Install"].setText("Continue" if standing.begun else "Install")
        self._allow()

    def _show_buttons(self, names: set[str]) -> None:
        """Shows these; the keyboard stays among them where it was."""
        had_keyboard = any(button.hasFocus() for button in self._buttons.values())
        for name, button in self._buttons.items():
            button.setVisible(name in names)
        shown = [button for name, button in self._buttons.items() if name in names]
        if had_keyboard and shown and not any(button.hasFocus() for button in shown):
            shown[0].setFocus()

    def _allow(self) -> None:
        may = not self._standing.must_accept or self._licence.isChecked()
        self._buttons["Install"].setEnabled(may)

    def _connect(self) -> None:
        self._licence.toggled.connect(self._allow)
        self._buttons["Install"].clicked.connect(
            lambda: self.install_requested.emit(self._standing.must_accept)
        )
        self._buttons["Pause"].clicked.connect(partial(self.pause_requested.emit, True))
        self._buttons["Resume"].clicked.connect(partial(self.pause_requested.emit, False))
        self._buttons["Cancel"].clicked.connect(self.cancel_requested)
        self._buttons["Use"].clicked.connect(self.use_requested)
        self._buttons["Check"].clicked.connect(self.check_requested)
        self._buttons["Remove"].clicked.connect(self.remove_requested)

    def _lay_out(self) -> None:
        facts = QWidget()
        about = QVBoxLayout(facts)
        about.setContentsMargins(0, 0, UNIT, 0)
        about.setSpacing(2 * UNIT)
        about.addLayout(self._facts)
        about.addWidget(self._gate)
        about.addStretch(1)
        state = QHBoxLayout()
        state.addWidget(self._warning, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._state, 1)
        row = QHBoxLayout()
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(2 * UNIT, 0, 0, 0)
        page.setSpacing(2 * UNIT)
        page.addWidget(self._title)
        page.addWidget(Scrolled(facts), 1)
        page.addWidget(self._licence, 0, Qt.AlignmentFlag.AlignLeft)
        page.addLayout(state)
        page.addWidget(self._bar)
        page.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._page)


def _offers(button: str, item: Item, standing: Standing) -> bool:
    """Whether a button has anything to do."""
    under_way = standing.under_way
    if under_way is not None:
        return button in ("Cancel", "Resume" if under_way.paused else "Pause")
    match button:
        case "Install":
            return not item.installed and _is_own(item)
        case "Use":
            return item.installed and isinstance(item, ModelInfo)
        case "Check":
            return item.installed
        case "Remove":
            return (item.installed and not _is_bundled(item)) or standing.begun > 0
        case _:
            return False


def _facts(item: Item, budget: Budget | None) -> Iterator[tuple[str, str]]:
    yield "Kind", kind_of(item)
    if isinstance(item, ModelInfo):
        yield "Does", tasks_words(item.tasks)
        yield "Paints at", f"{item.native_size} × {item.native_size} px"
        yield "Memory", fit_words(item, budget) if budget else f"{item.memory.full:g} GB"
    else:
        is_for_all = item.family == ANY_FAMILY
        yield "For", "every model" if is_for_all else item.family.replace("_", " ")
        if item.trigger:
            yield "Word", item.trigger
    if item.installed:
        yield "On disk", file_size(item.size_bytes)
    elif item.download_bytes:
        yield "Download", f"about {file_size(item.download_bytes)}"
    link = f' <a href="{item.licence_url}">Read it</a>' if item.licence_url else ""
    yield "Licence", f"{item.licence}{link}"
    yield "Id", item.id


def _name(text: str) -> QLabel:
    label = muted(text)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


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
