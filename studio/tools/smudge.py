"""The smudge tool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.brush import BrushSettings
from studio.core.stroke import SmudgeStroke, Stencil
from studio.tools.events import PointerEvent
from studio.tools.painting import StrokingTool
from studio.tools.targets import paintable_layer

_CLOSEST = 0.06
"""Dabs farther apart than this share of the size would show as steps."""


@dataclass(frozen=True)
class SmudgeSettings:
    """How the smudge tool smears.

    Attributes:
        strength: how far paint is drawn along, 0 to 1.
    """

    strength: float = 0.7


class SmudgeTool(StrokingTool):
    """Draws the paint of the active layer along; size and pressure are the brush's."""

    name: ClassVar[str] = "smudge"

    @property
    def brush(self) -> BrushSettings:
        """The brush in hand, its dabs close together."""
        brush = self._context.brush
        return replace(brush, spacing=min(brush.spacing, _CLOSEST))

    def begin(self, event: PointerEvent) -> SmudgeStroke:
        """A smudging stroke on the active layer."""
        layer = paintable_layer(self._context)
        strength = self._context.settings[SmudgeSettings].strength
        return SmudgeStroke(layer, self.brush, Stencil.of(self._context.document), strength)
