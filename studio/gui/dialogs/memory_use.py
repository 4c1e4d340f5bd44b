"""How models use the device: where they lie in its memory, and what makes them faster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from studio.engine.protocol import EngineStatus
from studio.engine.tuning import Attention, load_tuning, save_tuning
from studio.generation.memory import MemoryMode
from studio.gui.background import Background
from studio.gui.dialogs.saving import SavingDialog
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted

_MODES: Final[dict[MemoryMode, str]] = {
    "auto": "Whatever fits",
    "full": "All on the device: fastest",
    "balanced": "Parts wait in main memory: slower",
    "low": "Blocks wait in main memory: much slower",
    "lowest": "Layers wait in main memory: slowest",
    "halved": "Halved weights: least memory",
}
_MODES_HINT: Final = "Only halved weights change pictures, a little."

_TOGETHER_HINT: Final = (
    "Faster for small models, on cards that one picture does not fill, and where weights wait in "
    "main memory. Pictures differ by rounding, and with the memory that is free."
)
_ATTENTION: Final[dict[Attention, str]] = {
    "auto": "The fastest that is installed",
    "plain": "PyTorch's own",
}
_ATTENTION_HINT: Final = (
    "FlashAttention makes FLUX faster on NVIDIA cards. Pictures differ by rounding."
)
_COMPILED_HINT: Final = (
    "Steps become faster, but the first picture of each size waits, often more than a minute. "
    "Pictures differ by rounding."
)
_CACHES: Final[dict[float, str]] = {
    0.0: "Off",
    0.05: "What hardly changes: up to 5 %",
    0.1: "What changes little: up to 10 %",
    0.2: "What changes somewhat: up to 20 %",
}
_CACHE_HINT: Final = (
    "Leaves out most of a step of FLUX or Qwen-Image that would change so little. Pictures change, "
    "the more the faster."
)
_HINT: Final = (
    "Counts from the next job on, for which models are loaded anew. Where the memory runs out all "
    "the same, a job goes on by itself in a more sparing way."
)


class MemoryDialog(SavingDialog):
    """The device, the present plan, and what the person wants otherwise than the engine chooses.

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
        super().__init__("Memory and speed", _HINT, background, parent)
        self._config = config
        self._tuning = tuning = load_tuning(config)
        self._mode = _choice(_MODES, tuning.memory, "How models are fitted into memory")
        self._attention = _choice(_ATTENTION, tuning.attention, "How attention is computed")
        caches = {tuning.step_cache: f"Up to {tuning.step_cache:.3%}", **_CACHES}
        self._cache = _choice(caches, tuning.step_cache, "What steps leave out")
        self._together = QCheckBox("Paint candidates together")
        self._together.setChecked(tuning.together)
        self._compiled = QCheckBox("Compile models")
        self._compiled.setChecked(tuning.compiled)
        self.form.addRow("Device", QLabel(status.device or "not known yet"))
        self.form.addRow("Now", QLabel(status.plan.line if status.plan else "no model is loaded"))
        self.form.addRow("Models", _explained(self._mode, _MODES_HINT))
        self.form.addRow("Speed", _explained(self._together, _TOGETHER_HINT))
        self.form.addRow("", _explained(self._compiled, _COMPILED_HINT))
        self.form.addRow("Attention", _explained(self._attention, _ATTENTION_HINT))
        self.form.addRow("Left out", _explained(self._cache, _CACHE_HINT))

    def _keeping(self) -> Callable[[], None]:
        tuning = msgspec.structs.replace(
            self._tuning,
            memory=self._mode.currentData(),
            together=self._together.isChecked(),
            compiled=self._compiled.isChecked(),
            attention=self._attention.currentData(),
            step_cache=self._cache.currentData(),
        )
        return lambda: save_tuning(self._config, tuning)


def _choice(choices: dict[Any, str], chosen: object, name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, words in choices.items():
        box.addItem(words, value)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _explained(field: QWidget, hint: str) -> QWidget:
    """A field with a sentence below it on what it does, and whether pictures change."""
    both = QWidget()
    layout = QVBoxLayout(both)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT // 2)
    layout.addWidget(field)
    words = muted(hint)
    field.setAccessibleDescription(hint)
    layout.addWidget(words)
    layout.addStretch()
    return both
