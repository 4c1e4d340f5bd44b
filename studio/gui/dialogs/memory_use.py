"""How models are fitted into the device's memory, and what the person wants otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import KnownError
from studio.engine.protocol import EngineStatus
from studio.engine.tuning import Tuning, load_tuning, save_tuning
from studio.generation.memory import MemoryMode
from studio.gui.background import Background
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted

_CHOICES: Final[dict[MemoryMode, str]] = {
    "auto": "Whatever fits",
    "full": "All on the device: fastest",
    "balanced": "Parts wait in main memory: slower",
    "low": "Blocks wait in main memory: much slower",
    "lowest": "Layers wait in main memory: slowest",
}


class MemoryDialog(QDialog):
    """The device, the present plan, and where models are to begin.

    Args:
        config: folder of the person's settings.
        background: writes them.
        status: the engine's.

    Signals:
        saved(): the settings are written; models follow them once they are loaded anew.

    Raises:
        EngineError: if the settings cannot be read.
    """

    saved = Signal()

    def __init__(
        self,
        config: Path,
        background: Background,
        status: EngineStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Memory")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._config = config
        self._background = background
        self._tuning = load_tuning(config)
        self._mode = QComboBox()
        self._mode.setAccessibleName("How models are fitted into memory")
        for mode, words in _CHOICES.items():
            self._mode.addItem(words, mode)
        self._mode.setCurrentIndex(self._mode.findData(self._tuning.memory))
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out(status)
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)

    def _lay_out(self, status: EngineStatus) -> None:
        form = QFormLayout()
        form.addRow("Device", QLabel(status.device or "not known yet"))
        form.addRow("Now", QLabel(status.plan.line if status.plan else "no model is loaded"))
        form.addRow("Models", self._mode)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * UNIT)
        layout.addLayout(form)
        hint = muted(
            "Where the memory runs out all the same, a job goes on by itself in a more sparing way."
        )
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self._problem.hide()
        self.setMinimumWidth(460)

    def _save(self) -> None:
        tuning = msgspec.structs.replace(self._tuning, memory=self._mode.currentData())
        self._buttons.setEnabled(False)
        self._background.run(lambda: self._keep(tuning), self._saved, self._refused)

    def _keep(self, tuning: Tuning) -> None:
        save_tuning(self._config, tuning)

    def _saved(self, _: None) -> None:
        self.saved.emit()
        self.accept()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._buttons.setEnabled(True)
        self._problem.setText(error.message)
        self._problem.show()
