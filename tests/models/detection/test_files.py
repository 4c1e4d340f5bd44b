from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio import paths
from studio.core.errors import KnownError
from studio.generation.catalog import CONFIGS_FOLDER
from studio.models.detection.files import detect_file
from studio.models.detection.variants import FAMILIES, VARIANTS
from tests.helpers import model_shapes as models
from tests.helpers.detecting import detected, refusal
from tests.helpers.model_shapes import prefixed
from tests.helpers.upscalers import NAMERS, compact, esrgan, named
from tests.helpers.weights import Shapes, write_gguf, write_safetensors

COMFY = "model.diffusion_model."


@pytest.mark.parametrize("variant", models.DENOISERS)
def test_a_denoiser_alone_is_known_by_its_tensors(tmp_path: Path, variant: str) -> None:
    found = detected(tmp_path, models.denoiser(variant))
    assert (found.kind, found.variant) == ("denoiser", variant)
    assert found.families == (VARIANTS[variant].family,)
    assert found.size_bytes == found.path.stat().st_size


@pytest.mark.parametrize("prefix", [COMFY, "transformer.", "unet.", "diffusion_model."])
def test_a_denoiser_is_known_whatever_stands_before_its_names(tmp_path: Path, prefix: str) -> None:
    found = detected(tmp_path, prefixed(prefix, models.denoiser("flux-schnell")))
    assert (found.kind, found.variant) == ("denoiser", "flux-schnell")


@pytest.mark.parametrize("variant", models.ORIGINALS)
@pytest.mark.parametrize("prefix", ["", COMFY])
def test_a_denoiser_in_its_original_style_is_known(
    tmp_path: Path, variant: str, prefix: str
) -> None:
    found = detected(tmp_path, prefixed(prefix, models.ORIGINALS[variant]))
    assert (found.kind, found.variant) == ("denoiser", variant)


@pytest.mark.parametrize(
    "variant", ["flux-dev", "chroma-hd", "sd-3.5-large", "z-image", "lumina-image-2.0", "krea-2"]
)
def test_a_quantised_denoiser_is_known(tmp_path: Path, variant: str) -> None:
    path = write_gguf(tmp_path / "a.gguf", models.ORIGINALS[variant], "Q8_0")
    found = detect_file(path)
    assert (found.kind, found.variant) == ("denoiser", variant)


def test_every_variant_of_a_file_is_one_of_a_known_family() -> None:
    assert set(models.DENOISERS) | set(models.ORIGINALS) <= set(VARIANTS)
    assert {VARIANTS[variant].family for variant in models.DENOISERS} >= set(FAMILIES) - {"karlo"}


@pytest.mark.parametrize(
    ("name", "variant", "shapes"),
    [
        ("flux1-kontext-dev", "flux-kontext", models.original_flux()),
        ("qwen-image-edit-2509", "qwen-image-edit", models.denoiser("qwen-image")),
        ("longcat-image-edit", "longcat-image-edit", models.denoiser("longcat-image")),
        ("z-image-turbo", "z-image-turbo", models.ORIGINAL_Z_IMAGE),
        ("krea2_turbo_bf16", "krea-2-turbo", models.ORIGINAL_KREA2),
        ("512-base-ema", "sd-2-base", models.original_unet(1024)),
        ("hidream_i1_dev_bf16", "hidream-dev", models.denoiser("hidream-full")),
        ("hidream_i1_fast_fp8", "hidream-fast", models.denoiser("hidream-full")),
        ("chroma1-flash", "chroma-flash", models.original_chroma()),
        ("chroma1-base", "chroma-base", models.original_chroma()),
    ],
)
def test_where_shapes_are_alike_the_name_tells(
    tmp_path: Path, name: str, variant: str, shapes: Shapes
) -> None:
    found = detected(tmp_path, shapes, name)
    assert found.variant == variant


def test_a_model_of_the_same_shapes_that_is_not_run_is_refused_by_its_name(tmp_path: Path) -> None:
    shapes = models.denoiser("hidream-full")
    assert "HiDream-E1, which Sfumato does not run" in refusal(tmp_path, shapes, "hidream_e1_full")
    assert detected(tmp_path, shapes, "made1").variant == "hidream-full"


@pytest.mark.parametrize("marker", ["v_pred", ""])
def test_a_model_that_predicts_velocities_says_so(tmp_path: Path, marker: str) -> None:
    shapes = models.checkpoint(models.ORIGINALS["sdxl"], "conditioner.embedders.0")
    named = "noob" if marker else "noob_vPred"
    found = detected(tmp_path, {**shapes, **({marker: (0,)} if marker else {})}, named)
    assert found.variant == "sdxl-v"


