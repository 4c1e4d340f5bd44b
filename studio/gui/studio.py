"""Everything behind the window, put together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtCore import QObject, Signal

from studio import paths
from studio.core.errors import ModelError
from studio.engine.protocol import Engine
from studio.files.brushes import BrushStore
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.generation.enlarging import UpscalerInfo, upscalers_of
from studio.gui.actions.editing import Editing
from studio.gui.actions.layering import Layering
from studio.gui.background import Background
from studio.gui.clipboard import Clipboard
from studio.gui.dialogs.questions import Questions
from studio.gui.document_files import DocumentFiles
from studio.gui.engine_thread import EngineThread
from studio.gui.errands import Errands
from studio.gui.gallery_actions import GalleryActions
from studio.gui.gallery_watch import GalleryWatch
from studio.gui.generation_controller import GenerationController
from studio.gui.histories import Histories
from studio.gui.imaging import Imaging
from studio.gui.installations import Installations
from studio.gui.journalling import Journalling
from studio.gui.keeping import GalleryKeeper
from studio.gui.model_imports import ModelImports
from studio.gui.models.gallery import GalleryModel
from studio.gui.models.variations import VariationsModel
from studio.gui.queueing import Queueing
from studio.gui.recovery import Recovery
from studio.gui.remaking import Remaking
from studio.gui.selecting import Selecting
from studio.gui.settings import HistorySettings
from studio.gui.situation import Situation
from studio.gui.workspace import Workspace

if TYPE_CHECKING:
    from studio.gui.enlarging import Enlarging
    from studio.models.installing import Installer


class Studio(QObject):
    """The workspace, the engine's thread, the models and who acts on them.

    Made without starting anything: `start` does, once the window is shown.

    Args:
        gallery: where results go.
        catalog: of the models.
        make_engine: called on the engine's own thread.
        folder: where files are looked for first.
        journals: where open documents are kept against crashes.
        old_steps: where steps that are not undone for long wait.
        undo: what they may take up.
        brushes: where the person's own brushes are kept; nowhere where it is left out.
        read_catalog: reads the list of models anew; it stays what it is where it is left out.
        make_installer: what installs models; called on another thread. Nothing is installed where
            it is left out.

    Attributes:
        catalog: of the models, as far as it is known now.

    Signals:
        catalog_changed(Catalog): there are other models.
        message(str, Tone, str), progressed(ProgressUpdate): as of `Enlarging`.
    """

    catalog_changed = Signal(object)
    message = Signal(str, object, str)
    progressed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        catalog: Catalog,
        make_engine: Callable[[], Engine],
        folder: Path,
        *,
        journals: Path,
        old_steps: Path,
        undo: HistorySettings | None = None,
        brushes: Path | None = None,
        read_catalog: Callable[[], Catalog] | None = None,
        make_installer: Callable[[], Installer] | None = None,
    ) -> None:
        super().__init__()
        self.catalog = catalog
        self.histories = Histories(old_steps, undo or HistorySettings(), self)
        self.workspace = Workspace(
            self, self.histories.new_stack, BrushStore(paths.resources() / "brushes", brushes)
        )
        self.journalling = Journalling(self.workspace, journals, self)
        self.background = Background(parent=self)
        self.reading = Background(parent=self)
        self.engine = EngineThread(make_engine, GalleryKeeper(gallery), self)
        self.queueing = Queueing(self.engine, self)
        self.situation = Situation(self.workspace, catalog, self.background, self)
        self.variations = VariationsModel(self)
        self.gallery = GalleryModel(gallery, self.reading, self)
        self._gallery_watch = GalleryWatch(gallery, self.reading, self)
        self.editing = Editing(self.workspace)
        self.layering = Layering(self.workspace, self.background, self)
        self.generation = GenerationController(
            self.workspace, self.engine, self.situation, self.background, self.variations, self
        )
        self.errands = Errands(self.background, self)
        self.files = DocumentFiles(self.workspace, self.errands, folder, self)
        read = read_catalog or (lambda: catalog)
        self.model_imports = ModelImports(self.errands, paths.models(), read, self)
        self.installations = Installations(
            paths.models(), paths.config(), make_installer or _no_installer, read, self
        )
        self.clipboard = Clipboard(self.workspace, self.files, self.errands, self)
        self.selecting = Selecting(self.workspace, self.errands, self)
        self.imaging = Imaging(self.workspace, self.errands, self)
        self.gallery_actions = GalleryActions(
            gallery,
            self.gallery,
            self.workspace,
            self.generation,
            lambda: self.enlarging,
            self.background,
            self,
        )
        self.recovery = Recovery(self.workspace, self.journalling, self.background, journals, self)
        self.remaking = Remaking(
            self.workspace, self.generation, self.gallery, gallery, self.background, self
        )
        self._connect()

    def _connect(self) -> None:
        self.generation.entry_added.connect(self.gallery.add)
        self._gallery_watch.changed.connect(self.gallery.refresh)
        self.generation.started.connect(lambda _: self.queueing.explain_pause())
        self.model_imports.catalog_changed.connect(self._take_catalog)
        self.installations.catalog_changed.connect(self._take_catalog)
        self.files.models_dropped.connect(self.model_imports.take)
        self.files.recipe_found.connect(
            lambda recipe: self.gallery_actions.reuse(recipe.request, recipe.seed)
        )

    @functools.cached_property
    def enlarging(self) -> Enlarging:
        """Who enlarges by a learned network; made when something is to be enlarged."""
        from studio.gui.enlarging import Enlarging  # seldom wanted at the start

        made = Enlarging(self.workspace, self.engine, self.background, lambda: self.catalog, self)
        made.message.connect(self.message)
        made.progressed.connect(self.progressed)
        return made

    @property
    def upscalers(self) -> list[UpscalerInfo]:
        """Those that are installed, the one that is taken by itself first."""
        return upscalers_of(self.catalog)

    def ask(self, questions: Questions) -> None:
        """Has questions asked in this way; there are none to be asked before."""
        self.files.questions = questions
        self.model_imports.questions = questions

    def start(self) -> None:
        """Warms the engine up, reads the gallery and looks for what crashes left, all elsewhere."""
        self.engine.start()
        self._gallery_watch.begin()
        self.gallery.reload()
        self.installations.follow()
        self.recovery.look()
        self.histories.sweep(self.background)

    def close(self) -> None:
        """Ends everything, with nothing lost that was finished; takes at most some seconds."""
        self.engine.close()
        self.installations.close()
        self.background.close()
        self.reading.close()
        self._gallery_watch.end()
        self.recovery.close()
        self.journalling.close()
        self.histories.close()

    def _take_catalog(self, catalog: Catalog) -> None:
        if catalog == self.catalog:
            return
        self.catalog = catalog
        self.situation.set_catalog(catalog)
        self.catalog_changed.emit(catalog)


def _no_installer() -> NoReturn:
    raise ModelError("Nothing can be installed from here: use sfumato models install.")
