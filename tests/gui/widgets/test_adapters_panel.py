from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFileDialog,
    QPushButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.catalog_entries import UNION
from studio.gui.settings import GuideSettings
from studio.gui.studio import Studio
from studio.gui.widgets.adapters_panel import AdaptersPanel
from tests.helpers.adapters import adapter_info
from tests.helpers.wheel import turn_wheel

FAMILY = "kandinsky22"
EDGES = GuideSettings(adapter="edges", weight=0.8, preprocessor="canny")


def adapters() -> list[AdapterInfo]:
    return [
        adapter_info(Path("ink.safetensors"), "lora", FAMILY, weight=0.7),
        adapter_info(Path("edges"), "controlnet", FAMILY, weight=0.8, preprocessor="canny"),
        adapter_info(Path("style"), "ip_adapter", FAMILY),
        adapter_info(Path("far"), "controlnet", "flux"),
        adapter_info(Path("away"), "controlnet", FAMILY, installed=False),
    ]


@pytest.fixture
def model(studio: Studio) -> ModelInfo:
    model = studio.situation.model
    assert model.family == FAMILY
    return model


@pytest.fixture
def panel(qtbot: QtBot, model: ModelInfo) -> AdaptersPanel:
    panel = AdaptersPanel()
    qtbot.addWidget(panel)
    panel.show_adapters(adapters(), model)
    panel.show()
    return panel


def offered(panel: AdaptersPanel, text: str) -> list[str]:
    return [action.text() for action in button(panel, text).menu().actions()]


def choose(panel: AdaptersPanel, text: str, title: str) -> None:
    next(a for a in button(panel, text).menu().actions() if a.text() == title).trigger()


def button(panel: AdaptersPanel, text: str) -> QPushButton:
    return next(each for each in panel.findChildren(QPushButton) if each.text() == text)


def test_what_is_installed_for_the_model_is_offered(
    qtbot: QtBot, panel: AdaptersPanel, model: ModelInfo
) -> None:
    assert offered(panel, "Add LoRA") == ["Ink"]
    assert offered(panel, "Guide by picture") == ["Edges", "Style"]
    panel.show_adapters([], model)
    assert offered(panel, "Add LoRA") == ["None for this model is installed: find one…"]
    with qtbot.waitSignal(panel.find_requested):
        choose(panel, "Add LoRA", "None for this model is installed: find one…")


def test_a_lora_is_chosen_as_its_tag(qtbot: QtBot, panel: AdaptersPanel) -> None:
    with qtbot.waitSignal(panel.tag_chosen) as chosen:
        choose(panel, "Add LoRA", "Ink")
    assert chosen.args == ["<lora:ink:0.7>"]


def test_a_picture_guides_as_its_adapter_likes_it_until_it_is_changed(
    qtbot: QtBot, panel: AdaptersPanel
) -> None:
    seen: list[tuple[GuideSettings, ...]] = []
    panel.guides_changed.connect(seen.append)
    choose(panel, "Guide by picture", "Edges")
    choose(panel, "Guide by picture", "Style")
    assert seen[-1] == (EDGES, GuideSettings(adapter="style"))
    first, second = panel.guide_rows
    second.weight.changed.emit(0.5)
    assert seen[-1][1].weight == 0.5
    first.end.setValue(40)
    first.begin.setValue(60)
    assert (seen[-1][0].begin, seen[-1][0].end) == (0.6, 0.6)
    remove = next(b for b in first.findChildren(QToolButton) if b.toolTip() == "Take it off")
    remove.click()
    assert [guide.adapter for guide in seen[-1]] == ["style"]
    assert len(panel.guide_rows) == 1


def test_the_picture_is_the_canvas_or_a_file(
    panel: AdaptersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[GuideSettings, ...]] = []
    panel.guides_changed.connect(seen.append)
    panel.show_guides([EDGES])
    [row] = panel.guide_rows
    assert row.picture.currentText() == "What is on the canvas"
    answers = iter(["", "/pictures/boat.png"])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(answers), ""))
    for expected in ("What is on the canvas", "boat.png"):
        row.picture.setCurrentIndex(row.picture.count() - 1)
        row.picture.activated.emit(row.picture.currentIndex())
        assert row.picture.currentText() == expected
    assert seen[-1][0].picture == "/pictures/boat.png"
    row.picture.setCurrentIndex(0)
    row.picture.activated.emit(0)
    assert seen[-1][0].picture == ""


def test_what_is_not_there_any_more_is_listed_by_its_name(panel: AdaptersPanel) -> None:
    panel.show_guides([GuideSettings(adapter="gone")])
    [row] = panel.guide_rows
    assert row._title.text() == "gone"


def test_a_picture_that_is_prepared_already_is_read_as_it_is(panel: AdaptersPanel) -> None:
    seen: list[tuple[GuideSettings, ...]] = []
    panel.guides_changed.connect(seen.append)
    panel.show_guides([EDGES, GuideSettings(adapter="style")])
    edges, style = panel.guide_rows
    assert edges.prepared.text() == "It is a canny picture already"
    assert not style.prepared.isVisible()
    for expected in ("", "canny"):
        edges.prepared.click()
        assert seen[-1][0].preprocessor == expected


def test_of_several_kinds_of_pictures_one_is_chosen(panel: AdaptersPanel, model: ModelInfo) -> None:
    union = adapter_info(Path("all"), "controlnet", FAMILY, preprocessor=UNION)
    panel.show_adapters([*adapters(), union], model)
    seen: list[tuple[GuideSettings, ...]] = []
    panel.guides_changed.connect(seen.append)
    choose(panel, "Guide by picture", "All")
    assert seen[-1] == (GuideSettings(adapter="all", preprocessor="canny"),)
    [row] = panel.guide_rows
    assert row.kind.isVisibleTo(row)
    row.kind.setCurrentIndex(row.kind.findText("Pose"))
    row.kind.activated.emit(row.kind.currentIndex())
    assert (seen[-1][0].preprocessor, seen[-1][0].kind) == ("pose", "")
    assert row.prepared.text() == "It is a pose picture already"
    row.prepared.click()
    assert (seen[-1][0].preprocessor, seen[-1][0].kind) == ("", "pose")
    row.kind.setCurrentIndex(row.kind.findText("Depth"))
    row.kind.activated.emit(row.kind.currentIndex())
    assert (seen[-1][0].preprocessor, seen[-1][0].kind) == ("", "depth")
    row.prepared.click()
    assert (seen[-1][0].preprocessor, seen[-1][0].kind) == ("depth", "")


def test_the_wheel_passes_over_a_guides_fields(panel: AdaptersPanel, model: ModelInfo) -> None:
    panel.show_guides([GuideSettings(adapter="edges", weight=1.0)])
    [row] = panel.guide_rows
    for field in row.weight.findChildren(QAbstractSpinBox):
        assert not turn_wheel(field)
    assert row.weight.value == 1.0


def test_where_one_kind_is_read_there_is_nothing_to_choose(panel: AdaptersPanel) -> None:
    panel.show_guides([EDGES])
    [row] = panel.guide_rows
    assert not row.kind.isVisibleTo(row)
