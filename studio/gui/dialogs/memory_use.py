"""How models are fitted into the device's memory, and what the person wants otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from studio.engine.protocol import EngineStatus
from studio.engine.tuning import load_tuning, save_tuning
from studio.generation.memory import MemoryMode
from studio.gui.background import Background
from studio.gui.dialogs.saving import SavingDialog

_CHOICES: Final[dict[MemoryMode, str]] = {
    "auto": "Whatever fits",
    "full": "All on the device: fastest",
    "balanced": "Parts wait in main memory: slower",
    "low": "Blocks wait in main memory: much slower",
    "lowest": "Layers wait in main memory: slowest",
}

_HINT: Final = (
    "Where the memory runs out all the same, a job goes on by itself in a more sparing way."
)


class MemoryDialog(SavingDialog):
    """The device, the present plan, and where models are to begin, once they are loaded anew.

    Args:
        config: folder of the person's settings.
        background: writes them.
        status: the engine's.

    Raises:
        EngineError: if the settings cannot be read.
    """

    def __init__(
        self,
        config: Path,
        background: Background,
        status: EngineStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Memory", _HINT, background, parent)
        self._config = config
        self._tuning = load_tuning(config)
        self._mode = QComboBox()
        self._mode.setAccessibleName("How models are fitted into memory")
        for mode, words in _CHOICES.items():
            self._mode.addItem(words, mode)
        self._mode.setCurrentIndex(self._mode.findData(self._tuning.memory))
        self.form.addRow("Device", QLabel(status.device or "not known yet"))
        self.form.addRow("Now", QLabel(status.plan.line if status.plan else "no model is loaded"))
        self.form.addRow("Models", self._mode)

    def _keeping(self) -> Callable[[], None]:
        tuning = msgspec.structs.replace(self._tuning, memory=self._mode.currentData())
        return lambda: save_tuning(self._config, tuning)
