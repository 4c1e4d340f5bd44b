"""What the image menu does: to the whole picture, whatever layer is active."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.core.commands.crop import crop
from studio.core.commands.image import ImageChange, ImageOutcome, ImageSubject, change_image
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Extent
from studio.gui.errands import Errands
from studio.gui.open_document import OpenDocument
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace

CHANGED_MEANWHILE = "The picture was changed meanwhile: do it again."


class Imaging(QObject):
    """Scales, turns, mirrors and crops the current picture, each time as one step.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    message = Signal(str, object, str)

    def __init__(
        self, workspace: Workspace, errands: Errands, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._errands = errands

    @property
    def canvas(self) -> Bounds:
        """The current picture's."""
        return self._workspace.document.canvas

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected."""
        return self._workspace.document.has_selection

    def turn(self, quarters: int) -> None:
        """Turns the picture clockwise by so many quarters."""
        self._change(ImageChange.turned(self.canvas, quarters))

    def mirror(self, *, across: bool) -> None:
        """Swaps left and right, or top and bottom."""
        self._change(ImageChange.mirrored(self.canvas, across=across))

    def scale(self, extent: Extent) -> None:
        """Gives the picture another size in pixels."""
        if extent != self.canvas.extent:
            self._change(ImageChange.scaled(self.canvas, extent))

    def crop_to_selection(self) -> None:
        """Makes the rectangle around what is selected the canvas; nothing is lost."""
        area = self._workspace.document.selection.used_bounds().intersection(self.canvas)
        if not area.is_empty:
            self._crop(area, "Crop to selection")

    def trim(self) -> None:
        """Makes the rectangle around all that is not transparent the canvas; nothing is lost."""
        document = self._workspace.document
        area = Bounds(0, 0, 0, 0)
        for layer in document.layers:
            if layer.visible:
                area = area.union(layer.pixels.used_bounds())
        if area.is_empty:
            self.message.emit("There is nothing to trim to: the picture is empty.", Tone.NOTE, "")
        elif area != document.canvas:
            self._crop(area, "Trim")

    def _crop(self, area: Bounds, name: str) -> None:
        self._workspace.tool_finish()
        self._workspace.stack.push(crop(self._workspace.document, area, name=name))
        self._workspace.stack.seal()

    def _change(self, change: ImageChange) -> None:
        self._workspace.tool_finish()
        tab = self._workspace.current
        subject, step = ImageSubject.take(tab.document), tab.stack.index

        def done(outcome: ImageOutcome) -> None:
            self._finish(tab, subject, change, outcome, step)

        self._errands.run(
            change.name, lambda _: subject.projected(change.projection), done, self._failed
        )

    def _finish(
        self,
        tab: OpenDocument,
        subject: ImageSubject,
        change: ImageChange,
        outcome: ImageOutcome,
        step: int,
    ) -> None:
        if tab not in self._workspace.tabs:
            return
        if tab.stack.index != step:
            self.message.emit(CHANGED_MEANWHILE, Tone.WARNING, "")
            return
        tab.stack.push(change_image(tab.document, subject, change, outcome))
        tab.stack.seal()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)
