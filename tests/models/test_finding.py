import json
from pathlib import Path

import pytest

from studio.models.control import Control, Stopped
from studio.models.finding import Finding, find_models, usual_roots
from tests.helpers import model_shapes as shapes
from tests.helpers.weights import Shapes, write_safetensors

LORA: Shapes = {
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (
        4,
        768,
    )
}
CHECKPOINT = shapes.checkpoint(shapes.original_unet(768), "cond_stage_model.transformer")


def kinds(root: Path) -> dict[str, str]:
    """What was found, by path below the root."""
    return {
        finding.path.relative_to(root).as_posix(): _kind(finding) for finding in find_models([root])
    }


def _kind(finding: Finding) -> str:
    return finding.detected.kind if finding.detected and not finding.refusal else "refused"


def test_the_folders_of_comfyui_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    models = tmp_path / "models"
    write_safetensors(models / "checkpoints" / "sub folder" / "dream.safetensors", CHECKPOINT)
    write_safetensors(models / "unet" / "flux.safetensors", shapes.original_flux())
    write_safetensors(models / "loras" / "ink.safetensors", LORA)
    write_safetensors(models / "vae" / "vae.safetensors", shapes.ORIGINAL_VAE)
    clip = {"text_model.encoder.layers.0.self_attn.q_proj.weight": (8, 8)}
    write_safetensors(models / "clip" / "clip_l.safetensors", clip)
    (models / "checkpoints" / "old.ckpt").write_bytes(bytes(2000))
    (models / "checkpoints" / "put_checkpoints_here").touch()
    write_safetensors(tmp_path / "custom_nodes" / "code.safetensors", LORA)
    assert kinds(tmp_path) == {
        "models/checkpoints/sub folder/dream.safetensors": "checkpoint",
        "models/checkpoints/old.ckpt": "refused",
        "models/clip/clip_l.safetensors": "refused",
        "models/loras/ink.safetensors": "lora",
        "models/unet/flux.safetensors": "denoiser",
        "models/vae/vae.safetensors": "vae",
    }


def test_the_folders_of_a1111_are_known_too(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "models" / "Stable-diffusion" / "a.safetensors", CHECKPOINT)
    write_safetensors(tmp_path / "embeddings" / "cat.safetensors", {"emb_params": (2, 768)})
    (tmp_path / "embeddings" / "old.pt").write_bytes(bytes(4000))
    found = list(find_models([tmp_path]))
    assert [finding.path.name for finding in found] == [
        "a.safetensors",
        "cat.safetensors",
        "old.pt",
    ]
    assert "can run any program" in found[2].refusal


def test_where_else_comfyui_looks_is_looked_too(tmp_path: Path) -> None:
    root, other = tmp_path / "ComfyUI", tmp_path / "my models"
    write_safetensors(other / "loras" / "ink.safetensors", LORA)
    (root / "models").mkdir(parents=True)
    (root / "extra_model_paths.yaml").write_text(
        f"a111:\n    base_path: {other}  \n    loras: loras\nb:\n    base_path: '/nowhere'\n"
    )
    assert [finding.path.name for finding in find_models([root])] == ["ink.safetensors"]


def test_a_folder_of_diffusers_is_one_model(tmp_path: Path) -> None:
    folder = tmp_path / "diffusers" / "sd"
    write_safetensors(folder / "unet" / "diffusion_pytorch_model.safetensors", {"a": (1,)})
    (folder / "unet" / "config.json").write_text("{}")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    assert kinds(tmp_path) == {"diffusers/sd": "pipeline"}


def test_links_are_followed_once(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "real" / "ink.safetensors", LORA)
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again").symlink_to(tmp_path / "real", target_is_directory=True)
    assert list(kinds(tmp_path).values()) == ["lora"]


def test_hidden_folders_code_and_what_lies_too_deep_are_passed_over(tmp_path: Path) -> None:
    for folder in (".cache", "venv", "/".join("abcdefghijk")):
        write_safetensors(tmp_path / folder / "ink.safetensors", LORA)
    assert kinds(tmp_path) == {}


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere", target_is_directory=True)
    assert kinds(tmp_path) == {}
    assert list(find_models([tmp_path / "nowhere"])) == []


def test_looking_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    for name in "ab":
        write_safetensors(tmp_path / f"{name}.safetensors", LORA)
    control = Control()
    found = find_models([tmp_path], control)
    next(found)
    control.cancel()
    with pytest.raises(Stopped):
        next(found)


def test_the_usual_places_are_those_that_exist(tmp_path: Path) -> None:
    comfy = tmp_path / "Documents" / "ComfyUI"
    forge = tmp_path / "stable-diffusion-webui-forge"
    cache = tmp_path / "hub"
    for folder in (comfy, forge, cache):
        folder.mkdir(parents=True)
    (tmp_path / "ComfyUI").symlink_to(comfy, target_is_directory=True)
    found = usual_roots(tmp_path, {"HF_HUB_CACHE": str(cache)})
    assert {path.resolve() for path in found} >= {comfy, forge, cache}
    assert len(found) == len({path.resolve() for path in found})
