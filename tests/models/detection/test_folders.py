import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import KnownError, ModelError
from studio.models.detection.detect import detect
from studio.models.detection.folders import licence_of, needed_files
from studio.models.detection.pipelines import PIPELINES
from studio.models.detection.variants import VARIANTS
from tests.helpers import model_shapes as models
from tests.helpers.tiny_family import saved_models
from tests.helpers.weights import Shapes, write_safetensors

ENCODER: Shapes = {"text_model.encoder.layers.0.self_attn.q_proj.weight": (768, 768)}
WEIGHTS = "diffusion_pytorch_model.safetensors"


def module(folder: Path, name: str, shapes: Shapes, file: str = WEIGHTS) -> Path:
    write_safetensors(folder / file, shapes)
    (folder / "config.json").write_text(json.dumps({"_class_name": name}))
    return folder


def pipeline(folder: Path, variant: str = "sd-1", name: str = "StableDiffusionPipeline") -> Path:
    """A folder with all that a Stable Diffusion has."""
    module(folder / "unet", "UNet2DConditionModel", models.denoiser(variant))
    module(folder / "vae", "AutoencoderKL", models.vae("sd"))
    module(folder / "text_encoder", "CLIPTextModel", ENCODER, "model.safetensors")
    for part, config in (("scheduler", "scheduler_config"), ("tokenizer", "tokenizer_config")):
        (folder / part).mkdir()
        (folder / part / f"{config}.json").write_text("{}")
    (folder / "tokenizer" / "vocab.json").write_text("{}")
    index = {
        "_class_name": name,
        "_diffusers_version": "0.42.1",
        "feature_extractor": ["transformers", "CLIPImageProcessor"],
        "image_encoder": [None, None],
        "requires_safety_checker": True,
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        detect(path)
    return caught.value.message


def test_a_pipeline_is_known_by_its_class_and_its_denoiser(tmp_path: Path) -> None:
    found = detect(pipeline(tmp_path / "sd", "sd-2-768-v"))
    assert (found.kind, found.families) == ("pipeline", ("stable_diffusion",))
    assert found.variant == "sd-2-768-v"
    weights = (tmp_path / "sd").rglob("*.safetensors")
    assert found.size_bytes == sum(file.stat().st_size for file in weights)


def test_the_scheduler_tells_the_two_sizes_of_stable_diffusion_2_apart(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "sd", "sd-2-768-v")
    config = folder / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps({"prediction_type": "epsilon"}))
    assert detect(folder).variant == "sd-2-base"


@pytest.mark.parametrize(
    ("scheduler", "variant"),
    [
        ({"_class_name": "UniPCMultistepScheduler", "flow_shift": 3.0}, "hidream-full"),
        ({"_class_name": "FlowMatchLCMScheduler", "shift": 6.0}, "hidream-dev"),
        ({"_class_name": "FlowMatchLCMScheduler", "shift": 3.0}, "hidream-fast"),
    ],
)
def test_the_scheduler_tells_distilled_transformers_from_the_one_that_taught_them(
    tmp_path: Path, scheduler: dict[str, object], variant: str
) -> None:
    shapes = models.denoiser("hidream-full")
    module(tmp_path / "transformer", "HiDreamImageTransformer2DModel", shapes)
    (tmp_path / "scheduler").mkdir()
    (tmp_path / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler))
    index = {
        "_class_name": "HiDreamImagePipeline",
        "scheduler": ["diffusers", scheduler["_class_name"]],
        "text_encoder_4": ["transformers", "LlamaForCausalLM"],
        "transformer": ["diffusers", "HiDreamImageTransformer2DModel"],
    }
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    found = detect(tmp_path)
    assert (found.variant, found.families) == (variant, ("hidream",))


