"""ControlNets beside the tiny transformers that are told words by a language model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import (
    QwenImageControlNetModel,
    QwenImageControlNetPipeline,
    QwenImageMultiControlNetModel,
    SanaControlNetModel,
    SanaControlNetPipeline,
    ZImageControlNetModel,
    ZImageControlNetPipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.tuning import Tuning
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.guided import (
    OTHERS,
    SHAPES,
    check_idle,
    check_inpainting,
    check_rungs,
    check_sum,
    painted,
)
from tests.helpers.machines import CPU
from tests.helpers.tiny import sana
from tests.helpers.tiny.guides import (
    save_qwen_controlnet,
    save_sana_controlnet,
    save_z_image_controlnet,
)
from tests.helpers.tiny_family import (
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)


@dataclass(frozen=True)
class Guided:
    """A family whose models are guided.

    Attributes:
        model: id of a tiny one.
        net, pipeline: diffusers' classes.
        save: writes a ControlNet.
        deep: what one with an answer more has.
        unfit: what one for another model has.
        inputs: of the stock pipeline, by the model's guidance.
    """

    model: str
    net: Any
    pipeline: Any
    save: Callable[..., Path]
    deep: dict[str, Any]
    unfit: dict[str, Any]
    inputs: Callable[[float], dict[str, Any]]


FAMILIES = {
    "qwen_image": Guided(
        "tiny-qwen",
        QwenImageControlNetModel,
        QwenImageControlNetPipeline,
        save_qwen_controlnet,
        deep={"num_layers": 2},
        unfit={"joint_attention_dim": 8},
        inputs=lambda guidance: {"true_cfg_scale": guidance, "negative_prompt": ""},
    ),
    "sana": Guided(
        "tiny-sana",
        SanaControlNetModel,
        SanaControlNetPipeline,
        save_sana_controlnet,
        deep={"num_layers": 2},
        unfit={"caption_channels": 8},
        inputs=lambda guidance: {"guidance_scale": guidance, "use_resolution_binning": False},
    ),
    "z_image": Guided(
        "tiny-z",
        ZImageControlNetModel,
        ZImageControlNetPipeline,
        save_z_image_controlnet,
        deep={"control_layers_places": [0, 1]},
        unfit={"control_layers_places": [0, 7]},
        inputs=lambda guidance: {"guidance_scale": guidance},
    ),
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    with pytest.MonkeyPatch.context() as patch:
        # Of one block there is none after which a ControlNet's answer could be added.
        patch.setattr(sana, "LAYERS", 3)
        return saved_models(tmp_path_factory.mktemp("models"), *FAMILIES)


@pytest.fixture(scope="module")
def families(catalog: Catalog) -> dict[str, Any]:
    return {name: loaded(catalog.get(each.model)) for name, each in FAMILIES.items()}


@pytest.fixture(scope="module")
def nets(
    families: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], AdapterInfo]:
    """Of each family one that fits, one of more answers, and one that does not fit."""
    folder = tmp_path_factory.mktemp("nets")
    found = {}
    for name, each in FAMILIES.items():
        transformer = families[name].pipelines[0].transformer
        kinds = {"edges": {}, "deep": each.deep, "unfit": each.unfit}
        for seed, (kind, config) in enumerate(kinds.items()):
            place = each.save(transformer, folder / f"{name}-{kind}", seed=seed, **config)
            found[name, kind] = adapter_info(place, "controlnet", name)
    return found


@pytest.fixture
def stock(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pixels]:
    """What a stock pipeline paints; it draws the latents that it reads, ours takes their mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )

    def paint(family: Any, name: str, controlnet: Any, **inputs: Any) -> Pixels:
        each, model = FAMILIES[name], catalog.get(FAMILIES[name].model)
        place = next(part.path for part in model.parts if part.role == "pipeline")
        brief = brief_for(model)
        values = {"prompt": brief.prompt, **each.inputs(brief.guidance), **inputs}
        scheduler = family._named_scheduler(brief.scheduler)
        return stock_picture(
            each.pipeline, place, values, controlnet=controlnet, scheduler=scheduler
        )

    return paint


@pytest.mark.parametrize("net", ["edges", "deep"])
@pytest.mark.parametrize("name", FAMILIES)
def test_pictures_are_those_of_the_stock_pipelines(
    stock: Callable[..., Pixels],
    families: dict[str, Any],
    nets: dict[tuple[str, str], AdapterInfo],
    name: str,
    net: str,
) -> None:
    family, adapter = families[name], nets[name, net]
    expected = stock(
        family,
        name,
        FAMILIES[name].net.from_pretrained(adapter.path),
        control_image=Image.fromarray(SHAPES),
        controlnet_conditioning_scale=0.7,
    )
    assert farthest(painted(family, [Guiding(adapter, SHAPES, 0.7)]), expected) <= 1
    assert farthest(painted(family), expected) > 1


