"""The move tool: drags the chosen layers about, their selected pixels, or a layer's mask."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import ClassVar

from studio.core.commands.layer import TranslateLayer
from studio.core.commands.stack import Command
from studio.core.commands.transform import transform
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import Layer
from studio.core.projection import Projection
from studio.core.snapping import REACH, SnapLines, Snapped, SnapSettings
from studio.core.subject import Outcome, Subject, outermost, with_all_inside
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.overlay import Cursor, Overlay, SnapMark
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext, run_at_once

ARROWS = {Key.LEFT: (-1, 0), Key.RIGHT: (1, 0), Key.UP: (0, -1), Key.DOWN: (0, 1)}
SMALL_AREA = 1024 * 1024
"""Pixels; what is cut out of fewer is moved at once."""
FAR = 10
"""Pixels that an arrow key moves by with Shift held; one without."""


class MoveTool(DragTool):
    """Moves the chosen layers, their selected pixels, or the mask that tools paint on now.

    It goes by whole pixels.

    Edges and middle are drawn to the lines that `SnapSettings` name, unless Control is held. Shift
    keeps to one axis. The arrow keys move by one pixel, with Shift by ten.
    """

    name: ClassVar[str] = "move"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._marks: tuple[SnapMark, ...] = ()
        self._is_busy = False

    @property
    def cursor(self) -> Cursor:
        """A cross of arrows."""
        return Cursor.MOVE

    def drag(self, event: PointerEvent) -> Drag:
        """Moves what is in hand as the pointer goes, and pushes one command at the end."""
        if self._is_busy:
            return
        hand = self._taken()
        lines = SnapLines.of(
            self._context.document,
            self._context.settings[SnapSettings],
            without=[part for layer in hand.layers for part in with_all_inside(layer)],
        )
        way = (0, 0)
        try:
            while (here := (yield)) is not None:
                way = self._way(hand.bounds, event, here, lines)
                hand.show(*way)
        except DragCancelled:
            hand.let_go()
            return
        finally:
            self._marks = ()
        self._finish(hand, *way)
        self._context.stack.seal()

    def nudge(self, dx: int, dy: int) -> None:
        """Moves it by so many pixels; following nudges of a whole layer merge."""
        if not self._is_busy:
            self._finish(self._taken(), dx, dy)

    def wants(self, key: Key) -> bool:
        """The arrows, where there is a layer."""
        return key in ARROWS and self._context.document.active is not None

    def take_key(self, key: Key, modifiers: Modifiers) -> None:
        """Moves by a step."""
        self.nudge(*step_of(key, modifiers))

    def overlay(self) -> Overlay:
        """The lines that it is drawn to."""
        return self._marks

    def _finish(self, hand: _WholeLayers | _CutOut, dx: int, dy: int) -> None:
        """Makes final how far it was moved; what is cut out of much is computed elsewhere."""
        hand.let_go()
        if not (dx or dy):
            return
        if isinstance(hand, _WholeLayers):
            self._context.stack.push(hand.moved(dx, dy))
            return
        step = self._context.stack.index

        def let_go() -> None:
            self._is_busy = False
            hand.let_go()

        def done(outcomes: Sequence[Outcome]) -> None:
            let_go()
            # Where another step was done or undone meanwhile, they are of pixels that are no more.
            if self._context.stack.index == step:
                self._context.stack.push(hand.moved(dx, dy, outcomes))
                self._context.stack.seal()

        self._is_busy = True
        hand.show(dx, dy)
        run = run_at_once if hand.bounds.area <= SMALL_AREA else self._context.run
        run(lambda: hand.projected(dx, dy), done, let_go)

    def _taken(self) -> _WholeLayers | _CutOut:
        document = self._context.document
        layers = outermost(self._context.chosen())
        if not layers or document.active is None:
            raise KnownError("There is no layer to move: add one first.")
        for layer in layers:
            if layer.locks.position:
                raise KnownError(f"The layer {layer.name!r} is locked: unlock it to move it.")
        if document.editing_mask and document.active.mask is not None:
            subject = Subject.take(document, document.active)
            return _CutOut((document.active,), subject, "Move layer mask")
        if document.has_selection:
            return _CutOut(layers, Subject.take(document, *layers), "Move selected pixels")
        return _WholeLayers(layers)

    def _way(
        self, bounds: Bounds, start: PointerEvent, here: PointerEvent, lines: SnapLines
    ) -> tuple[int, int]:
        dx, dy = here.x - start.x, here.y - start.y
        straight = Modifiers.SHIFT in here.modifiers
        sideways = abs(dx) >= abs(dy)
        if straight:
            dx, dy = (dx, 0.0) if sideways else (0.0, dy)
        self._marks = ()
        stays = not (dx or dy)
        if stays or Modifiers.CONTROL in here.modifiers or bounds.is_empty:
            return round(dx), round(dy)
        box = (bounds.x + dx, bounds.y + dy, bounds.width, bounds.height)
        snapped = lines.snap(box, REACH / here.zoom)
        if straight:
            snapped = snapped.along(across=sideways)
        self._marks = snap_marks(snapped, self._context.document.canvas)
        return round(dx + snapped.dx), round(dy + snapped.dy)


class _WholeLayers:
    """Layers with all that they hold, moved at no cost."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        boxes = (layer.pixels.used_bounds() for layer in layers)
        self.bounds = functools.reduce(Bounds.union, boxes)
        self._shown = (0, 0)

    def show(self, dx: int, dy: int) -> None:
        before = self._shown
        if (dx, dy) != before:
            for layer in self.layers:
                layer.translate(dx - before[0], dy - before[1])
            self._shown = dx, dy

    def let_go(self) -> None:
        self.show(0, 0)

    def moved(self, dx: int, dy: int) -> Command:
        first, *others = self.layers
        return TranslateLayer(first, dx, dy, *others)


class _CutOut:
    """What of layers is selected, or a mask, cut out of the rest."""

    def __init__(self, layers: Sequence[Layer], subject: Subject, name: str) -> None:
        self.layers = layers
        self._name = name
        self.bounds = subject.bounds
        self._subject = subject

    def show(self, dx: int, dy: int) -> None:
        self._subject.show(Projection.moving(dx, dy), coarse=True)

    def let_go(self) -> None:
        self._subject.let_go()

    def projected(self, dx: int, dy: int) -> Sequence[Outcome]:
        return self._subject.projected(Projection.moving(dx, dy))

    def moved(self, dx: int, dy: int, outcomes: Sequence[Outcome]) -> Command:
        return transform(self._subject, Projection.moving(dx, dy), outcomes, self._name)


def step_of(key: Key, modifiers: Modifiers) -> tuple[int, int]:
    """How far an arrow key moves."""
    dx, dy = ARROWS[key]
    step = FAR if Modifiers.SHIFT in modifiers else 1
    return dx * step, dy * step


def snap_marks(snapped: Snapped, canvas: Bounds) -> tuple[SnapMark, ...]:
    """The lines that something was drawn to, across the canvas."""
    columns = [SnapMark(x, canvas.y, x, canvas.bottom) for x in snapped.columns]
    rows = [SnapMark(canvas.x, y, canvas.right, y) for y in snapped.rows]
    return (*columns, *rows)
