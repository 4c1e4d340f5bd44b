from pathlib import Path

import pytest

from studio.generation.catalog import Catalog, load_catalog
from studio.models.control import Control, Stopped
from studio.models.gathering import gather, is_collection
from tests.helpers import model_shapes as shapes
from tests.helpers.weights import Shapes, write_safetensors

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA: Shapes = {f"{LAYER}.lora_down.weight": (4, 768)}
UNET = shapes.original_unet(768)


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    """ComfyUI's folder with a checkpoint, a UNet that needs it, a LoRA and a pickle."""
    models = tmp_path / "ComfyUI" / "models"
    checkpoint = shapes.checkpoint(UNET, "cond_stage_model.transformer")
    write_safetensors(models / "zz_checkpoints" / "dream.safetensors", checkpoint)
    write_safetensors(models / "unet" / "other.safetensors", UNET)
    write_safetensors(models / "loras" / "ink.safetensors", LORA)
    (models / "loras" / "old.pt").write_bytes(bytes(2000))
    write_safetensors(models / "vae" / "vae.safetensors", shapes.ORIGINAL_VAE)
    return tmp_path / "ComfyUI"


def read_catalog(folder: Path) -> Catalog:
    (folder / "models.toml").touch()
    return load_catalog(folder / "models.toml", folder / "no", folder / "no", folder)


def test_all_that_can_be_used_is_imported_whole_models_first(comfy: Path, tmp_path: Path) -> None:
    gathered = gather([comfy], tmp_path / "models", lambda: read_catalog(tmp_path))
    assert [item.id for item in gathered.imported] == ["dream", "ink", "other"]
    catalog = read_catalog(tmp_path)
    assert [part.role for part in catalog.get("other").parts] == ["transformer", "checkpoint"]
    reasons = {path.name: reason for path, reason in gathered.refused}
    assert reasons.keys() == {"old.pt", "vae.safetensors"}
    assert "alike" in reasons["vae.safetensors"]


def test_a_second_time_imports_only_what_is_new(comfy: Path, tmp_path: Path) -> None:
    gather([comfy], tmp_path / "models", lambda: read_catalog(tmp_path))
    write_safetensors(comfy / "models" / "loras" / "chalk.safetensors", LORA)
    gathered = gather([comfy], tmp_path / "models", lambda: read_catalog(tmp_path))
    assert [item.id for item in gathered.imported] == ["chalk"]
    assert gathered.present == 3


def test_a_folder_of_models_is_told_from_a_model(comfy: Path, tmp_path: Path) -> None:
    assert is_collection(comfy)
    assert is_collection(tmp_path / "ComfyUI" / "models")
    assert not is_collection(comfy / "models" / "vae")
    assert not is_collection(comfy / "models" / "vae" / "vae.safetensors")
    assert not is_collection(tmp_path / "nothing")
    (tmp_path / "sd").mkdir()
    (tmp_path / "sd" / "model_index.json").touch()
    assert not is_collection(tmp_path / "sd")


def test_what_is_cancelled_imports_nothing(comfy: Path, tmp_path: Path) -> None:
    control = Control()
    control.cancel()
    with pytest.raises(Stopped):
        gather([comfy], tmp_path / "models", lambda: read_catalog(tmp_path), control)
    assert not (tmp_path / "models" / "imported.toml").exists()
