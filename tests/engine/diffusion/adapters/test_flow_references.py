"""IP-Adapters on the transformers of tiny models of FLUX.1 and Stable Diffusion 3."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline, StableDiffusion3Pipeline
from PIL import Image
from transformers import SiglipImageProcessor, SiglipVisionModel

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.generation.catalog import AdapterInfo, Catalog
from studio.generation.memory import Rung
from tests.helpers.adapters import adapter_info
from tests.helpers.guided import check_rungs, painted
from tests.helpers.shortage import small_gpu
from tests.helpers.tiny import flux, stable_diffusion_3
from tests.helpers.tiny.guides import save_flux_ip_adapter, save_sd3_ip_adapter
from tests.helpers.tiny_family import SIDE, farthest, loaded, saved_models

STYLE = np.random.default_rng(1).integers(0, 256, (50, 40, 3), dtype=np.uint8)
OTHER = np.random.default_rng(2).integers(0, 256, (40, 40, 3), dtype=np.uint8)
WEIGHTS = "weights.safetensors"
MODELS = {"flux": "tiny-flux-schnell", "stable_diffusion_3": "tiny-sd3"}
FAMILIES = tuple(MODELS)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("models"), *FAMILIES)


@pytest.fixture(scope="module")
def families(catalog: Catalog) -> dict[str, Any]:
    return {name: loaded(catalog.get(model)) for name, model in MODELS.items()}


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], AdapterInfo]:
    """Of each family one that fits, one with another encoder beside it, and more."""
    folder = tmp_path_factory.mktemp("adapters")
    first, second = flux.transformer(), stable_diffusion_3.transformer()
    places = {
        ("flux", "style"): save_flux_ip_adapter(first, folder / "style", seed=1),
        ("flux", "content"): save_flux_ip_adapter(first, folder / "content", seed=2),
        ("flux", "theirs"): save_flux_ip_adapter(first, folder / "theirs", seed=1, theirs=True),
        ("flux", "odd"): save_flux_ip_adapter(first, folder / "odd", seed=3, seen=16),
        ("stable_diffusion_3", "style"): save_sd3_ip_adapter(second, folder / "sd3", seed=4),
        ("stable_diffusion_3", "odd"): save_sd3_ip_adapter(second, folder / "o", seed=5, seen=16),
    }
    return {
        (family, name): adapter_info(place, "ip_adapter", family)
        for (family, name), place in places.items()
    }


def stock(pipeline: Any, **inputs: Any) -> Pixels:
    """What a stock pipeline that wears one paints."""
    pipeline.set_progress_bar_config(disable=True)
    pipeline.set_ip_adapter_scale(0.7)
    [image] = pipeline(
        "a cat",
        ip_adapter_image=Image.fromarray(STYLE),
        height=SIDE,
        width=SIDE,
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(3),
        **inputs,
    ).images
    return np.asarray(image)


@pytest.mark.parametrize("model", ["tiny-flux", "tiny-flux-schnell"])
@pytest.mark.parametrize("unwanted", ["", "a dog"])
def test_pictures_are_those_of_flux_s_stock_pipeline(
    catalog: Catalog, adapters: dict[tuple[str, str], AdapterInfo], model: str, unwanted: str
) -> None:
    found = catalog.get(model)
    place = next(part.path for part in found.parts if part.role == "pipeline")
    folder = adapters["flux", "style"].path
    pipeline = FluxPipeline.from_pretrained(place)
    pipeline.load_ip_adapter(
        str(folder),
        weight_name=WEIGHTS,
        image_encoder_pretrained_model_name_or_path=str(folder / "image_encoder"),
        image_encoder_dtype=torch.float32,
    )
    is_distilled = model == "tiny-flux"
    inputs: dict[str, Any] = {"max_sequence_length": 512 if is_distilled else 256}
    if unwanted and not is_distilled:
        inputs |= {"negative_prompt": unwanted, "true_cfg_scale": 2.0}
    expected = stock(pipeline, guidance_scale=2.0, **inputs)
    family = loaded(found)
    asked: dict[str, Any] = {"guidance": 2.0, "negative_prompt": unwanted}
    style = Guiding(adapters["flux", "style"], STYLE, 0.7)
    assert farthest(painted(family, references=[style], **asked), expected) <= 1
    assert farthest(painted(family, **asked), expected) > 1


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_pictures_are_those_of_stable_diffusion_3_s_stock_pipeline(
    catalog: Catalog,
    families: dict[str, Any],
    adapters: dict[tuple[str, str], AdapterInfo],
    guidance: float,
) -> None:
    adapter = adapters["stable_diffusion_3", "style"]
    found = catalog.get("tiny-sd3")
    place = next(part.path for part in found.parts if part.role == "pipeline")
    pipeline = StableDiffusion3Pipeline.from_pretrained(
        place,
        image_encoder=SiglipVisionModel.from_pretrained(adapter.path / "image_encoder"),
        feature_extractor=SiglipImageProcessor(size={"height": 32, "width": 32}),
    )
    pipeline.load_ip_adapter(str(adapter.path), weight_name=WEIGHTS, image_encoder_folder=None)
    expected = stock(pipeline, guidance_scale=guidance)
    family = families["stable_diffusion_3"]
    style = Guiding(adapter, STYLE, 0.7)
    assert farthest(painted(family, references=[style], guidance=guidance), expected) <= 1
    assert farthest(painted(family, guidance=guidance), expected) > 1


@pytest.mark.parametrize("name", FAMILIES)
def test_taken_off_it_leaves_no_trace(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    family, adapter = families[name], adapters[name, "style"]
    before = painted(family)
    assert not np.array_equal(painted(family, references=[Guiding(adapter, STYLE)]), before)
    assert np.array_equal(painted(family), before)
    assert np.array_equal(painted(family, references=[Guiding(adapter, STYLE, 0.0)]), before)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_picture_the_weight_and_the_range_of_steps_count(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    family, adapter = families[name], adapters[name, "style"]
    asked = [(STYLE, 1.0, 0.0, 1.0), (OTHER, 1.0, 0.0, 1.0), (STYLE, 0.3, 0.0, 1.0)]
    asked += [(STYLE, 1.0, 0.0, 0.5), (STYLE, 1.0, 0.5, 1.0)]
    pictures = [painted(family, references=[Guiding(adapter, *each)]) for each in asked]
    assert len({picture.tobytes() for picture in pictures}) == len(asked)
    none = painted(family, references=[Guiding(adapter, STYLE, 1.0, 0.0, 0.3)])
    assert np.array_equal(none, painted(family))


def test_several_add_up_on_flux_alone(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo]
) -> None:
    style = Guiding(adapters["flux", "style"], STYLE)
    content = Guiding(adapters["flux", "content"], OTHER)
    both = painted(families["flux"], references=[style, content])
    assert farthest(both, painted(families["flux"], references=[style])) > 1
    assert farthest(both, painted(families["flux"], references=[content])) > 1
    one = Guiding(adapters["stable_diffusion_3", "style"], STYLE)
    family = families["stable_diffusion_3"]
    plain = painted(family)
    with pytest.raises(ModelError, match="one reference picture at a time"):
        painted(family, references=[one, replace(one, pixels=OTHER)])
    assert np.array_equal(painted(family), plain)


def test_it_may_be_named_as_its_makers_do(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo]
) -> None:
    ours, theirs = (
        painted(families["flux"], references=[Guiding(adapters["flux", name], STYLE)])
        for name in ("style", "theirs")
    )
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", FAMILIES)
def test_an_encoder_that_it_was_not_made_for_is_refused(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    plain = painted(families[name])
    with pytest.raises(ModelError, match="is not the one that it was made for"):
        painted(families[name], references=[Guiding(adapters[name, "odd"], STYLE)])
    assert np.array_equal(painted(families[name]), plain)


def test_without_an_encoder_it_says_where_that_belongs(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(adapters["flux", "style"].path, tmp_path / "blind"))
    shutil.rmtree(folder / "image_encoder")
    blind = adapter_info(folder / WEIGHTS, "ip_adapter", "flux")
    with pytest.raises(ModelError, match="put the folder image_encoder"):
        painted(families["flux"], references=[Guiding(blind, STYLE)])


@pytest.mark.parametrize("name", FAMILIES)
def test_one_for_another_family_is_refused(
    families: dict[str, Any], adapters: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    other = next(each for each in FAMILIES if each != name)
    with pytest.raises(ModelError, match="made for another one"):
        painted(families[name], references=[Guiding(adapters[other, "style"], STYLE)])


@pytest.mark.parametrize("name", FAMILIES)
def test_it_paints_the_same_wherever_weights_wait(
    catalog: Catalog, adapters: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    style = Guiding(adapters[name, "style"], STYLE)
    check_rungs(catalog.get(MODELS[name]), references=[style])


def test_what_is_put_on_waits_outside_with_the_layers_of_its_model(
    catalog: Catalog, adapters: dict[tuple[str, str], AdapterInfo]
) -> None:
    machine = replace(small_gpu(), rung=Rung.LAYERS)
    family = loaded(catalog.get(MODELS["flux"]), machine)
    transformer = family.pipelines[0].transformer
    style = Guiding(adapters["flux", "style"], STYLE)
    for references in ([style], []):
        painted(family, references=references)
        leaves = [
            module for module in transformer.modules() if list(module.parameters(recurse=False))
        ]
        assert any("ip" in name for name, _ in transformer.named_modules()) == bool(references)
        for leaf in leaves:
            assert leaf._diffusers_hook.get_hook("group_offloading") is not None
