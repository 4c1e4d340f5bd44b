"""ControlNets beside the transformers of tiny models of Stable Diffusion 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from diffusers import (
    SD3ControlNetModel,
    SD3MultiControlNetModel,
    StableDiffusion3ControlNetPipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.guided import (
    OTHERS,
    SHAPES,
    check_idle,
    check_inpainting,
    check_rungs,
    check_sum,
    painted,
)
from tests.helpers.tiny import stable_diffusion_3
from tests.helpers.tiny.guides import save_sd3_controlnet
from tests.helpers.tiny_family import (
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

FAMILY = "stable_diffusion_3"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("models"), FAMILY)


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AdapterInfo]:
    """Those that fit, and others."""
    folder, transformer = tmp_path_factory.mktemp("nets"), stable_diffusion_3.transformer()
    unread = {"joint_attention_dim": None, "use_pos_embed": False}
    kinds: dict[str, dict[str, Any]] = {
        "edges": {},
        "shifted": {"force_zeros_for_pooled_projection": False},
        "wordless": {**unread, "force_zeros_for_pooled_projection": False},
        "deep": {"num_layers": 2},
        "masked": {"extra_conditioning_channels": 1},
        "narrow": {"num_attention_heads": 2, "caption_projection_dim": 16},
    }
    return {
        name: adapter_info(
            save_sd3_controlnet(transformer, folder / name, seed=seed, **config),
            "controlnet",
            FAMILY,
        )
        for seed, (name, config) in enumerate(kinds.items())
    }


@pytest.fixture(scope="module")
def family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-sd3"))


@pytest.fixture
def stock(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the stock pipeline paints; it draws the latents that it reads, ours takes their mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )
    found = catalog.get("tiny-sd3")
    place = next(part.path for part in found.parts if part.role == "pipeline")

    def paint(controlnet: Any, **inputs: Any) -> Pixels:
        values = {"prompt": "a cat", "guidance_scale": found.defaults.guidance, **inputs}
        return stock_picture(
            StableDiffusion3ControlNetPipeline, place, values, controlnet=controlnet
        )

    return paint


@pytest.mark.parametrize("net", ["edges", "shifted", "wordless", "deep"])
def test_pictures_are_those_of_the_stock_pipeline(
    stock: Any, family: Any, nets: dict[str, AdapterInfo], net: str
) -> None:
    expected = stock(
        SD3ControlNetModel.from_pretrained(nets[net].path),
        control_image=Image.fromarray(SHAPES),
        controlnet_conditioning_scale=0.7,
        control_guidance_end=0.5,
    )
    assert farthest(painted(family, [Guiding(nets[net], SHAPES, 0.7, 0.0, 0.5)]), expected) <= 1
    assert farthest(painted(family), expected) > 1
    assert farthest(painted(family, [Guiding(nets[net], SHAPES, 0.7)]), expected) > 1


def test_two_add_up_as_in_the_stock_pipeline(
    stock: Any, family: Any, nets: dict[str, AdapterInfo]
) -> None:
    place = nets["edges"].path
    expected = stock(
        SD3MultiControlNetModel([SD3ControlNetModel.from_pretrained(place) for _ in range(2)]),
        control_image=[Image.fromarray(pixels) for pixels in (SHAPES, OTHERS)],
        controlnet_conditioning_scale=[0.7, 0.4],
    )
    controls = [Guiding(nets["edges"], SHAPES, 0.7), Guiding(nets["edges"], OTHERS, 0.4)]
    assert farthest(painted(family, controls), expected) <= 1


def test_those_of_unlike_depth_add_up_too(family: Any, nets: dict[str, AdapterInfo]) -> None:
    edges, deep = Guiding(nets["edges"], SHAPES), Guiding(nets["deep"], OTHERS)
    check_sum(family, edges, deep)


def test_what_does_nothing_changes_nothing(family: Any, nets: dict[str, AdapterInfo]) -> None:
    check_idle(family, nets["edges"])


def test_what_is_masked_is_guided_too(family: Any, nets: dict[str, AdapterInfo]) -> None:
    check_inpainting(family, Guiding(nets["edges"], SHAPES))


@pytest.mark.parametrize(
    ("net", "says"), [("masked", "sees a mask"), ("narrow", "made for another version")]
)
def test_what_cannot_guide_is_refused_in_a_sentence(
    family: Any, nets: dict[str, AdapterInfo], net: str, says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        painted(family, [Guiding(nets[net], SHAPES)])


def test_a_file_alone_does_not_say_enough(family: Any, tmp_path: Path) -> None:
    alone = adapter_info(tmp_path / "alone.safetensors", "controlnet", FAMILY)
    with pytest.raises(ModelError, match=r"import the folder in which its config\.json is"):
        painted(family, [Guiding(alone, SHAPES)])


@pytest.mark.parametrize("net", ["edges", "wordless"])
def test_it_paints_the_same_wherever_weights_wait(
    catalog: Catalog, nets: dict[str, AdapterInfo], net: str
) -> None:
    check_rungs(catalog.get("tiny-sd3"), controls=[Guiding(nets[net], SHAPES)])
