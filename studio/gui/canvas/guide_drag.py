"""Lays, moves and takes away guides with the pointer."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt

from studio.core.commands.canvas import SetGuides
from studio.core.guides import Guide, Orientation
from studio.core.snapping import REACH, SnapLines, SnapSettings
from studio.gui.canvas.aids import place_of, runs_down
from studio.gui.canvas.gestures import Gesture
from studio.gui.canvas.navigator import Navigator
from studio.gui.workspace import Workspace
from studio.tools import Modifiers, PointerEvent


class DragGuide(Gesture):
    """A guide follows the pointer; let go outside the view it is gone.

    It is drawn to canvas, frame and grid as things are, unless Control is held.

    Args:
        workspace: whose current document gets the guide.
        navigator: of the view that it is dragged in.
        orientation: of the guide.
        guide: of the document that is taken hold of; None for a new one.
    """

    def __init__(
        self,
        workspace: Workspace,
        navigator: Navigator,
        orientation: Orientation,
        guide: Guide | None = None,
    ) -> None:
        self._document = workspace.document
        self._stack = workspace.stack
        settings = replace(workspace.tool_settings[SnapSettings], guides=False, layers=False)
        self._lines = SnapLines.of(self._document, settings)
        self._navigator = navigator
        self._orientation = orientation
        self._before = workspace.document.guides
        self._others = tuple(other for other in self._before if other != guide)
        self._is_new = guide is None

    @property
    def cursor(self) -> Qt.CursorShape:
        """Says which way it goes."""
        return split_cursor(self._orientation, self._navigator)

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """The guide goes along, or hides while it would be gone."""
        self._document.guides = self._wanted(at, event)

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Leaves the guide there, as one step."""
        wanted = self._wanted(at, event)
        self._document.guides = self._before
        if wanted != self._before:
            self._stack.push(SetGuides(wanted, self._name(wanted)))
            self._stack.seal()

    def cancel(self) -> None:
        """Brings the guides back."""
        self._document.guides = self._before

    def _wanted(self, at: QPointF, event: PointerEvent) -> tuple[Guide, ...]:
        if not QRectF(QPointF(), self._navigator.size).contains(at):
            return self._others
        point = QPointF(event.x, event.y)
        if Modifiers.CONTROL not in event.modifiers:
            point += self._pull(event)
        return (*self._others, Guide(self._orientation, place_of(self._orientation, point)))

    def _pull(self, event: PointerEvent) -> QPointF:
        """The way to the nearest line that it may be drawn to."""
        snapped = self._lines.snap_spot(event.x, event.y, REACH / event.zoom)
        return QPointF(snapped.dx, snapped.dy)

    def _name(self, wanted: tuple[Guide, ...]) -> str:
        if wanted == self._others:
            return "Remove guide"
        return "Add guide" if self._is_new else "Move guide"


def split_cursor(orientation: Orientation, navigator: Navigator) -> Qt.CursorShape:
    """How the pointer looks on such a guide."""
    if runs_down(orientation, navigator.viewport):
        return Qt.CursorShape.SplitHCursor
    return Qt.CursorShape.SplitVCursor
