"""Finding and installing models in their window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from studio.generation.catalog import Catalog
from studio.generation.fitting import Fit, fit_of
from studio.generation.memory import GIB, Budget
from studio.gui.dialogs.hub import HubDialog
from studio.gui.dialogs.model_manager import ModelManager
from studio.gui.installations import Installations
from studio.gui.main_window import MainWindow
from studio.gui.models.catalogue import Shown
from studio.gui.studio import Studio
from studio.models.hub.settings import load_hub_settings
from tests.helpers.hub import LocalHub, Mood
from tests.models.conftest import PIPELINE, Place

SMALL = Budget(free=8 * GIB, total=8 * GIB, main=32 * GIB, is_shared=False)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "place").mkdir()
    with LocalHub() as hub:
        hub.add("owner/name", PIPELINE)
        yield Place(tmp_path / "place", hub)


def managed(qtbot: QtBot, catalog: Catalog, place: Place) -> ModelManager:
    installations = Installations(
        place.models, place.folder / "config", place.installer, place.catalog
    )
    manager = ModelManager(catalog, installations, SMALL)
    installations.setParent(manager)
    manager.finished.connect(installations.close)
    installations.catalog_changed.connect(manager.show_catalog)
    manager.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    # It refers to the manager, so that no collection of garbage takes it while it is painted.
    qtbot.addWidget(manager, before_close_func=lambda _: manager.done(0))
    manager.show()
    return manager


def titles(manager: ModelManager) -> list[str]:
    [view] = manager.findChildren(QListView, options=Qt.FindChildOption.FindDirectChildrenOnly) or [
        view for view in manager.findChildren(QListView) if view.isVisible()
    ]
    model = view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def button(manager: ModelManager, words: str) -> QPushButton:
    [found] = [each for each in manager.findChildren(QPushButton) if each.text() == words]
    return found


def manager_main(manager: ModelManager) -> str:
    """What the button says that begins or continues an installation."""
    [found] = [
        each.text()
        for each in manager.findChildren(QPushButton)
        if each.text() in ("Install", "Continue")
    ]
    return found


def search(manager: ModelManager, text: str) -> None:
    field = manager.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(text)


def words_of(manager: ModelManager) -> str:
    return "\n".join(label.text() for label in manager.findChildren(QLabel) if label.isVisible())


def test_every_word_narrows_the_list_and_the_first_that_is_left_is_shown(
    qtbot: QtBot, catalog: Catalog, place: Place
) -> None:
    manager = managed(qtbot, catalog, place)
    assert len(titles(manager)) == len(catalog.models) + len(catalog.adapters)
    search(manager, "diffusion xl refiner")
    assert titles(manager) == ["Stable Diffusion XL with refiner"]
    assert manager.chosen is not None and manager.chosen.title == titles(manager)[0]
    search(manager, "no such model")
    assert titles(manager) == []
    assert manager.chosen is None
    assert words_of(manager).startswith("Nothing like that is listed.")


def test_what_is_shown_can_be_narrowed_to_what_fits_into_memory(
    qtbot: QtBot, catalog: Catalog, place: Place
) -> None:
    manager = managed(qtbot, catalog, place)
    shown = manager.findChild(QComboBox)
    assert isinstance(shown, QComboBox)
    shown.setCurrentIndex(shown.findData(Shown.FITTING))
    fitting = [model for model in catalog.models if fit_of(model, SMALL) is not Fit.HARDLY]
    assert titles(manager) == [model.title for model in fitting]
    assert 0 < len(fitting) < len(catalog.models)
    shown.setCurrentIndex(shown.findData(Shown.INSTALLED))
    assert titles(manager) == ["Sfumato Starter"]


def test_a_model_is_installed_and_removed_by_its_buttons(qtbot: QtBot, place: Place) -> None:
    manager = managed(qtbot, place.catalog(), place)
    assert not button(manager, "Remove").isVisible()
    button(manager, "Install").click()
    assert button(manager, "Cancel").isVisible()
    qtbot.waitUntil(lambda: manager.chosen is not None and manager.chosen.installed)
    qtbot.waitUntil(lambda: "On disk" in words_of(manager))
    assert button(manager, "Remove").isVisible()
    assert not button(manager, "Install").isVisible()


def test_what_failed_says_why_until_it_is_tried_again(qtbot: QtBot, place: Place) -> None:
    place.hub.moods["unet"] = Mood(status=404)
    manager = managed(qtbot, place.catalog(), place)
    button(manager, "Install").click()
    qtbot.waitUntil(lambda: "owner/name" in words_of(manager))
    place.hub.moods.clear()
    button(manager, manager_main(manager)).click()
    qtbot.waitUntil(lambda: manager.chosen is not None and manager.chosen.installed)
    qtbot.waitUntil(lambda: "owner/name" not in words_of(manager))


def test_what_was_begun_is_continued(qtbot: QtBot, place: Place) -> None:
    (place.staging / "pipeline").mkdir(parents=True)
    (place.staging / "pipeline" / "weights.part").write_bytes(bytes(7000))
    manager = managed(qtbot, place.catalog(), place)
    qtbot.waitUntil(lambda: "7 kB are downloaded: it goes on from there." in words_of(manager))
    assert button(manager, "Remove").isVisible()
    button(manager, "Continue").click()
    qtbot.waitUntil(lambda: manager.chosen is not None and manager.chosen.installed)


def test_the_arrows_move_in_the_list_while_the_search_has_the_keyboard(
    qtbot: QtBot, catalog: Catalog, place: Place
) -> None:
    manager = managed(qtbot, catalog, place)
    field = manager.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert manager.chosen == catalog.models[1]


def test_what_is_asked_for_is_shown_whatever_is_listed(
    qtbot: QtBot, catalog: Catalog, place: Place
) -> None:
    manager = managed(qtbot, catalog, place)
    search(manager, "no such model")
    manager.choose("kandinsky-2.2")
    assert manager.chosen == catalog.get("kandinsky-2.2")


def test_what_was_imported_is_shown_at_once(window: MainWindow, studio: Studio) -> None:
    window.show_models("starter")
    [manager] = window.findChildren(ModelManager)
    studio.model_imports.imported.emit("karlo")
    assert manager.chosen == studio.catalog.get("karlo")


def test_what_others_install_and_remove_leaves_the_person_where_they_are(
    qtbot: QtBot, catalog: Catalog, place: Place
) -> None:
    first, second, third, fourth = catalog.models[:4]
    manager = managed(qtbot, Catalog([first, second], []), place)
    search(manager, second.title)
    manager.show_catalog(Catalog([first, second, third], []))
    assert (manager.chosen, titles(manager)) == (second, [second.title])
    search(manager, "")
    manager.show_catalog(Catalog([first, third, fourth], []))
    assert manager.chosen == third
    manager.show_catalog(Catalog([first], []))
    assert manager.chosen == first
    manager.show_catalog(Catalog([]))
    manager.show_catalog(Catalog([fourth]))
    assert manager.chosen == fourth


def test_an_installed_model_is_used_from_there(window: MainWindow, studio: Studio) -> None:
    workspace = studio.workspace
    prompt = msgspec.structs.replace(workspace.prompt, model="kandinsky-2.2")
    workspace.set_prompt(prompt)
    window.show_models("starter")
    [manager] = window.findChildren(ModelManager)
    button(manager, "Use").click()
    assert workspace.prompt.model == "starter"
    assert not manager.isVisible()


def test_a_licence_that_asks_for_it_is_accepted_first(qtbot: QtBot, place: Place) -> None:
    place.parts += "\nlicense_accept = true"
    manager = managed(qtbot, place.catalog(), place)
    assert not button(manager, "Install").isEnabled()
    accept = manager.findChild(QCheckBox)
    assert isinstance(accept, QCheckBox)
    assert accept.isVisible()
    accept.setChecked(True)
    assert button(manager, "Install").isEnabled()
    button(manager, "Install").click()
    qtbot.waitUntil(lambda: manager.chosen is not None and manager.chosen.installed)


def test_the_window_opens_it_once(window: MainWindow, studio: Studio) -> None:
    window.registry.run("file.models")
    window.registry.run("file.models")
    [manager] = window.findChildren(ModelManager)
    studio.catalog_changed.emit(studio.catalog)
    manager.close()


def test_the_hub_is_chosen_and_a_wrong_address_is_told(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    dialog = HubDialog(tmp_path, studio.background)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    address = dialog.findChildren(QLineEdit)[0]
    save = next(each for each in dialog.findChildren(QPushButton) if "Save" in each.text())
    address.setText("mirror.example")
    save.click()
    assert dialog.isVisible()
    address.setText("https://mirror.example/")
    with qtbot.waitSignal(dialog.accepted):
        save.click()
    assert load_hub_settings(tmp_path, {}).endpoint == "https://mirror.example"
