from pathlib import Path

import pytest

from studio.models.detection.variants import VARIANTS
from tests.helpers import model_shapes as models
from tests.helpers.detecting import detected, refusal
from tests.helpers.model_shapes import lora, prefixed
from tests.helpers.weights import Shapes

KOHYA = "lora_unet_{kohya}{ends:.lora_down.weight,.lora_up.weight}"
DIFFUSERS_UNET = "unet.{layer}{ends:.lora_A.weight,.lora_B.weight}"
DIFFUSERS_OLD = "unet.{layer}{ends:.lora.down.weight,.lora.up.weight}"
DIFFUSERS = "transformer.{layer}{ends:.lora_A.weight,.lora_B.weight}"
PEFT = "base_model.model.{layer}{ends:.lora_A.default.weight,.lora_B.default.weight}"
COMFY_LORA = "diffusion_model.{layer}{ends:.lora_A.weight,.lora_B.weight}"


@pytest.mark.parametrize("style", [KOHYA, DIFFUSERS_UNET, DIFFUSERS_OLD, PEFT])
@pytest.mark.parametrize(
    ("variant", "family"),
    [("sd-1", "stable_diffusion"), ("sd-2-768-v", "stable_diffusion"), ("sdxl", None)],
)
def test_a_lora_for_a_unet_is_known_in_every_style(
    tmp_path: Path, style: str, variant: str, family: str | None
) -> None:
    found = detected(tmp_path, lora(models.denoiser(variant), style, "attn1.to_q", "attn2.to_k"))
    assert (found.kind, found.detail) == ("lora", "lora")
    assert found.families == (family or "stable_diffusion_xl",)
    assert found.variant == variant.removesuffix("-768-v")


@pytest.mark.parametrize("variant", ["sd-1", "sdxl"])
def test_a_lora_without_cross_attention_is_known_by_the_blocks(
    tmp_path: Path, variant: str
) -> None:
    found = detected(tmp_path, lora(models.denoiser(variant), KOHYA, "attn1.to_q"))
    assert found.families == (VARIANTS[variant].family,)


@pytest.mark.parametrize("style", [DIFFUSERS, PEFT, COMFY_LORA, KOHYA])
@pytest.mark.parametrize(
    "variant",
    [
        "flux-dev",
        "flux2-dev",
        "flux2-klein-4b",
        "sd-3.5-large",
        "qwen-image",
        "z-image",
        "lumina-image-2.0",
        "cogview4",
        "sana",
        "hidream-full",
        "krea-2",
        "qwen-image-2.1",
    ],
)
def test_a_lora_for_a_transformer_is_known_in_every_style(
    tmp_path: Path, style: str, variant: str
) -> None:
    shapes = lora(models.denoiser(variant), style, "to_q", "to_k", "to_qkv_mlp_proj", "mlp")
    assert detected(tmp_path, shapes).families == (VARIANTS[variant].family,)


@pytest.mark.parametrize("style", [COMFY_LORA, KOHYA])
@pytest.mark.parametrize(
    "variant", ["flux-dev", "sd-3-medium", "z-image", "lumina-image-2.0", "krea-2"]
)
def test_a_lora_with_original_names_is_known(tmp_path: Path, style: str, variant: str) -> None:
    found = detected(tmp_path, lora(models.ORIGINALS[variant], style, "qkv", "linear1", "attn.wq"))
    assert found.families == (VARIANTS[variant].family,)


def test_a_lora_for_the_single_blocks_of_flux2_is_told_from_one_for_flux(tmp_path: Path) -> None:
    shapes = {"single_blocks.0.linear1.weight": (9 * 3072, 3072)}
    assert detected(tmp_path, lora(shapes, COMFY_LORA, "linear1")).families == ("flux2",)


@pytest.mark.parametrize("name", ["chroma-ink", "ink"])
def test_a_lora_for_chroma_is_told_from_one_for_flux_by_its_layers_or_its_name(
    tmp_path: Path, name: str
) -> None:
    layers = ["double_blocks.0.img_attn.qkv"]
    layers += ["distilled_guidance_layer.in_proj"] * (name == "ink")
    shapes = lora(models.ORIGINALS["chroma-hd"], KOHYA, *layers)
    assert detected(tmp_path, shapes, name).families == ("chroma",)


def test_a_lora_that_fits_two_families_says_so(tmp_path: Path) -> None:
    shapes = lora(models.denoiser("flux-dev"), DIFFUSERS, ".0.attn.to_q")
    shapes = {name: shape for name, shape in shapes.items() if "single" not in name}
    assert detected(tmp_path, shapes).families == ("flux", "qwen_image")


def test_other_ways_to_write_a_lora_are_told(tmp_path: Path) -> None:
    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    ways: dict[str, Shapes] = {
        "loha": {"hada_w1_a": (320, 4), "hada_w1_b": (4, 768), "hada_w2_a": (320, 4)},
        "lokr": {"lokr_w1": (4, 8), "lokr_w2_a": (80, 4), "lokr_w2_b": (4, 96)},
        "full": {"diff": (320, 768)},
    }
    for way, parts in ways.items():
        found = detected(tmp_path, prefixed(f"{layer}.", parts), way)
        assert (found.detail, found.families, found.variant) == (
            way,
            ("stable_diffusion",),
            "sd-1",
        )


def test_a_lora_for_the_text_encoder_alone_is_known_by_its_width(tmp_path: Path) -> None:
    name = "lora_te{}_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight"
    found = detected(tmp_path, {name.format(""): (4, 768)})
    assert (found.families, found.variant) == (("stable_diffusion",), "sd-1")
    found = detected(tmp_path, {name.format(2): (4, 1280)})
    assert found.families == ("stable_diffusion_xl",)


def test_a_lora_for_an_unknown_model_is_refused_with_what_it_changes(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"diffusion_model.blocks.0.self_attn.q.lora_A.weight": (4, 1536)})
    assert "a LoRA for a model that Sfumato does not know" in told
    assert "blocks_0_self_attn_q" in told


@pytest.mark.parametrize(
    ("width", "told"), [(2560, ""), (1792, "a LoRA for a model that Sfumato does not know")]
)
def test_a_lora_for_images_is_told_from_one_for_videos(
    tmp_path: Path, width: int, told: str
) -> None:
    layer = "visual_transformer_blocks.0.self_attention.to_query.weight"
    shapes = lora({layer: (width, width)}, DIFFUSERS, "to_query")
    if told:
        assert told in refusal(tmp_path, shapes)
    else:
        assert detected(tmp_path, shapes).families == ("kandinsky5",)


def test_a_lora_for_a_model_whose_stock_pipeline_takes_none_is_refused(tmp_path: Path) -> None:
    shapes = lora(models.denoiser("hunyuan-image"), DIFFUSERS, "attn.to_q")
    assert "does not know" in refusal(tmp_path, shapes)


def test_a_lora_for_a_video_model_with_the_blocks_of_flux_is_refused(tmp_path: Path) -> None:
    layers = {f"double_blocks.{at}.img_attn.qkv.weight": (9216, 3072) for at in range(20)}
    assert "does not know" in refusal(tmp_path, lora(layers, COMFY_LORA, "qkv"))


def test_the_words_that_call_up_a_lora_are_read(tmp_path: Path) -> None:
    shapes = lora(models.denoiser("sd-1"), KOHYA, "attn2.to_k")
    metadata = {"modelspec.title": "Ink", "modelspec.trigger_phrase": "ink drawing"}
    found = detected(tmp_path, shapes, **metadata)
    assert (found.title, found.trigger) == ("Ink", "ink drawing")