def test_what_a_file_says_of_itself_is_read(tmp_path: Path) -> None:
    shapes = models.checkpoint(models.ORIGINALS["sd-2-768-v"], "cond_stage_model.model")
    metadata = {"modelspec.architecture": "stable-diffusion-v2-512"}
    assert detected(tmp_path, shapes, **metadata).variant == "sd-2-base"
    shapes = models.checkpoint(models.ORIGINALS["sdxl"], "conditioner.embedders.0")
    metadata = {"modelspec.prediction_type": "v"}
    assert detected(tmp_path, shapes, **metadata).variant == "sdxl-v"


CONFIGS = paths.resources() / CONFIGS_FOLDER
PUBLISHED = sorted(file.parent.name for file in CONFIGS.glob("*/model_index.json"))


@pytest.mark.parametrize("variant", PUBLISHED)
def test_whole_checkpoints_as_their_makers_save_them_are_known(
    tmp_path: Path, variant: str
) -> None:
    name = {"sd-2-base": "512-base", "sdxl-v": "v-pred"}.get(variant, "model")
    found = detected(tmp_path, models.published_checkpoint(CONFIGS / variant), name)
    assert (found.kind, found.variant) == ("checkpoint", variant)


@pytest.mark.parametrize(
    ("variant", "encoders"),
    [
        ("sd-1", ["cond_stage_model.transformer"]),
        ("sd-1-inpaint", ["cond_stage_model.transformer"]),
        ("sd-2-768-v", ["cond_stage_model.model"]),
        ("sdxl", ["conditioner.embedders.0", "conditioner.embedders.1"]),
        ("sdxl-refiner", ["conditioner.embedders.0"]),
        ("sd-3-medium", ["text_encoders.clip_l", "text_encoders.clip_g"]),
    ],
)
def test_a_checkpoint_has_everything_in_it(
    tmp_path: Path, variant: str, encoders: list[str]
) -> None:
    found = detected(tmp_path, models.checkpoint(models.ORIGINALS[variant], *encoders))
    assert (found.kind, found.variant) == ("checkpoint", variant)


def test_a_checkpoint_without_text_encoder_is_a_denoiser(tmp_path: Path) -> None:
    found = detected(tmp_path, models.checkpoint(models.ORIGINALS["sd-1"]))
    assert found.kind == "denoiser"


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        (
            models.original_unet(768, channels=5),
            "a UNet of no model that Sfumato knows (5 channels",
        ),
        (models.original_unet(2048, vector=2816, depth=4), "depth 4"),
        (models.original_flux(channels=128), "takes 128 channels, such as Canny or Depth"),
        (
            {n: s for n, s in models.original_flux().items() if "double_blocks.1" not in n},
            "a cut-down FLUX.1 of 9 and 38 blocks",
        ),
        (models.original_flux2(5120, 1024), "a FLUX.2 of no known size"),
        (
            {"distilled_guidance_layer.in_proj.bias": (1,), "img_in_patch.weight": (1,)},
            "Chroma Radiance",
        ),
        (models.original_ovis(), "take the transformer of its diffusers folder"),
        ({**models.denoiser("hidream-full"), "x_embedder.proj.weight": (64, 64)}, "no known size"),
        (
            {**models.denoiser("hunyuan-image"), "x_embedder.proj.weight": (64, 64)},
            "a HunyuanImage of no known size",
        ),
        (
            {**models.denoiser("kandinsky-5-image"), "text_embeddings.in_layer.weight": (1792, 1)},
            "a Kandinsky 5 for video",
        ),
        ({"head.modulation": (1,), "patch_embedding.weight": (1536, 16)}, "Wan"),
    ],
)
def test_models_that_sfumato_does_not_run_are_refused_by_name(
    tmp_path: Path, shapes: Shapes, told: str
) -> None:
    assert told in refusal(tmp_path, prefixed(COMFY, shapes))


@pytest.mark.parametrize("name", ["a.weight_scale", "a.weight.absmax", "a.qweight"])
def test_weights_quantised_for_one_program_are_refused(tmp_path: Path, name: str) -> None:
    shapes = {**models.original_flux(), name: (2,)}
    assert "which its own programs alone read" in refusal(tmp_path, shapes)


