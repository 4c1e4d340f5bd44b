"""What a model is, and what it knows."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.core.units import file_size
from studio.generation.catalog import ModelInfo
from studio.generation.vocabulary import Vocabulary
from studio.gui.dialogs.buttons import close_button
from studio.gui.knowledge import vocabulary_of
from studio.gui.room import room_for
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted
from studio.gui.words import tasks_words

_PICTURE_WIDTH = 560


class ModelPage(QDialog):
    """Size, licence and tasks of a model; for one with few words, all of them and a picture.

    Args:
        model: to be described.
        vocabulary: what it knows; None where that is too much to list.
    """

    def __init__(
        self, model: ModelInfo, vocabulary: Vocabulary | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(model.title)
        self.resize(QSize(640, 720).boundedTo(room_for(self)))
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setSpacing(2 * UNIT)
        rows.addLayout(_facts(model))
        if vocabulary is not None:
            rows.addWidget(_heading("What it knows"))
            rows.addLayout(_groups(vocabulary))
            if sheet := _contact_sheet(model):
                rows.addWidget(_heading("What it paints"))
                rows.addWidget(sheet)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(page)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(close_button(self))


def show_model_page(model: ModelInfo, parent: QWidget) -> None:
    """Opens the page of a model; it goes when it is closed."""
    page = ModelPage(model, vocabulary_of(model), parent)
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    page.open()


def _facts(model: ModelInfo) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(2 * UNIT)
    size = file_size(model.size_bytes) if model.installed else "not installed"
    facts = {
        "Paints at": f"{model.native_size} × {model.native_size} px",
        "Does": tasks_words(model.tasks),
        "On disk": size,
        "Licence": model.licence,
    }
    for name, value in facts.items():
        text = QLabel(value)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(muted(name), text)
    return form


def _groups(vocabulary: Vocabulary) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(2 * UNIT)
    for name, words in vocabulary.groups.items():
        text = QLabel(", ".join(words))
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(muted(name.capitalize()), text)
    return form


def _heading(text: str) -> QLabel:
    heading = QLabel(text)
    font = heading.font()
    font.setBold(True)
    heading.setFont(font)
    return heading


def _contact_sheet(model: ModelInfo) -> QLabel | None:
    """The pictures beside the model's word list, where there are some."""
    if model.vocabulary is None:
        return None
    picture = QPixmap(str(model.vocabulary.parent / "contact-sheet.jpg"))
    if picture.isNull():
        return None
    sheet = QLabel()
    sheet.setPixmap(
        picture.scaledToWidth(_PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)
    )
    sheet.setAccessibleName("Pictures that it painted")
    return sheet
