"""The window: puts the panels in their places and connects them, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QCursor
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu

from studio.core.geometry import Bounds
from studio.gui.actions import bindings
from studio.gui.actions.imaging import bind_image
from studio.gui.actions.layer_bindings import bind_generated_layers, bind_layers
from studio.gui.actions.registry import ActionRegistry
from studio.gui.actions.selecting import bind_selecting
from studio.gui.actions.specs import MENUS, SPECS
from studio.gui.actions.viewing import bind_viewing
from studio.gui.canvas.page import CanvasPage
from studio.gui.canvas.view import CanvasView
from studio.gui.dialogs.recovery import offer
from studio.gui.docks.gallery import GalleryPanel
from studio.gui.docks.history import HistoryPanel
from studio.gui.docks.layers import LayersPanel
from studio.gui.docks.navigator import NavigatorPanel
from studio.gui.docks.prompt import PromptPanel
from studio.gui.docks.status import StatusPanel
from studio.gui.docks.tool_options import ToolOptionsPanel
from studio.gui.docks.variations import VariationsPanel
from studio.gui.knowledge import sample_prompts, styles
from studio.gui.layout import Layout
from studio.gui.room import room_for
from studio.gui.session import capture, new_extent, recall
from studio.gui.settings import MAX_HISTORY, WindowSettings, remembered
from studio.gui.studio import Studio
from studio.gui.theme import apply_theme
from studio.gui.toolbox import RAIL
from studio.gui.widgets.dock import Dock
from studio.gui.widgets.document_tabs import DocumentTabs
from studio.gui.widgets.queue_list import QueueList
from studio.gui.widgets.rail import Rail
from studio.gui.widgets.recent_menu import RecentMenu
from studio.gui.widgets.toasts import Toasts, Tone
from studio.gui.words import dropped_words


class MainWindow(QMainWindow):
    """Rail, prompt, canvas, gallery, layers: each a part of its own that knows the workspace.

    Args:
        studio: everything behind it.
        settings: as it was when it was closed last.
    """

    def __init__(self, studio: Studio, settings: WindowSettings) -> None:
        super().__init__()
        self._studio = studio
        self._settings = settings
        self._may_close = False
        self._release_document: Callable[[], None] = lambda: None
        self._refreshing = QTimer(self, singleShot=True, interval=0)
        self.resize(QSize(1480, 920).boundedTo(room_for(self)))
        self._make_panels()
        self._make_actions()
        self.registry.restore_keys(settings.shortcuts)
        self._make_menus()
        self._connect_canvas()
        self._connect_tabs()
        self._connect_panels()
        self._connect_studio()
        recall(studio, self.places, settings)
        self._prompt.prompt.set_history(settings.history)

    @property
    def settings(self) -> WindowSettings:
        """What is to come back at the next start."""
        settings = msgspec.structs.replace(self._settings, shortcuts=self.registry.custom_keys)
        return capture(self._studio, self.places, settings)

    @property
    def theme(self) -> str:
        """The chosen theme: ``system``, ``dark`` or ``light``."""
        return self._settings.theme

    def set_theme(self, theme: str) -> None:
        """Wears another theme."""
        self._set(theme=theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)

    def follow_desktop(self) -> None:
        """The desktop went dark or light; so does the window where it follows it."""
        if self.theme == "system":
            self.set_theme("system")

    def new_document(self) -> None:
        """Starts an empty picture of the size of the last one."""
        self._studio.files.new(new_extent(self._studio, self.settings))

    def show_models(self, chosen: str = "") -> None:
        """Opens the window of models, or brings it forward.

        Args:
            chosen: id of the one to be looked at; the first, or the one before, where left out.
        """
        from studio.gui.managing import show_model_manager  # seldom wanted at the start

        manager = show_model_manager(self._studio, self)
        if chosen:
            manager.choose(chosen)

    def show_conversation(self) -> None:
        """Opens the conversation panel, or brings it forward."""
        from studio.gui.conversing import show_conversation  # seldom wanted at the start

        show_conversation(self._studio, self.places, self, self.show_models)

    def focus_prompt(self) -> None:
        """Puts the keyboard into the prompt."""
        self.places.bring_forward("prompt")
        self._prompt.prompt.setFocus()
        self._prompt.prompt.selectAll()

    def show_message(self, message: str, tone: Tone = Tone.NOTE, details: str = "") -> None:
        """Shows a sentence over the canvas, or in the window in front that has a place for it."""
        front = QApplication.activeWindow()
        toasts = front.findChild(Toasts) if isinstance(front, QDialog) else self._toasts
        (toasts or self._toasts).show_message(message, tone, details)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Passes over panels behind others, where nobody would see who has the keyboard."""
        passed = {self.focusWidget()}
        while super().focusNextPrevChild(forward):
            now = self.focusWidget()
            if now in passed or not self.places.is_behind(now):
                return True
            passed.add(now)
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Goes when nothing is lost by it."""
        self._studio.workspace.tool_finish()
        dropped = dropped_words(len(self._studio.queueing.waiting))
        if self._may_close or not (self._studio.workspace.unsaved or dropped):
            event.accept()
            return
        event.ignore()
        # Qt closes no window from within its own closeEvent.
        QTimer.singleShot(0, self, lambda: self._studio.files.leave(self._leave, dropped))

    # Setting up ---------------------------------------------------------------------------------

    def _make_panels(self) -> None:
        studio, workspace = self._studio, self._studio.workspace
        self.canvas = CanvasView(workspace, sample_prompts(studio.situation.model))
        self._tabs = DocumentTabs(workspace)
        self._prompt = PromptPanel(workspace, studio.situation, studio.catalog, styles())
        self._variations = VariationsPanel(workspace, studio.variations)
        self._strip = GalleryPanel(studio.gallery)
        self._page = GalleryPanel(studio.gallery, is_page=True)
        self._layers = LayersPanel(workspace, studio.layering, studio.background)
        self._options = ToolOptionsPanel(workspace)
        self._history = HistoryPanel(workspace, studio.histories)
        self._status = StatusPanel()
        self._queue_list = QueueList(studio.queueing, self)
        self.setStatusBar(self._status)
        docks = {
            "prompt": Dock("prompt", "Prompt", self._prompt),
            "gallery": Dock("gallery", "Gallery", self._strip, titled=False),
            "layers": Dock("layers", "Layers", self._layers, titled=False),
            "variations": Dock("variations", "Grid", self._variations, titled=False),
            "history": Dock("history", "History", self._history, titled=False),
            "options": Dock("options", "Tool", self._options, titled=False),
            "navigator": Dock(
                "navigator", "Navigator", NavigatorPanel(workspace, self.canvas), titled=False
            ),
        }
        page = CanvasPage(workspace, self.canvas)
        self.places = Layout(self, page, self._page, self._tabs, docks)
        self._toasts = Toasts(self.canvas)

    def _make_actions(self) -> None:
        studio, workspace = self._studio, self._studio.workspace
        self.registry = registry = ActionRegistry(SPECS, self, self.canvas)
        bindings.bind_files(registry, studio.files, studio.model_imports, workspace)
        bindings.bind_editing(registry, studio.editing, workspace)
        bindings.bind_clipboard(registry, studio.clipboard, self.canvas, workspace)
        bind_selecting(registry, studio.selecting, self.canvas, workspace)
        bind_image(registry, studio, self.canvas, self._extend)
        bind_layers(registry, studio.layering, self._layers.edit_name)
        bind_generated_layers(registry, studio.remaking)
        self._layers.adopt(registry)
        bindings.bind_tabs(registry, workspace)
        bindings.bind_tools(registry, workspace)
        bind_viewing(registry, self.canvas, workspace)
        bindings.bind_layout(registry, self.places)
        bindings.bind_generation(registry, studio.generation, studio.situation, workspace)
        bindings.bind_queue(registry, studio.queueing, studio.generation, self._show_queue_list)
        bindings.bind_window(registry, self)
        bindings.bind_help(registry, self)
        recent = RecentMenu(studio.files.recent, studio.background, self)
        recent.chosen.connect(studio.files.open_path)
        registry.bind("file.recent", lambda: recent.popup(QCursor.pos())).setMenu(recent)
        registry.bind(
            "generate.on_release",
            lambda: self._set(generate_on_release=not self._settings.generate_on_release),
            checked=lambda: self._settings.generate_on_release,
        )

    def _make_menus(self) -> None:
        for title, items in MENUS:
            menu = QMenu(title, self)
            for item in items:
                if item:
                    menu.addAction(self.registry[item])
                else:
                    menu.addSeparator()
            self.menuBar().addMenu(menu)
        actions = self.registry
        rail = Rail(
            [[[actions[f"tool.{card.id}"] for card in place] for place in row] for row in RAIL]
        )
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, rail)

    def _connect_canvas(self) -> None:
        canvas, studio = self.canvas, self._studio
        canvas.zoom_changed.connect(self._status.show_zoom)
        canvas.navigator.moved.connect(lambda: self._status.show_mirrored(canvas.viewport.mirrored))
        self._status.mirror_requested.connect(lambda: self.registry.run("view.mirror"))
        canvas.pointer_moved.connect(self._status.show_pointer)
        canvas.extend_requested.connect(self._extend)
        canvas.files_dropped.connect(studio.files.take)
        canvas.sample_chosen.connect(self._try_sample)
        canvas.keep_requested.connect(studio.generation.keep)
        canvas.vary_requested.connect(studio.generation.vary_staged)
        canvas.discard_requested.connect(studio.generation.discard)
        canvas.refused.connect(lambda words: self.show_message(words, Tone.WARNING))

    def _connect_tabs(self) -> None:
        tabs, files = self._tabs, self._studio.files
        tabs.new_requested.connect(self.new_document)
        tabs.close_requested.connect(files.close)
        tabs.close_others_requested.connect(files.close_others)
        tabs.files_dropped.connect(files.take_as_documents)

    def _connect_panels(self) -> None:
        studio, prompt, variations = self._studio, self._prompt, self._variations
        prompt.generate_requested.connect(lambda: self.registry.run("generate.start"))
        prompt.cancel_requested.connect(studio.generation.cancel)
        prompt.size_chosen.connect(studio.editing.set_size)
        prompt.model_page_requested.connect(self._show_model_page)
        prompt.install_requested.connect(self.show_models)
        studio.catalog_changed.connect(prompt.show_catalog)
        variations.vary_requested.connect(lambda: self.registry.run("generate.vary"))
        variations.use_requested.connect(studio.gallery_actions.use_candidate)
        variations.more_requested.connect(studio.gallery_actions.more_like)
        for panel in (self._strip, self._page):
            panel.chosen.connect(studio.gallery_actions.do)
        studio.layering.refused.connect(lambda words: self.show_message(words, Tone.WARNING))
        self._options.mask_colour_chosen.connect(self.canvas.set_mask_colour)
        self._options.extend_requested.connect(self._extend)
        self._history.memory_chosen.connect(
            lambda memory: self._set(
                undo=msgspec.structs.replace(self._settings.undo, memory=memory)
            )
        )
        self._options.refused.connect(lambda words: self.show_message(words, Tone.WARNING))
        studio.gallery_actions.used.connect(self.places.show_canvas)
        studio.remaking.prompt_wanted.connect(self.focus_prompt)
        studio.remaking.gallery_wanted.connect(self.places.show_gallery)

    def _show_model_page(self) -> None:
        from studio.gui.dialogs.model_page import show_model_page  # seldom wanted at the start

        show_model_page(self._studio.situation.model, self)

    def _connect_studio(self) -> None:
        studio, workspace = self._studio, self._studio.workspace
        for source in (
            studio.generation,
            studio.queueing,
            studio.files,
            studio.model_imports,
            studio.installations,
            studio.clipboard,
            studio.remaking,
            studio.selecting,
            studio.imaging,
            studio,
            studio.gallery_actions,
            studio.histories,
            studio.journalling,
        ):
            source.message.connect(self.show_message)
        studio.recovery.found.connect(lambda found: offer(studio.recovery, found, self))
        studio.gallery.failed.connect(lambda error: self.show_message(str(error), Tone.FAILURE))
        studio.generation.progressed.connect(self._prompt.show_progress)
        studio.progressed.connect(self._prompt.show_progress)
        studio.generation.queue_changed.connect(self._show_queue)
        studio.generation.started.connect(self._started)
        studio.queueing.changed.connect(self._show_queue)
        studio.engine.stopping.connect(self._prompt.show_stopping)
        studio.engine.failed.connect(lambda _: self._prompt.show_failed())
        for part in (self._status, self._prompt):
            studio.engine.status_changed.connect(part.show_engine)
        self._status.queue_requested.connect(self._show_queue_list)
        self._status.cancelled.connect(studio.errands.cancel)
        studio.errands.changed.connect(lambda: self._status.show_errands(studio.errands.under_way))
        self._refreshing.timeout.connect(self._refresh)
        workspace.document_replaced.connect(self._follow_document)
        for signal in (
            workspace.title_changed,
            workspace.tool_changed,
            workspace.prompt_changed,
            workspace.staging.changed,
            studio.situation.changed,
            studio.generation.queue_changed,
            studio.queueing.changed,
            studio.engine.status_changed,
            studio.selecting.changed,
        ):
            signal.connect(self._refresh_soon)

    def _follow_document(self) -> None:
        """Listens to the open document instead of the one before."""
        self._release_document()
        document = self._studio.workspace.document
        events = (
            document.active_changed,
            document.layer_changed,
            document.mask_changed,
            document.editing_mask_changed,
        )
        for event in events:
            event.connect(self._refresh_soon)
        document.canvas_changed.connect(self._show_canvas)

        def release() -> None:
            for event in events:
                event.disconnect(self._refresh_soon)
            document.canvas_changed.disconnect(self._show_canvas)

        self._release_document = release
        self._show_canvas(document.canvas)
        self._refresh_soon()

    # What the parts say to each other -----------------------------------------------------------

    def _refresh_soon(self) -> None:
        self._refreshing.start()

    def _refresh(self) -> None:
        workspace = self._studio.workspace
        self.setWindowTitle(f"{workspace.title} – Sfumato")
        self.registry["edit.undo"].setText(f"Undo {workspace.stack.undo_name}".rstrip())
        self.registry["edit.redo"].setText(f"Redo {workspace.stack.redo_name}".rstrip())
        self._status.show_model(self._studio.situation.model.title)
        self.registry.refresh()

    def _show_canvas(self, canvas: Bounds) -> None:
        self._status.show_canvas(canvas.extent)

    def _show_queue(self) -> None:
        queue = self._studio.engine.queue
        waiting = len(queue.waiting)
        self._status.show_queue(len(queue) - waiting, waiting, queue.is_paused)
        started = bool(self._studio.engine.status.device)
        self._prompt.show_busy(
            self._studio.generation.is_busy,
            waiting,
            "preparing" if started else "starting the engine",
        )

    def _show_queue_list(self) -> None:
        self._queue_list.open_above(self._status.queue_corner)

    def _started(self, run_id: str) -> None:
        """Remembers the prompt, and shows where the results will be."""
        words = self._studio.workspace.prompt.prompt.strip()
        if words:
            self._set(history=remembered(words, self._settings.history, MAX_HISTORY))
            self._prompt.prompt.set_history(self._settings.history)
        in_grid = any(cell.job_id == run_id for cell in self._studio.variations.cells)
        if in_grid:
            self.places.bring_forward("variations")

    def _extend(self, canvas: Bounds) -> None:
        self._studio.editing.extend(canvas, self._studio.situation.model.native_size)
        self.canvas.fit()
        if self._settings.generate_on_release:
            self._studio.generation.generate()

    def _try_sample(self, prompt: str) -> None:
        workspace = self._studio.workspace
        workspace.set_prompt(msgspec.structs.replace(workspace.prompt, prompt=prompt))
        self._studio.generation.generate()
        self.canvas.setFocus()

    def _leave(self) -> None:
        self._may_close = True
        self.close()

    def _set(self, **changes: object) -> None:
        self._settings = msgspec.structs.replace(self._settings, **changes)
