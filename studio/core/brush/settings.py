"""How a brush paints."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from studio.core.brush.dabs import Dab
from studio.core.brush.dynamics import (
    PRESSURE_TO_SIZE,
    Curve,
    Dynamic,
    Readings,
    Source,
    Target,
)
from studio.core.brush.texture import Texture
from studio.core.colour import BLACK, Colour

MIN_SIZE = 1.0
MAX_SIZE = 2000.0
MIN_ROUNDNESS = 0.05
MIN_GAP = 0.5
"""The least distance of two dabs in pixels."""


class BrushSettings(msgspec.Struct, frozen=True):
    """How a brush paints.

    Attributes:
        size: diameter in canvas pixels, 1 to 2000.
        hardness: 0 (soft from the centre on) to 1 (a crisp edge).
        opacity: 0 to 1: what one stroke reaches at most.
        flow: 0 to 1: what one dab adds towards that.
        spacing: distance of dabs as a part of the tip's shorter diameter.
        colour: to paint with.
        angle: of the tip's longer axis, clockwise from the right in degrees.
        roundness: the tip's shorter diameter as a part of the longer, 0.05 to 1.
        smoothing: 0 (exactly where the pen went) to 1 (all tremor is taken out).
        texture: of the ground, which takes from the paint.
        grain: how much the texture takes, 0 to 1.
        dynamics: what the pen does to all this.
    """

    size: float = 40.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    colour: Colour = BLACK
    angle: float = 0.0
    roundness: float = 1.0
    smoothing: float = 0.0
    texture: Texture = Texture.NONE
    grain: float = 0.5
    dynamics: tuple[Dynamic, ...] = (PRESSURE_TO_SIZE,)

    def dab(self, x: float, y: float, readings: Readings) -> Dab:
        """The dab there while the pen reads so."""
        size, hardness, flow, opacity = self.size, self.hardness, self.flow, 1.0
        angle, roundness = self.angle, self.roundness
        for source, target, curve in self._acting():
            share = curve.at(readings[source])
            match target:
                case Target.SIZE:
                    size *= share
                case Target.HARDNESS:
                    hardness *= share
                case Target.FLOW:
                    flow *= share
                case Target.OPACITY:
                    opacity *= share
                case Target.ANGLE:
                    angle += 360.0 * share
                case Target.ROUNDNESS:
                    roundness *= share
        size = min(MAX_SIZE, max(MIN_SIZE, size))
        return Dab(x, y, size, hardness, flow, opacity, angle, max(MIN_ROUNDNESS, roundness))

    def gap(self, dab: Dab, readings: Readings) -> float:
        """The distance from this dab to the next, in pixels."""
        spacing = self.spacing
        for source, target, curve in self._acting():
            if target is Target.SPACING:
                spacing *= curve.at(readings[source])
        return max(MIN_GAP, dab.size * dab.roundness * spacing)

    def curve(self, source: Source, target: Target) -> Curve | None:
        """By which curve that source acts on that target; None if it does not."""
        for dynamic in self.dynamics:
            if (dynamic.source, dynamic.target) == (source, target):
                return dynamic.curve
        return None

    def driven(self, source: Source, target: Target, curve: Curve | None) -> BrushSettings:
        """A brush on whose target that source acts by that curve, or not at all where None."""
        others = tuple(
            dynamic
            for dynamic in self.dynamics
            if (dynamic.source, dynamic.target) != (source, target)
        )
        added = () if curve is None else (Dynamic(source, target, curve),)
        return replace(self, dynamics=others + added)

    def _acting(self) -> list[tuple[Source, Target, Curve]]:
        return [(dynamic.source, dynamic.target, dynamic.curve) for dynamic in self.dynamics]
