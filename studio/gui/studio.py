"""Everything behind the window, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from studio.engine.protocol import Engine
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.gui.actions.editing import Editing
from studio.gui.background import Background
from studio.gui.clipboard import Clipboard
from studio.gui.dialogs.questions import Questions
from studio.gui.document_files import DocumentFiles
from studio.gui.engine_thread import EngineThread
from studio.gui.errands import Errands
from studio.gui.gallery_actions import GalleryActions
from studio.gui.generation_controller import GenerationController
from studio.gui.keeping import GalleryKeeper
from studio.gui.models.gallery import GalleryModel
from studio.gui.models.variations import VariationsModel
from studio.gui.situation import Situation
from studio.gui.workspace import Workspace


class Studio(QObject):
    """The workspace, the engine's thread, the models and who acts on them.

    Made without starting anything: `start` does, once the window is shown.

    Args:
        gallery: where results go.
        catalog: of the models.
        make_engine: called on the engine's own thread.
        folder: where files are looked for first.
    """

    def __init__(
        self,
        gallery: Gallery,
        catalog: Catalog,
        make_engine: Callable[[], Engine],
        folder: Path,
    ) -> None:
        super().__init__()
        self.catalog = catalog
        self.workspace = Workspace(self)
        self.background = Background(parent=self)
        self.reading = Background(parent=self)
        self.engine = EngineThread(make_engine, GalleryKeeper(gallery), self)
        self.situation = Situation(self.workspace, catalog, self.background, self)
        self.variations = VariationsModel(self)
        self.gallery = GalleryModel(gallery, self.reading, self)
        self.editing = Editing(self.workspace)
        self.generation = GenerationController(
            self.workspace, self.engine, self.situation, self.background, self.variations, self
        )
        self.errands = Errands(self.background, self)
        self.files = DocumentFiles(self.workspace, self.errands, folder, self)
        self.clipboard = Clipboard(self.workspace, self.files, self.errands, self)
        self.gallery_actions = GalleryActions(
            gallery, self.gallery, self.workspace, self.generation, self.background, self
        )
        self.generation.entry_added.connect(self.gallery.add)
        self.files.recipe_found.connect(
            lambda recipe: self.gallery_actions.reuse(recipe.request, recipe.seed)
        )

    def ask(self, questions: Questions) -> None:
        """Has questions asked in this way; there are none to be asked before."""
        self.files.questions = questions

    def start(self) -> None:
        """Warms the engine up and reads the gallery, neither on the window's thread."""
        self.engine.start()
        self.gallery.reload()

    def close(self) -> None:
        """Ends everything, with nothing lost that was finished; takes at most some seconds."""
        self.engine.close()
        self.background.close()
        self.reading.close()
