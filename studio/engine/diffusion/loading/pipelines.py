"""Reading models from disk: safetensors alone, no network, mistakes told in plain words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from transformers import AutoTokenizer, PreTrainedTokenizerBase, ProcessorMixin

from studio.core.errors import ModelError
from studio.engine.diffusion.device.machine import Machine, is_out_of_memory
from studio.engine.diffusion.device.placement import place
from studio.engine.diffusion.loading.proportion import check_pipeline
from studio.engine.diffusion.loading.sentence_pieces import is_unconverted, read_t5_tokenizer
from studio.engine.diffusion.loading.unreadable import UNREADABLE
from studio.engine.diffusion.sampling.beta_flow import read_beta_flow
from studio.generation.catalog import AdapterInfo, ModelInfo

_WEIGHTS: Final = re.compile(
    r"(?:diffusion_pytorch_model|model)(?:\.(?P<variant>\w+))?(?:-\d{5}-of-\d{5})?\.safetensors"
)


def load_pipeline(kind: Any, folder: Path, machine: Machine, **parts: Any) -> Any:
    """A stock pipeline from a folder in diffusers' format.

    Args:
        kind: the pipeline's class.
        folder: holds its ``model_index.json``.
        machine: where it is put, and in which precision.
        parts: modules to be used in the place of the folder's own.

    Raises:
        Exception: many kinds where the folder holds no such pipeline; see `loading`.
    """
    check_pipeline(folder, parts)
    pipeline = kind.from_pretrained(
        folder,
        dtype=machine.dtype,
        variant=_variant(folder),
        use_safetensors=True,
        local_files_only=True,
        **{**_unaided(folder), **parts},
    )
    pipeline.set_progress_bar_config(disable=True)
    for name, part in pipeline.components.items():
        is_made = name not in parts and not (folder / name).is_dir()
        if any(is_made or _is_empty(tokenizer) for tokenizer in _tokenizers_of(part)):
            raise ValueError(f"{folder / name} holds no words")
    return place(pipeline, machine)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer in a folder, of the kind that it says.

    Raises:
        Exception: many kinds where the folder holds none; see `loading`.
    """
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    if _is_empty(tokenizer):
        raise ValueError(f"{folder} holds no words")
    return tokenizer


def _unaided(folder: Path) -> dict[str, Any]:
    """The parts that the libraries read only with others beside them, which are not here."""
    found: dict[str, Any] = {
        place.name: read_t5_tokenizer(place)
        for place in folder.glob("tokenizer*")
        if is_unconverted(place)
    }
    if (scheduler := read_beta_flow(folder)) is not None:
        found["scheduler"] = scheduler
    return found


def _tokenizers_of(part: Any) -> list[PreTrainedTokenizerBase]:
    """The part of a pipeline itself, or what its processor reads words with; none in others.

    The library makes them of nothing where their files are missing.
    """
    found = part.tokenizer if isinstance(part, ProcessorMixin) else part
    return [found] if isinstance(found, PreTrainedTokenizerBase) else []


def _is_empty(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether it knows no words."""
    return len(tokenizer) <= len(tokenizer.all_special_ids) + 1  # a space comes by itself


def _variant(folder: Path) -> str | None:
    """The name, such as ``fp16``, in which a module's weights lie that has no others."""
    modules: dict[Path, set[str]] = {}
    for file in folder.glob("*/*.safetensors"):
        if match := _WEIGHTS.fullmatch(file.name):
            modules.setdefault(file.parent, set()).add(match["variant"] or "")
    return min((min(names) for names in modules.values() if "" not in names), default=None)


@contextlib.contextmanager
def loading(model: ModelInfo | AdapterInfo) -> Iterator[None]:
    """Around the loading of a model or adapter: what the libraries raise becomes a ModelError.

    A lack of memory is let through, for whoever can do something about it.
    """
    try:
        yield
    except UNREADABLE as error:
        if is_out_of_memory(error):
            raise
        details = f"{type(error).__name__}: {error}"
        raise ModelError(_what_is_wrong(model), details=details) from error


def _what_is_wrong(model: ModelInfo | AdapterInfo) -> str:
    again = "import" if any(part.source.path for part in model.parts) else "install"
    for part in model.parts:
        if not part.exists:
            return (
                f"{model.title} lacks its {part.role} in {part.path}: look whether its drive is "
                f"connected, or {again} it again."
            )
    return (
        f"{model.title} cannot be loaded, because its files are damaged or incomplete: {again} it "
        "again, or choose another one."
    )
