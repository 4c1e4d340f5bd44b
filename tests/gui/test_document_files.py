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
from studio.gui.document_io import export_document, save_document
from studio.gui.errands import Errands
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
    files = DocumentFiles(workspace, Errands(background), tmp_path)
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
    files.close()
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


def test_a_photoshop_document_is_exported_and_opened_with_its_layers(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    messages: list[tuple[str, Tone]],
    tmp_path: Path,
) -> None:
    paint(workspace)
    paint(workspace)
    path = tmp_path / "lake.psd"
    files.questions = Answers(target=path)
    files.export()
    qtbot.waitUntil(lambda: (f"Exported to {path}.", Tone.DONE) in messages)
    flat = workspace.document.flatten()
    files.open_path(path)
    qtbot.waitUntil(lambda: workspace.title == "lake.psd")
    assert [layer.name for layer in workspace.document.layers] == ["sky", "sky"]
    assert workspace.document.flatten() == flat
    assert workspace.path is None


def test_a_recipe_that_nobody_understands_is_left_out_of_an_export(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.stack.push(AddGenerated(smooth(9, 9), Point(0, 0), b"{}", "ball"))
    files.questions = Answers(target=tmp_path / "ball.png")
    files.export()
    qtbot.waitUntil(lambda: (tmp_path / "ball.png").is_file())
    assert read_recipe(tmp_path / "ball.png") is None


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
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace
) -> None:
    paint(workspace)
    files.questions = Answers(unsaved=Unsaved.CANCEL)
    files.close()
    assert len(workspace.document.layers) == 1
    files.questions = Answers(unsaved=Unsaved.DISCARD)
    files.close()
    assert not workspace.document.layers