def test_shapes_say_more_than_the_class(tmp_path: Path) -> None:
    assert detect(pipeline(tmp_path / "inpaint", "sd-1-inpaint")).variant == "sd-1-inpaint"
    name = "StableDiffusionXLImg2ImgPipeline"
    assert detect(pipeline(tmp_path / "refiner", "sdxl-refiner", name)).variant == "sdxl-refiner"


@pytest.mark.parametrize(
    "family",
    [
        "stable_diffusion",
        "stable_diffusion_xl",
        "stable_diffusion_3",
        "flux",
        "z_image",
        "hidream",
        "hunyuan_image",
        "kandinsky5",
        "longcat_image",
        "krea2",
        "glm_image",
        "qwen_image_21",
        "chroma",
        "lumina2",
        "cogview4",
        "ovis_image",
    ],
)
def test_what_diffusers_saves_is_known_whatever_its_size(tmp_path: Path, family: str) -> None:
    parts = [
        (model.family, part)
        for model in saved_models(tmp_path, family).models
        for part in model.parts
        if (part.path / "model_index.json").is_file() and part.role in {"pipeline", "inpaint"}
    ]
    assert parts
    for its_family, part in parts:
        found = detect(part.path)
        assert (found.kind, found.families) == ("pipeline", (its_family,))


def test_every_class_has_a_variant_of_its_family() -> None:
    for known in PIPELINES.values():
        assert VARIANTS[known.variant].family == known.family
        assert VARIANTS[known.variant].role == known.role


def _without(*names: str) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return remove


def _cut(folder: Path) -> None:
    with (folder / "vae" / WEIGHTS).open("r+b") as file:
        file.truncate(50_000)


def _pickled(folder: Path) -> None:
    weights = folder / "unet" / WEIGHTS
    weights.rename(weights.with_name("diffusion_pytorch_model.bin"))


def _missing_shard(folder: Path) -> None:
    (folder / "unet" / WEIGHTS).unlink()
    weight_map = {"a": "diffusion_pytorch_model-00001-of-00002.safetensors"}
    write_safetensors(folder / "unet" / weight_map["a"], {"a": (1,)})
    weight_map["b"] = "diffusion_pytorch_model-00002-of-00002.safetensors"
    index = folder / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))


def _shards_without_index(folder: Path) -> None:
    weights = folder / "unet" / WEIGHTS
    for piece in (1, 2):
        name = f"diffusion_pytorch_model-0000{piece}-of-00002.safetensors"
        write_safetensors(weights.with_name(name), {"a": (1,)})
    weights.unlink()


