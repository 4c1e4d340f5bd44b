"""Chroma against the stock pipeline, and from folders as its makers publish them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import ChromaPipeline

from studio.engine.diffusion.bases.language import Conditions, MaskedWords
from studio.generation.catalog import ModelInfo
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.sentence_pieces import save_pieces
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models, stock_picture


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("chroma"), "chroma").get("tiny-chroma")


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock pipeline hides padding, as it means to, instead of adding zeros to scores."""
    read = ChromaPipeline._get_t5_prompt_embeds

    def read_masked(
        pipeline: Any, *texts: Any, **options: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        embeds, mask = read(pipeline, *texts, **options)
        return embeds, mask.bool()

    monkeypatch.setattr(ChromaPipeline, "_get_t5_prompt_embeds", read_masked)


@pytest.mark.usefixtures("masked")
@pytest.mark.parametrize(
    ("guidance", "negative"), [(1.0, ""), (4.0, ""), (4.0, "something much longer than that")]
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float, negative: str
) -> None:
    told = {"prompt": "a cat", "negative_prompt": negative, "guidance_scale": guidance}
    theirs = stock_picture(ChromaPipeline, folder, told)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative)
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_padding_is_hidden(family: Any, model: ModelInfo) -> None:
    """But for its first token: the words alone decide, whatever stands behind them."""
    words = family._encode_words("a cat")
    count = int(words.mask.sum())
    assert count == len(family.pipelines[0].tokenizer("a cat").input_ids) + 1
    noisy = words.embeds.clone()
    noisy[:, count:] = 9.0
    plain, changed = (
        family._painted(
            brief_for(model),
            family._predictor(brief_for(model), Conditions(MaskedWords(embeds, words.mask), None)),
            None,
            1.0,
            RecordingDesk(),
        )
        for embeds in (words.embeds, noisy)
    )
    assert (plain == changed).all()


@pytest.mark.parametrize("kind", ["ChromaImg2ImgPipeline", "ChromaInpaintPipeline"])
def test_a_folder_saved_for_another_task_is_painted_with_alike(
    family: Any, model: ModelInfo, folder: Path, tmp_path: Path, kind: str
) -> None:
    copied = shutil.copytree(folder, tmp_path / "saved")
    index = copied / "model_index.json"
    index.write_text(index.read_text().replace("ChromaPipeline", kind))
    saved = loaded(replace(model, parts=(replace(model.parts[0], path=copied),)))
    ours, theirs = (
        each.text_to_image(brief_for(model), RecordingDesk()) for each in (family, saved)
    )
    assert (ours == theirs).all()


def test_a_tokenizer_as_its_makers_publish_it_is_read(
    family: Any, model: ModelInfo, folder: Path, tmp_path: Path
) -> None:
    """It is a vocabulary of SentencePiece alone."""
    copied = shutil.copytree(folder, tmp_path / "published")
    shutil.rmtree(copied / "tokenizer")
    backend = json.loads(family.pipelines[0].tokenizer.backend_tokenizer.to_str())
    pieces = [(piece, score) for piece, score in backend["model"]["vocab"] if "extra" not in piece]
    save_pieces(copied / "tokenizer", pieces)
    published = loaded(replace(model, parts=(replace(model.parts[0], path=copied),)))
    ours, theirs = (
        each.text_to_image(brief_for(model), RecordingDesk()) for each in (family, published)
    )
    assert (ours == theirs).all()


def test_noise_levels_may_lie_as_the_quantiles_of_a_beta_distribution(
    family: Any, model: ModelInfo, folder: Path, tmp_path: Path
) -> None:
    copied = shutil.copytree(folder, tmp_path / "published")
    file = copied / "scheduler" / "scheduler_config.json"
    file.write_text(file.read_text().replace('"use_beta_sigmas": false', '"use_beta_sigmas": true'))
    published = loaded(replace(model, parts=(replace(model.parts[0], path=copied),)))
    levels = [
        each._scheduler(brief_for(model, steps=3)).sigmas.tolist() for each in (family, published)
    ]
    assert levels[0] != levels[1]
    assert levels[0][0] == levels[1][0]
    assert published.text_to_image(brief_for(model), RecordingDesk()).std() > 0
