"""A model's page: what it is, and every word that it knows."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio import paths
from studio.generation.catalog import load_catalog
from studio.gui.dialogs.model_page import ModelPage
from studio.gui.knowledge import vocabulary_of

CATALOG = load_catalog(
    paths.models_file(), paths.resources(), paths.resources() / "none", paths.resources() / "none"
)


def words_on(page: ModelPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_the_starters_page_says_what_it_knows(qtbot: QtBot) -> None:
    model = CATALOG.get("starter")
    page = ModelPage(model, vocabulary_of(model))
    qtbot.addWidget(page)
    text = words_on(page)
    for word in ("boat", "purple", "Kinds", "Colours", model.licence):
        assert word in text


def test_a_model_of_many_words_has_facts_alone(qtbot: QtBot) -> None:
    model = CATALOG.get("kandinsky-2.2")
    page = ModelPage(model, vocabulary_of(model))
    qtbot.addWidget(page)
    text = words_on(page)
    assert "not installed" in text
    assert "What it knows" not in text
