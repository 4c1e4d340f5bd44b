from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.gui.theme import DARK, LIGHT, Colours, apply_theme, palette_of, style_sheet


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 has it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_can_be_read_on_every_ground_it_stands_on(colours: Colours) -> None:
    for ground in (colours.window, colours.base, colours.raised):
        for ink in (colours.text, colours.muted, colours.link):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(colours.text, colours.hover) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_greys_are_neutral(colours: Colours) -> None:
    for name in ("window", "base", "raised", "hover", "line"):
        colour = getattr(colours, name)
        assert colour[1:3] == colour[3:5] == colour[5:7]


@pytest.mark.parametrize(("theme", "colours"), [("dark", DARK), ("light", LIGHT)])
def test_the_chosen_theme_is_worn(qapp: QApplication, theme: str, colours: Colours) -> None:
    apply_theme(qapp, theme)
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == colours.window
    apply_theme(qapp, "system")


def test_what_cannot_be_used_looks_so() -> None:
    palette = palette_of(DARK)
    group = QPalette.ColorGroup
    role = QPalette.ColorRole.WindowText
    assert palette.color(group.Disabled, role) != palette.color(group.Active, role)


@pytest.mark.parametrize("name", ["", "primary"])
def test_the_button_that_enter_presses_looks_as_if_it_could_only_while_it_can(
    qtbot: QtBot, name: str
) -> None:
    button = QPushButton("Extend")
    qtbot.addWidget(button)
    button.setObjectName(name)
    button.setDefault(True)
    button.setStyleSheet(style_sheet(LIGHT))
    assert button.grab().toImage().pixelColor(6, 12) == QColor(LIGHT.accent)
    button.setEnabled(False)
    assert button.grab().toImage().pixelColor(6, 12) == QColor(LIGHT.raised)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_a_box_to_be_ticked_is_seen_before_it_is(qtbot: QtBot, colours: Colours) -> None:
    box = QCheckBox("Lock")
    qtbot.addWidget(box)
    box.setStyleSheet(style_sheet(colours))
    box.resize(box.sizeHint())
    assert colours.muted in colours_of(box) and colours.accent not in colours_of(box)
    box.setChecked(True)
    assert colours.accent in colours_of(box)
    assert contrast(colours.muted, colours.window) >= 3.0


def colours_of(box: QCheckBox) -> set[str]:
    """Those across the middle of its square."""
    drawn = box.grab().toImage()
    return {drawn.pixelColor(x, box.height() // 2).name() for x in range(16)}
