"""Configurations that speak of far larger models than the weights beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import SD3Transformer2DModel, StableDiffusion3Pipeline

from studio.core.errors import ModelError
from studio.engine.diffusion.loading.proportion import check_module, check_pipeline, check_size
from studio.generation.catalog import Catalog, load_catalog
from tests.helpers.shortage import run_out
from tests.helpers.tiny_family import loaded, saved_models

MANY = 100_000


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sd3")
    saved_models(folder, "stable_diffusion_3")
    return folder


@pytest.fixture
def catalog(saved: Path, tmp_path: Path) -> Catalog:
    """A copy that may be spoilt."""
    shutil.copytree(saved, tmp_path / "copy")
    listed = tmp_path / "copy/models.toml"
    listed.write_text(listed.read_text().replace(str(saved), str(tmp_path / "copy")))
    return load_catalog(listed, *[tmp_path / "nowhere"] * 3)


def lie(config: Path, name: str, value: object = MANY) -> None:
    values = json.loads(config.read_text())
    assert name in values
    config.write_text(json.dumps({**values, name: value}))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("transformer", "num_layers"),
        ("transformer", "num_attention_heads"),
        ("transformer", "pos_embed_max_size"),
        ("text_encoder", "num_hidden_layers"),
        ("text_encoder_3", "num_layers"),
        ("vae", "layers_per_block"),
        ("vae", "latent_channels"),
    ],
)
def test_they_are_refused_before_anything_is_made(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    model = catalog.models[0]
    folder = model.parts[0].path
    lie(folder / module / "config.json", name)
    made = run_out(monkeypatch, StableDiffusion3Pipeline, "from_pretrained", ())
    with pytest.raises(ModelError, match="damaged or incomplete") as refused:
        loaded(model)
    assert "far more than" in refused.value.details
    assert not made


def test_what_is_as_large_as_its_weights_is_let_through(catalog: Catalog) -> None:
    for model in catalog.models:
        check_pipeline(model.parts[0].path)


def test_modules_that_come_from_elsewhere_are_not_looked_at(catalog: Catalog) -> None:
    folder = catalog.models[0].parts[0].path
    lie(folder / "transformer/config.json", "num_layers")
    with pytest.raises(ValueError, match="far more"):
        check_pipeline(folder)
    check_pipeline(folder, {"transformer": None})


@pytest.mark.parametrize("value", ["seven", -1, None])
def test_what_is_wrong_otherwise_is_left_to_whoever_loads_it(
    catalog: Catalog, value: object
) -> None:
    folder = catalog.models[0].parts[0].path / "transformer"
    lie(folder / "config.json", "num_attention_heads", value)
    check_module(SD3Transformer2DModel, folder)


def test_tables_that_are_in_no_file_may_be_as_large_as_tables_are(catalog: Catalog) -> None:
    def make() -> torch.nn.Module:
        module = torch.nn.Linear(4, 4)
        module.register_buffer("places", torch.empty(4096, 4096))
        return module

    files = sorted(catalog.models[0].parts[0].path.glob("transformer/*.safetensors"))
    check_size(make, files)
    with pytest.raises(ValueError, match="far more"):
        check_size(lambda: torch.nn.Linear(MANY, MANY), files)
