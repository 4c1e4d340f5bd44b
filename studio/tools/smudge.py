"""The smudge tool."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from msgspec.structs import replace

from studio.core.brush import BrushSettings
from studio.core.stroke import SmudgeMaskStroke, SmudgeStroke, Stencil, Stroke
from studio.tools.events import PointerEvent
from studio.tools.painting import StrokingTool
from studio.tools.targets import edited_mask, paintable_layer

_CLOSEST = 0.06
"""Dabs farther apart than this share of the size would show as steps."""


class SmudgeSettings(msgspec.Struct, frozen=True):
    """How the smudge tool smears.

    Attributes:
        strength: how far paint is drawn along, 0 to 1.
    """

    strength: float = 0.7


class SmudgeTool(StrokingTool):
    """Draws the paint of the active layer along, or its mask; size and pressure are the brush's."""

    name: ClassVar[str] = "smudge"

    @property
    def brush(self) -> BrushSettings:
        """The brush in hand, its dabs close together."""
        brush = self._context.brush
        return replace(brush, spacing=min(brush.spacing, _CLOSEST))

    def begin(self, event: PointerEvent) -> Stroke:
        """A smudging stroke on the active layer or its mask."""
        strength = self._context.settings[SmudgeSettings].strength
        stencil = Stencil.of(self._context.document)
        masked = edited_mask(self._context)
        if masked is not None:
            return SmudgeMaskStroke(*masked, self.brush, stencil, strength)
        return SmudgeStroke(paintable_layer(self._context), self.brush, stencil, strength)
