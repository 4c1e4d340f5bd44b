"""LoRAs on the stock modules of tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters import wardrobe as wardrobe_module
from studio.engine.diffusion.adapters.wardrobe import KEPT, Wardrobe, Worn
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import place
from studio.generation.memory import Rung
from tests.helpers.adapters import lora_info
from tests.helpers.tiny import stable_diffusion
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny.parts import WIDTH

FAMILY = "stable_diffusion"


@pytest.fixture
def pipeline() -> Any:
    return stable_diffusion.pipeline()


@pytest.fixture(scope="module")
def loras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("loras")
    fitting = stable_diffusion.pipeline()
    return {
        name: save_lora(fitting, folder / f"{name}.safetensors", seed=seed, text=name == "words.v2")
        for seed, name in enumerate(("ink", "chalk", "words.v2"))
    }


def worn(loras: dict[str, Path], weight: float = 1.0, *names: str) -> list[Worn]:
    return [Worn(lora_info(loras[name], FAMILY), weight) for name in names]


@torch.inference_mode()
def answer(pipeline: Any) -> torch.Tensor:
    """The denoiser's to a fixed question."""
    latents = torch.linspace(-1, 1, 4 * 64).reshape(1, 4, 8, 8)
    told = reading(pipeline)
    found: torch.Tensor = pipeline.unet(latents, 500, told, return_dict=False)[0]
    return found


@torch.inference_mode()
def reading(pipeline: Any) -> torch.Tensor:
    """The text encoder's."""
    tokens = pipeline.tokenizer("a cat", return_tensors="pt").input_ids
    found: torch.Tensor = pipeline.text_encoder(tokens)[0]
    return found


