"""The questions that have to be answered before anything goes on."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic", ".tif", ".tiff", ".gif", ".bmp")
DOCUMENT = ".ora"
"""What is saved."""
PHOTOSHOP = ".psd"
DOCUMENTS = (DOCUMENT, PHOTOSHOP)
"""What is opened with its layers."""
MODELS = (".safetensors", ".gguf")
"""What is imported as a model or adapter."""
EXPORTS = (".png", ".jpg", ".webp", ".avif", ".tif", PHOTOSHOP)


class Unsaved(enum.Enum):
    """What becomes of changes that are not saved."""

    SAVE = enum.auto()
    DISCARD = enum.auto()
    CANCEL = enum.auto()


class Questions(Protocol):
    """Asks the person; tests answer in advance."""

    def which_files(self, title: str, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """Files to be read; none where the person thinks better of it."""

    def where_to(self, title: str, proposal: Path, suffixes: tuple[str, ...]) -> Path | None:
        """A file to be written, or None. A missing suffix becomes the first one."""

    def what_of_changes(self, name: str, besides: str = "") -> Unsaved:
        """Whether to save a document that is about to be closed.

        Args:
            name: of the document.
            besides: a sentence on what else would be lost.
        """

    def whether(self, question: str, details: str = "") -> bool:
        """Yes or no."""


class Unasked:
    """Answers for a person who is not there: no file, and nothing is given up."""

    def which_files(self, title: str, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """None."""
        return []

    def where_to(self, title: str, proposal: Path, suffixes: tuple[str, ...]) -> Path | None:
        """None."""
        return None

    def what_of_changes(self, name: str, besides: str = "") -> Unsaved:
        """Stay."""
        return Unsaved.CANCEL

    def whether(self, question: str, details: str = "") -> bool:
        """No."""
        return False


class DialogQuestions:
    """Asks with the desktop's own dialogs."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def which_files(self, title: str, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """Shows the dialog to open."""
        names, _ = QFileDialog.getOpenFileNames(self._window, title, str(folder), _filter(suffixes))
        return [Path(name) for name in names]

    def where_to(self, title: str, proposal: Path, suffixes: tuple[str, ...]) -> Path | None:
        """Shows the dialog to save, which asks before it replaces a file."""
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(proposal), _filter(suffixes))
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(suffixes[0])

    def what_of_changes(self, name: str, besides: str = "") -> Unsaved:
        """Asks with three buttons; Escape cancels."""
        box = QMessageBox(self._window)
        box.setWindowTitle("Sfumato")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"{name} has changes that are not saved.")
        stays = "Generated pictures stay in the gallery either way."
        box.setInformativeText(f"{besides} {stays}".strip())
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answers = {buttons.Save: Unsaved.SAVE, buttons.Discard: Unsaved.DISCARD}
        return answers.get(buttons(box.exec()), Unsaved.CANCEL)

    def whether(self, question: str, details: str = "") -> bool:
        """Asks with two buttons; Escape stands for no."""
        box = QMessageBox(self._window)
        box.setWindowTitle("Sfumato")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(question)
        box.setInformativeText(details)
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Yes | buttons.No)
        box.setEscapeButton(buttons.No)
        return buttons(box.exec()) is buttons.Yes


def _filter(suffixes: tuple[str, ...]) -> str:
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    names = {(DOCUMENT,): "Sfumato documents", MODELS: "Models and adapters"}
    return f"{names.get(suffixes, 'Pictures')} ({patterns})"
