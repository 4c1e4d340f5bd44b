from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.commands.canvas import SetFrame
from studio.core.commands.selection import SetSelection
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer
from studio.core.selection import rectangle
from studio.gallery.store import Gallery
from studio.generation.request import TextToImage, from_json
from studio.gui.dialogs.amount import AmountDialog
from studio.gui.dialogs.channels import ChannelsDialog
from studio.gui.dialogs.questions import Unsaved
from studio.gui.docks.layers import LayersPanel
from studio.gui.docks.tool_options import ToolOptionsPanel
from studio.gui.docks.variations import VariationsPanel
from studio.gui.main_window import MainWindow
from studio.gui.session import recall
from studio.gui.settings import WindowSettings
from studio.gui.studio import Studio
from studio.gui.workspace import ToolId
from studio.tools import FillSettings, SmudgeSettings
from tests.helpers.answers import Answers
from tests.helpers.scripted_engine import Script, ScriptedEngine


def ask_for(studio: Studio, prompt: str, count: int = 1) -> None:
    """Writes a prompt and waits until the window knows what it will do."""
    settings = msgspec.structs.replace(studio.workspace.prompt, prompt=prompt, count=count)
    studio.workspace.set_prompt(settings)


def is_ready(window: MainWindow) -> bool:
    return window.registry["generate.start"].isEnabled()


def generate(qtbot: QtBot, window: MainWindow, studio: Studio, count: int = 1) -> None:
    """Generates and waits for all candidates."""
    ask_for(studio, "a red ball", count)
    qtbot.waitUntil(lambda: is_ready(window))
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == count)
    qtbot.waitUntil(lambda: not studio.generation.is_busy)


def test_the_canvas_grows_to_hold_what_was_made_beyond_it(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    document = studio.workspace.document
    before = document.canvas
    beyond = Bounds(before.right + 64, before.y, 64, 64)
    studio.workspace.stack.push(SetFrame(beyond))
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(document.layers) == 1)
    assert document.canvas == before.union(beyond)
    studio.workspace.stack.undo()
    assert (document.canvas, len(document.layers)) == (before, 0)


def test_a_prompt_becomes_candidates_a_layer_and_can_be_undone(
    qtbot: QtBot, window: MainWindow, studio: Studio, gallery: Gallery
) -> None:
    generate(qtbot, window, studio, count=2)
    studio.workspace.staging.step(1)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    (layer,) = studio.workspace.document.layers
    assert isinstance(layer, GeneratedLayer)
    assert not studio.workspace.staging.is_active
    request = from_json(layer.recipe)
    assert isinstance(request, TextToImage)
    assert request.prompt == "a red ball"
    entries = gallery.entries()
    assert len(entries) == 2
    assert request.seed in {entry.seed for entry in entries}
    window.registry.run("edit.undo")
    assert not studio.workspace.document.layers
    assert len(gallery.entries()) == 2


def test_discarding_leaves_the_candidates_in_the_gallery(
    qtbot: QtBot, window: MainWindow, studio: Studio, gallery: Gallery
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.discard")
    assert not studio.workspace.staging.is_active
    assert not studio.workspace.document.layers
    assert len(gallery.entries()) == 1


def test_a_second_generate_waits_in_the_queue(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    engine.hold()
    ask_for(studio, "a red ball")
    qtbot.waitUntil(lambda: is_ready(window))
    window.registry.run("generate.start")
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.engine.queue) == 2)
    window.registry.run("generate.cancel")
    engine.release()
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    assert len(studio.workspace.staging.candidates) == 1


def test_an_empty_prompt_cannot_be_generated(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: "Write what" in task_line(window).accessibleName())
    assert not is_ready(window)


def test_a_failure_is_told_with_its_details(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    engine.script(Script(dies=True))
    ask_for(studio, "a red ball")
    qtbot.waitUntil(lambda: is_ready(window))
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: any("killed" in words for words in messages(window)))
    assert not studio.workspace.staging.is_active


def test_a_note_that_comes_with_every_picture_is_told_once(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    told: list[str] = []
    studio.generation.message.connect(lambda words, *_: told.append(words))
    engine.script(Script(notes=("Enlarged.",)), Script(notes=("Enlarged.", "Shortened.")))
    generate(qtbot, window, studio)
    generate(qtbot, window, studio)
    assert told == ["Enlarged.", "Shortened."]


def test_extending_the_canvas_fills_what_is_new_and_undoes_in_two_steps(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    before = studio.workspace.document.canvas
    wider = Bounds(before.x, before.y, before.width + 64, before.height)
    window.canvas.extend_requested.emit(wider)
    assert studio.workspace.document.canvas == wider
    line = task_line(window)
    qtbot.waitUntil(lambda: line.accessibleName() == "Extend to the right by 64 px")
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == 1)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 2)
    flat = studio.workspace.document.flatten(wider).array()
    assert flat[..., 3].min() == 255
    window.registry.run("edit.undo")
    window.registry.run("edit.undo")
    assert studio.workspace.document.canvas == before


