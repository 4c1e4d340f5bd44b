"""Autoencoders that requests put in the place of the model's own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from diffusers import AutoencoderKL

from studio.core.errors import KnownError
from studio.core.picture import Picture
from studio.engine.diffusion.runner import Runner
from studio.generation.adapters import VAE_FAMILIES
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.generation.request import TextToImage
from tests.helpers.adapters import adapter_table
from tests.helpers.engine_runs import RecordingDesk, pictures_of
from tests.helpers.tiny import save_models
from tests.helpers.tiny.parts import seed_weights

WHOLE = ("sana",)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Models of these families, and for each an autoencoder as a folder and as a file."""
    folder = tmp_path_factory.mktemp("autoencoders")
    models = save_models(folder, (*VAE_FAMILIES, *WHOLE))
    plain = load_catalog(models, folder, folder, folder)
    tables = ""
    for family in VAE_FAMILIES:
        other = save_other(model_of(plain, family), folder / f"{family}-other")
        file = other / "diffusion_pytorch_model.safetensors"
        tables += adapter_table(other, "vae", family)
        tables += adapter_table(file, "vae", family, id=f"{family}-file")
    other = folder / "stable_diffusion-other"
    tables += adapter_table(other, "vae", "sana", id="sana-other")
    models.write_text(models.read_text() + tables)
    return load_catalog(models, folder, folder, folder)


@pytest.fixture(scope="module")
def runner(catalog: Catalog) -> Runner:
    return Runner(lambda: catalog, 0)


def model_of(catalog: Catalog, family: str) -> ModelInfo:
    return next(
        model
        for model in catalog.models
        if model.family == family
        and "text_to_image" in model.tasks
        and model.parts[0].path.is_dir()
    )


def save_other(model: ModelInfo, folder: Path) -> Path:
    """An autoencoder like the model's, with other weights."""
    seed_weights(11)
    config = AutoencoderKL.load_config(model.parts[0].path / "vae")
    AutoencoderKL.from_config(config).save_pretrained(folder)
    return folder


def painted(runner: Runner, model: ModelInfo, vae: str = "") -> Picture:
    desk = RecordingDesk()
    words = TextToImage(model=model.id, prompt="a", seed=1, width=64, height=64, steps=2)
    runner.run(msgspec.structs.replace(words, vae=vae), {}, desk)
    [picture] = pictures_of(desk.events)
    return picture


@pytest.mark.parametrize("family", VAE_FAMILIES)
def test_another_autoencoder_develops_the_picture_for_one_request(
    catalog: Catalog, runner: Runner, family: str
) -> None:
    model = model_of(catalog, family)
    own = painted(runner, model)
    other = painted(runner, model, f"{family}-other")
    assert own != other
    assert painted(runner, model, f"{family}-file") == other
    assert painted(runner, model) == own


@pytest.mark.parametrize(
    ("family", "vae", "says"),
    [
        ("sana", "sana-other", "works with its own autoencoder only"),
        ("flux", "stable_diffusion-other", "is made for models of the family stable_diffusion"),
        ("flux", "nothing", "There is no adapter 'nothing'"),
    ],
)
def test_one_that_does_not_fit_is_refused(
    catalog: Catalog, runner: Runner, family: str, vae: str, says: str
) -> None:
    with pytest.raises(KnownError, match=says):
        painted(runner, model_of(catalog, family), vae)
