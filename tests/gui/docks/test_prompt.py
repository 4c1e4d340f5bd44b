from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.geometry import Extent
from studio.core.layers import RasterLayer
from studio.engine.protocol import EngineStatus, Phase, Progress
from studio.generation.catalog import Catalog
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.fitting import fit_words
from studio.generation.memory import GIB, Budget
from studio.generation.task import Task
from studio.gui.docks.prompt import PromptPanel
from studio.gui.engine_thread import ProgressUpdate
from studio.gui.studio import Studio
from tests.helpers.adapters import adapter_info
from tests.helpers.masks import mask_frame
from tests.helpers.pictures import smooth


@pytest.fixture
def panel(qtbot: QtBot, studio: Studio) -> PromptPanel:
    panel = PromptPanel(studio.workspace, studio.situation, studio.catalog)
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    return panel


def called(panel: PromptPanel, name: str) -> QWidget:
    """The visible part that screen readers call by that name."""
    return next(w for w in panel.findChildren(QWidget) if w.accessibleName() == name)


def paint(studio: Studio) -> None:
    canvas = studio.workspace.document.canvas
    layer = RasterLayer.from_picture("sky", smooth(canvas.width, canvas.height))
    studio.workspace.stack.push(AddLayer(layer))


def test_it_says_what_will_happen_as_that_changes(
    qtbot: QtBot, panel: PromptPanel, studio: Studio
) -> None:
    qtbot.waitUntil(lambda: panel.sentence == "Write what the picture should show")
    panel.prompt.setPlainText("a red ball")
    assert panel.sentence == "Make a picture"
    paint(studio)
    qtbot.waitUntil(lambda: panel.sentence == "Repaint the frame at strength 0.6")
    mask_frame(studio.workspace.document, studio.workspace.stack)
    qtbot.waitUntil(lambda: panel.sentence == "Fill the masked area")


def test_what_is_written_is_what_is_asked_for(panel: PromptPanel, studio: Studio) -> None:
    panel.prompt.setPlainText("a red ball")
    assert studio.workspace.prompt.prompt == "a red ball"


def test_settings_from_elsewhere_are_shown(panel: PromptPanel, studio: Studio) -> None:
    prompt = msgspec.structs.replace(studio.workspace.prompt, prompt="a boat", rank=True)
    studio.workspace.set_prompt(prompt)
    assert panel.prompt.toPlainText() == "a boat"
    (rank,) = panel.findChildren(QCheckBox)
    assert rank.isChecked()


def test_it_says_how_the_model_fits_once_the_memory_is_known(
    panel: PromptPanel, studio: Studio
) -> None:
    budget = Budget(free=20 * GIB, total=24 * GIB, main=32 * GIB, is_shared=False)
    panel.show_engine(EngineStatus(device="NVIDIA RTX 4090", budget=budget))
    [told] = [each.text() for each in panel.findChildren(QLabel) if "Best at" in each.text()]
    assert told.endswith(fit_words(studio.situation.model, budget))


def test_a_model_that_is_not_there_can_be_installed_from_where_it_is_chosen(
    qtbot: QtBot, panel: PromptPanel, studio: Studio
) -> None:
    absent = next(model for model in studio.catalog.models if not model.installed)
    prompt = msgspec.structs.replace(studio.workspace.prompt, model=absent.id)
    studio.workspace.set_prompt(prompt)
    [told] = [each for each in panel.findChildren(QLabel) if "Not installed" in each.text()]
    with qtbot.waitSignal(panel.install_requested) as signal:
        told.linkActivated.emit(absent.id)
    assert signal.args == [absent.id]


def test_what_is_said_of_the_model_follows_the_choice(panel: PromptPanel, studio: Studio) -> None:
    models = called(panel, "Model")
    assert isinstance(models, QComboBox)
    absent = models.findData("flux.1-dev")
    models.setCurrentIndex(absent)
    models.activated.emit(absent)
    assert [each for each in panel.findChildren(QLabel) if "Not installed" in each.text()]
    models.setCurrentIndex(0)
    models.activated.emit(0)
    assert not [each for each in panel.findChildren(QLabel) if "Not installed" in each.text()]


