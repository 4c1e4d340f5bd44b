"""Copying and pasting, through the desktop's own clipboard."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.commands.selection import SetSelection
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.core.selection import rectangle
from studio.files.writing import write_picture
from studio.gui.background import Background
from studio.gui.clipboard import PNG, Clipboard
from studio.gui.document_files import DocumentFiles
from studio.gui.errands import Errands
from studio.gui.workspace import Workspace
from tests.helpers.documents import rgba_noise
from tests.helpers.pictures import noise

PLACE = Bounds(20, 30, 40, 50)
SEEN = Bounds(0, 0, 200, 200)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(Document(Bounds(0, 0, 200, 200)))
    picture = Picture.from_array(rgba_noise(PLACE, 1))
    layer = RasterLayer.from_picture("sky", picture, PLACE.origin)
    workspace.stack.push(AddLayer(layer))
    return workspace


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def clipboard(workspace: Workspace, tmp_path: Path, messages: list[str]) -> Iterator[Clipboard]:
    QGuiApplication.clipboard().clear()
    background = Background()
    errands = Errands(background)
    files = DocumentFiles(workspace, errands, tmp_path)
    clipboard = Clipboard(workspace, files, errands)
    clipboard.message.connect(lambda words, tone, details: messages.append(words))
    yield clipboard
    background.close()


def wait_for_copy(qtbot: QtBot) -> QMimeData:
    with qtbot.waitSignal(QGuiApplication.clipboard().dataChanged):
        pass
    return QGuiApplication.clipboard().mimeData()


def shown(layer: RasterLayer) -> tuple[Bounds, np.ndarray]:
    bounds = layer.surface.used_bounds()
    return bounds, layer.surface.read(bounds)


def test_a_pasted_copy_is_the_very_same_pixels_in_the_same_place(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    original = workspace.document.active
    assert isinstance(original, RasterLayer)
    clipboard.copy()
    clipboard.paste(SEEN)
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 2)
    pasted = workspace.document.active
    assert isinstance(pasted, RasterLayer)
    assert pasted is not original
    assert shown(pasted)[0] == shown(original)[0]
    # Straight alpha rounds colours that are nearly transparent; what is seen is the same.
    assert np.array_equal(pasted.surface.read_stored(PLACE), original.surface.read_stored(PLACE))
    workspace.stack.undo()
    assert len(workspace.document.layers) == 1


def test_other_programs_find_a_png_with_its_transparency_and_an_image(
    qtbot: QtBot, clipboard: Clipboard
) -> None:
    clipboard.copy_merged()
    data = wait_for_copy(qtbot)
    image = QImage.fromData(data.data(PNG))
    assert (image.width(), image.height()) == (40, 50)
    assert image.hasAlphaChannel()
    assert data.hasImage()


def test_only_what_is_selected_is_cut_out(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    chosen = Bounds(20, 30, 10, 50)
    layer = workspace.document.active
    assert isinstance(layer, RasterLayer)
    workspace.stack.push(SetSelection(rectangle(chosen), "Rectangle"))
    clipboard.cut()
    data = wait_for_copy(qtbot)
    assert QImage.fromData(data.data(PNG)).width() == 10
    assert not layer.surface.read(chosen).any()
    assert layer.surface.read(PLACE).any()
    workspace.stack.undo()
    assert layer.surface.read(chosen).any()


def test_cutting_with_nothing_selected_takes_the_layer(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    clipboard.cut()
    wait_for_copy(qtbot)
    assert not workspace.document.layers


def test_a_locked_layer_is_not_cut(
    clipboard: Clipboard, workspace: Workspace, messages: list[str]
) -> None:
    layer = workspace.document.active
    assert layer is not None
    layer.locked = True
    clipboard.cut()
    assert len(workspace.document.layers) == 1
    assert "locked" in messages[0]


def test_what_other_programs_copied_comes_to_the_middle_of_what_is_seen(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    image = QImage(20, 10, QImage.Format.Format_ARGB32)
    image.fill(QColor(10, 20, 30, 128))
    QGuiApplication.clipboard().setImage(image)
    clipboard.paste(Bounds(100, 100, 80, 80))
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 2)
    layer = workspace.document.layers[1]
    assert isinstance(layer, RasterLayer)
    assert layer.surface.used_bounds() == Bounds(130, 135, 20, 10)
    assert tuple(layer.surface.read(Bounds(140, 140, 1, 1))[0, 0]) == (10, 20, 30, 128)


def test_it_comes_to_the_middle_of_the_selection_where_there_is_one(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    QGuiApplication.clipboard().setImage(image)
    workspace.stack.push(SetSelection(rectangle(Bounds(0, 0, 40, 40)), "Rectangle"))
    clipboard.paste(SEEN)
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 2)
    layer = workspace.document.layers[1]
    assert isinstance(layer, RasterLayer)
    assert layer.surface.used_bounds() == Bounds(10, 15, 20, 10)


def test_copied_files_are_placed(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace, tmp_path: Path
) -> None:
    write_picture(tmp_path / "boat.png", noise(8, 8))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "boat.png"))])
    QGuiApplication.clipboard().setMimeData(data)
    clipboard.paste(SEEN)
    qtbot.waitUntil(lambda: len(workspace.document.layers) == 2)
    assert workspace.document.layers[1].name == "boat"


def test_a_copy_opens_as_a_document_of_its_size(
    qtbot: QtBot, clipboard: Clipboard, workspace: Workspace
) -> None:
    clipboard.copy()
    clipboard.paste_as_document()
    qtbot.waitUntil(lambda: len(workspace.tabs) == 2)
    assert workspace.document.canvas == Bounds(0, 0, 40, 50)
    assert workspace.document.layers[0].bounds.origin == Point(0, 0)
    assert workspace.has_unsaved_changes


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_what_is_no_picture_is_told(
    qtbot: QtBot,
    clipboard: Clipboard,
    workspace: Workspace,
    messages: list[str],
    content: bytes | None,
) -> None:
    data = QMimeData()
    data.setText("some words")
    if content is not None:
        data.setData(PNG, content)
    QGuiApplication.clipboard().setMimeData(data)
    clipboard.paste(SEEN)
    qtbot.waitUntil(lambda: bool(messages))
    assert len(workspace.document.layers) == 1


def test_a_program_that_copied_ends_in_peace() -> None:
    program = """
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from studio.gui.clipboard import let_go_of_clipboard

app = QGuiApplication([])
data = QMimeData()
data.setText("copied")
app.clipboard().setMimeData(data)
let_go_of_clipboard()
"""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    done = subprocess.run([sys.executable, "-c", program], env=environment, timeout=60)
    assert done.returncode == 0
