"""Decides what the pointer does on the canvas: which tool or gesture a press belongs to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from msgspec.structs import replace
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from studio.core.colour import Colour
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.guides import Guide
from studio.gui.canvas.aids import AidSettings, guide_at
from studio.gui.canvas.cursors import shape_of
from studio.gui.canvas.edge_handles import EdgeHandle, edge_point, handle_near
from studio.gui.canvas.gestures import Gesture, SizeBrush, UseTool
from studio.gui.canvas.guide_drag import DragGuide, split_cursor
from studio.gui.canvas.looking import Pan, Scrub, Turn
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.pen import MOUSE, Pen
from studio.gui.workspace import ToolId, Workspace
from studio.tools import (
    Button,
    ColourPickerTool,
    ExtendTool,
    Key,
    Modifiers,
    Overlay,
    PointerEvent,
    Tool,
    ToolContext,
)

PAINTING = (ToolId.BRUSH, ToolId.ERASER)
SIZED = (*PAINTING, ToolId.MASK, ToolId.MASK_ERASER, ToolId.CLONE, ToolId.SMUDGE)
"""The tools that have a brush."""
LOOKING = {
    ToolId.HAND: Qt.CursorShape.OpenHandCursor,
    ToolId.TURN: Qt.CursorShape.OpenHandCursor,
    ToolId.ZOOM: Qt.CursorShape.CrossCursor,
}
"""The view's own tools, and how the pointer looks with them."""
WITH_OWN_HANDLES = (ToolId.FRAME, ToolId.EXTEND, ToolId.TRANSFORM, ToolId.CROP, *LOOKING)

ERASERS = {ToolId.BRUSH: ToolId.ERASER, ToolId.MASK: ToolId.MASK_ERASER}
"""What the other end of a pen stands for."""

_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}
_MODIFIERS = (
    (Qt.KeyboardModifier.ShiftModifier, Modifiers.SHIFT),
    (Qt.KeyboardModifier.ControlModifier, Modifiers.CONTROL),
    (Qt.KeyboardModifier.AltModifier, Modifiers.ALT),
)
_KEYS: dict[int, Key] = {
    Qt.Key.Key_Return: Key.ENTER,
    Qt.Key.Key_Enter: Key.ENTER,
    Qt.Key.Key_Backspace: Key.BACKSPACE,
    Qt.Key.Key_Left: Key.LEFT,
    Qt.Key.Key_Right: Key.RIGHT,
    Qt.Key.Key_Up: Key.UP,
    Qt.Key.Key_Down: Key.DOWN,
}


