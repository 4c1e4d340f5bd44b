"""Whatever is wrong with a model's files, every family says so in a sentence that helps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.generation.catalog import ModelInfo, load_catalog
from tests.helpers.engine_runs import RecordingDesk, box_mask
from tests.helpers.tiny import FAMILIES
from tests.helpers.tiny.kandinsky22 import save_kandinsky
from tests.helpers.tiny_family import SIDE, SOURCE, brief_for, loaded, saved_models

Damage = Callable[[Path], None]
"""Spoils a pipeline's folder."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[ModelInfo]:
    """A model of each family, whole; its first part is a pipeline's folder."""
    catalog = saved_models(tmp_path_factory.mktemp("made"), *FAMILIES)
    return [next(m for m in catalog.models if m.family == family) for family in FAMILIES]


def spoilt(model: ModelInfo, damage: Damage, folder: Path) -> ModelInfo:
    """A copy of a model with damaged files."""
    copied = shutil.copytree(model.parts[0].path, folder / model.id)
    damage(copied)
    return replace(model, parts=(replace(model.parts[0], path=copied), *model.parts[1:]))


def denoiser(pipeline: Path) -> Path:
    """The folder of the module that takes most of the time."""
    for name in ("transformer", "unet", "decoder"):
        if (pipeline / name).is_dir():
            return pipeline / name
    raise FileNotFoundError(pipeline)


def no_weights(pipeline: Path) -> None:
    for file in denoiser(pipeline).glob("*.safetensors"):
        file.unlink()


def weights_cut_off(pipeline: Path) -> None:
    for file in denoiser(pipeline).glob("*.safetensors"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def weights_in_a_pickle(pipeline: Path) -> None:
    for file in denoiser(pipeline).glob("*.safetensors"):
        file.rename(file.with_suffix(".bin"))


def an_index_of_shards_that_is_none(pipeline: Path) -> None:
    for file in denoiser(pipeline).glob("*.safetensors"):
        file.with_name(f"{file.name}.index.json").write_text("[]")
        file.unlink()


def words_for_numbers(pipeline: Path) -> None:
    config = denoiser(pipeline) / "config.json"
    values = json.loads(config.read_text())
    numbers = {name for name, value in values.items() if type(value) is int}
    config.write_text(json.dumps(values | dict.fromkeys(numbers, "seven")))


def a_list_for_a_configuration(pipeline: Path) -> None:
    (denoiser(pipeline) / "config.json").write_text("[1, 2]")


def no_tokenizers(pipeline: Path) -> None:
    """Where none has a folder of its own, there is one in the processor's."""
    folders = list(pipeline.glob("tokenizer*"))
    for folder in folders:
        shutil.rmtree(folder)
    for file in [] if folders else pipeline.glob("processor/tokenizer*"):
        file.unlink()


def tokenizers_without_words(pipeline: Path) -> None:
    for file in pipeline.glob("*/tokenizer.json"):
        file.unlink()


@pytest.mark.parametrize(
    "damage",
    [
        no_weights,
        weights_cut_off,
        weights_in_a_pickle,
        an_index_of_shards_that_is_none,
        words_for_numbers,
        a_list_for_a_configuration,
        no_tokenizers,
        tokenizers_without_words,
    ],
)
def test_a_damaged_model_is_refused_with_what_to_do(
    models: list[ModelInfo], tmp_path: Path, damage: Damage, subtests: pytest.Subtests
) -> None:
    for model in models:
        with subtests.test(family=model.family):
            with pytest.raises(ModelError, match=f"{model.title} cannot be loaded") as refused:
                loaded(spoilt(model, damage, tmp_path))
            assert refused.value.message.endswith("import it again, or choose another one.")
            assert refused.value.details


def test_what_is_loaded_for_a_later_task_is_refused_likewise(tmp_path: Path) -> None:
    [model] = load_catalog(save_kandinsky(tmp_path), tmp_path, tmp_path, tmp_path).models
    no_weights(tmp_path / "inpaint")
    family, mask = loaded(model), box_mask(SIDE, SIDE, 8, 8, 32, 32)
    brief = brief_for(model)
    family.text_to_image(brief, RecordingDesk())
    with pytest.raises(ModelError, match="Tiny cannot be loaded"):
        family.inpaint(brief, SOURCE, mask, 1.0, RecordingDesk())
    shutil.rmtree(tmp_path / "inpaint")
    with pytest.raises(ModelError, match="lacks its inpaint in .*: look whether its drive"):
        family.inpaint(brief, SOURCE, mask, 1.0, RecordingDesk())
