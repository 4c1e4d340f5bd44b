"""The window of models, put together with what it shows and who acts for it."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QWidget

from studio import paths
from studio.core.errors import KnownError
from studio.gui.dialogs.hub import HubDialog
from studio.gui.dialogs.memory_use import MemoryDialog
from studio.gui.dialogs.model_manager import ModelManager
from studio.gui.studio import Studio
from studio.gui.widgets.toasts import Tone


def show_model_manager(studio: Studio, parent: QWidget) -> ModelManager:
    """Opens the window of models, or brings it forward where it is open already."""
    present = parent.findChild(ModelManager)
    if isinstance(present, ModelManager):
        present.raise_()
        present.activateWindow()
        return present
    manager = ModelManager(
        studio.catalog, studio.installations, studio.engine.status.budget, parent
    )
    studio.catalog_changed.connect(manager.show_catalog)
    studio.engine.status_changed.connect(manager.show_status)
    studio.model_imports.imported.connect(manager.choose)
    manager.import_requested.connect(studio.model_imports.choose)
    manager.files_dropped.connect(studio.model_imports.take)
    manager.use_requested.connect(lambda model_id: _use(studio, model_id))
    manager.message.connect(studio.installations.message)
    manager.hub_requested.connect(lambda: _show_hub(studio, manager))
    manager.memory_requested.connect(lambda: _show_memory(studio, manager))
    manager.show()
    return manager


def _use(studio: Studio, model_id: str) -> None:
    workspace = studio.workspace
    workspace.set_prompt(msgspec.structs.replace(workspace.prompt, model=model_id))


def _show_memory(studio: Studio, manager: ModelManager) -> None:
    try:
        dialog = MemoryDialog(paths.config(), studio.background, studio.engine.status, manager)
    except KnownError as error:
        studio.installations.message.emit(error.message, Tone.FAILURE, error.details)
        return
    dialog.saved.connect(studio.engine.free_memory)
    dialog.open()


def _show_hub(studio: Studio, manager: ModelManager) -> None:
    try:
        HubDialog(paths.config(), studio.background, manager).open()
    except KnownError as error:
        studio.installations.message.emit(error.message, Tone.FAILURE, error.details)
