"""The shape of a brush's tip, and how its stroke lies on the ground."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from studio.core.brush import Texture
from studio.gui.widgets.fields import SliderField, field_row, rows
from studio.gui.workspace import Workspace

_TEXTURES = {
    Texture.NONE: "Smooth",
    Texture.PAPER: "Paper",
    Texture.CHALK: "Rough wall",
    Texture.CANVAS: "Canvas",
}


class TipOptions(QWidget):
    """Angle, roundness, spacing, smoothing and texture."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._angle = SliderField("Angle", -90, 90)
        self._shares = {
            "roundness": SliderField("Roundness", 5, 100),
            "spacing": SliderField("Spacing", 1, 100),
            "smoothing": SliderField("Smoothing", 0, 100),
            "grain": SliderField("Grain", 0, 100),
        }
        self._texture = QComboBox()
        for texture, title in _TEXTURES.items():
            self._texture.addItem(title, texture.value)
        layout = rows(self)
        for name in ("smoothing", "spacing", "roundness"):
            layout.addWidget(field_row(name.capitalize(), self._shares[name]))
        layout.addWidget(field_row("Angle", self._angle))
        layout.addWidget(field_row("Ground", self._texture))
        layout.addWidget(field_row("Grain", self._shares["grain"]))
        self._connect()
        self._show_brush()

    def _connect(self) -> None:
        workspace, shares = self._workspace, self._shares
        self._angle.changed.connect(lambda it: workspace.set_brush(angle=it))
        shares["roundness"].changed.connect(lambda it: workspace.set_brush(roundness=it / 100))
        shares["spacing"].changed.connect(lambda it: workspace.set_brush(spacing=it / 100))
        shares["smoothing"].changed.connect(lambda it: workspace.set_brush(smoothing=it / 100))
        shares["grain"].changed.connect(lambda it: workspace.set_brush(grain=it / 100))
        self._texture.activated.connect(
            lambda: workspace.set_brush(texture=Texture(self._texture.currentData()))
        )
        workspace.brush_changed.connect(self._show_brush)

    def _show_brush(self) -> None:
        brush = self._workspace.brush
        self._angle.set_value(round((brush.angle + 90) % 180 - 90))
        for name, field in self._shares.items():
            field.set_value(round(getattr(brush, name) * 100))
        self._texture.setCurrentIndex(self._texture.findData(brush.texture.value))
        self._shares["grain"].setEnabled(brush.texture is not Texture.NONE)