def test_weights_with_one_scale_each_are_known(tmp_path: Path) -> None:
    scales = {"scaled_fp8": (0,), "img_in.scale_weight": (), "txt_in.scale_weight": (1,)}
    found = detected(tmp_path, {**models.original_flux(), **scales})
    assert (found.kind, found.variant) == ("denoiser", "flux-dev")


def test_what_nobody_knows_is_refused_with_what_was_seen(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"lm_head.weight": (4, 4), "mystery.weight": (4, 4)})
    assert "its 2 tensors are called lm_head.weight, mystery.weight" in told
    assert "holds no tensors at all" in refusal(tmp_path, {})


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sd-1", "stable_diffusion"),
        ("sd-2", "stable_diffusion"),
        ("sdxl", "stable_diffusion_xl"),
        ("flux", "flux"),
        ("stable_diffusion_3", "stable_diffusion_3"),
        ("qwen_image", "qwen_image"),
    ],
)
def test_a_controlnet_is_known_by_the_model_that_it_copies(
    tmp_path: Path, name: str, family: str
) -> None:
    found = detected(tmp_path, models.controlnet(name))
    assert (found.kind, found.families) == ("controlnet", (family,))
    assert found.variant == (name if name.startswith("sd") else "")


def test_a_controlnet_of_xlabs_is_known_where_diffusers_has_converted_it(tmp_path: Path) -> None:
    converted = {**models.controlnet("flux"), "input_hint_block.conv_in.weight": (16, 3, 3, 3)}
    assert detected(tmp_path, converted).families == ("flux",)
    blocks = {f"{name}.0.weight": (8, 8) for name in ("double_blocks", "controlnet_blocks")}
    told = refusal(tmp_path, {**blocks, "input_hint_block.0.weight": (16, 3, 3, 3)})
    assert "a ControlNet of XLabs for FLUX.1" in told


def test_a_controlnet_in_its_original_style_is_known(tmp_path: Path) -> None:
    shapes = {**models.original_unet(768), "input_hint_block.0.weight": (16, 3, 3, 3)}
    for prefix in ("", "control_model."):
        found = detected(tmp_path, prefixed(prefix, shapes))
        assert (found.kind, found.variant) == ("controlnet", "sd-1")


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ({"adapter.body.0.resnets.0.block1.weight": (4, 4)}, "a T2I-Adapter"),
        ({"lora_controlnet": (), "a.up": (1,)}, "a Control-LoRA"),
        ({"lllite_unet_a.down.0.weight": (1, 1)}, "a ControlNet-LLLite"),
    ],
)
def test_what_steers_in_other_ways_is_refused_by_name(
    tmp_path: Path, shapes: Shapes, told: str
) -> None:
    assert told in refusal(tmp_path, shapes)


@pytest.mark.parametrize(("context", "variant"), [(768, "sd-1"), (2048, "sdxl")])
def test_an_ip_adapter_is_known_by_its_context(tmp_path: Path, context: int, variant: str) -> None:
    shapes = {
        "image_proj.proj.weight": (4 * context, 1024),
        "ip_adapter.1.to_k_ip.weight": (320, context),
    }
    found = detected(tmp_path, shapes)
    assert (found.kind, found.variant) == ("ip_adapter", variant)


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        (
            {
                "ip_adapter_proj_model.proj.weight": (16384, 768),
                "double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight": (3072, 4096),
            },
            "flux",
        ),
        (
            {
                "image_proj.proj_in.weight": (1280, 1152),
                "ip_adapter.0.norm_ip.linear.weight": (4864, 1280),
                "ip_adapter.0.to_k_ip.weight": (2432, 2432),
            },
            "stable_diffusion_3",
        ),
    ],
)
def test_an_ip_adapter_for_a_transformer_is_known_by_its_own_layers(
    tmp_path: Path, shapes: Shapes, family: str
) -> None:
    found = detected(tmp_path, shapes)
    assert (found.kind, found.families) == ("ip_adapter", (family,))


def test_an_ip_adapter_for_faces_is_refused_by_name(tmp_path: Path) -> None:
    shapes = {
        "image_proj.proj.0.weight": (1024, 512),
        "ip_adapter.0.to_q_lora.down.weight": (128, 320),
        "ip_adapter.1.to_k_ip.weight": (320, 768),
    }
    assert "an IP-Adapter for faces" in refusal(tmp_path, shapes)


