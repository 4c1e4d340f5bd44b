"""The widgets that float over the canvas: the staging bar, and what greets in an empty one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRectF
from PySide6.QtWidgets import QWidget

from studio.gui.canvas.empty_state import EmptyState
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.staging_bar import StagingBar
from studio.gui.theme import UNIT
from studio.gui.workspace import Workspace


class Floating(QObject):
    """Shows them when they are wanted, and keeps them where they belong.

    Args:
        view: that they float over.

    Attributes:
        bar: the staging bar.
        greeting: the empty state.
    """

    def __init__(
        self, workspace: Workspace, navigator: Navigator, samples: Iterable[str], view: QWidget
    ) -> None:
        super().__init__(view)
        self._workspace = workspace
        self._navigator = navigator
        self._view = view
        self._release: Callable[[], None] = lambda: None
        self.bar = StagingBar(workspace.staging, view)
        self.greeting = EmptyState(samples, view)
        self.bar.hide()
        self.greeting.hide()
        self.bar.looks_changed.connect(self._place_bar)
        workspace.staging.changed.connect(self._greet)
        workspace.staging.preview_changed.connect(self._greet)

    def follow_document(self) -> None:
        """Greets in the document that is current now."""
        self._release()
        document = self._workspace.document
        events = (document.mask_changed, document.structure_changed, document.canvas_changed)
        for event in events:
            event.connect(self._greet)

        def release() -> None:
            for event in events:
                event.disconnect(self._greet)

        self._release = release
        self._greet()

    def place(self) -> None:
        """The view was moved or sized."""
        self._place_bar()
        self._place_greeting()

    def set_samples(self, samples: Iterable[str]) -> None:
        """Prompts that the greeting offers."""
        self.greeting.set_samples(samples)
        self._place_greeting()

    def _greet(self, _: object = None) -> None:
        """Greets while there is nothing to see and nothing on its way."""
        document, staging = self._workspace.document, self._workspace.staging
        nothing = not document.layers and document.mask.is_empty and not staging.is_active
        self.greeting.setVisible(nothing)
        self._place_greeting()

    def _place_bar(self) -> None:
        area = self._workspace.staging.area
        self.bar.setVisible(area is not None)
        if area is not None:
            place = self._navigator.viewport.rect_to_widget(area).toAlignedRect()
            self.bar.place_under(place, self._view.size())

    def _place_greeting(self) -> None:
        self.greeting.set_room(self._view.width() - 2 * UNIT)
        canvas = self._navigator.viewport.rect_to_widget(self._workspace.document.canvas)
        seen = canvas.intersected(QRectF(self._view.rect()))
        middle = seen.center().toPoint() if not seen.isEmpty() else self._view.rect().center()
        self.greeting.move(middle - self.greeting.rect().center())
