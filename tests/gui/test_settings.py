from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.brush import BrushSettings, Texture
from studio.core.colour import Colour
from studio.core.gradient import GradientKind
from studio.core.selection import Operation
from studio.gui.canvas.aids import AidSettings
from studio.gui.settings import (
    FILE_NAME,
    PromptSettings,
    ToolSettings,
    WindowSettings,
    load_settings,
    remembered,
    save_settings,
)
from studio.tools import FillSettings, GradientSettings, SelectSettings, SmudgeSettings


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    settings = WindowSettings(
        theme="dark",
        prompt=PromptSettings(prompt="a boat", count=7),
        aids=AidSettings(grid=True, spacing=20),
        selecting=SelectSettings(operation=Operation.ADD, tolerance=9, quick_mask=Colour(1, 2, 3)),
        tools=ToolSettings(
            tool="eraser",
            eraser=BrushSettings(size=7.0, texture=Texture.CANVAS),
            fill=FillSettings(tolerance=3, grow=2),
            gradient=GradientSettings(GradientKind.RADIAL, end=Colour(1, 2, 3)),
            smudge=SmudgeSettings(0.25),
        ),
        history=("a boat",),
    )
    save_settings(tmp_path / "config", settings)
    assert load_settings(tmp_path / "config") == settings


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == WindowSettings()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"theme": 3}', "\x00\xff", '{"theme": "\xff"}'),
        *('{"aids": {"spacing": 0}}', '{"selecting": {"feather": 9999}}'),
    ],
)
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="latin-1")
    assert load_settings(tmp_path) == WindowSettings()


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"theme": "light", "from_the_future": 1}')
    assert load_settings(tmp_path).theme == "light"


def test_what_is_remembered_comes_first_and_only_once() -> None:
    assert remembered("b", ("a", "b", "c"), 3) == ("b", "a", "c")
    assert remembered("d", ("a", "b", "c"), 3) == ("d", "a", "b")
