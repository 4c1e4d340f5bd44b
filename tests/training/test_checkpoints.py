"""Checkpoints come back as they were, and a damaged one is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from studio.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from studio.training.loop import Plan, Trainer


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(4, 4)


def train(steps: int, folder: Path) -> nn.Linear:
    model = linear()

    def losses(rng: np.random.Generator) -> Tensor:
        answer: Tensor = model(torch.randn(8, 4))
        return (answer - 1).square().mean()

    Trainer("line", model, Plan(steps=steps, batch=8, decay=0.01), folder).run(losses)
    return model


def test_a_checkpoint_comes_back_and_replaces_the_one_before(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, "part", 1, {"a": torch.zeros(3)})
    save_checkpoint(tmp_path, "part", 2, {"a": torch.ones(3)})
    found = load_checkpoint(tmp_path, "part")
    assert found is not None
    step, tensors = found
    assert step == 2
    assert torch.equal(tensors["a"], torch.ones(3))
    assert len(list(tmp_path.glob("*.safetensors"))) == 1


def test_no_checkpoint_is_nothing(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path, "part") is None


@pytest.mark.parametrize("damage", ["flip", "truncate", "delete", "index"])
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    save_checkpoint(tmp_path, "part", 7, {"a": torch.arange(64.0)})
    (path,) = tmp_path.glob("*.safetensors")
    content = bytearray(path.read_bytes())
    match damage:
        case "flip":
            content[-5] ^= 0xFF
            path.write_bytes(content)
        case "truncate":
            path.write_bytes(content[:-9])
        case "delete":
            path.unlink()
        case "index":
            (tmp_path / "part.json").write_text("{")
    with pytest.raises(CheckpointError, match="part"):
        load_checkpoint(tmp_path, "part")


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = train(60, tmp_path / "whole")
    train(20, tmp_path / "parts")
    resumed = train(60, tmp_path / "parts")
    assert torch.allclose(whole.weight, resumed.weight, atol=1e-2)


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path) -> None:
    train(2, tmp_path)
    with pytest.raises(CheckpointError, match="another shape"):
        Trainer("line", nn.Linear(5, 4), Plan(steps=3, batch=1), tmp_path)
