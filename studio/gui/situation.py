"""What pressing Generate would do now, kept up to date while the person works."""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.errors import KnownError
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.task import Task, TaskChoice
from studio.gui.background import Background
from studio.gui.plans import Survey, choose, survey
from studio.gui.workspace import Workspace

log = logging.getLogger(__name__)

SETTLE_MILLISECONDS = 120


class Situation(QObject):
    """Looks under the frame whenever the picture has come to rest, and decides the task.

    Signals:
        changed(): `choice` is another one.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._catalog = catalog
        self._background = background
        self._override: Task | None = None
        self._survey: Survey | None = None
        self._choice: TaskChoice | None = None
        self._looking = False
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._release: Callable[[], None] = lambda: None
        workspace.document_replaced.connect(self._follow)
        workspace.prompt_changed.connect(self._decide)
        self._follow()

    @property
    def choice(self) -> TaskChoice | None:
        """What would be done; None until somebody has looked."""
        return self._choice

    @property
    def model(self) -> ModelInfo:
        """The model that the person chose; the default where that one is not known any more."""
        return self.model_of(self._workspace.prompt.model)

    def model_of(self, model_id: str) -> ModelInfo:
        """The model of that id; the default where there is none."""
        try:
            return self._catalog.get(model_id)
        except KnownError:
            return self._catalog.default

    @property
    def adapters(self) -> tuple[AdapterInfo, ...]:
        """What may be put on models."""
        return tuple(self._catalog.adapters)

    def set_catalog(self, catalog: Catalog) -> None:
        """Knows other models from now on."""
        self._catalog = catalog
        self._decide()

    @property
    def override(self) -> Task | None:
        """The task that the person insists on; None leaves it to what lies under the frame."""
        return self._override

    def set_override(self, task: Task | None) -> None:
        """Insists on a task, or no longer."""
        self._override = task
        self._decide()

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        events = (
            document.changed,
            document.mask_changed,
            document.selection_changed,
            document.frame_changed,
            document.structure_changed,
            self._workspace.current.remaking_changed,
        )
        for event in events:
            event.connect(self._touched)

        def release() -> None:
            for event in events:
                event.disconnect(self._touched)

        self._release = release
        self._override = None
        self._touched()

    def _touched(self) -> None:
        self._timer.start()

    def _look(self) -> None:
        if self._looking:
            self._timer.start()
            return
        self._looking = True
        snapshot = self._workspace.current.asked()
        self._background.run(lambda: survey(snapshot), self._saw, self._failed)

    def _saw(self, seen: Survey) -> None:
        self._looking = False
        self._survey = seen
        self._decide()

    def _failed(self, error: Exception) -> None:
        self._looking = False
        log.warning("the frame cannot be looked at: %s", error)

    def _decide(self) -> None:
        if self._survey is None:
            return
        choice = choose(self._survey, self._workspace.prompt, self.model, self._override)
        layer = self._workspace.current.remaking
        if layer is not None and choice.is_possible:
            choice = replace(choice, sentence=f"{choice.sentence}, in place of {layer.name!r}")
        if choice != self._choice:
            self._choice = choice
            self.changed.emit()
