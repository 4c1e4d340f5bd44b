"""Every stage from nothing to a starter that the stock pipelines load: the smoke run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import (
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
)
from PIL import Image

from studio.training.__main__ import KNOWN_ERROR, main
from studio.training.checkpoints import sha256_of
from studio.training.pool import find_pool
from studio.training.recipe import SMOKE
from studio.training.space import WIDTH
from studio.training.thumbnails import SIDE
from studio.training.world.scene import Style

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    assert main(["all", "--smoke", "--work", str(folder), "--threads", "1"]) == 0
    return folder


def test_every_pipeline_loads_and_paints(work: Path) -> None:
    starter = work / "starter"
    prior = KandinskyV22PriorPipeline.from_pretrained(starter / "prior")
    embeddings = prior("a red boat", num_inference_steps=2)
    common = {
        "image_embeds": embeddings.image_embeds,
        "negative_image_embeds": embeddings.negative_image_embeds,
        "height": 64,
        "width": 64,
        "num_inference_steps": 2,
    }
    decoder = KandinskyV22Pipeline.from_pretrained(starter / "decoder")
    assert decoder(**common).images[0].size == (64, 64)
    picture = Image.new("RGB", (64, 64), "white")
    inpaint = KandinskyV22InpaintPipeline.from_pretrained(starter / "inpaint")
    mask = np.zeros((64, 64), dtype=np.float32)
    mask[16:48, 16:48] = 1
    painted = inpaint(image=picture, mask_image=mask, **common).images[0]
    assert painted.size == (64, 64)


def test_the_base_decoder_is_the_inpaint_decoder_shown_nothing(work: Path) -> None:
    starter = work / "starter"
    base = KandinskyV22Pipeline.from_pretrained(starter / "decoder").unet
    inpaint = KandinskyV22InpaintPipeline.from_pretrained(starter / "inpaint").unet
    torch.manual_seed(0)
    latents = torch.randn(1, base.config.in_channels, 16, 16)
    nothing = torch.zeros(1, base.config.in_channels + 1, 16, 16)
    condition = {"image_embeds": torch.randn(1, WIDTH)}
    with torch.no_grad():
        one = base(latents, 500, None, added_cond_kwargs=condition).sample
        other = inpaint(
            torch.cat([latents, nothing], dim=1), 500, None, added_cond_kwargs=condition
        ).sample
    assert torch.allclose(one, other, atol=1e-5)


def test_the_two_decoders_share_all_but_their_input(work: Path) -> None:
    one, other = (work / "starter" / part / "unet" for part in ("decoder", "inpaint"))
    rest = "diffusion_pytorch_model-00002-of-00002.safetensors"
    assert sha256_of(one / rest) == sha256_of(other / rest)
    first = "diffusion_pytorch_model-00001-of-00002.safetensors"
    assert (one / first).stat().st_size < (one / rest).stat().st_size / 4


def test_the_decoder_has_painted_for_the_image_tower(work: Path) -> None:
    painted = find_pool(work / "paintings")
    assert painted is not None
    assert len(painted) == SMOKE.paintings == len(painted.attributes)
    assert all(picture.std() > 0 for picture in painted.pictures)
    assert json.loads((work / "denoiser.json").read_text())["step"] == SMOKE.readings.steps


def test_every_style_has_a_small_picture(work: Path) -> None:
    for style in Style:
        with Image.open(work / "starter" / "styles" / f"{style.value}.png") as picture:
            assert picture.size == (SIDE, SIDE)


def test_checksums_name_every_file(work: Path) -> None:
    starter = work / "starter"
    entries = json.loads((starter / "checksums.json").read_text())
    files = {
        path.relative_to(starter).as_posix()
        for path in starter.rglob("*")
        if path.is_file() and path.name != "checksums.json" and path.parent.name != "styles"
    }
    assert set(entries) == files
    for name, entry in entries.items():
        assert entry == {
            "sha256": sha256_of(starter / name),
            "size": (starter / name).stat().st_size,
        }


def test_a_second_run_continues_where_the_first_ended(work: Path) -> None:
    assert main(["prior", "--smoke", "--work", str(work), "--steps", "6", "--threads", "1"]) == 0
    assert json.loads((work / "prior.json").read_text())["step"] == 6


def test_a_damaged_checkpoint_is_refused_by_name(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkpoint,) = work.glob("autoencoder-*.safetensors")
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:-1])
    try:
        code = main(["autoencoder", "--smoke", "--work", str(work), "--threads", "1"])
    finally:
        checkpoint.write_bytes(whole)
    assert code == KNOWN_ERROR
    assert checkpoint.name in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "first"), [("paintings", "autoencoder"), ("readings", "image-tower")]
)
def test_a_stage_builds_on_no_part_that_has_learned_nothing(
    stage: str, first: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smoke = ["--smoke", "--work", str(tmp_path), "--threads", "1"]
    assert main(["prepare", *smoke]) == 0
    assert main([stage, *smoke]) == KNOWN_ERROR
    assert f"run {first} first" in capsys.readouterr().err
    assert not (tmp_path / "paintings").exists()


def test_a_stage_before_prepare_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prior", "--smoke", "--work", str(tmp_path), "--threads", "1"]) == KNOWN_ERROR
    assert "prepare" in capsys.readouterr().err
