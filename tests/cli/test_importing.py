"""``sfumato models import`` and ``find``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.helpers.upscalers import compact, save_upscaler
from tests.helpers.weights import Shapes, write_safetensors

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA: Shapes = {f"{LAYER}.lora_down.weight": (4, 768)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SFUMATO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_file_is_imported_listed_and_removed(run: Run, tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "Ink_v2.safetensors", LORA)
    outcome = run("models", "import", path)
    assert outcome.lines == ["Ink v2 is imported as ink_v2, a LoRA (stable_diffusion)."]
    assert run("models", "path", "ink_v2").lines == [str(path)]
    assert run("models", "remove", "ink_v2").lines == ["Ink v2 is removed; your own files stay."]
    assert run("models", "path", "ink_v2").code == 3
    assert path.is_file()


def test_what_is_for_models_of_any_family_is_called_by_its_kind(run: Run, tmp_path: Path) -> None:
    seer = write_safetensors(tmp_path / "seer" / "model.safetensors", {"weight": (8, 8)}).parent
    (seer / "config.json").write_text('{"model_type": "vitpose"}', encoding="utf-8")
    (seer / "preprocessor_config.json").write_text("{}", encoding="utf-8")
    larger = save_upscaler(tmp_path / "larger.safetensors", compact(2, width=8, depth=2))
    assert run("models", "import", seer, larger).lines == [
        "Seer is imported as seer, an estimator.",
        "Larger is imported as larger, an upscaler.",
    ]


def test_a_copy_is_reported_to_programs(run: Run, tmp_path: Path, home: Path) -> None:
    path = write_safetensors(tmp_path / "ink.safetensors", LORA)
    outcome = run("models", "import", path, "--copy", "--id", "mine", "--title", "Mine", "--json")
    assert outcome.objects[-1] == {
        "event": "imported",
        "id": "mine",
        "title": "Mine",
        "kind": "lora",
        "family": "stable_diffusion",
        "path": str(path),
        "base": "",
    }
    assert (home / "data" / "models" / "mine" / "lora" / "ink.safetensors").is_file()
    assert run("models", "verify", "mine").code == 0


def test_a_copy_that_is_damaged_is_not_to_be_installed_but_imported_again(
    run: Run, tmp_path: Path, home: Path
) -> None:
    path = write_safetensors(tmp_path / "ink.safetensors", LORA)
    run("models", "import", path, "--copy")
    (home / "data/models/ink/lora/ink.safetensors").write_bytes(b"damaged")
    outcome = run("models", "verify", "ink")
    assert outcome.code == 3
    assert "remove Ink, and import it again." in outcome.err
    assert "install" not in outcome.err
    assert run("models", "install", "ink").code == 3


def test_what_cannot_be_imported_is_told_with_what_helps(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"pickle")
    outcome = run("models", "import", path)
    assert outcome.code == 3
    assert "can run any program on this computer" in outcome.err
    assert run("models", "import").code == 2


def test_all_of_another_programs_models_are_imported(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "ComfyUI"
    for name in ("ink", "chalk"):
        write_safetensors(root / "models" / "loras" / f"{name}.safetensors", LORA)
    (root / "models" / "loras" / "old.pt").write_bytes(bytes(2000))
    outcome = run("models", "import", root)
    assert outcome.lines[0] == "2 imported, 0 were there already."
    assert "can run any program" in outcome.err
    assert [event["event"] for event in run("models", "import", root, "--json").objects] == [
        "refused"
    ]
    assert run("models", "import", root, "--copy").code == 2


def test_a_folder_without_models_is_told(run: Run, tmp_path: Path) -> None:
    outcome = run("models", "import", tmp_path)
    assert outcome.code == 3
    assert f"There are no models in {tmp_path}, where .safetensors" in outcome.err


def test_models_of_other_programs_are_found(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "ComfyUI"
    ink = write_safetensors(root / "models" / "loras" / "ink.safetensors", LORA)
    old = root / "models" / "checkpoints" / "old.ckpt"
    old.parent.mkdir(parents=True)
    old.write_bytes(bytes(2000))
    objects = run("models", "find", root, "--json").objects
    assert {found["path"]: found.get("kind") for found in objects} == {
        str(ink): "lora",
        str(old): None,
    }
    lines = run("models", "find", root).lines
    assert lines[-1].startswith("1 can be used")
