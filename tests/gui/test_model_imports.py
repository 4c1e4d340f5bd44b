from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from studio.generation.catalog import Catalog, load_catalog
from studio.gui.background import Background
from studio.gui.errands import Errands
from studio.gui.main_window import MainWindow
from studio.gui.model_imports import ModelImports, is_model
from studio.gui.studio import Studio
from studio.gui.widgets.toasts import Tone
from studio.models import finding
from tests.helpers.answers import Answers
from tests.helpers.weights import Shapes, write_safetensors

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA: Shapes = {f"{LAYER}.lora_down.weight": (4, 768)}
Messages = list[tuple[str, Tone]]


@pytest.fixture
def messages() -> Messages:
    return []


@pytest.fixture
def imports(qtbot: QtBot, tmp_path: Path, messages: Messages) -> Iterator[ModelImports]:
    (tmp_path / "models.toml").touch()

    def read_catalog() -> Catalog:
        nowhere = tmp_path / "nowhere"
        return load_catalog(tmp_path / "models.toml", nowhere, nowhere, tmp_path)

    background = Background()
    imports = ModelImports(Errands(background), tmp_path / "models", read_catalog)
    imports.message.connect(lambda words, tone, _: messages.append((words, tone)))
    yield imports
    background.close()


def test_a_file_is_imported_and_known_from_then_on(
    qtbot: QtBot, imports: ModelImports, messages: Messages, tmp_path: Path
) -> None:
    path = write_safetensors(tmp_path / "ink.safetensors", LORA)
    with (
        qtbot.waitSignal(imports.catalog_changed) as changed,
        qtbot.waitSignal(imports.imported) as imported,
    ):
        imports.take([path])
    catalog: Catalog = changed.args[0]
    assert imported.args == ["ink"]
    assert catalog.adapter("ink").path == path
    assert messages == [
        ("Ink is imported: write <lora:ink:0.8> into the prompt to use it.", Tone.NOTE)
    ]


def test_what_is_chosen_is_imported(qtbot: QtBot, imports: ModelImports, tmp_path: Path) -> None:
    imports.choose()
    imports.questions = Answers(source=write_safetensors(tmp_path / "ink.safetensors", LORA))
    with qtbot.waitSignal(imports.catalog_changed):
        imports.choose()


def test_what_cannot_be_imported_is_told(
    qtbot: QtBot, imports: ModelImports, messages: Messages, tmp_path: Path
) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"pickle")
    imports.take([tmp_path / "model.ckpt"])
    qtbot.waitUntil(lambda: bool(messages))
    words, tone = messages[0]
    assert "can run any program on this computer" in words
    assert tone is Tone.FAILURE


def test_of_a_folder_of_another_program_all_is_imported(
    qtbot: QtBot, imports: ModelImports, messages: Messages, tmp_path: Path
) -> None:
    loras = tmp_path / "ComfyUI" / "models" / "loras"
    for name in ("ink", "chalk"):
        write_safetensors(loras / f"{name}.safetensors", LORA)
    (loras / "old.pt").write_bytes(bytes(2000))
    with qtbot.waitSignal(imports.catalog_changed):
        imports.take([tmp_path / "ComfyUI"])
    assert messages == [
        ("Imported 2 models and adapters, 1 cannot be used.", Tone.NOTE),
    ]


def test_of_a_folder_without_models_is_said_what_was_looked_for_and_what_to_do(
    qtbot: QtBot, imports: ModelImports, messages: Messages, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    imports.take([folder])
    qtbot.waitUntil(lambda: bool(messages))
    ((words, tone),) = messages
    assert words.startswith(f"There are no models in {folder}, where .safetensors and .gguf files")
    assert words.endswith("were looked for: choose another folder, or one of those.")
    assert tone is Tone.WARNING


def test_of_a_folder_with_nothing_of_use_is_said_why(
    qtbot: QtBot, imports: ModelImports, messages: Messages, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "old.pt").write_bytes(bytes(2000))
    imports.take([tmp_path / "old"])
    qtbot.waitUntil(lambda: bool(messages))
    assert messages == [("Nothing was imported, 1 cannot be used.", Tone.WARNING)]


@pytest.mark.parametrize("agreed", [True, False])
def test_what_other_programs_have_is_imported_once_agreed(
    qtbot: QtBot,
    imports: ModelImports,
    messages: Messages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    agreed: bool,
) -> None:
    monkeypatch.setattr(finding, "usual_roots", lambda home: [tmp_path / "ComfyUI"])
    answers = imports.questions = Answers(agreed=agreed)
    write_safetensors(tmp_path / "ComfyUI" / "models" / "loras" / "ink.safetensors", LORA)
    imports.look()
    qtbot.waitUntil(lambda: answers.asked == ["whether"])
    if agreed:
        qtbot.waitUntil(lambda: bool(messages))
        assert messages == [("Imported one model or adapter.", Tone.NOTE)]
    assert (tmp_path / "models" / "imported.toml").exists() is agreed


def test_where_nothing_is_found_that_is_said(
    qtbot: QtBot, imports: ModelImports, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "usual_roots", lambda home: [])
    imports.look()
    qtbot.waitUntil(lambda: bool(messages))
    assert messages == [("No models of other programs were found.", Tone.NOTE)]


def test_models_are_told_from_pictures_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "sd-v1.5").mkdir()
    assert is_model(tmp_path / "sd-v1.5")
    for name in ("a.safetensors", "a.GGUF", "a.ckpt"):
        assert is_model(tmp_path / name)
    for name in ("a.png", "a.ora", "a.psd", "a"):
        assert not is_model(tmp_path / name)


def test_dropped_files_of_models_are_imported_and_pictures_placed(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    dropped: list[list[Path]] = []
    studio.files.models_dropped.disconnect()
    studio.files.models_dropped.connect(dropped.append)
    studio.files.take([tmp_path / "ink.safetensors"])
    assert dropped == [[tmp_path / "ink.safetensors"]]
    assert studio.workspace.is_pristine


def test_a_new_model_can_be_chosen_and_the_chosen_one_stays(
    window: MainWindow, studio: Studio
) -> None:
    models = next(box for box in window.findChildren(QComboBox) if box.accessibleName() == "Model")
    chosen, count = models.currentData(), models.count()
    fewer = Catalog([model for model in studio.catalog.models if model.id == chosen])
    studio.model_imports.catalog_changed.emit(fewer)
    assert (models.count(), models.currentData()) == (1, chosen)
    assert studio.catalog is fewer
    assert count >= 1
