"""HiDream-I1 against the stock pipeline, which loads the very same folders."""

from __future__ import annotations

import dataclasses
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import FlowMatchEulerDiscreteScheduler, HiDreamImagePipeline
from transformers import AutoTokenizer, LlamaForCausalLM

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.device.machine import seeded
from studio.generation.catalog import Catalog, ModelInfo
from tests.helpers.adapters import lora_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.quantised import save_gguf
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny_family import SIDE, brief_for, distance, farthest, loaded, saved_models

LLAMA = "text_encoder_4"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("hidream"), "hidream")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-hidream")


def folders_of(model: ModelInfo) -> dict[str, Path]:
    return {part.role: part.path for part in model.parts}


def stock_pipeline(model: ModelInfo) -> Any:
    """As its makers load it, for pictures of `SIDE` pixels: it paints at its own size only."""
    folders = folders_of(model)
    pipeline = HiDreamImagePipeline.from_pretrained(
        folders["pipeline"],
        text_encoder_4=LlamaForCausalLM.from_pretrained(folders[LLAMA]),
        tokenizer_4=AutoTokenizer.from_pretrained(folders[LLAMA]),
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.default_sample_size = SIDE // pipeline.vae_scale_factor
    return pipeline


def painted_by(pipeline: Any, told: dict[str, Any]) -> Pixels:
    generator = seeded(3)
    if "generator" in pipeline.scheduler.step.__code__.co_varnames:
        # The stock pipeline leaves what is noised anew to chance.
        pipeline.scheduler.step = partial(pipeline.scheduler.step, generator=generator)
    values = {"prompt": "a cat", "height": SIDE, "width": SIDE, "num_inference_steps": 3}
    [image] = pipeline(**(values | told), generator=generator).images
    return np.asarray(image)


@pytest.mark.parametrize(
    ("guidance", "negative", "extent"),
    [
        (1.0, "", Extent(64, 64)),
        (5.0, "", Extent(80, 48)),
        (5.0, "something much longer than that", Extent(64, 64)),
    ],
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, guidance: float, negative: str, extent: Extent
) -> None:
    told = {"guidance_scale": guidance, "negative_prompt": negative}
    size = {"width": extent.width, "height": extent.height}
    theirs = painted_by(stock_pipeline(model), told | size)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative, extent=extent, steps=3)
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_the_distilled_one_noises_anew_like_the_stock_pipeline(catalog: Catalog) -> None:
    fast = catalog.get("tiny-hidream-fast")
    theirs = painted_by(stock_pipeline(fast), {"guidance_scale": 0.0})
    ours = loaded(fast).text_to_image(brief_for(fast, steps=3), RecordingDesk())
    assert farthest(ours, theirs) <= 1


@pytest.mark.parametrize("config", [{"shift": 3.0}, {"use_dynamic_shifting": True}])
def test_another_scheduler_is_set_as_in_the_stock_pipeline(
    family: Any, model: ModelInfo, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = stock_pipeline(model)
    pipeline.scheduler = FlowMatchEulerDiscreteScheduler(**config)
    theirs = painted_by(pipeline, {"guidance_scale": 5.0})
    monkeypatch.setattr(family.pipelines[0], "scheduler", pipeline.scheduler)
    ours = family.text_to_image(brief_for(model, scheduler="flow", steps=3), RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_pictures_may_be_larger_than_those_that_it_was_trained_on(
    family: Any, model: ModelInfo
) -> None:
    small, large, again = (
        family.text_to_image(brief_for(model, extent=extent), RecordingDesk())
        for extent in (Extent(80, 48), Extent(128, 80), Extent(80, 48))
    )
    assert large.shape == (80, 128, 3)
    assert (small == again).all()


def test_a_llama_in_the_pipelines_folder_is_read_too(
    family: Any, model: ModelInfo, tmp_path: Path
) -> None:
    folders = folders_of(model)
    whole = Path(shutil.copytree(folders["pipeline"], tmp_path / "whole"))
    for name in (LLAMA, "tokenizer_4"):
        shutil.copytree(folders[LLAMA], whole / name)
    [part] = (part for part in model.parts if part.role == "pipeline")
    alone = dataclasses.replace(model, parts=(dataclasses.replace(part, path=whole),))
    ours, theirs = (
        each.text_to_image(brief_for(model), RecordingDesk()) for each in (family, loaded(alone))
    )
    assert (ours == theirs).all()


def test_without_a_llama_it_is_said_where_one_belongs(model: ModelInfo) -> None:
    parts = tuple(part for part in model.parts if part.role == "pipeline")
    with pytest.raises(ModelError, match="lacks its Llama 3.1 Instruct"):
        loaded(dataclasses.replace(model, parts=parts))


def test_a_lora_changes_the_picture_until_it_is_taken_off(
    family: Any, model: ModelInfo, tmp_path: Path
) -> None:
    file = save_lora(stock_pipeline(model), tmp_path / "ink.safetensors", seed=1)
    brief = brief_for(model)
    pictures = []
    for loras in ([], [Worn(lora_info(file, "hidream"), 1.0)], []):
        family.wear(loras)
        pictures.append(family.text_to_image(brief, RecordingDesk()))
    plain, worn, again = pictures
    assert (plain != worn).any()
    assert (plain == again).all()


def test_a_quantised_file_replaces_the_transformer(
    family: Any, model: ModelInfo, tmp_path: Path
) -> None:
    """The gates that choose experts are kept precise in such files."""
    save_gguf(
        stock_pipeline(model).transformer.state_dict(), tmp_path / "any.gguf", precise="gate.weight"
    )
    [part] = (part for part in model.parts if part.role == "pipeline")
    file = dataclasses.replace(part, role="transformer", path=tmp_path / "any.gguf")
    quantised = loaded(dataclasses.replace(model, parts=(*model.parts, file)))
    exact, rounded, other = (
        each.text_to_image(brief_for(model, guidance=1.0, seed=seed), RecordingDesk())
        for each, seed in ((family, 3), (quantised, 3), (family, 4))
    )
    assert 0 < distance(exact, rounded) < distance(exact, other)