def test_a_long_extension_is_painted_step_by_step_into_one_candidate(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    before = studio.workspace.document.canvas
    wider = Bounds(before.x, before.y, before.width + 1024, before.height)
    window.canvas.extend_requested.emit(wider)
    line = task_line(window)
    qtbot.waitUntil(lambda: line.accessibleName().endswith("by 1024 px"))
    asked = len(engine.requests)
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == 1, timeout=20_000)
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    assert len(engine.requests) - asked > 1
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 2)
    assert studio.workspace.document.flatten(wider).array()[..., 3].min() == 255


def test_a_mask_is_filled_and_cleared_in_one_step(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    studio.workspace.set_tool(ToolId.MASK)
    window.registry.run("select.all")
    line = task_line(window)
    qtbot.waitUntil(lambda: line.accessibleName() == "Fill the masked area")
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == 1)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 2)
    assert studio.workspace.document.mask.is_empty
    window.registry.run("edit.undo")
    assert len(studio.workspace.document.layers) == 1
    assert not studio.workspace.document.mask.is_empty


def test_what_is_selected_is_filled_and_stays_selected(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    window.registry.run("select.all")
    line = task_line(window)
    qtbot.waitUntil(lambda: line.accessibleName() == "Fill the selected area")
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == 1)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 2)
    assert studio.workspace.document.has_selection


def test_an_amount_is_asked_for_and_seen(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    document = studio.workspace.document
    window.registry.run("select.all")
    studio.workspace.stack.push(SetSelection(rectangle(Bounds(50, 50, 20, 20))))
    window.registry.run("select.grow")
    (dialog,) = window.findChildren(AmountDialog)
    qtbot.waitUntil(lambda: document.selection.used_bounds() == Bounds(42, 42, 36, 36))
    dialog.set_amount(3)
    dialog.accept()
    qtbot.waitUntil(lambda: studio.workspace.stack.undo_name == "Grow selection")
    assert document.selection.used_bounds() == Bounds(47, 47, 26, 26)


def test_channels_are_asked_for(window: MainWindow, studio: Studio) -> None:
    window.registry.run("select.all")
    window.registry.run("select.channels")
    (dialog,) = window.findChildren(ChannelsDialog)
    dialog.save_requested.emit("all")
    assert list(studio.workspace.document.channels) == ["all"]
    dialog.close()


def test_variations_of_a_candidate_fill_the_grid(
    qtbot: QtBot, window: MainWindow, studio: Studio, gallery: Gallery
) -> None:
    generate(qtbot, window, studio, count=3)
    window.registry.run("generate.vary")
    qtbot.waitUntil(lambda: len(studio.variations.cells) == 3)
    qtbot.waitUntil(lambda: all(cell.stored for cell in studio.variations.cells))
    made = {entry.id: entry for entry in gallery.entries()}
    parents = {parent for entry in made.values() for parent in entry.parents}
    assert len(made) == 6
    assert parents <= set(made)
    assert parents


def test_the_last_prompts_can_be_recalled(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    generate(qtbot, window, studio)
    assert window.settings.history == ("a red ball",)


def test_the_status_bar_tells_of_a_mirrored_view_and_mirrors_it_back(window: MainWindow) -> None:
    [sign] = (
        button
        for button in window.statusBar().findChildren(QAbstractButton)
        if "mirrored" in button.accessibleName()
    )
    assert not sign.isVisible()
    window.registry.run("view.mirror")
    assert sign.isVisible()
    sign.click()
    assert not window.canvas.viewport.mirrored
    assert not sign.isVisible()


def test_closing_with_unsaved_changes_asks(
    qtbot: QtBot, window: MainWindow, studio: Studio, tmp_path: Path
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: studio.workspace.has_unsaved_changes)
    answers = Answers(unsaved=Unsaved.CANCEL)
    studio.ask(answers)
    window.close()
    qtbot.waitUntil(lambda: answers.asked == ["what_of_changes"])
    assert window.isVisible()
    studio.ask(Answers(unsaved=Unsaved.SAVE, target=tmp_path / "lake.ora"))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert (tmp_path / "lake.ora").is_file()


def test_closing_while_jobs_wait_says_how_many_and_asks(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    engine.hold()
    ask_for(studio, "a red ball")
    qtbot.waitUntil(lambda: is_ready(window))
    for _ in range(3):
        window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.queueing.waiting) == 2)
    answers = Answers(agreed=False)
    studio.ask(answers)
    window.close()
    qtbot.waitUntil(lambda: answers.asked == ["whether"])
    assert answers.told == ["2 jobs are waiting and will be dropped."]
    assert window.isVisible()
    studio.ask(Answers(agreed=True))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    engine.release()


def test_the_title_names_the_file_and_marks_unsaved_changes(
    qtbot: QtBot, window: MainWindow, studio: Studio, tmp_path: Path
) -> None:
    generate(qtbot, window, studio)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: window.windowTitle() == "untitled* – Sfumato")
    studio.ask(Answers(target=tmp_path / "lake.ora"))
    window.registry.run("file.save")
    qtbot.waitUntil(lambda: window.windowTitle() == "lake.ora – Sfumato")


