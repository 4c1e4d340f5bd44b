"""Installing from a hub, as the window sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.generation.catalog import Catalog
from studio.gui.installations import Installations, Work
from studio.gui.widgets.toasts import Tone
from studio.models.upkeep import remove
from tests.helpers.hub import LocalHub, Mood
from tests.models.conftest import PIPELINE, WEIGHTS, Place

BIG = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub() as local:
        local.add("owner/name", PIPELINE)
        yield local


@pytest.fixture
def place(tmp_path: Path, hub: LocalHub) -> Place:
    (tmp_path / "place").mkdir()
    return Place(tmp_path / "place", hub)


@pytest.fixture
def installations(qtbot: QtBot, place: Place) -> Iterator[Installations]:
    config = place.folder / "config"
    made = Installations(place.models, config, place.installer, place.catalog)
    yield made
    made.close()


def test_what_is_installed_is_told_with_the_new_catalog(
    qtbot: QtBot, installations: Installations, place: Place
) -> None:
    with (
        qtbot.waitSignal(installations.catalog_changed) as changed,
        qtbot.waitSignal(installations.message) as message,
    ):
        installations.install(place.model())
        under_way = installations.of("ours")
        assert under_way and under_way.work is Work.INSTALL
        assert under_way.sentence == "Installing: waiting for its turn"
    [catalog], [sentence, tone, _] = changed.args, message.args
    assert isinstance(catalog, Catalog)
    assert catalog.get("ours").installed
    assert (sentence, tone) == ("Ours is installed.", Tone.NOTE)
    assert installations.of("ours") is None


def test_a_pause_keeps_what_came_and_the_rest_comes_after_it(
    qtbot: QtBot, installations: Installations, place: Place, hub: LocalHub
) -> None:
    hub.moods["//" + BIG] = Mood(hold=True)
    installations.install(place.model())
    qtbot.waitUntil(lambda: place.arrived() >= len(WEIGHTS) // 2)
    installations.pause("ours", True)
    qtbot.waitUntil(lambda: "Paused at" in _sentence(installations))
    hub.let_go.set()
    with qtbot.waitSignal(installations.catalog_changed):
        installations.pause("ours", False)
    assert place.model().installed


def test_cancelling_says_nothing_and_leaves_nothing_that_looks_installed(
    qtbot: QtBot, installations: Installations, place: Place, hub: LocalHub
) -> None:
    hub.moods["//" + BIG] = Mood(hold=True)
    installations.install(place.model())
    qtbot.waitUntil(lambda: place.arrived() >= len(WEIGHTS) // 2)
    with qtbot.assertNotEmitted(installations.message):
        installations.cancel("ours")
        qtbot.waitUntil(lambda: installations.of("ours") is None)
    assert not place.model().installed
    assert place.arrived() > 0
    qtbot.waitUntil(lambda: installations.begun("ours") >= place.arrived())


def test_what_an_earlier_program_has_begun_is_found_and_can_be_removed(
    qtbot: QtBot, installations: Installations, place: Place, hub: LocalHub
) -> None:
    (place.staging / "pipeline").mkdir(parents=True)
    (place.staging / "pipeline" / "weights.part").write_bytes(bytes(7000))
    with qtbot.waitSignal(installations.changed) as changed:
        installations.look()
    assert (changed.args, installations.begun("ours")) == (["ours"], 7000)
    with qtbot.waitSignal(installations.message) as message:
        installations.remove(place.model())
    assert message.args[0] == "Ours is removed: 7 kB are free again."
    assert not place.staging.exists()
    assert installations.begun("ours") == 0


def test_a_refusal_is_told_in_a_sentence(
    qtbot: QtBot, installations: Installations, place: Place, hub: LocalHub
) -> None:
    hub.moods[BIG] = Mood(status=404)
    with qtbot.waitSignal(installations.message) as signal:
        installations.install(place.model())
    sentence, tone, _ = signal.args
    assert tone is Tone.FAILURE
    assert "Ours" in sentence or "owner/name" in sentence
    assert installations.trouble("ours") == sentence
    hub.moods.clear()
    installations.install(place.model())
    assert installations.trouble("ours") == ""
    qtbot.waitUntil(lambda: installations.of("ours") is None)


def test_a_licence_that_was_accepted_is_not_asked_for_again(
    qtbot: QtBot, installations: Installations, place: Place
) -> None:
    place.parts += "\nlicense_accept = true"
    assert installations.must_accept(place.model())
    with qtbot.waitSignal(installations.catalog_changed):
        installations.install(place.model(), accepted=True)
    assert not installations.must_accept(place.model())


def test_checking_names_the_damaged_file_and_removing_frees_the_disk(
    qtbot: QtBot, installations: Installations, place: Place
) -> None:
    model = place.install()
    with qtbot.waitSignal(installations.message) as signal:
        installations.check(model)
    assert "files are what they should be" in signal.args[0]
    (place.installed / "pipeline" / BIG).write_bytes(WEIGHTS[::-1])
    with qtbot.waitSignal(installations.message) as signal:
        installations.check(model)
    assert "diffusion_pytorch_model.safetensors is damaged" in signal.args[0]
    with qtbot.waitSignal(installations.catalog_changed):
        installations.remove(model)
    assert not place.model().installed


def test_what_another_program_installs_and_removes_is_noticed(
    qtbot: QtBot, installations: Installations, place: Place
) -> None:
    assert not place.models.exists()
    installations.follow()
    catalogs: list[Catalog] = []
    installations.catalog_changed.connect(catalogs.append)
    model = place.install()
    qtbot.waitUntil(lambda: bool(catalogs) and catalogs[-1].get("ours") == model)
    remove(model, place.models)
    qtbot.waitUntil(lambda: not catalogs[-1].get("ours").installed)


def test_a_download_that_another_program_finishes_is_no_longer_unfinished(
    qtbot: QtBot, installations: Installations, place: Place
) -> None:
    (place.staging / "pipeline").mkdir(parents=True)
    (place.staging / "pipeline" / "weights.part").write_bytes(bytes(7000))
    installations.follow()
    installations.look()
    qtbot.waitUntil(lambda: installations.begun("ours") == 7000)
    place.install()
    qtbot.waitUntil(lambda: installations.begun("ours") == 0)


def _sentence(installations: Installations) -> str:
    under_way = installations.of("ours")
    return under_way.sentence if under_way else ""