def test_a_lora_changes_the_answers_and_taken_off_leaves_no_trace(
    pipeline: Any, loras: dict[str, Path]
) -> None:
    wardrobe, before = Wardrobe(), answer(pipeline)
    wardrobe.wear([pipeline], worn(loras, 1.0, "ink"))
    changed = answer(pipeline)
    wardrobe.wear([pipeline], [])
    assert not torch.equal(changed, before)
    assert torch.equal(answer(pipeline), before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_on_halved_weights_a_lora_keeps_its_own_precision(
    pipeline: Any, loras: dict[str, Path], dtype: torch.dtype
) -> None:
    machine = Machine(torch.device("cpu"), dtype, "CPU", rung=Rung.HALVED)
    place(pipeline.to(dtype), machine)
    Wardrobe().wear([pipeline], worn(loras, 1.0, "ink"))
    query = pipeline.unet.mid_block.attentions[0].transformer_blocks[0].attn1.to_q
    assert query.lora_A["ink"].weight.dtype is dtype
    assert query.base_layer.weight.dtype.itemsize == dtype.itemsize // 2
    assert (
        pipeline.unet(
            torch.zeros(1, 4, 8, 8, dtype=dtype), 500, torch.zeros(1, 77, WIDTH, dtype=dtype)
        )
        .sample.isfinite()
        .all()
    )


def test_a_weight_of_nothing_is_none_at_all(pipeline: Any, loras: dict[str, Path]) -> None:
    wardrobe, before = Wardrobe(), answer(pipeline)
    wardrobe.wear([pipeline], worn(loras, 0.0, "ink"))
    assert torch.equal(answer(pipeline), before)


def test_the_weight_says_how_far_it_goes_without_loading_it_again(
    pipeline: Any, loras: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    wardrobe, before = Wardrobe(), answer(pipeline)
    wardrobe.wear([pipeline], worn(loras, 0.05, "ink"))
    monkeypatch.setattr(wardrobe_module, "_read", None)
    little = (answer(pipeline) - before).norm()
    wardrobe.wear([pipeline], worn(loras, 0.1, "ink"))
    assert (answer(pipeline) - before).norm() / little == pytest.approx(2, rel=0.25)


def test_several_add_up(pipeline: Any, loras: dict[str, Path]) -> None:
    wardrobe = Wardrobe()
    answers = []
    for names in (("ink",), ("chalk",), ("ink", "chalk")):
        wardrobe.wear([pipeline], worn(loras, 1.0, *names))
        answers.append(answer(pipeline))
    assert not torch.equal(answers[2], answers[0])
    assert not torch.equal(answers[2], answers[1])
    wardrobe.wear([pipeline], worn(loras, 1.0, "ink"))
    assert torch.equal(answer(pipeline), answers[0])


def test_text_encoders_read_otherwise_and_it_is_told(pipeline: Any, loras: dict[str, Path]) -> None:
    wardrobe, before = Wardrobe(), reading(pipeline)
    assert wardrobe.wear([pipeline], worn(loras, 1.0, "words.v2"))
    assert not torch.equal(reading(pipeline), before)
    assert not wardrobe.wear([pipeline], worn(loras, 1.0, "words.v2"))
    assert wardrobe.wear([pipeline], [])
    assert torch.equal(reading(pipeline), before)


def test_a_pipeline_that_is_loaded_later_and_shares_modules_wears_it_too(
    pipeline: Any, loras: dict[str, Path]
) -> None:
    wardrobe = Wardrobe()
    wardrobe.wear([pipeline], worn(loras, 1.0, "words.v2"))
    later = stable_diffusion.pipeline()
    later.text_encoder = pipeline.text_encoder
    wardrobe.dress([pipeline, later])
    assert torch.equal(answer(later), answer(pipeline))


def test_keys_of_kohyas_form_are_the_same_lora(
    pipeline: Any, loras: dict[str, Path], tmp_path: Path
) -> None:
    state = {}
    for key, value in load_file(loras["ink"]).items():
        name, _, side = key.removeprefix("unet.").removesuffix(".weight").rpartition(".")
        suffix = {"lora_A": "lora_down", "lora_B": "lora_up"}[side]
        module = f"lora_unet_{name.replace('.', '_')}"
        state[f"{module}.{suffix}.weight"] = value
        state[f"{module}.alpha"] = torch.tensor(2.0)
    file = tmp_path / "kohya.safetensors"
    save_file(state, file)
    wardrobe = Wardrobe()
    wardrobe.wear([pipeline], worn(loras, 1.0, "ink"))
    expected = answer(pipeline)
    wardrobe.wear([pipeline], [Worn(lora_info(file, FAMILY), 1.0)])
    assert torch.allclose(answer(pipeline), expected, atol=1e-6)


@pytest.mark.parametrize("spoil", ["cut off", "other keys", "other shapes", "missing"])
def test_what_is_no_lora_of_this_model_is_refused_and_nothing_is_worn(
    pipeline: Any, loras: dict[str, Path], tmp_path: Path, spoil: str
) -> None:
    file, state = tmp_path / "spoilt.safetensors", load_file(loras["ink"])
    if spoil == "other keys":
        state = {f"unet.nowhere.{index}.lora_A.weight": torch.ones(2, 2) for index in range(2)}
    if spoil == "other shapes":
        state = {key: torch.ones(3, 5) for key in state}
    if spoil != "missing":
        save_file(state, file)
    if spoil == "cut off":
        file.write_bytes(file.read_bytes()[:-50])
    wardrobe, before = Wardrobe(), answer(pipeline)
    with pytest.raises(ModelError, match="Spoilt"):
        wardrobe.wear([pipeline], [Worn(lora_info(file, FAMILY), 1.0)])
    wardrobe.wear([pipeline], [])
    assert torch.equal(answer(pipeline), before)


def test_no_more_than_a_few_stay_in_memory(
    pipeline: Any, loras: dict[str, Path], tmp_path: Path
) -> None:
    wardrobe = Wardrobe()
    for number in range(KEPT + 3):
        file = tmp_path / f"number{number}.safetensors"
        file.write_bytes(loras["ink"].read_bytes())
        wardrobe.wear([pipeline], [Worn(lora_info(file, FAMILY), 1.0)])
    assert len(pipeline.unet.peft_config) == KEPT
    assert f"number{KEPT + 2}" in pipeline.unet.peft_config
