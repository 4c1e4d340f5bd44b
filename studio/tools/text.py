"""The text tool: writes on the canvas, and changes what was written."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec.structs import fields, replace

from studio.core.colour import Colour
from studio.core.commands.layer import AddLayer, RemoveLayer
from studio.core.commands.stack import Command
from studio.core.commands.transform import PlaceText
from studio.core.errors import KnownError
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds, Point
from studio.core.layers import Preview, TextLayer
from studio.core.text import Alignment, TextContent
from studio.core.tiles import TiledSurface
from studio.tools.events import PointerEvent
from studio.tools.overlay import Cursor, Outline, Overlay
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext

SMALLEST_BOX = 12.0
"""A drag over fewer screen pixels is a click: the text is not wrapped."""
_NAME_LENGTH = 24


class TextSettings(msgspec.Struct, frozen=True):
    """How new texts look, and those that are being written; as of `TextContent`."""

    family: str = "Sans Serif"
    size_px: float = 48.0
    bold: bool = False
    italic: bool = False
    colour: Colour = Colour(0, 0, 0)
    alignment: Alignment = Alignment.LEFT
    line_height: float = 1.0

    @classmethod
    def of(cls, content: TextContent) -> TextSettings:
        """As a text looks."""
        return cls(**{field.name: getattr(content, field.name) for field in fields(cls)})

    def content(self, text: str, width: int | None = None) -> TextContent:
        """A text that looks like this."""
        look = {field.name: getattr(self, field.name) for field in fields(self)}
        return TextContent(text, width=width, **look)


class Draft(msgspec.Struct, frozen=True):
    """A text that is being written.

    Attributes:
        content: as it is so far.
        origin: of its top left corner on the canvas.
        layer: that it is to be put into; None for a new one.
    """

    content: TextContent
    origin: Point
    layer: TextLayer | None = None


class TextTool(DragTool):
    """A click writes a new text there, or changes the one under the pointer; a drag makes a box.

    What is written is a draft: whoever shows it hands what the person types to `write`. It becomes
    a layer when the person presses elsewhere, takes another tool or says so; Escape gives it up.

    Events:
        changed(): `draft` is another one, or there is none any more.
    """

    name: ClassVar[str] = "text"

    changed = Signal()

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._draft: Draft | None = None
        self._box: Bounds | None = None
        self._over: TextLayer | None = None
        relay(self.changed, context.redrawn)

    @property
    def draft(self) -> Draft | None:
        """What is being written."""
        return self._draft

    @property
    def is_active(self) -> bool:
        """Whether a drag is under way, or something is being written."""
        return super().is_active or self._draft is not None

    @property
    def cursor(self) -> Cursor:
        """A bar, as over any text."""
        return Cursor.TEXT

    @property
    def look(self) -> TextSettings:
        """Of the draft, of the active text, or of the next one."""
        if self._draft is not None:
            return TextSettings.of(self._draft.content)
        layer = self._context.document.active
        if isinstance(layer, TextLayer):
            return TextSettings.of(layer.text)
        return self._context.settings[TextSettings]

    # By hand ------------------------------------------------------------------------------------

    def hover(self, event: PointerEvent) -> None:
        """Looks which text is under the pointer."""
        if not super().is_active:
            self._over = self.text_at(event.x, event.y)

    def drag(self, event: PointerEvent) -> Drag:
        """Changes the text that was pressed, or begins another one."""
        was_writing = self._draft is not None
        self.finish()
        layer = self.text_at(event.x, event.y)
        if layer is not None:
            self.edit(layer)
            return
        try:
            while (here := (yield)) is not None:
                self._box = _box_between(event, here)
        except DragCancelled:
            return
        finally:
            box, self._box = self._box, None
        if box is not None and min(box.width, box.height) * event.zoom >= SMALLEST_BOX:
            self._begin(box.origin, box.width)
        elif not was_writing:
            top = event.y - self.look.size_px / 2
            self._begin(Point(round(event.x), round(top)), None)

    def cancel(self) -> None:
        """Gives up the drag and the draft."""
        super().cancel()
        self._close()

    def put_away(self) -> None:
        """Keeps what was written: another tool is taken."""
        super().cancel()
        self.finish()

    def overlay(self) -> Overlay:
        """The box that is dragged, and the outline of the text that a press would change."""
        if self._box is not None:
            return (_outline(self._box),)
        if self._draft is None and self._over is not None:
            return (_outline(self._over.pixels.used_bounds()),)
        return ()

    # What is written ------------------------------------------------------------------------------

    def text_at(self, x: float, y: float) -> TextLayer | None:
        """The topmost visible text whose letters surround a place of the canvas."""
        place = Point(round(x), round(y))
        layers = (layer for layer in self._context.document.walk() if layer.visible)
        texts = [layer for layer in layers if isinstance(layer, TextLayer)]
        here = (text for text in reversed(texts) if _letters(text).contains_point(place))
        return next(here, None)

    def edit(self, layer: TextLayer) -> None:
        """Begins to change a text.

        Raises:
            KnownError: if it is locked.
        """
        if layer.locks.pixels:
            raise KnownError(f"The text {layer.name!r} is locked: unlock it to change it.")
        self.finish()
        self._context.document.active = layer
        self._draft = Draft(layer.text, layer.origin, layer)
        layer.show_preview(Preview(TiledSurface(), None))
        self.changed.emit()

    def write(self, text: str) -> None:
        """The person typed: the draft says this now."""
        if self._draft is not None and text != self._draft.content.text:
            self._put(replace(self._draft.content, text=text))

    def set_look(self, **changes: Any) -> None:
        """Changes how the draft looks, or the active text; and the next one.

        Args:
            changes: fields of `TextSettings` by name.
        """
        draft, active = self._draft, self._context.document.active
        self._context.settings.put(replace(self.look, **changes))
        if draft is not None:
            self._put(replace(draft.content, **changes))
        elif isinstance(active, TextLayer) and not active.locks.pixels:
            content = replace(active.text, **changes)
            if content != active.text:
                command = PlaceText(active, content, active.origin, "Text style")
                self._context.stack.push(command)
            self.changed.emit()

    def finish(self) -> None:
        """Makes a layer of the draft, or changes or removes the one that it came from."""
        draft = self._draft
        self._close()
        command = _command_for(draft) if draft is not None else None
        if command is not None:
            self._context.stack.push(command)
            self._context.stack.seal()

    def _begin(self, origin: Point, width: int | None) -> None:
        settings = self._context.settings[TextSettings]
        self._draft = Draft(settings.content("", width), origin)
        self.changed.emit()

    def _put(self, content: TextContent) -> None:
        if self._draft is not None:
            self._draft = replace(self._draft, content=content)
            self.changed.emit()

    def _close(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        if draft.layer is not None:
            draft.layer.show_preview(None)
        self.changed.emit()


def _command_for(draft: Draft) -> Command | None:
    """What keeps a draft; None where nothing is to be kept."""
    content, layer = draft.content, draft.layer
    is_empty = not content.text.strip()
    if layer is None:
        if is_empty:
            return None
        return AddLayer(TextLayer(_name_of(content.text), content, draft.origin), name="Add text")
    if is_empty:
        return RemoveLayer(layer)
    if content == layer.text:
        return None
    return PlaceText(layer, content, draft.origin)


def _name_of(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _NAME_LENGTH else f"{words[: _NAME_LENGTH - 1].rstrip()}…"


def _box_between(start: PointerEvent, here: PointerEvent) -> Bounds:
    left, right = sorted((round(start.x), round(here.x)))
    top, bottom = sorted((round(start.y), round(here.y)))
    return Bounds.from_edges(left, top, right, bottom)


def _letters(text: TextLayer) -> Bounds:
    return text.pixels.used_bounds().padded(2)


def _outline(bounds: Bounds) -> Outline:
    x, y, right, bottom = bounds.x, bounds.y, bounds.right, bounds.bottom
    return Outline(((x, y), (right, y), (right, bottom), (x, bottom)))