def test_the_state_of_the_window_comes_back(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    window.registry.run("tool.mask")
    window.registry.run("window.gallery")
    studio.workspace.set_brush(size=77.0)
    ask_for(studio, "a boat", 3)
    kept = window.settings
    again = MainWindow(studio, kept)
    qtbot.addWidget(again)
    assert studio.workspace.tool_id.value == "mask"
    assert studio.workspace.brush.size == 77.0
    assert studio.workspace.prompt.count == 3
    assert not again.places.shows("gallery")
    assert again.places.shows("layers")


def test_tab_on_the_canvas_hides_the_panels_and_brings_them_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert not window.places.shows("prompt")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert window.places.shows("prompt")
    assert window.places.shows("layers")


def test_the_gallery_page_takes_the_canvas_place_and_gives_it_back(window: MainWindow) -> None:
    window.registry.run("view.gallery")
    assert not window.canvas.isVisible()
    assert not window.places.shows("prompt")
    window.registry.run("view.gallery")
    assert window.canvas.isVisible()
    assert window.places.shows("prompt")


def test_the_panel_in_front_is_in_front_again(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.findChild(VariationsPanel)
    assert isinstance(panel, VariationsPanel)
    window.places.bring_forward("variations")
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    window.registry.run("view.gallery")
    window.registry.run("view.gallery")
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())


def test_panels_come_back_as_large_as_they_were(qtbot: QtBot, window: MainWindow) -> None:
    panels = [window.findChild(LayersPanel), window.findChild(ToolOptionsPanel)]
    qtbot.waitUntil(lambda: all(panel is not None and panel.isVisible() for panel in panels))
    before = [panel.height() for panel in panels if panel is not None]
    window.registry.run("view.gallery")
    window.registry.run("view.gallery")
    qtbot.waitUntil(lambda: [panel.height() for panel in panels if panel is not None] == before)


def test_the_layout_can_be_reset(window: MainWindow) -> None:
    for name in ("prompt", "gallery", "layers"):
        window.places.toggle(name)
    window.registry.run("window.reset")
    assert all(window.places.shows(name) for name in ("prompt", "gallery", "layers"))


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_a_theme_can_be_chosen(window: MainWindow, theme: str) -> None:
    window.registry.run(f"window.theme_{theme}")
    assert window.settings.theme == theme
    assert window.registry[f"window.theme_{theme}"].isChecked()


def test_everything_that_can_be_used_has_a_name_for_those_who_do_not_see_it(
    window: MainWindow,
) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)
    nameless = [
        widget
        for kind in kinds
        for widget in window.findChildren(kind)
        if not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QLineEdit | QTabBar)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not (isinstance(widget, QAbstractButton) and widget.toolTip())
    ]
    assert nameless == []


def test_the_window_fits_a_small_screen(qtbot: QtBot, window: MainWindow) -> None:
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 800


def test_settings_of_a_first_start_are_the_defaults_but_for_the_places(
    window: MainWindow,
) -> None:
    plain = msgspec.structs.replace(window.settings, geometry="", layout="", folder="")
    wanted = WindowSettings(width=256, height=256)
    assert plain.prompt == wanted.prompt
    assert plain.width == wanted.width


def task_line(window: MainWindow) -> QWidget:
    """What says what Generate will do."""
    line = window.findChild(QWidget, "task")
    assert isinstance(line, QWidget)
    return line


def messages(window: MainWindow) -> list[str]:
    toasts = window.findChildren(QWidget, "toast")
    return [toast.accessibleName() for toast in toasts]


def test_the_tools_come_back_as_they_were(window: MainWindow, studio: Studio) -> None:
    workspace = studio.workspace
    workspace.set_tool(ToolId.ERASER)
    workspace.set_brush(size=7.0)
    workspace.tool_settings.put(FillSettings(tolerance=3))
    workspace.tool_settings.put(SmudgeSettings(0.25))
    kept = window.settings
    workspace.set_brush(size=70.0)
    for settings in (FillSettings(), SmudgeSettings()):
        workspace.tool_settings.put(settings)
    workspace.set_tool(ToolId.BRUSH)
    recall(studio, window.places, kept)
    assert workspace.tool_id is ToolId.ERASER
    assert workspace.brush.size == 7.0
    assert workspace.tool_settings[FillSettings].tolerance == 3
    assert workspace.tool_settings[SmudgeSettings].strength == 0.25
