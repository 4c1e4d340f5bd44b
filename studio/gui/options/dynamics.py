"""Which of the pen's readings acts on what of the brush, and by which curve."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from studio.core.brush import LINEAR, Curve, Source, Target
from studio.gui.widgets.curve_edit import CurveEdit
from studio.gui.widgets.fields import field_row, muted, rows
from studio.gui.workspace import Workspace

SOURCES = {
    Source.PRESSURE: "Pressure",
    Source.TILT: "Tilt",
    Source.LEAN: "Side it leans to",
    Source.DIRECTION: "Direction",
    Source.SPEED: "Speed",
    Source.CHANCE: "Chance",
}
TARGETS = {
    Target.SIZE: "Size",
    Target.HARDNESS: "Hardness",
    Target.OPACITY: "Opacity",
    Target.FLOW: "Flow",
    Target.SPACING: "Spacing",
    Target.ANGLE: "Angle",
    Target.ROUNDNESS: "Roundness",
}


class DynamicsOptions(QWidget):
    """One pair of reading and setting at a time, and all that act at a glance."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._source = _box("Reading", SOURCES)
        self._target = _box("Acts on", TARGETS)
        self._acts = QCheckBox("It acts on it")
        self._curve = CurveEdit("How much of the reading acts")
        self._all = muted()
        layout = rows(self)
        layout.addWidget(self._all)
        layout.addWidget(field_row("Reading", self._source))
        layout.addWidget(field_row("Acts on", self._target))
        layout.addWidget(self._acts)
        layout.addWidget(self._curve)
        for box in (self._source, self._target):
            box.activated.connect(self._show)
        self._acts.toggled.connect(lambda on: self._set(LINEAR if on else None))
        self._curve.changed.connect(self._set)
        workspace.brush_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        brush = self._workspace.brush
        curve = brush.curve(*self._pair)
        with QSignalBlocker(self._acts):
            self._acts.setChecked(curve is not None)
        self._curve.setEnabled(curve is not None)
        self._curve.set_curve(curve or LINEAR)
        acting = [
            f"{SOURCES[dynamic.source].lower()} on {TARGETS[dynamic.target].lower()}"
            for dynamic in brush.dynamics
        ]
        self._all.setText("Acting: " + ", ".join(acting) if acting else "The pen changes nothing.")

    def _set(self, curve: Curve | None) -> None:
        brush = self._workspace.brush.driven(*self._pair, curve)
        self._workspace.set_brush(dynamics=brush.dynamics)

    @property
    def _pair(self) -> tuple[Source, Target]:
        return Source(self._source.currentData()), Target(self._target.currentData())


def _box(name: str, titles: dict[Source, str] | dict[Target, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, title in titles.items():
        box.addItem(title, value.value)
    return box
