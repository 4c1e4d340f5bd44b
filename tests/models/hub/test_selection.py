"""Which files of a repository are fetched, and under which names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import ModelError
from studio.generation.catalog_entries import Part
from studio.models.hub.client import RemoteFile
from studio.models.hub.selection import choose_files

INDEX: dict[str, Any] = {
    "_class_name": "Some",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "feature_extractor": [None, None],
}

REPOSITORY = [
    "README.md",
    "model_index.json",
    "v1-5-pruned.ckpt",
    "v1-5-pruned.safetensors",
    "feature_extractor/preprocessor_config.json",
    "safety_checker/model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "text_encoder/model.fp16.safetensors",
    "text_encoder/pytorch_model.bin",
    "text_encoder/flax_model.msgpack",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "unet/diffusion_pytorch_model.bin",
    "other/model.safetensors",
]


def chosen(names: list[str], index: dict[str, Any] | None = INDEX, **source: Any) -> dict[str, str]:
    """What is fetched, by the name that it is kept under."""
    part = Part(role="pipeline", hub="owner/name", **source)
    files = [RemoteFile(name, 1) for name in names]
    return {choice.name: choice.remote.path for choice in choose_files(files, part, index)}


def test_a_pipeline_is_its_folders_with_one_set_of_weights_each() -> None:
    found = chosen(REPOSITORY)
    assert all(name == path for name, path in found.items())
    assert sorted(found) == [
        "model_index.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    ]


def test_a_variant_is_preferred_and_kept_under_the_plain_name() -> None:
    found = chosen(REPOSITORY, variant="fp16")
    plain = "unet/diffusion_pytorch_model.safetensors"
    assert found[plain] == "unet/diffusion_pytorch_model.fp16.safetensors"
    assert len(found) == 7


def test_a_variant_that_a_folder_lacks_is_done_without() -> None:
    names = [name for name in REPOSITORY if name != "text_encoder/model.fp16.safetensors"]
    found = chosen(names, variant="fp16")
    assert found["text_encoder/model.safetensors"] == "text_encoder/model.safetensors"


def test_the_only_variant_is_taken_where_there_is_no_plain_one() -> None:
    names = ["model_index.json", "unet/diffusion_pytorch_model.bf16.safetensors"]
    assert chosen(names)["unet/diffusion_pytorch_model.safetensors"] == names[1]


def test_weights_in_pieces_come_with_their_index() -> None:
    names = [
        "text_encoder/model-00001-of-00002.safetensors",
        "text_encoder/model-00002-of-00002.safetensors",
        "text_encoder/model.safetensors.index.json",
        "text_encoder/model.fp16-00001-of-00002.safetensors",
        "text_encoder/model.fp16-00002-of-00002.safetensors",
        "text_encoder/model.safetensors.index.fp16.json",
    ]
    assert sorted(chosen(names)) == sorted(names[:3])
    found = chosen(names, variant="fp16")
    assert found["text_encoder/model.safetensors.index.json"] == names[5]
    assert sorted(found) == sorted([*names[3:5], names[2]])


def test_the_libraries_own_names_go_before_others() -> None:
    names = ["unet/consolidated.safetensors", "unet/diffusion_pytorch_model.safetensors"]
    assert list(chosen(names)) == [names[1]]


def test_without_an_index_the_root_is_what_is_needed() -> None:
    names = ["config.json", "diffusion_pytorch_model.safetensors", "old/x.safetensors"]
    assert sorted(chosen(names, index=None)) == sorted(names[:2])


def test_patterns_choose_among_what_is_there() -> None:
    found = chosen(REPOSITORY, files=["model_index.json", "unet/*"], variant="fp16")
    assert sorted(found) == [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    ]


def test_names_are_taken_as_they_are() -> None:
    names = ["models/one.fp16.safetensors", "models/two.safetensors", "models/enc/config.json"]
    assert sorted(chosen(names, files=names)) == sorted(names)


def test_one_named_file_lies_alone() -> None:
    assert chosen(REPOSITORY, files=["unet/diffusion_pytorch_model.fp16.safetensors"]) == {
        "diffusion_pytorch_model.fp16.safetensors": "unet/diffusion_pytorch_model.fp16.safetensors"
    }


def test_a_named_file_that_is_not_there_is_said() -> None:
    with pytest.raises(ModelError, match="has no file gone.safetensors"):
        chosen(REPOSITORY, files=["gone.safetensors"])


@pytest.mark.parametrize("name", ["x.bin", "x.pt", "x.ckpt", "x.py", "x.safetensors.exe"])
def test_programs_and_pickles_are_not_chosen_even_when_asked_for(name: str) -> None:
    with pytest.raises(ModelError, match="never downloaded"):
        chosen([name], files=[name, "*"])


@pytest.mark.parametrize(
    "name",
    ["/x.safetensors", "../x.safetensors", "a//x.safetensors", "a/./x.safetensors",
     "c:x.safetensors", "a\\x.safetensors", "con.safetensors", "x\n.safetensors",
     "a./x.safetensors", "a" * 300 + ".safetensors"],
)  # fmt: skip
def test_names_that_no_system_should_keep_are_refused(name: str) -> None:
    with pytest.raises(ModelError, match="cannot be kept safely"):
        chosen([name], files=["*"])


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=8))
def test_whatever_is_listed_nothing_leads_out_of_the_folder(paths: list[str]) -> None:
    names = [f"{path}.safetensors" for path in paths]
    try:
        found = chosen(names, files=["*"])
    except ModelError:
        return
    for name in found:
        joined = PurePosixPath("/folder") / name
        assert joined.is_relative_to("/folder") and ".." not in joined.parts
        assert "/" not in joined.name and "\\" not in name
