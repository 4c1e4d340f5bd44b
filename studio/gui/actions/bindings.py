"""Says what each action does, by the part of the window that does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from studio.gui.actions.editing import Editing
from studio.gui.actions.registry import ActionRegistry
from studio.gui.actions.specs import PANELS
from studio.gui.canvas.view import CanvasView
from studio.gui.clipboard import Clipboard
from studio.gui.document_files import DocumentFiles
from studio.gui.generation_controller import GenerationController
from studio.gui.layout import Layout
from studio.gui.model_imports import ModelImports
from studio.gui.queueing import Queueing
from studio.gui.situation import Situation
from studio.gui.theme import THEMES
from studio.gui.workspace import ToolId, Workspace


class Window(Protocol):
    """What the window itself does for actions."""

    @property
    def theme(self) -> str:
        """Which theme was chosen."""

    def set_theme(self, theme: str) -> None:
        """Wears another theme."""

    def new_document(self) -> None:
        """Starts an empty picture."""

    def show_models(self) -> None:
        """Opens the window of models."""

    def show_conversation(self) -> None:
        """Opens the conversation panel."""

    def focus_prompt(self) -> None:
        """Puts the keyboard into the prompt."""

    def close(self) -> bool:
        """Closes the window."""


def bind_files(
    registry: ActionRegistry, files: DocumentFiles, models: ModelImports, workspace: Workspace
) -> None:
    """The file menu, but for what the window does."""

    def has_layers() -> bool:
        return bool(workspace.document.layers)

    registry.bind("file.open", files.open)
    registry.bind("file.place", files.place)
    registry.bind("file.import_models", models.choose)
    registry.bind("file.find_models", models.look)
    registry.bind("file.save", files.save)
    registry.bind("file.save_as", files.save_as)
    registry.bind("file.export", files.export, enabled=has_layers)
    registry.bind("file.close", files.close)


def bind_editing(registry: ActionRegistry, editing: Editing, workspace: Workspace) -> None:
    """Undo, layers, the frame and the brush."""

    registry.bind("edit.undo", editing.undo, enabled=lambda: workspace.stack.can_undo)
    registry.bind("edit.redo", editing.redo, enabled=lambda: workspace.stack.can_redo)
    registry.bind("select.frame_canvas", editing.frame_canvas)
    registry.bind("brush.smaller", partial(editing.scale_brush, -1))
    registry.bind("brush.larger", partial(editing.scale_brush, 1))
    registry.bind("brush.swap", editing.swap_brush)


def bind_clipboard(
    registry: ActionRegistry, clipboard: Clipboard, canvas: CanvasView, workspace: Workspace
) -> None:
    """Copying and pasting."""

    def has_layer() -> bool:
        return workspace.document.active is not None

    def paste() -> None:
        clipboard.paste(canvas.viewport.rect_to_canvas(QRectF(canvas.rect())))

    registry.bind("edit.cut", clipboard.cut, enabled=has_layer)
    registry.bind("edit.copy", clipboard.copy, enabled=has_layer)
    registry.bind("edit.copy_merged", clipboard.copy_merged, enabled=has_layer)
    registry.bind("edit.paste", paste)
    registry.bind("edit.paste_new", clipboard.paste_as_document)


def bind_tabs(registry: ActionRegistry, workspace: Workspace) -> None:
    """Going from one open document to another."""

    def are_several() -> bool:
        return len(workspace.tabs) > 1

    registry.bind("window.next_tab", partial(workspace.cycle, 1), enabled=are_several)
    registry.bind("window.previous_tab", partial(workspace.cycle, -1), enabled=are_several)


def bind_tools(registry: ActionRegistry, workspace: Workspace) -> None:
    """The rail."""
    for tool in ToolId:
        registry.bind(
            f"tool.{tool}",
            partial(workspace.set_tool, tool),
            checked=lambda tool=tool: workspace.tool_id is tool,  # type: ignore[misc]
        )


def bind_layout(registry: ActionRegistry, layout: Layout) -> None:
    """What of the view menu is about the window, and the panels of the window menu."""
    registry.bind("view.gallery", layout.toggle_gallery, checked=layout.shows_gallery)
    registry.bind("view.panels", layout.toggle_panels, checked=layout.hides_panels)
    registry.bind("view.full_screen", layout.toggle_full_screen, checked=layout.is_full_screen)
    registry.bind("window.reset", layout.reset)
    for name, _, _ in PANELS:
        registry.bind(
            f"window.{name}",
            partial(layout.toggle, name),
            checked=partial(layout.shows, name),
        )


def bind_window(registry: ActionRegistry, window: Window) -> None:
    """Themes, and the window's coming and going."""
    for theme in THEMES:
        registry.bind(
            f"window.theme_{theme}",
            partial(window.set_theme, theme),
            checked=_is(lambda: window.theme, theme),
        )
    registry.bind("file.new", window.new_document)
    registry.bind("file.models", window.show_models)
    registry.bind("file.quit", window.close)
    registry.bind("generate.prompt", window.focus_prompt)
    registry.bind("generate.talk", window.show_conversation)


def bind_help(registry: ActionRegistry, window: QWidget) -> None:
    """The palette and the help menu; their dialogs are read in when they are first wanted."""

    def show_palette() -> None:
        from studio.gui.dialogs.palette import Palette

        Palette(registry, window).open()

    def show_shortcuts() -> None:
        from studio.gui.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(registry, window).open()

    def show_about() -> None:
        from studio.gui.dialogs.help import AboutDialog

        AboutDialog(window).open()

    registry.bind("edit.palette", show_palette)
    registry.bind("help.shortcuts", show_shortcuts)
    registry.bind("help.about", show_about)


def bind_generation(
    registry: ActionRegistry,
    generation: GenerationController,
    situation: Situation,
    workspace: Workspace,
) -> None:
    """The generate menu."""

    def is_possible() -> bool:
        return situation.choice is not None and situation.choice.is_possible

    def has_candidate() -> bool:
        return workspace.staging.current is not None

    def can_vary() -> bool:
        return has_candidate() or bool(workspace.document.layers)

    def vary() -> None:
        if has_candidate():
            generation.vary_staged()
        else:
            generation.vary_picture()

    registry.bind("generate.start", generation.generate, enabled=is_possible)
    registry.bind("generate.cancel", generation.cancel, enabled=lambda: generation.is_busy)
    registry.bind("generate.keep", generation.keep, enabled=has_candidate)
    registry.bind(
        "generate.discard", generation.discard, enabled=lambda: workspace.staging.is_active
    )
    registry.bind("generate.vary", vary, enabled=can_vary)


def bind_queue(
    registry: ActionRegistry,
    queueing: Queueing,
    generation: GenerationController,
    show: Callable[[], None],
) -> None:
    """What is done with the queue as a whole; ``show`` shows its list."""
    registry.bind("generate.queue", show)
    registry.bind(
        "generate.cancel_all",
        generation.cancel_all,
        enabled=lambda: generation.is_busy or not queueing.is_empty,
    )
    registry.bind("generate.pause", queueing.toggle_pause, checked=lambda: queueing.is_paused)
    registry.bind(
        "generate.free_memory", queueing.free_memory, enabled=lambda: queueing.can_free_memory
    )


def _is(get: Callable[[], str], value: str) -> Callable[[], bool]:
    return lambda: get() == value