class Pointer(QObject):
    """Feeds the tool in hand, or the one that a held key or a handle stands for.

    Space stands for the hand, with Shift or as R for the tool that turns the view, Alt for the
    colour picker while a painting tool is in hand, a canvas edge's handle for the extend tool; the
    middle button pans, the right one sizes the brush.

    Signals:
        changed(): overlay or cursor may be others.
        extend_requested(Bounds): the canvas should become this; nothing is changed yet.
        refused(str): a tool cannot be used there; the sentence says why and what to do.
    """

    changed = Signal()
    extend_requested = Signal(object)
    refused = Signal(str)

    def __init__(
        self, workspace: Workspace, navigator: Navigator, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._navigator = navigator
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._last: tuple[QPointF, PointerEvent] | None = None
        self._edge: EdgeHandle | None = None
        self._is_over_edge = False
        self._guide: Guide | None = None
        self._space = False
        self._alt = False
        self._turning = False
        self._has_turned = False
        self._turned_from: ToolId | None = None
        self._release_context: Callable[[], None] = lambda: None
        self.follow_document()

    @property
    def is_busy(self) -> bool:
        """Whether a button is held for something."""
        return self._gesture is not None

    @property
    def edge_handle(self) -> EdgeHandle | None:
        """The handle to be shown beside a canvas edge."""
        return self._edge if self._gesture is None else None

    @property
    def is_over_edge(self) -> bool:
        """Whether a press now would take hold of that handle."""
        return self._is_over_edge

    @property
    def cursor(self) -> Qt.CursorShape:
        """How the pointer should look."""
        if self._gesture is not None:
            return self._gesture.cursor
        if self._is_over_edge:
            return self._shape_of(self._extend)
        if self._guide is not None:
            return split_cursor(self._guide.orientation, self._navigator)
        looking = self.looking
        if looking is not None:
            return LOOKING[looking]
        return Qt.CursorShape.ArrowCursor if self.tool is None else self._shape_of(self.tool)

    @property
    def looking(self) -> ToolId | None:
        """The view's own tool that a press would go to; None where it goes to another."""
        if self._turning:
            return ToolId.TURN
        tool_id = ToolId.HAND if self._space else self._workspace.tool_id
        return tool_id if tool_id in LOOKING else None

    @property
    def tool(self) -> Tool | None:
        """The tool that a press would go to; None for the view's own."""
        tool_id = self._workspace.tool_id
        if self.looking is not None:
            return None
        if tool_id is ToolId.PICKER or (self._alt and tool_id in PAINTING):
            return self._picker
        return self._extend if tool_id is ToolId.EXTEND else self._workspace.tool

    def overlay(self) -> Overlay:
        """What the gesture or the tool wants to see drawn."""
        if self._gesture is not None:
            return self._gesture.overlay()
        return self.tool.overlay() if self.tool is not None else ()

    def follow_document(self) -> None:
        """Works on the document that is open now."""
        self.cancel()
        self._guide = None
        context = ToolContext(
            self._workspace.document,
            self._workspace.stack,
            settings=self._workspace.tool_settings,
        )
        context.extended.connect(self._on_extended)
        context.colour_picked.connect(self._on_picked)
        # The workspace's own tools cannot say to the window what was dragged or picked.
        self._context = context
        self._extend = ExtendTool(context)
        self._picker = ColourPickerTool(context)
        self._listen_to(self._workspace.current.context)

    def _listen_to(self, context: ToolContext) -> None:
        """Passes on what the document's own tools say, until another document is open."""
        links = (
            (context.extended, self._on_extended),
            (context.redrawn, self._on_redrawn),
            (context.noticed, self._on_noticed),
        )
        for event, slot in links:
            event.connect(slot)

        def release() -> None:
            for event, slot in links:
                event.disconnect(slot)

        self._release_context()
        self._release_context = release

    def press(
        self,
        at: QPointF,
        button: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
        pen: Pen = MOUSE,
    ) -> None:
        """A button or the pen went down at a place of the view; a second one is ignored."""
        if self._gesture is not None or button not in _BUTTONS:
            return
        event = self._event(at, modifiers, pen, button)
        self._last = (at, event)
        self._alt = Modifiers.ALT in event.modifiers
        self._hover(at, event)  # a pen or a finger may press where it did not hover before
        with self._telling():
            self._gesture = self._begin(at, event)
        self._button = button
        self.changed.emit()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier, pen: Pen = MOUSE) -> None:
        """The pointer is there now, with or without a button held."""
        event = self._event(at, modifiers, pen)
        self._last = (at, event)
        if self._gesture is not None:
            self._gesture.move(at, event)
        else:
            self._alt = Modifiers.ALT in event.modifiers
            self._hover(at, event)
        self.changed.emit()

    def release(
        self,
        at: QPointF,
        button: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
        pen: Pen = MOUSE,
    ) -> None:
        """The button was let go; only the one that began the gesture ends it."""
        if self._gesture is None or button != self._button:
            return
        event = self._event(at, modifiers, pen, button)
        self._finish(at, event)
        self._hover(at, event)
        self.changed.emit()

    def follow_view(self) -> None:
        """The view moved below the pointer, which is over another place of the canvas now."""
        if self._last is not None:
            at, event = self._last
            viewport = self._navigator.viewport
            place = viewport.to_canvas(at)
            self._last = (at, replace(event, x=place.x(), y=place.y(), zoom=viewport.zoom))
            if self._gesture is None:
                self._hover(*self._last)
        self.changed.emit()

    def leave(self) -> None:
        """The pointer is no longer over the view."""
        if self._gesture is None:
            self._last = None
            self._edge, self._is_over_edge, self._guide = None, False, None
            self._let_go_of_tools()
            self.changed.emit()

    def cancel(self) -> bool:
        """Gives up the gesture under way; whether there was one."""
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return False
        gesture.cancel()
        self.changed.emit()
        return True

    def give_up(self) -> bool:
        """Gives up the gesture, or what the tool does over several of them; whether either was."""
        tool = self.tool
        if self.cancel():
            return True
        if tool is None or not tool.is_active:
            return False
        tool.cancel()
        self.changed.emit()
        return True

    def wants(self, key: int) -> bool:
        """Whether a key means something to the tool; candidates go before one that is idle."""
        tool = self.tool
        is_active = tool is not None and tool.is_active
        if key == Qt.Key.Key_Escape:
            return self.is_busy or is_active
        if tool is None or key not in _KEYS:
            return False
        has_candidates = self._workspace.staging.current is not None
        return (is_active or not has_candidates) and tool.wants(_KEYS[key])

    def take_key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        """Hands a key that the tool wants to it."""
        if key == Qt.Key.Key_Escape:
            self.give_up()
        elif self.tool is not None:
            with self._telling():
                self.tool.take_key(_KEYS[key], _held(modifiers))
            self.changed.emit()

    def lose(self) -> None:
        """The system took the pointer away: what was begun ends where it was seen last."""
        if self._gesture is not None and self._last is not None:
            self._finish(*self._last)
        self.lose_keys()

    def lose_keys(self) -> None:
        """The keyboard went elsewhere: no key is held any more."""
        self._space = self._alt = self._turning = False
        self._look_again()

    def hold_space(self, held: bool) -> None:
        """The space bar was pressed or let go: the hand for as long."""
        self._space = held
        self._look_again()

    def hold_turn(self, held: bool) -> None:
        """The R key was pressed or let go: turning for as long, or for good after no turn."""
        if held:
            self._has_turned = False
        elif self._turning and not self._has_turned:
            self._workspace.set_tool(ToolId.TURN)
        self._turning = held
        self._look_again()

    def hold_alt(self, held: bool) -> None:
        """The Alt key was pressed or let go: the colour picker for as long."""
        self._alt = held
        self._look_again()

    def turn_pen(self, is_eraser: bool) -> None:
        """The pen shows its tip or its other end, which erases until the tip comes back."""
        tool = self._workspace.tool_id
        if self._gesture is not None:
            return
        if is_eraser and tool in ERASERS:
            self._turned_from = tool
            self._workspace.set_tool(ERASERS[tool])
        elif not is_eraser and self._turned_from is not None:
            before, self._turned_from = self._turned_from, None
            if tool is ERASERS[before]:
                self._workspace.set_tool(before)

    def _look_again(self) -> None:
        if self._gesture is None and self._last is not None:
            self._let_go_of_tools()
            self._hover(*self._last)
        self.changed.emit()

    def _begin(self, at: QPointF, event: PointerEvent) -> Gesture | None:
        looking = self.looking
        if event.button is Button.MIDDLE:
            return Pan(self._navigator, at)
        if looking is not None and event.button is Button.LEFT:
            return self._look(looking, at, event)
        if event.button is Button.RIGHT:
            if self._workspace.tool_id not in SIZED:
                return None
            harder = Modifiers.CONTROL in event.modifiers
            return SizeBrush(self._workspace, at, event, hardness=harder)
        if self._edge is not None and self._edge.is_under(at):
            return self._pull(self._edge, event)
        if self._guide is not None:
            orientation = self._guide.orientation
            return DragGuide(self._workspace, self._navigator, orientation, self._guide)
        if self.tool is None:
            return None
        return UseTool(self.tool, event, self._navigator.viewport)

    def _look(self, tool_id: ToolId, at: QPointF, event: PointerEvent) -> Gesture:
        """What the view's own tools do; Shift makes the hand that Space lends a turning one."""
        turns = self._space and Modifiers.SHIFT in event.modifiers
        if turns or tool_id is ToolId.TURN:
            self._has_turned = True
            return Turn(self._navigator, at)
        if tool_id is ToolId.ZOOM:
            return Scrub(self._navigator, at, outwards=Modifiers.ALT in event.modifiers)
        return Pan(self._navigator, at)

    def _pull(self, edge: EdgeHandle, event: PointerEvent) -> Gesture:
        """The extend tool, led to believe that the pointer is on the edge itself."""
        self._context.grid = self._workspace.grid
        point = edge_point(self._workspace.document.canvas, edge.grip)
        offset = (point.x() - event.x, point.y() - event.y)
        return UseTool(self._extend, event, self._navigator.viewport, offset)

    def _finish(self, at: QPointF, event: PointerEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            with self._telling():
                gesture.release(at, event)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Says why a tool cannot be used."""
        try:
            yield
        except KnownError as error:
            self.refused.emit(error.message)

    def _hover(self, at: QPointF, event: PointerEvent) -> None:
        self._edge, self._is_over_edge = self._edge_near(at), False
        self._guide = self._guide_at(at)
        if self._edge is not None and self._edge.is_under(at):
            self._is_over_edge = True
            self._let_go_of_tools()
            point = edge_point(self._workspace.document.canvas, self._edge.grip)
            self._extend.hover(PointerEvent(point.x(), point.y(), zoom=event.zoom))
        elif self.tool is not None:
            self.tool.hover(event)

    def _guide_at(self, at: QPointF) -> Guide | None:
        """The guide that the move tool would take hold of there."""
        aids = self._workspace.tool_settings[AidSettings]
        moves = self.looking is None and self._workspace.tool_id is ToolId.MOVE
        if not moves or not aids.guides or aids.guides_locked:
            return None
        return guide_at(self._workspace.document.guides, self._navigator.viewport, at)

    def _edge_near(self, at: QPointF) -> EdgeHandle | None:
        if self.looking is not None or self._workspace.tool_id in WITH_OWN_HANDLES:
            return None
        canvas = self._workspace.document.canvas
        return handle_near(canvas, self._navigator.viewport, self._navigator.size, at)

    def _let_go_of_tools(self) -> None:
        for tool in (self._workspace.tool, self._extend, self._picker):
            if tool is not None:
                tool.leave()

    def _event(
        self,
        at: QPointF,
        modifiers: Qt.KeyboardModifier,
        pen: Pen,
        button: Qt.MouseButton = Qt.MouseButton.NoButton,
    ) -> PointerEvent:
        viewport = self._navigator.viewport
        place, lean = viewport.to_canvas(at), QPointF(pen.tilt_x, pen.tilt_y)
        if not viewport.is_upright:
            lean = viewport.vector_to_canvas(lean) * viewport.zoom
        return PointerEvent(
            x=place.x(),
            y=place.y(),
            button=_BUTTONS.get(button, Button.NONE),
            modifiers=_held(modifiers),
            zoom=viewport.zoom,
            pressure=pen.pressure,
            tilt_x=lean.x(),
            tilt_y=lean.y(),
            time=pen.time,
        )

    def _shape_of(self, tool: Tool) -> Qt.CursorShape:
        return shape_of(tool.cursor, self._navigator.viewport)

    def _on_extended(self, bounds: Bounds) -> None:
        self.extend_requested.emit(bounds)

    def _on_redrawn(self) -> None:
        self.changed.emit()

    def _on_noticed(self, words: str) -> None:
        self.refused.emit(words)

    def _on_picked(self, colour: Colour) -> None:
        self._workspace.set_brush(colour=colour)


def _held(keys: Qt.KeyboardModifier) -> Modifiers:
    held = Modifiers.NONE
    for key, modifier in _MODIFIERS:
        if keys & key:
            held |= modifier
    return held