def test_saving_before_closing_closes_only_once_it_is_saved(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    files.questions = Answers(unsaved=Unsaved.SAVE, target=tmp_path / "lake.ora")
    files.close()
    assert workspace.document.layers
    qtbot.waitUntil(lambda: not workspace.document.layers)
    assert (tmp_path / "lake.ora").is_file()


def test_a_new_document_comes_beside_the_others(files: DocumentFiles, workspace: Workspace) -> None:
    paint(workspace)
    files.new(Extent(5, 5))
    assert workspace.document.canvas == Bounds(0, 0, 5, 5)
    assert [tab.name for tab in workspace.tabs] == ["untitled", "untitled 2"]


def test_leaving_asks_for_each_document_and_shows_which_one_is_meant(
    files: DocumentFiles, workspace: Workspace
) -> None:
    shown: list[str] = []

    class Watcher(Answers):
        def what_of_changes(self, name: str, besides: str = "") -> Unsaved:
            shown.append(f"{name} over {workspace.current.name}")
            return super().what_of_changes(name, besides)

    paint(workspace)
    files.new(Extent(5, 5))
    files.new(Extent(6, 6))
    paint(workspace)
    left: list[bool] = []
    files.questions = Watcher(unsaved=Unsaved.DISCARD)
    files.leave(lambda: left.append(True))
    assert shown == ["untitled over untitled", "untitled 3 over untitled 3"]
    assert left == [True]


def test_what_else_is_lost_by_leaving_is_said_once_along_with_the_changes(
    files: DocumentFiles, workspace: Workspace
) -> None:
    paint(workspace)
    files.new(Extent(5, 5))
    paint(workspace)
    files.questions = answers = Answers(unsaved=Unsaved.DISCARD)
    left: list[bool] = []
    files.leave(lambda: left.append(True), "2 jobs are waiting.")
    assert answers.asked == ["what_of_changes"] * 2
    assert answers.told == ["2 jobs are waiting.", ""]
    assert left == [True]


def test_one_answer_to_stay_keeps_all_documents_open(
    files: DocumentFiles, workspace: Workspace
) -> None:
    paint(workspace)
    files.new(Extent(5, 5))
    paint(workspace)
    answers = Answers(unsaved=Unsaved.CANCEL)
    files.questions = answers
    files.close_others(workspace.current)
    assert len(workspace.tabs) == 2
    assert answers.asked == ["what_of_changes"]


def test_what_is_dropped_on_the_tabs_is_opened_there_however_full_the_document_is(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    write_picture(tmp_path / "one.png", noise(10, 10))
    files.take_as_documents([tmp_path / "one.png"])
    qtbot.waitUntil(lambda: workspace.title == "one.png")
    assert len(workspace.tabs) == 2
    assert len(workspace.tabs[0].document.layers) == 1


def test_a_file_that_is_open_already_is_only_looked_at(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paint(workspace)
    files.questions = Answers(target=tmp_path / "lake.ora")
    files.save()
    qtbot.waitUntil(lambda: workspace.path is not None)
    lake = workspace.current
    files.new(Extent(5, 5))
    files.open_path(tmp_path / "lake.ora")
    assert workspace.current is lake


def test_a_picture_keeps_its_name_and_is_saved_beside_its_file(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    proposals: list[Path] = []

    class Watcher(Answers):
        def where_to(self, title: str, proposal: Path, suffixes: tuple[str, ...]) -> Path | None:
            proposals.append(proposal)
            return super().where_to(title, proposal, suffixes)

    write_picture(tmp_path / "photo.png", noise(5, 5))
    files.take([tmp_path / "photo.png"])
    qtbot.waitUntil(lambda: workspace.title == "photo.png")
    files.questions = Watcher()
    files.save()
    assert proposals == [tmp_path / "photo.ora"]


def test_opened_and_saved_files_are_remembered(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "photo.png", noise(5, 5))
    files.take([tmp_path / "photo.png"])
    qtbot.waitUntil(lambda: bool(workspace.document.layers))
    files.questions = Answers(target=tmp_path / "lake.ora")
    files.save()
    qtbot.waitUntil(lambda: workspace.title == "lake.ora")
    assert files.recent.paths == (tmp_path / "lake.ora", tmp_path / "photo.png")


def test_a_picture_arrives_where_it_was_asked_for(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "stamp.png", noise(24, 24))
    target = workspace.current
    files.place_path(tmp_path / "stamp.png")
    files.new(Extent(5, 5))
    qtbot.waitUntil(lambda: len(target.document.layers) == 1)
    assert not workspace.document.layers


def test_a_picture_is_placed_in_the_middle_of_the_frame(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "stamp.png", noise(24, 24))
    files.questions = Answers(source=tmp_path / "stamp.png")
    files.place()
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 1)
    assert workspace.document.layers[0].snapshot().pixels.used_bounds() == Bounds(500, 500, 24, 24)


def test_several_files_are_opened_at_once_each_in_its_tab(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}.png" for name in ("one", "two", "three")]
    for path in paths:
        write_picture(path, noise(10, 10))
    files.questions = Answers(source=paths[0], others=paths[1:])
    files.open()
    qtbot.waitUntil(lambda: len(workspace.tabs) == 3)
    assert {tab.name for tab in workspace.tabs} == {path.name for path in paths}


def test_a_save_that_is_cancelled_leaves_the_old_file_and_the_document_unsaved(
    qtbot: QtBot, files: DocumentFiles, workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "lake.ora"
    paint(workspace)
    files.questions = Answers(target=path)
    files.save()
    qtbot.waitUntil(lambda: not workspace.has_unsaved_changes)
    before = path.read_bytes()
    paint(workspace)
    files.save()
    files._errands.cancel()
    qtbot.waitUntil(lambda: not files._errands.under_way)
    assert path.read_bytes() == before
    assert workspace.has_unsaved_changes
    assert [entry.name for entry in tmp_path.iterdir()] == ["lake.ora"]


@pytest.mark.parametrize("suffix", [".ora", ".psd"])
def test_opening_that_is_cancelled_opens_nothing(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    messages: list[tuple[str, Tone]],
    tmp_path: Path,
    suffix: str,
) -> None:
    path = tmp_path / f"lake{suffix}"
    paint(workspace)
    save = save_document if suffix == ".ora" else export_document
    save(path, workspace.document.snapshot(), lambda fraction: None)
    files.open_path(path)
    files._errands.cancel()
    qtbot.waitUntil(lambda: not files._errands.under_way)
    assert len(workspace.tabs) == 1
    assert workspace.path is None
    assert not messages
