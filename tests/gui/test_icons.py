from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio import paths
from studio.gui.icons import icon, icon_names
from studio.gui.theme import DARK, LIGHT, palette_of


def ink(image: QImage) -> set[str]:
    """The colours of all pixels that are wholly covered."""
    pixels = ((x, y) for x in range(image.width()) for y in range(image.height()))
    colours = (image.pixelColor(x, y) for x, y in pixels)
    return {colour.name() for colour in colours if colour.alpha() == 255}


def test_icons_follow_the_palette(qapp: QApplication) -> None:
    sign = icon("square")
    for colours in (DARK, LIGHT):
        qapp.setPalette(palette_of(colours))
        assert colours.text in ink(sign.pixmap(48, 48).toImage())


def test_states_have_colours_of_their_own(qtbot: QtBot, qapp: QApplication) -> None:
    qapp.setPalette(palette_of(DARK))
    sign = icon("square", checked=QPalette.ColorRole.HighlightedText)
    size = QSize(48, 48)
    disabled = sign.pixmap(size, QIcon.Mode.Disabled, QIcon.State.Off).toImage()
    checked = sign.pixmap(size, QIcon.Mode.Normal, QIcon.State.On).toImage()
    chosen = sign.pixmap(size, QIcon.Mode.Selected, QIcon.State.Off).toImage()
    assert DARK.disabled in ink(disabled)
    assert DARK.on_accent in ink(checked)
    assert DARK.on_accent in ink(chosen)


def test_every_icon_in_the_folder_is_used_and_every_one_used_is_there() -> None:
    root = Path(__file__).parents[2] / "studio" / "gui"
    sources = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    named = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', sources))
    assert icon_names() - named == set()
    asked = set(re.findall(r'(?<!def )\bicon\("([^"]+)"', sources))
    assert asked <= icon_names()


def test_their_licence_is_beside_them() -> None:
    text = (paths.resources() / "icons" / "LICENSE").read_text(encoding="utf-8")
    assert "ISC License" in text
