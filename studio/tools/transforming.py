"""The transform tool: scales, turns, skews and distorts what is in hand by its handles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from studio.core.commands.transform import rasterises, transform
from studio.core.errors import KnownError
from studio.core.events import Signal, relay
from studio.core.projection import Projection, Quad, Spot, bounds_around
from studio.core.snapping import REACH, SnapLines, SnapSettings
from studio.core.subject import Outcome, Subject
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.grips import GRIPS, HIT_TOLERANCE, Grip
from studio.tools.moving import ARROWS, snap_marks, step_of
from studio.tools.overlay import Cursor, Handle, Outline, Overlay, PivotMark, SnapMark
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext
from studio.tools.transform_box import Hold, TransformBox

MOST_PIXELS = 2**28
"""Nothing is made larger than that: it could not be held."""
RASTERISED = "The text became plain pixels: only moving and even scaling keep it a text."


class TransformSettings(msgspec.Struct, frozen=True):
    """How the transform tool goes about it.

    Attributes:
        linked: whether both sides are scaled alike; Shift does the opposite.
    """

    linked: bool = False


class TransformTool(DragTool):
    """Projects the chosen layers with all that they hold, their selected pixels, or a mask.

    Inside the box a drag moves, outside it turns. Corners and edges scale; with Shift both sides
    alike (or not, where they are linked), with Alt about the pivot. With Control a corner goes
    anywhere by itself, with Alt too it makes a perspective, and an edge skews. The pivot can be
    dragged as well. Enter makes it final, Escape gives up.

    Events:
        changed(): `box` is another one, or there is none any more.
    """

    name: ClassVar[str] = "transform"

    changed = Signal()

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._subject: Subject | None = None
        self._box: TransformBox | None = None
        self._under = Hold.OUTSIDE, Grip.NONE
        self._marks: tuple[SnapMark, ...] = ()
        self._step = 0
        self._is_in_hand = False
        self._is_busy = False
        context.document.changed.connect(self._forget)
        context.document.selection_changed.connect(self._forget)
        context.document.editing_mask_changed.connect(self._on_chosen)
        context.chosen_changed.connect(self._on_chosen)
        context.stack.changed.connect(self._on_step)
        relay(self.changed, context.redrawn)

    @property
    def is_pending(self) -> bool:
        """Whether something is in hand that is not final yet."""
        return self._box is not None and not self._box.projection.is_identity

    @property
    def is_active(self) -> bool:
        """Whether a drag is under way, or something is pending."""
        return super().is_active or self.is_pending

    @property
    def box(self) -> TransformBox | None:
        """What is in hand, as far as it is changed; None while there is nothing."""
        return self._box

    @property
    def cursor(self) -> Cursor:
        """Says what a press would do."""
        hold, grip = self._under
        if hold is Hold.GRIP and self._box is not None:
            return _cursor_along(self._box.outwards(grip))
        cursors = {Hold.PIVOT: Cursor.CROSS, Hold.INSIDE: Cursor.MOVE}
        return cursors.get(hold, Cursor.TURN)

    # By hand ------------------------------------------------------------------------------------

    def take_up(self) -> None:
        """Shows the box around what can be taken."""
        self._is_in_hand = True
        self._has_box()

    def hover(self, event: PointerEvent) -> None:
        """Looks what the pointer is on, and takes in hand what there is."""
        if not super().is_active and self._has_box():
            self._look_under(event)

    def drag(self, event: PointerEvent) -> Drag:
        """Does what the press took hold of, until the button is let go."""
        if self._is_busy:
            return
        subject, start = self._take()
        self._look_under(event)
        lines = self._snap_lines(subject)
        try:
            while (here := (yield)) is not None:
                self._show(self._followed(start, event, here, lines), coarse=True)
        except DragCancelled:
            self._show(start)
            return
        finally:
            self._marks = ()
        if self._box is not None and self.is_pending:
            subject.show(self._box.projection)

    def cancel(self) -> None:
        """Gives up all that was done since it was taken in hand."""
        super().cancel()
        self._drop()

    def put_away(self) -> None:
        """Makes final what is pending: another tool is taken."""
        super().cancel()
        self._is_in_hand = False
        self.apply()
        if not self._is_busy:
            self._drop()

    def wants(self, key: Key) -> bool:
        """Enter while something is pending, and arrows where there is something to move."""
        return self.is_pending if key is Key.ENTER else key in ARROWS and self._has_box()

    def take_key(self, key: Key, modifiers: Modifiers) -> None:
        """Enter makes it final; arrows move it by a pixel, with Shift by ten."""
        if key is Key.ENTER:
            self.apply()
        elif self._box is not None:
            self._show(self._box.moved(*step_of(key, modifiers)))

    def overlay(self) -> Overlay:
        """The box with its handles and its pivot, and the lines that it is drawn to."""
        box = self._box
        if box is None:
            return ()
        hold, under = self._under
        handles = (Handle(*box.grip(grip), active=grip == under) for grip in GRIPS)
        pivot = PivotMark(*box.place, active=hold is Hold.PIVOT)
        return (*self._marks, Outline(box.quad), *handles, pivot)

    # By number ----------------------------------------------------------------------------------

    def place(self, x: float, y: float) -> None:
        """Moves the pivot, and with it everything, to a place of the canvas."""
        if self._has_box() and self._box is not None:
            self._show(self._box.moved(x - self._box.place.x, y - self._box.place.y))

    def scale(self, *, x: float | None = None, y: float | None = None) -> None:
        """Gives it a width or a height as a share of what it was; negative ones mirror.

        Where both are linked a single one takes the other along. 0 changes nothing.
        """
        if not self._has_box() or self._box is None or x == 0 or y == 0:
            return
        look = self._box.look
        by_x = 1.0 if x is None else x / look.scale_x
        by_y = 1.0 if y is None else y / look.scale_y
        if self._context.settings[TransformSettings].linked and (x is None or y is None):
            by_x = by_y = by_y if x is None else by_x
        self._show(self._box.scaled(by_x, by_y))

    def turn_to(self, degrees: float) -> None:
        """Turns it until it leans by that angle, clockwise."""
        if self._has_box() and self._box is not None:
            self.turn(degrees - self._box.look.angle)

    def turn(self, degrees: float) -> None:
        """Turns it further about its pivot, clockwise; quarter turns end on whole pixels."""
        if self._has_box() and self._box is not None:
            turned = self._box.turned(degrees)
            self._show(turned.on_pixels() if degrees % 90 == 0 else turned)

    def flip(self, *, across: bool) -> None:
        """Mirrors it about its pivot: left and right, or top and bottom."""
        if self._has_box() and self._box is not None:
            self._show(self._box.mirrored(across=across).on_pixels())

    def reset(self) -> None:
        """Puts it back as it was, and goes on."""
        if self._box is not None:
            self._show(TransformBox.around(self._box.bounds))

    def apply(self) -> None:
        """Makes final what is pending, as one step; in hand until that is computed."""
        subject, box = self._subject, self._box
        if subject is None or box is None or not self.is_pending or self._is_busy:
            return
        self._is_busy = True
        projection = box.projection
        self._context.run(
            lambda: subject.projected(projection),
            lambda outcomes: self._finish(subject, projection, outcomes),
            lambda: self._give_up(subject),
        )

    # Within -------------------------------------------------------------------------------------

    def _take(self) -> tuple[Subject, TransformBox]:
        """What is in hand, taken first where nothing is.

        Raises:
            KnownError: if there is nothing that can be taken.
        """
        if self._subject is None or self._box is None:
            document = self._context.document
            others = (it for it in self._context.chosen() if it is not document.active)
            self._subject = Subject.take(document, document.active, *others)
            self._box = TransformBox.around(self._subject.bounds)
            self._step = self._context.stack.index
            self.changed.emit()
        return self._subject, self._box

    def _has_box(self) -> bool:
        """Whether there is something in hand, or can be."""
        if self._is_busy:
            return False
        try:
            self._take()
        except KnownError:
            return False
        return True

    def _look_under(self, event: PointerEvent) -> None:
        if self._box is not None:
            spot = Spot(event.x, event.y)
            self._under = self._box.under(spot, HIT_TOLERANCE / event.zoom)

    def _followed(
        self, box: TransformBox, event: PointerEvent, now: PointerEvent, lines: SnapLines
    ) -> TransformBox:
        """The box after the pointer went from the press to where it is now."""
        hold, grip = self._under
        start, here = Spot(event.x, event.y), Spot(now.x, now.y)
        shift, control, alt = (
            modifier in now.modifiers
            for modifier in (Modifiers.SHIFT, Modifiers.CONTROL, Modifiers.ALT)
        )
        if hold is Hold.PIVOT:
            return box.with_pivot(here, HIT_TOLERANCE / now.zoom)
        if hold is Hold.OUTSIDE:
            return box.swung(start, here, stepwise=shift)
        if hold is Hold.INSIDE:
            return self._moved(box, event, now, lines)
        if not control:
            here = self._drawn(box, grip, start, now, lines)
            alike = shift != self._context.settings[TransformSettings].linked
            return box.pulled(grip, start, here, alike=alike, about_pivot=alt)
        if len(grip) == 1:
            return box.skewed(grip, start, here, about_pivot=alt)
        return box.distorted(grip, start, here, symmetric=alt)

    def _drawn(
        self, box: TransformBox, grip: Grip, start: Spot, now: PointerEvent, lines: SnapLines
    ) -> Spot:
        """The pointer, as if the handle that it holds were drawn to a line."""
        here, target = Spot(now.x, now.y), box.grip(grip)
        dx, dy = here.x - start.x, here.y - start.y
        upright = box.look.angle % 90 == 0 and box.look.skew == 0 and box.projection.is_affine
        self._marks = ()
        if not upright or Modifiers.SHIFT in now.modifiers or not (dx or dy):
            return here
        snapped = lines.snap_spot(target.x + dx, target.y + dy, REACH / now.zoom)
        if len(grip) == 1:
            way = box.outwards(grip)
            snapped = snapped.along(across=abs(way.x) > abs(way.y))
        self._marks = snap_marks(snapped, self._context.document.canvas)
        return here.moved(snapped.dx, snapped.dy)

    def _moved(
        self, box: TransformBox, event: PointerEvent, now: PointerEvent, lines: SnapLines
    ) -> TransformBox:
        dx, dy = now.x - event.x, now.y - event.y
        if Modifiers.SHIFT in now.modifiers:
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        left, top, width, height = _around(box.quad)
        self._marks = ()
        if Modifiers.CONTROL not in now.modifiers:
            snapped = lines.snap((left + dx, top + dy, width, height), REACH / now.zoom)
            dx, dy = dx + snapped.dx, dy + snapped.dy
            self._marks = snap_marks(snapped, self._context.document.canvas)
        return box.moved(round(dx), round(dy))

    def _snap_lines(self, subject: Subject) -> SnapLines:
        """What edges are drawn to by what is held; nothing where it turns or distorts."""
        if self._under[0] not in (Hold.INSIDE, Hold.GRIP):
            return SnapLines()
        settings = self._context.settings[SnapSettings]
        moved = [piece.layer for piece in subject.pieces]
        return SnapLines.of(self._context.document, settings, without=moved)

    def _show(self, box: TransformBox, *, coarse: bool = False) -> None:
        subject, before = self._subject, self._box
        if subject is None or before is None or not _fits(box):
            return
        self._box = box
        if box.projection.is_identity:
            subject.let_go()
        elif box.projection != before.projection:
            subject.show(box.projection, coarse=coarse)
        self.changed.emit()

    def _finish(
        self, subject: Subject, projection: Projection, outcomes: Sequence[Outcome]
    ) -> None:
        self._is_busy = False
        if subject is not self._subject:
            return
        becomes_plain = rasterises(subject, projection)
        command = transform(subject, projection, outcomes)
        self._drop()
        self._context.stack.push(command)
        self._context.stack.seal()
        if becomes_plain:
            self._context.noticed.emit(RASTERISED)
        if self._is_in_hand:
            self._has_box()

    def _give_up(self, subject: Subject) -> None:
        """It could not be computed: everything is as it was."""
        if subject is self._subject:
            self._drop()

    def _drop(self) -> None:
        """Has nothing in hand any more, and shows everything as it is."""
        subject, self._subject, self._box = self._subject, None, None
        self._is_busy = False
        if subject is not None:
            subject.let_go()
            self.changed.emit()

    def _forget(self, *_: object) -> None:
        """What was taken may be out of date; while it is shown elsewhere it is kept."""
        if self._subject is not None and not self.is_active:
            self._subject = self._box = None
            self.changed.emit()

    def _on_chosen(self, *_: object) -> None:
        """Something else is to be changed; shows the box around it."""
        self._forget()
        if self._is_in_hand:
            self._has_box()

    def _on_step(self) -> None:
        """Another change was made meanwhile: what is in hand is no longer what there is."""
        if self.is_pending and self._context.stack.index != self._step:
            super().cancel()
            self._drop()


def _fits(box: TransformBox) -> bool:
    """Whether it takes no more pixels than can be held, or no more than it did."""
    area = bounds_around(box.quad).area
    return area <= max(MOST_PIXELS, box.bounds.area)


def _around(quad: Quad) -> tuple[float, float, float, float]:
    left, top = min(spot.x for spot in quad), min(spot.y for spot in quad)
    right, bottom = max(spot.x for spot in quad), max(spot.y for spot in quad)
    return left, top, right - left, bottom - top


def _cursor_along(way: Spot) -> Cursor:
    """The arrows that run along a way, to the nearest eighth of a circle."""
    eighth = round(math.degrees(math.atan2(way.y, way.x)) / 45.0) % 4
    return (
        Cursor.SIZE_HORIZONTAL,
        Cursor.SIZE_FALLING,
        Cursor.SIZE_VERTICAL,
        Cursor.SIZE_RISING,
    )[eighth]
