"""A model is found, fetched through mishaps, used and removed, with pointer and keys."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import paths
from studio.app import open_gallery
from studio.generation.catalog import MODELS_FILE
from studio.models.hub.settings import HubSettings, save_hub_settings
from tests.helpers.drag_source import dragged
from tests.helpers.hub import LocalHub, Mood
from tests.helpers.probe import ProbedApp
from tests.helpers.published import publish
from tests.helpers.screen import VirtualScreen
from tests.helpers.weights import write_safetensors
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.engine, pytest.mark.timeout(300)]

ID, TITLE = "tiny-sd", "Tiny-Sd"
LICENCE = '\nlicense_accept = true\nlicense_url = "https://example.org/licence"'
LIST = "Models and adapters"
INK = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"
PAINTING_SECONDS = 120


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    """A hub that has a tiny model, which the person's own list names, under a licence."""
    from tests.helpers.tiny import save_models

    with LocalHub() as hub:
        config = paths.config()
        config.mkdir(parents=True)
        made = save_models(tmp_path / "made", ("stable_diffusion",))
        models = publish(made, hub, config / MODELS_FILE)
        text = models.read_text(encoding="utf-8")
        models.write_text(text.replace(f'id = "{ID}"', f'id = "{ID}"{LICENCE}'), encoding="utf-8")
        save_hub_settings(config, HubSettings(endpoint=hub.endpoint))
        yield hub


def state(app: ProbedApp, title: str = TITLE) -> str:
    """What the list says of a model."""
    rows = app.ask("listed", LIST)
    return next((str(words) for name, words in rows if name == title), "")


def says(app: ProbedApp, words: str) -> bool:
    return any(words in text for text in app.ask("texts"))


def open_models(app: ProbedApp, search: str = "") -> None:
    app.where("Generate")
    app.screen.press("ctrl+shift+m")
    app.where("Search models")
    app.screen.type(search)


def find_what_fits(app: ProbedApp) -> None:
    """The keyboard is in the search; the list beside it is narrowed by keys as well."""
    open_models(app, "no such model")
    app.wait_for(lambda: not app.ask("listed", LIST), "an empty list")
    app.screen.save(PICTURES / "m1-nothing.png")
    app.screen.press("ctrl+a", "BackSpace")
    app.wait_for(lambda: len(app.ask("listed", LIST)) > 20, "the whole list")
    everything = app.ask("listed", LIST)
    app.screen.press("Tab", "Down", "Down")
    app.wait_for(lambda: 0 < len(app.ask("listed", LIST)) < len(everything), "what fits")
    app.screen.save(PICTURES / "m2-fitting.png")
    app.screen.press("shift+Tab")
    app.screen.type("tiny-sd")
    app.wait_for(lambda: state(app), "the tiny model")


def accept_and_install(app: ProbedApp, hub: LocalHub) -> None:
    """It stands still half-way, is made to wait, given up, and begun again."""
    hub.moods["//unet"] = Mood(hold=True)
    assert not app.wait_for(lambda: app.ask("widget", "Install"), "Install")["enabled"]
    app.screen.save(PICTURES / "m3-licence.png")
    app.click("I have read the licence and accept it")
    app.click("Install")
    app.wait_for(lambda: "Downloading" in state(app), "the download")
    app.screen.save(PICTURES / "m4-downloading.png")
    app.click("Pause")
    app.wait_for(lambda: "Paused at" in state(app), "the pause")
    app.click("Resume")
    app.wait_for(lambda: "Paused" not in state(app), "the download to go on")
    app.click("Cancel")
    app.wait_for(lambda: "unfinished" in state(app), "what is left of it")
    app.screen.save(PICTURES / "m5-cancelled.png")
    app.click("Continue")
    app.wait_for(lambda: "Downloading" in state(app), "the download to go on once more")


def die(app: ProbedApp) -> None:
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(30)


def finish(app: ProbedApp, hub: LocalHub) -> None:
    """The next start finds what was fetched, and fetches only the rest."""
    open_models(app, "tiny-sd")
    app.wait_for(lambda: "unfinished" in state(app), "what is left of it")
    app.screen.save(PICTURES / "m6-found-again.png")
    hub.let_go.set()
    asked = len(hub.seen)
    app.click("Continue")
    app.wait_for(lambda: "installed" in state(app), "the model")
    app.screen.save(PICTURES / "m7-installed.png")
    resumed = [seen for seen in hub.seen[asked:] if "unet/" in seen.path and seen.range]
    assert resumed


def paint_with_it(app: ProbedApp) -> None:
    app.click("Use")
    app.wait_for(lambda: says(app, "Best at 64 × 64 px"), "the model in the prompt panel")
    app.screen.press("ctrl+p")
    app.screen.type("a red ball")
    app.screen.press("ctrl+Return")
    app.wait_for(lambda: app.ask("document")["candidates"], "a candidate", PAINTING_SECONDS)
    app.wait_for(lambda: app.ask("widget", "Generate"), "the last candidate", PAINTING_SECONDS)
    app.screen.save(PICTURES / "m8-painted.png")
    gallery = open_gallery()
    try:
        assert {entry.request.model for entry in gallery.entries()} == {ID}
    finally:
        gallery.close()


def remove_it(app: ProbedApp) -> None:
    open_models(app, "tiny-sd")
    app.wait_for(lambda: "installed" in state(app), "the model")
    app.click("Remove")
    app.where(f"Remove {TITLE} from this computer?")
    app.screen.save(PICTURES / "m9-remove.png")
    app.screen.press("alt+r")
    app.wait_for(lambda: "installed" not in state(app), "its end")
    assert not (paths.models() / ID).exists()
    app.screen.press("Escape")
    app.wait_for(lambda: says(app, "Not installed"), "the prompt panel to say so")


def drop(app: ProbedApp, file: Path) -> None:
    """Drags a file onto the list, and lets go once the window says that it may be dropped."""
    place = app.where(LIST)
    with dragged(app.screen, file):
        app.screen.move(*place)
        app.screen.move(place[0] + 4, place[1])
        app.where("Drop it to import it")
        app.screen.let_go()
        app.wait_for(lambda: not app.ask("widget", "Drop it to import it"), "the drop")


def test_a_model_is_fetched_through_mishaps_used_and_removed(
    hub: LocalHub, app: ProbedApp, screen: VirtualScreen, home: Path
) -> None:
    find_what_fits(app)
    accept_and_install(app, hub)
    die(app)
    again = ProbedApp(screen, home)
    try:
        finish(again, hub)
        paint_with_it(again)
        remove_it(again)
    finally:
        again.kill()


def test_files_are_dropped_on_the_window_of_models_and_pickles_refused(
    app: ProbedApp, screen: VirtualScreen, tmp_path: Path
) -> None:
    lora = write_safetensors(tmp_path / "ink.safetensors", {INK: (4, 768)})
    pickle = tmp_path / "old.ckpt"
    pickle.write_bytes(b"pickle")
    open_models(app)
    drop(app, lora)
    app.wait_for(lambda: state(app, "Ink"), "the LoRA")
    app.where("Ink is imported: write <lora:ink:0.8> into the prompt to use it.")
    screen.save(PICTURES / "m10-imported.png")
    drop(app, pickle)
    app.wait_for(lambda: says(app, "can run any program on this computer"), "the refusal")
    screen.save(PICTURES / "m11-refused.png")
    assert [row for row in app.ask("listed", LIST) if "old" in row[0]] == []