def _indexed(**more: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        index = json.loads((folder / "model_index.json").read_text())
        (folder / "model_index.json").write_text(json.dumps(index | more))

    return write


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_without(f"unet/{WEIGHTS}"), "has a configuration and no weights"),
        (_without("vae/config.json"), "vae lacks config.json"),
        (_without("scheduler/scheduler_config.json"), "scheduler lacks its configuration"),
        (_without("tokenizer/vocab.json"), "tokenizer lacks its vocabulary"),
        (_cut, "is cut short"),
        (_pickled, "diffusion_pytorch_model.bin is a pickle"),
        (_missing_shard, "lacks diffusion_pytorch_model-00002-of-00002.safetensors"),
        (_shards_without_index, "in pieces without their index"),
        (_indexed(image_encoder=["transformers", "CLIPVisionModel"]), "lacks its part"),
        (_indexed(_class_name="StableVideoDiffusionPipeline"), "'StableVideoDiffusionPipeline'"),
        (_indexed(_class_name=None), "names no pipeline: download"),
        (_indexed(_class_name=["mine", "Mine"]), "which Sfumato does not run"),
        (_indexed(**{"../unet": ["diffusers", "A"]}), "is damaged"),
        (lambda folder: (folder / "model_index.json").write_text("[]"), "is damaged"),
        (lambda folder: (folder / "model_index.json").write_text("[" * 5000), "is damaged"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    folder = pipeline(tmp_path / "sd")
    damage(folder)
    assert told in refusal(folder)


def test_weights_in_a_variants_name_do_where_there_are_no_others(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "sd")
    weights = folder / "unet" / WEIGHTS
    half = weights.rename(weights.with_name("diffusion_pytorch_model.fp16.safetensors"))
    assert detect(folder).variant == "sd-1"
    assert half in needed_files(folder)
    write_safetensors(weights, models.denoiser("sd-1-inpaint"))
    assert detect(folder).variant == "sd-1-inpaint"
    assert weights in needed_files(folder)
    assert half not in needed_files(folder)


def test_weights_in_several_files_are_read_by_their_index(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "sd")
    shapes = models.denoiser("sd-1")
    (folder / "unet" / WEIGHTS).unlink()
    shards = [dict(list(shapes.items())[start::2]) for start in range(2)]
    names = [f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    for name, shard in zip(names, shards, strict=True):
        write_safetensors(folder / "unet" / name, shard)
    weight_map = {key: name for name, shard in zip(names, shards, strict=True) for key in shard}
    index = folder / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    assert detect(folder).variant == "sd-1"


def test_a_controlnet_or_autoencoder_in_a_folder_is_the_folder(tmp_path: Path) -> None:
    folder = module(tmp_path / "control", "ControlNetModel", models.controlnet("sdxl"))
    found = detect(folder)
    assert (found.path, found.kind, found.variant) == (folder, "controlnet", "sdxl")
    folder = module(tmp_path / "vae", "AutoencoderKL", models.vae("sd"))
    found = detect(folder)
    assert (found.path, found.kind) == (folder, "vae")


def test_a_denoiser_in_a_folder_is_its_file(tmp_path: Path) -> None:
    folder = module(tmp_path / "unet", "UNet2DConditionModel", models.denoiser("sd-1"))
    assert detect(folder).path == folder / WEIGHTS


def test_a_folder_around_one_file_is_that_file(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "lora" / "pytorch_lora_weights.safetensors", {"<cat>": (768,)})
    found = detect(tmp_path / "lora")
    assert (found.path.name, found.kind) == (
        "pytorch_lora_weights.safetensors",
        "textual_inversion",
    )


def test_other_folders_are_refused_with_what_they_lack(tmp_path: Path) -> None:
    assert "holds no model" in refusal(tmp_path)
    (tmp_path / "model.ckpt").touch()
    assert "is a pickle" in refusal(tmp_path)
    for name in "ab":
        write_safetensors(tmp_path / f"{name}.safetensors", {"<cat>": (768,)})
    assert "several files of weights (a.safetensors, b.safetensors)" in refusal(tmp_path)
    assert "There is no file" in refusal(tmp_path / "nothing")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("FluxPipeline"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_class_name", "unet", "vae", "weight_map", "prediction_type", ".."]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(
    files=st.dictionaries(
        st.sampled_from(
            [
                *("model_index.json", "config.json", "unet/config.json", "a.safetensors"),
                *("unet/diffusion_pytorch_model.safetensors.index.json", "unet/a.bin"),
                *("unet/diffusion_pytorch_model.safetensors", "model.safetensors"),
            ]
        ),
        JSON,
    )
)
@settings(max_examples=100, deadline=None)
def test_no_folder_raises_anything_but_a_known_error(files: dict[str, object]) -> None:
    with TemporaryDirectory() as name:
        for file, content in files.items():
            path = Path(name) / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content))
        with pytest.raises(KnownError):
            detect(Path(name))


def test_the_licence_is_read_from_the_card(tmp_path: Path) -> None:
    assert licence_of(tmp_path) == ""
    (tmp_path / "README.md").write_text("---\ntags:\n- art\nlicense: apache-2.0\n---\n# Model\n")
    assert licence_of(tmp_path) == "apache-2.0"
    (tmp_path / "README.md").write_text("# Model\nlicense: none\n")
    assert licence_of(tmp_path) == ""