def test_qwens_add_up_and_end_as_in_the_stock_pipeline(
    stock: Callable[..., Pixels],
    families: dict[str, Any],
    nets: dict[tuple[str, str], AdapterInfo],
) -> None:
    adapter = nets["qwen_image", "edges"]
    net = QwenImageMultiControlNetModel([QwenImageControlNetModel.from_pretrained(adapter.path)])
    expected = stock(
        families["qwen_image"],
        "qwen_image",
        net,
        control_image=[Image.fromarray(pixels) for pixels in (SHAPES, OTHERS)],
        controlnet_conditioning_scale=[0.7, 0.4],
        control_guidance_start=[0.0, 0.0],
        control_guidance_end=[1.0, 0.5],
    )
    controls = [Guiding(adapter, SHAPES, 0.7), Guiding(adapter, OTHERS, 0.4, 0.0, 0.5)]
    assert farthest(painted(families["qwen_image"], controls), expected) <= 1


@pytest.mark.parametrize("name", FAMILIES)
def test_several_add_up_whatever_their_depth(
    families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    family = families[name]
    edges, deep = Guiding(nets[name, "edges"], SHAPES), Guiding(nets[name, "deep"], OTHERS, 0.5)
    check_sum(family, edges, deep)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_does_nothing_changes_nothing(
    families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    check_idle(families[name], nets[name, "edges"])


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_masked_is_guided_too(
    families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    check_inpainting(families[name], Guiding(nets[name, "edges"], SHAPES))


def test_editors_are_guided_too(
    families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo]
) -> None:
    family = families["qwen_image"]
    with_and_without = [
        family.edit(brief_for(family._model, controls=controls), [SOURCE], RecordingDesk())
        for controls in ((Guiding(nets["qwen_image", "edges"], SHAPES),), ())
    ]
    assert farthest(*with_and_without) > 1


def test_a_cache_of_steps_leaves_guided_pictures_as_they_are(
    catalog: Catalog, families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo]
) -> None:
    hasty = loaded(catalog.get("tiny-qwen"), replace(CPU, tuning=Tuning(step_cache=1.0)))
    controls = [Guiding(nets["qwen_image", "edges"], SHAPES)]
    exact = painted(families["qwen_image"], controls, steps=4)
    assert np.array_equal(painted(hasty, controls, steps=4), exact)


@pytest.mark.parametrize("name", ["qwen_image", "sana"])
def test_one_file_is_the_same_as_its_folder(
    families: dict[str, Any],
    nets: dict[tuple[str, str], AdapterInfo],
    tmp_path: Path,
    name: str,
) -> None:
    folder = nets[name, "deep"].path
    weights = folder / "diffusion_pytorch_model.safetensors"
    alone = adapter_info(
        Path(shutil.copy(weights, tmp_path / f"{name}-alone.safetensors")), "controlnet", name
    )
    expected = painted(families[name], [Guiding(nets[name, "deep"], SHAPES)])
    assert np.array_equal(painted(families[name], [Guiding(alone, SHAPES)]), expected)


def test_a_file_for_z_image_does_not_say_enough(families: dict[str, Any], tmp_path: Path) -> None:
    alone = adapter_info(tmp_path / "alone.safetensors", "controlnet", "z_image")
    with pytest.raises(ModelError, match=r"import the folder in which its config\.json is"):
        painted(families["z_image"], [Guiding(alone, SHAPES)])


@pytest.mark.parametrize("name", FAMILIES)
def test_one_for_another_model_is_refused(
    families: dict[str, Any], nets: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    with pytest.raises(ModelError, match="made for another version"):
        painted(families[name], [Guiding(nets[name, "unfit"], SHAPES)])


def test_one_that_sees_a_mask_is_refused(families: dict[str, Any], tmp_path: Path) -> None:
    transformer = families["qwen_image"].pipelines[0].transformer
    place = save_qwen_controlnet(transformer, tmp_path / "fill", seed=1, extra_condition_channels=4)
    fill = adapter_info(place, "controlnet", "qwen_image")
    with pytest.raises(ModelError, match="sees a mask"):
        painted(families["qwen_image"], [Guiding(fill, SHAPES)])


def test_a_sprint_is_not_guided(catalog: Catalog, nets: dict[tuple[str, str], AdapterInfo]) -> None:
    sprint = loaded(catalog.get("tiny-sana-sprint"))
    with pytest.raises(ModelError, match="steps that no ControlNet knows"):
        painted(sprint, [Guiding(nets["sana", "edges"], SHAPES)])


@pytest.mark.parametrize("name", FAMILIES)
def test_it_paints_the_same_wherever_weights_wait(
    catalog: Catalog, nets: dict[tuple[str, str], AdapterInfo], name: str
) -> None:
    control = Guiding(nets[name, "edges"], SHAPES)
    check_rungs(catalog.get(FAMILIES[name].model), controls=[control])
