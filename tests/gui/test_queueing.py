"""The queue in the whole window."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.generation.request import Inpaint
from studio.gui.docks.status import StatusPanel
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio
from studio.gui.widgets.generate_button import GenerateButton
from studio.gui.widgets.queue_list import QueueList
from tests.helpers.scripted_engine import ScriptedEngine


def press_generate(qtbot: QtBot, window: MainWindow, studio: Studio, prompt: str) -> None:
    """Asks for a picture, and waits until it is in the queue."""
    settings = msgspec.structs.replace(studio.workspace.prompt, prompt=prompt, count=1)
    studio.workspace.set_prompt(settings)
    qtbot.waitUntil(lambda: window.registry["generate.start"].isEnabled())
    before = len(studio.engine.queue)
    window.registry.run("generate.start")
    qtbot.waitUntil(lambda: len(studio.engine.queue) > before)


def queue_words(window: MainWindow) -> str:
    """What the status bar says of the queue."""
    [status] = window.findChildren(StatusPanel)
    return " ".join(button.text() for button in status.findChildren(QToolButton)).strip()


def test_while_the_queue_is_paused_generate_only_queues(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    [button] = window.findChildren(GenerateButton)
    window.registry.run("generate.pause")
    assert window.registry["generate.pause"].isChecked()
    for prompt in ("one", "two"):
        press_generate(qtbot, window, studio, prompt)
    qtbot.waitUntil(lambda: queue_words(window) == "queue paused, 2 waiting")
    assert not button.is_running
    assert engine.requests == []
    studio.generation.cancel()
    assert len(studio.engine.queue.waiting) == 2
    assert window.registry["generate.cancel_all"].isEnabled()
    window.registry.run("generate.pause")
    qtbot.waitUntil(lambda: len(engine.requests) == 2)
    qtbot.waitUntil(lambda: queue_words(window) == "")


def test_what_waits_is_listed_and_can_be_dropped(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    engine.hold()
    for prompt in ("one", "two"):
        press_generate(qtbot, window, studio, prompt)
    window.registry.run("generate.queue")
    [shown] = window.findChildren(QueueList)
    assert [row.name.text() for row in shown.rows] == ["one", "two"]
    shown.rows[1].drop.click()
    engine.release()
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    assert len(engine.requests) == 1
    shown.close()


def test_the_next_step_of_what_has_begun_goes_before_what_has_not(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    engine.hold()
    press_generate(qtbot, window, studio, "first")
    engine.release()
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    window.registry.run("generate.keep")
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    canvas = studio.workspace.document.canvas
    wider = Bounds(canvas.x, canvas.y, 4 * canvas.width, canvas.height)
    engine.hold()
    window.canvas.extend_requested.emit(wider)
    for prompt in ("one", "two", "three"):
        press_generate(qtbot, window, studio, prompt)
    window.registry.run("generate.pause")
    engine.release()
    queue = studio.engine.queue
    qtbot.waitUntil(lambda: queue.running is None and len(queue.waiting) == 3)
    assert isinstance(queue.waiting[0].request, Inpaint)
    assert [job.request.prompt for job in queue.waiting] == ["one", "two", "three"]


def test_memory_is_freed_by_an_action_that_is_off_where_there_is_none(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    action = window.registry["generate.free_memory"]
    qtbot.waitUntil(action.isEnabled)
    window.registry.run("generate.free_memory")
    qtbot.waitUntil(lambda: engine.unloads == 1)
    qtbot.waitUntil(lambda: not action.isEnabled())