def test_models_that_are_there_are_offered_first(panel: PromptPanel, studio: Studio) -> None:
    absent = next(model for model in studio.catalog.models if not model.installed)
    imported = replace(absent, id="imported", title="Imported", installed=True)
    panel.show_catalog(Catalog([*studio.catalog.models, imported]))
    models = called(panel, "Model")
    assert isinstance(models, QComboBox)
    assert models.findData("imported") < models.findData(absent.id)


def test_strength_is_shown_only_where_it_acts(
    qtbot: QtBot, panel: PromptPanel, studio: Studio
) -> None:
    panel.prompt.setPlainText("a red ball")
    qtbot.waitUntil(lambda: panel.sentence == "Make a picture")
    assert not called(panel, "Strength").isVisible()
    paint(studio)
    qtbot.waitUntil(lambda: called(panel, "Strength").isVisible())


def test_a_mask_keeps_a_strength_of_its_own(
    qtbot: QtBot, panel: PromptPanel, studio: Studio
) -> None:
    paint(studio)
    qtbot.waitUntil(lambda: panel.sentence.startswith("Repaint"))
    panel.strength.changed.emit(0.3)
    mask_frame(studio.workspace.document, studio.workspace.stack)
    qtbot.waitUntil(lambda: panel.sentence == "Fill the masked area")
    panel.strength.changed.emit(0.8)
    assert studio.workspace.prompt.strength == 0.3
    assert studio.workspace.prompt.mask_strength == 0.8


def test_the_person_can_insist_on_another_task(
    qtbot: QtBot, panel: PromptPanel, studio: Studio
) -> None:
    panel.prompt.setPlainText("a red ball")
    paint(studio)
    qtbot.waitUntil(lambda: panel.sentence.startswith("Repaint"))
    studio.situation.set_override(Task.TEXT_TO_IMAGE)
    assert panel.sentence == "Make a picture"
    studio.situation.set_override(None)
    assert panel.sentence.startswith("Repaint")


def test_the_button_follows_the_job(qtbot: QtBot, panel: PromptPanel) -> None:
    panel.prompt.setPlainText("a red ball")
    qtbot.waitUntil(lambda: panel.button.isEnabled())
    with qtbot.waitSignal(panel.generate_requested):
        panel.button.click()
    panel.show_busy(True, 0)
    event = Progress(job_id="a", phase=Phase.DENOISING, step=2, total=8, fraction=0.25)
    panel.show_progress(ProgressUpdate(event, None))
    assert panel.button.accessibleDescription() == "painting 2 of 8"
    with qtbot.waitSignal(panel.cancel_requested):
        panel.button.click()
    panel.show_busy(False, 0)
    assert panel.button.accessibleName() == "Generate"


def test_the_button_says_that_a_job_is_stopping_until_another_one_runs(
    panel: PromptPanel,
) -> None:
    def tell(job_id: str) -> str:
        event = Progress(job_id=job_id, phase=Phase.DENOISING, step=2, total=8)
        panel.show_progress(ProgressUpdate(event, None))
        return panel.button.accessibleDescription()

    panel.show_busy(True, 1)
    assert tell("a") == "painting 2 of 8"
    panel.show_stopping("a")
    assert panel.button.accessibleDescription() == "stopping"
    assert tell("a") == "stopping"
    assert tell("b") == "painting 2 of 8"


def test_the_button_forgets_a_job_that_failed(panel: PromptPanel) -> None:
    panel.show_failed()
    assert not panel.button.is_running
    panel.show_busy(True, 1)
    event = Progress(job_id="a", phase=Phase.DENOISING, step=2, total=8)
    panel.show_progress(ProgressUpdate(event, None))
    panel.show_failed()
    assert panel.button.accessibleDescription() == "preparing"