@pytest.mark.parametrize(
    ("shapes", "variant"),
    [
        ({"emb_params": (4, 768)}, "sd-1"),
        ({"<cat-toy>": (768,)}, "sd-1"),
        ({"emb_params": (2, 1024)}, "sd-2"),
        ({"clip_l": (2, 768), "clip_g": (2, 1280)}, "sdxl"),
    ],
)
def test_a_textual_inversion_is_known_by_its_width(
    tmp_path: Path, shapes: Shapes, variant: str
) -> None:
    found = detected(tmp_path, shapes)
    assert (found.kind, found.variant) == ("textual_inversion", variant)


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("sd", ("stable_diffusion", "stable_diffusion_xl")),
        ("flux", ("flux", "stable_diffusion_3", "z_image")),
        ("flux2", ("flux2",)),
        ("qwen_image", ("qwen_image",)),
        ("qwen_image_21", ("qwen_image_21",)),
        ("sana", ("sana",)),
    ],
)
def test_an_autoencoder_names_every_family_that_it_can_serve(
    tmp_path: Path, name: str, families: tuple[str, ...]
) -> None:
    found = detected(tmp_path, models.vae(name))
    assert (found.kind, found.families) == ("vae", families)


def test_an_autoencoder_in_its_original_style_is_known(tmp_path: Path) -> None:
    for prefix in ("", "first_stage_model."):
        assert detected(tmp_path, prefixed(prefix, models.ORIGINAL_VAE)).kind == "vae"


def test_autoencoders_of_no_use_are_refused_by_name(tmp_path: Path) -> None:
    assert "tiny autoencoder for previews" in refusal(tmp_path, models.vae("tiny"))
    assert "autoencoder of Kandinsky" in refusal(tmp_path, models.vae("kandinsky22"))


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("text_model.encoder.layers.0.self_attn.q_proj.weight", "CLIP"),
        ("encoder.block.0.layer.0.SelfAttention.q.weight", "T5"),
        ("model.layers.0.self_attn.q_proj.weight", "a language model"),
    ],
)
def test_a_text_encoder_is_known(tmp_path: Path, name: str, detail: str) -> None:
    found = detected(tmp_path, {name: (8, 8)})
    assert (found.kind, found.detail) == ("text_encoder", detail)


def test_an_image_encoder_is_known(tmp_path: Path) -> None:
    shapes = {"vision_model.embeddings.patch_embedding.weight": (8, 3, 4, 4)}
    assert detected(tmp_path, shapes).kind == "image_encoder"


@pytest.mark.parametrize("style", NAMERS)
def test_an_upscaler_says_how_it_is_built_and_how_much(tmp_path: Path, style: str) -> None:
    found = detected(tmp_path, named(esrgan(), NAMERS[style]))
    assert (found.kind, found.detail, found.scale) == ("upscaler", "ESRGAN", 4)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_compact_upscaler_says_how_much(tmp_path: Path, scale: int) -> None:
    found = detected(tmp_path, compact(scale))
    assert (found.kind, found.scale) == ("upscaler", scale)


PIECES = st.sampled_from(
    [
        *("model.diffusion_model.", "transformer.", "lora_unet_", "lora_te_", "control_model."),
        *("input_blocks.0.0", "conv_in", "double_blocks.0.img_attn.qkv", "single_blocks.0.linear1"),
        *("vector_in.in_layer", "img_in", "x_embedder", "down_blocks.0.attentions.0", "attn2.to_k"),
        *(".lora_down", ".hada_w1_b", ".lokr_w2", "diff", "oft_blocks", "alpha", "image_proj."),
        *("ip_adapter.", "1.to_k_ip", "conv_first", "body.0.rdb1.conv1", "emb_params", "model."),
        *("decoder.conv_in", "encoder.conv_in", "1.sub.0.RDB1.conv1.0", "clip_mean", ".weight"),
        *("out.2", "label_emb.0.0", "joint_blocks.0.", "controlnet_blocks.0", "_", "body.0."),
        *("9" * 5000, "model.999999999.", "double_blocks_", "transformer_blocks_", "body.1."),
    ]
)
NAMES = st.lists(PIECES, min_size=1, max_size=4).map("".join)
SHAPES = st.lists(st.integers(0, 9), max_size=5).map(tuple)


@given(shapes=st.dictionaries(NAMES, SHAPES, max_size=6))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_and_shapes_are_known_or_refused(tmp_path: Path, shapes: Shapes) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", shapes)
    try:
        found = detect_file(path)
    except KnownError:
        return
    assert set(found.families) <= set(FAMILIES)
