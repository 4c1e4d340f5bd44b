from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.generation import AddGenerated
from studio.core.commands.layer import AddLayer
from studio.core.geometry import Bounds, Extent, Point
from studio.core.layers import RasterLayer
from studio.files.pictures import read_picture, read_recipe
from studio.files.writing import write_picture
from studio.generation.recipe import Recipe
from studio.generation.request import to_json
from studio.gui.background import Background
from studio.gui.dialogs.questions import Unsaved
from studio.gui.document_files import DocumentFiles
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace
from tests.helpers.answers import Answers
from tests.helpers.pictures import noise, recipe, smooth


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    return Workspace()


@pytest.fixture
def messages() -> list[tuple[str, Tone]]:
    return []


@pytest.fixture
def files(
    workspace: Workspace, tmp_path: Path, messages: list[tuple[str, Tone]]
) -> Iterator[DocumentFiles]:
    background = Background()
    files = DocumentFiles(workspace, background, tmp_path)
    files.message.connect(lambda words, tone, _: messages.append((words, tone)))
    yield files
    background.close()


def paint(workspace: Workspace) -> None:
    layer = RasterLayer.from_picture("sky", smooth(40, 30))
    workspace.stack.push(AddLayer(layer))


def test_a_picture_opens_as_a_document_with_one_layer(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "photo.png", noise(50, 20))
    files.questions = Answers(source=tmp_path / "photo.png")
    files.open()
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 1)
    assert workspace.document.canvas == workspace.document.frame == Bounds(0, 0, 50, 20)
    assert workspace.path is None
    assert not workspace.has_unsaved_changes
    assert np.array_equal(workspace.document.flatten().rgb(), noise(50, 20).rgb())


def test_a_picture_that_says_how_it_was_made_tells_it(
    qtbot: QtBot, files: DocumentFiles, tmp_path: Path
) -> None:
    write_picture(tmp_path / "made.png", noise(8, 8), recipe("a blue boat"))
    with qtbot.waitSignal(files.recipe_found) as found:
        files.take([tmp_path / "made.png"])
    assert found.args is not None
    made: Recipe = found.args[0]
    assert made.request.prompt == "a blue boat"


def test_dropped_pictures_become_layers_where_there_is_a_picture_already(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        write_picture(tmp_path / f"{name}.png", noise(10, 10))
    files.take([tmp_path / "one.png", tmp_path / "two.png"])
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 2)
    files.take([tmp_path / "three.png"])
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 3)
    assert [layer.name for layer in workspace.document.layers] == ["one", "two", "three"]
    assert workspace.document.canvas.extent == Extent(10, 10)
    workspace.stack.undo()
    assert len(workspace.document.layers) == 2


def test_a_document_is_saved_and_opened_again(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    flat = workspace.document.flatten()
    files.questions = Answers(target=tmp_path / "lake.ora")
    files.save()
    qtbot.waitUntil(lambda: workspace.title == "lake.ora")
    files.new(Extent(5, 5))
    assert not workspace.document.layers
    files.take([tmp_path / "lake.ora"])
    qtbot.waitUntil(lambda: workspace.title == "lake.ora")
    assert workspace.document.flatten() == flat


def test_a_second_save_asks_nothing(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    answers = Answers(target=tmp_path / "lake.ora")
    files.questions = answers
    files.save()
    qtbot.waitUntil(lambda: not workspace.has_unsaved_changes)
    paint(workspace)
    files.save()
    qtbot.waitUntil(lambda: not workspace.has_unsaved_changes)
    assert answers.asked == ["where_to"]


def test_a_save_that_fails_is_told_and_leaves_the_document_unsaved(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    messages: list[tuple[str, Tone]],
    tmp_path: Path,
) -> None:
    paint(workspace)
    files.questions = Answers(target=tmp_path / "no" / "such" / "folder" / "lake.ora")
    files.save()
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0][1] is Tone.FAILURE
    assert workspace.title == "untitled*"


def test_what_is_painted_while_it_is_saved_stays_unsaved(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    files.questions = Answers(target=tmp_path / "lake.ora")
    files.save()
    paint(workspace)
    qtbot.waitUntil(lambda: workspace.path is not None)
    assert workspace.has_unsaved_changes


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_an_export_is_one_flat_picture(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    messages: list[tuple[str, Tone]],
    tmp_path: Path,
    suffix: str,
) -> None:
    paint(workspace)
    path = tmp_path / f"flat{suffix}"
    files.questions = Answers(target=path)
    files.export()
    qtbot.waitUntil(lambda: (f"Exported to {path}.", Tone.DONE) in messages)
    assert read_picture(path).extent == workspace.document.canvas.extent
    assert workspace.has_unsaved_changes


def test_an_export_of_one_generated_picture_carries_its_recipe(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    request = recipe("a red ball").request
    workspace.stack.push(AddGenerated(smooth(9, 9), Point(0, 0), to_json(request), "ball"))
    files.questions = Answers(target=tmp_path / "ball.png")
    files.export()
    qtbot.waitUntil(lambda: (tmp_path / "ball.png").is_file())
    found = read_recipe(tmp_path / "ball.png")
    assert found is not None
    assert found.request == request


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_file_that_is_no_picture_is_told_and_changes_nothing(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    messages: list[tuple[str, Tone]],
    tmp_path: Path,
    content: bytes,
) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    files.take([tmp_path / "bad.png"])
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0][1] is Tone.FAILURE
    assert not workspace.document.layers


def test_changes_are_not_thrown_away_unasked(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    files.questions = Answers(unsaved=Unsaved.CANCEL)
    files.new(Extent(5, 5))
    assert len(workspace.document.layers) == 1
    files.questions = Answers(unsaved=Unsaved.DISCARD)
    files.new(Extent(5, 5))
    assert not workspace.document.layers


def test_saving_before_leaving_leaves_only_once_it_is_saved(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    files.questions = Answers(unsaved=Unsaved.SAVE, target=tmp_path / "lake.ora")
    files.new(Extent(5, 5))
    assert workspace.document.layers
    qtbot.waitUntil(lambda: not workspace.document.layers)
    assert (tmp_path / "lake.ora").is_file()


def test_a_picture_is_placed_in_the_middle_of_the_frame(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "stamp.png", noise(24, 24))
    files.questions = Answers(source=tmp_path / "stamp.png")
    files.place()
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 1)
    assert workspace.document.layers[0].snapshot().pixels.used_bounds() == Bounds(500, 500, 24, 24)