def test_a_running_job_can_be_cancelled_whatever_the_line_says(
    qtbot: QtBot, panel: PromptPanel
) -> None:
    panel.prompt.setPlainText("a red ball")
    qtbot.waitUntil(lambda: panel.button.isEnabled())
    panel.show_busy(True, 0)
    panel.prompt.setPlainText("")
    qtbot.waitUntil(lambda: panel.sentence.startswith("Write"))
    assert panel.button.isEnabled()
    panel.show_busy(False, 0)
    assert not panel.button.isEnabled()


def test_while_it_runs_another_one_can_be_queued(qtbot: QtBot, panel: PromptPanel) -> None:
    panel.show_busy(True, 2)
    queue = called(panel, "Queue another one")
    assert queue.isVisible()
    assert "2 more waiting" in queue.toolTip()
    panel.show_busy(False, 0)
    assert not queue.isVisible()


def test_the_size_is_that_of_the_frame(qtbot: QtBot, panel: PromptPanel, studio: Studio) -> None:
    panel.size_chosen.connect(studio.editing.set_size)
    panel.size_chosen.emit(Extent(512, 512))
    qtbot.waitUntil(lambda: panel.size_picker.extent == Extent(512, 512))


def test_every_model_is_offered(panel: PromptPanel, studio: Studio) -> None:
    models = called(panel, "Model")
    assert isinstance(models, QComboBox)
    offered = [models.itemData(row) for row in range(models.count())]
    assert offered == [model.id for model in studio.catalog.models]


def test_the_schedulers_are_those_of_the_models_family(panel: PromptPanel, studio: Studio) -> None:
    schedulers = called(panel, "Scheduler")
    assert isinstance(schedulers, QComboBox)
    for model, names in {
        "starter": ["model's own", "ddim", "ddpm", "dpm++"],
        "flux.1-schnell": ["model's own", "flow"],
    }.items():
        prompt = msgspec.structs.replace(studio.workspace.prompt, model=model, scheduler="ddpm")
        studio.workspace.set_prompt(prompt)
        assert [schedulers.itemText(row) for row in range(schedulers.count())] == names
    assert schedulers.currentText() == "model's own"


def test_what_stands_in_for_the_models_own_is_offered_where_it_is_installed(
    panel: PromptPanel, studio: Studio
) -> None:
    upscalers, vaes = called(panel, "Upscaler"), called(panel, "Autoencoder")
    assert isinstance(upscalers, QComboBox) and isinstance(vaes, QComboBox)
    assert upscalers.count() == vaes.count() == 1
    assert not upscalers.isVisible()
    adapters = [
        adapter_info(Path("ultra"), "upscaler", ANY_FAMILY),
        adapter_info(Path("away"), "upscaler", ANY_FAMILY, installed=False),
        adapter_info(Path("soft"), "vae", "stable_diffusion_xl"),
    ]
    studio.situation.set_catalog(Catalog(studio.catalog.models, adapters))
    panel.show_catalog(studio.catalog)
    offered = [upscalers.itemText(row) for row in range(upscalers.count())]
    assert offered == ["model's own", "Ultra"]
    assert vaes.count() == 1
    upscalers.setCurrentIndex(1)
    upscalers.activated.emit(1)
    assert studio.workspace.prompt.upscaler == "ultra"
    sdxl = next(m.id for m in studio.catalog.models if m.family == "stable_diffusion_xl")
    prompt = msgspec.structs.replace(studio.workspace.prompt, model=sdxl)
    studio.workspace.set_prompt(prompt)
    assert [vaes.itemText(row) for row in range(vaes.count())] == ["model's own", "Soft"]
    assert upscalers.itemText(0) == "none"
    assert upscalers.currentText() == "Ultra"


def test_a_prompt_that_is_too_long_is_cut_at_the_limit_and_not_refused(
    panel: PromptPanel, studio: Studio
) -> None:
    panel.prompt.setPlainText("🦊" * 20_000)
    assert studio.workspace.prompt.prompt == "🦊" * 20_000
