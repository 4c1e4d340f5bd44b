"""What all tools have in common: state machines over pointer events.

The view feeds a tool with `PointerEvent` values and paints its `overlay`; a tool changes the
document through commands on the stack and knows no toolkit. A drag is written as a generator that
is sent each event and None at the release, so it reads from top to bottom.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from typing import ClassVar, Protocol, TypeAlias, TypeVar

from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds
from studio.core.layers import Layer
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.overlay import Cursor, Overlay
from studio.tools.settings import SettingsStore

T = TypeVar("T")

Drag: TypeAlias = Generator[None, PointerEvent | None, None]
"""Is sent each move, and None when the button is released."""


class Runner(Protocol):
    """Does work without keeping the person waiting."""

    def __call__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[], None] = ...,
    ) -> None:
        """Calls ``work``, maybe in another thread, then ``done`` with its result in this one.

        Where the work failed ``failed`` is called instead, and the person told why.
        """


def nothing() -> None:
    """What is to be done where nothing has to be tidied up."""


def run_at_once(
    work: Callable[[], T], done: Callable[[T], None], failed: Callable[[], None] = nothing
) -> None:
    """The runner of those who can wait; errors go on to the caller."""
    with contextlib.ExitStack() as on_error:
        on_error.callback(failed)
        result = work()
        on_error.pop_all()
    done(result)


class DragCancelled(Exception):
    """Thrown into a drag that is given up: leave everything as it was."""


class ToolContext:
    """What tools work on, and how.

    Args:
        document, stack: of the open picture.
        brush: of the painting and mask tools; assign another one to change it.
        grid: what frames and extensions snap to, in pixels: the model's own.
        settings: what the other tools go by, by class; the same object for all open pictures.

    Attributes:
        chosen: says which layers are moved and transformed together; the active one alone,
            unless another function is assigned.
        run: does what may take longer than a frame; assign another one to have it done elsewhere.

    Events:
        extended(Bounds): the person dragged the canvas' edge: it should become this. Nothing is
            changed yet.
        colour_picked(Colour): the person picked this colour from the picture.
        chosen_changed(): `chosen` would say something else now.
        redrawn(): the overlay of a tool is another one, though no pointer and no key told it so.
        noticed(str): something happened that the person may not expect; the sentence says what.
    """

    extended = Signal(Bounds)
    colour_picked = Signal(Colour)
    chosen_changed = Signal()
    redrawn = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        document: Document,
        stack: CommandStack,
        brush: BrushSettings | None = None,
        grid: int = 64,
        settings: SettingsStore | None = None,
    ) -> None:
        self.document = document
        self.stack = stack
        self.brush = brush or BrushSettings()
        self.grid = grid
        self.settings = settings or SettingsStore()
        self.chosen: Callable[[], Sequence[Layer]] = self._active_alone
        self.run: Runner = run_at_once
        relay(document.active_changed, self.chosen_changed)

    def _active_alone(self) -> Sequence[Layer]:
        active = self.document.active
        return () if active is None else (active,)


class Tool(ABC):
    """A tool in the person's hand.

    The view calls `hover` while no button is held, `press`, `move` and `release` during a drag,
    `leave` when the pointer goes away, and `cancel` on Escape or when another tool is taken. A key
    that the tool `wants` is handed to it before anybody else. After each of these the view paints
    `overlay` and shows `cursor`.
    """

    name: ClassVar[str]

    def __init__(self, context: ToolContext) -> None:
        self._context = context

    @property
    def cursor(self) -> Cursor:
        """How the pointer should look now."""
        return Cursor.ARROW

    @property
    @abstractmethod
    def is_active(self) -> bool:
        """Whether it is in the middle of a drag."""

    @abstractmethod
    def press(self, event: PointerEvent) -> None:
        """The button went down.

        Raises:
            KnownError: if the tool cannot be used there, such as on a locked layer; say it.
        """

    @abstractmethod
    def move(self, event: PointerEvent) -> None:
        """The pointer moved with the button held."""

    @abstractmethod
    def release(self, event: PointerEvent) -> None:
        """The button went up."""

    @abstractmethod
    def cancel(self) -> None:
        """Gives up the drag, if there is one: nothing has happened."""

    def take_up(self) -> None:  # noqa: B027  most show nothing until the pointer comes
        """It was taken in hand."""

    def put_away(self) -> None:
        """Another tool is taken in hand, or another document looked at; gives up by default."""
        self.cancel()

    def hover(self, event: PointerEvent) -> None:  # noqa: B027  many tools have nothing to show
        """The pointer moved with no button held."""

    def wants(self, key: Key) -> bool:
        """Whether `take_key` would do something with that key now."""
        return False

    def take_key(self, key: Key, modifiers: Modifiers) -> None:  # noqa: B027  most want none
        """A key was pressed that the tool wants."""

    def leave(self) -> None:  # noqa: B027  many tools have nothing to hide
        """The pointer left the view."""

    def overlay(self) -> Overlay:
        """What to draw over the canvas now."""
        return ()


class DragTool(Tool):
    """A tool whose work is one drag after the other."""

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._drag: Drag | None = None

    @property
    def is_active(self) -> bool:
        """Whether a drag is under way."""
        return self._drag is not None

    @abstractmethod
    def drag(self, event: PointerEvent) -> Drag:
        """The drag that begins with this press; a `DragCancelled` may come from each yield."""

    def press(self, event: PointerEvent) -> None:
        """Starts a drag; a second button during one is ignored."""
        if self._drag is None:
            self.hover(event)
            drag = self.drag(event)
            if _goes_on(drag):
                self._drag = drag

    def move(self, event: PointerEvent) -> None:
        """Hands the event to the drag."""
        self.hover(event)
        if self._drag is not None and not _goes_on(self._drag, event):
            self._drag = None

    def release(self, event: PointerEvent) -> None:
        """Hands the last position to the drag and lets it finish."""
        self.move(event)
        drag, self._drag = self._drag, None
        if drag is not None:
            _goes_on(drag, None)

    def cancel(self) -> None:
        """Throws `DragCancelled` into the drag."""
        drag, self._drag = self._drag, None
        if drag is not None:
            try:
                drag.throw(DragCancelled())
            except (DragCancelled, StopIteration):
                return


def _goes_on(drag: Drag, event: PointerEvent | None = None) -> bool:
    """Whether the drag waits for another event after this one."""
    try:
        drag.send(event)
    except StopIteration:
        return False
    return True
