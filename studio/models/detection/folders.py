"""What a folder is: a diffusers pipeline, one module of one, or a folder around one file.

A folder is whole when every part that its index names is there with configuration and weights;
the headers of all weights are read, so a shard that is missing or cut short is found now and not
when a picture is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.models.detection.files import Detected, Kind, detect_file
from studio.models.detection.formats import GGUF, PICKLES, SAFETENSORS, pickle_refusal, read_tensors
from studio.models.detection.pipelines import PIPELINES, PipelineClass
from studio.models.detection.variants import VARIANTS
from studio.models.tensors import index_variant, is_index, opened

MODEL_INDEX: Final = "model_index.json"
CONFIG: Final = "config.json"
PROCESSOR: Final = "preprocessor_config.json"
_MAX_JSON_BYTES: Final = 2**20
_MAX_README_BYTES: Final = 4096
_MAX_FILES: Final = 10_000

_NEEDED: Final = frozenset({SAFETENSORS, ".json", ".txt", ".model", ".jinja"})
_DENOISERS: Final = ("unet", "transformer", "prior")
_NOT_NEEDED: Final = frozenset({"safety_checker", "feature_extractor"})
"""Parts that Stable Diffusion's folders name and that Sfumato does not load."""
_WEIGHTLESS: Final = ("Scheduler", "Tokenizer", "Processor", "FeatureExtractor", "Guidance")
"""What the classes of parts without weights have in their names."""
_TOKENIZER: Final = "Tokenizer"
_OF_BYTES: Final = "ByT5Tokenizer"
"""Needs no vocabulary, since there are no more bytes than these."""
_VOCABULARIES: Final = (
    *("tokenizer.json", "vocab.json", "vocab.txt"),
    *("spiece.model", "tokenizer.model"),
)
_WEIGHTS: Final = re.compile(
    r"(?:diffusion_pytorch_model|model)(?:\.(?P<variant>\w+))?"
    r"(?P<piece>-\d{5}-of-\d{5})?\.safetensors"
)
_SHIFT_OF_DEV: Final = 6.0
"""Of HiDream Dev's noise levels, in which its folder differs from that of Fast."""
_ADAPTERS: Final[dict[str, Kind]] = {
    "ControlNetModel": "controlnet",
    "ControlNetUnionModel": "controlnet",
    "FluxControlNetModel": "controlnet",
    "SD3ControlNetModel": "controlnet",
    "QwenImageControlNetModel": "controlnet",
    "SanaControlNetModel": "controlnet",
    "ZImageControlNetModel": "controlnet",
    "AutoencoderKL": "vae",
    "AutoencoderKLFlux2": "vae",
    "AutoencoderKLQwenImage": "vae",
    "AutoencoderKLQwenImage21": "vae",
    "AutoencoderDC": "vae",
}
"""Modules that are used as folders, by their class."""
_ESTIMATORS: Final = {
    "depth_anything": "depth",
    "dpt": "depth",
    "vitpose": "pose",
    "rt_detr": "people",
    "rt_detr_v2": "people",
    "d_fine": "people",
}
"""What models see that make pictures for ControlNets, by transformers' names of their kinds."""


def detect_folder(path: Path) -> Detected:
    """What a folder is.

    Returns:
        For a module that is of use only as a file, and for a folder around one file of weights,
        what that file is.

    Raises:
        ModelError: if it is not whole, or is nothing that Sfumato knows, saying why.
    """
    try:
        if (path / MODEL_INDEX).is_file():
            return _pipeline(path)
        found = (_module(path) or _estimator(path)) if (path / CONFIG).is_file() else None
        return found or _only_file(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {reason(error)}.") from error


def needed_files(folder: Path) -> list[Path]:
    """The files of a folder that loading it takes: no pickles, no weights in other variants.

    Raises:
        OSError: if the folder cannot be read.
    """
    modules: dict[Path, list[Path]] = {}
    for _, file in zip(range(_MAX_FILES), sorted(folder.rglob("*")), strict=False):
        if file.suffix.lower() in _NEEDED and file.is_file():
            modules.setdefault(file.parent, []).append(file)
    return [file for files in modules.values() for file in _needed(files)]


def _needed(files: list[Path]) -> Iterator[Path]:
    """Of one folder's files those that are loaded."""
    yield from _weights(files)
    for file in files:
        if file.suffix.lower() != SAFETENSORS and not is_index(file):
            yield file


def _weights(files: Iterable[Path]) -> list[Path]:
    """A module's weights: one file, or an index before its pieces; empty where there are none.

    Those without a variant in their name, such as ``fp16``, go first, and those in one piece.
    """
    found: dict[tuple[str, bool], list[Path]] = {}
    indexes: dict[str, Path] = {}
    for file in files:
        if match := _WEIGHTS.fullmatch(file.name):
            kind = (match["variant"] or "", bool(match["piece"]))
            found.setdefault(kind, []).append(file)
        elif is_index(file):
            indexes[index_variant(file)] = file
    if not found:
        return []
    variant, in_pieces = best = min(found)
    index = [indexes[variant]] if in_pieces and variant in indexes else []
    return [*index, *found[best]]


def licence_of(folder: Path) -> str:
    """The licence that the card beside a model names; empty where there is none."""
    card = folder / "README.md"
    if not card.is_file():
        return ""
    with opened(card) as file:
        head = file.read(_MAX_README_BYTES).decode("utf-8", errors="replace")
    found = re.match(r"---\n(?:.*\n)*?license: *([\w.+-]+)", head)
    return found[1] if found else ""


def _pipeline(folder: Path) -> Detected:
    index = _read_json(folder / MODEL_INDEX)
    name = index.get("_class_name")
    known = PIPELINES.get(name) if isinstance(name, str) else None
    if name is None:
        raise ModelError(f"{folder / MODEL_INDEX} names no pipeline: download the model again.")
    if known is None:
        raise ModelError(
            f"{folder} is a pipeline of the class {name!r}, which Sfumato does not run."
        )
    size = sum(_check_part(folder, part, kind, known) for part, kind in _parts(folder, index))
    if size == 0:
        raise ModelError(f"{folder / MODEL_INDEX} names no weights: download the model again.")
    variant = _variant(folder, known, index)
    return Detected(
        path=folder,
        kind="pipeline",
        families=(known.family,),
        variant=variant,
        role=VARIANTS[variant].role if known.role == "pipeline" else known.role,
        licence=licence_of(folder),
        size_bytes=size,
    )


def _parts(folder: Path, index: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The parts that the index says are there, and their classes."""
    for part, kind in index.items():
        if part.startswith("_") or not isinstance(kind, list) or len(kind) != 2:
            continue
        library, class_name = kind
        if library is None or class_name is None:
            continue
        if not isinstance(class_name, str) or Path(part).name != part or part == "..":
            raise ModelError(f"{folder / MODEL_INDEX} is damaged: download it again.")
        yield part, class_name


def _check_part(folder: Path, part: str, class_name: str, pipeline: PipelineClass) -> int:
    """Whether a part of a pipeline is whole; returns the bytes of its weights."""
    place = folder / part
    if pipeline.family.startswith("stable_diffusion") and part in _NOT_NEEDED:
        return 0
    if part in pipeline.apart and not place.is_dir():
        return 0
    if not place.is_dir():
        raise ModelError(f"{folder} lacks its part {part!r}: download the whole model again.")
    if any(piece in class_name for piece in _WEIGHTLESS):
        if not any(place.glob("*.json")):
            raise ModelError(f"{place} lacks its configuration: download the whole model again.")
        needs_words = _TOKENIZER in class_name and class_name != _OF_BYTES
        if needs_words and not any((place / name).is_file() for name in _VOCABULARIES):
            raise ModelError(f"{place} lacks its vocabulary: download the whole model again.")
        return 0
    if not (place / CONFIG).is_file():
        raise ModelError(f"{place} lacks {CONFIG}: download the whole model again.")
    return _check_weights(place)


def _check_weights(place: Path) -> int:
    """Reads the headers of a module's weights; returns their bytes."""
    files = sorted(place.iterdir())
    weights = _weights(files)
    if not weights:
        raise _weightless(place, files)
    first, *pieces = weights
    if pieces and not is_index(first):
        raise ModelError(f"{place} has weights in pieces without their index: download it again.")
    read_tensors(first)
    return sum(file.stat().st_size for file in pieces or weights)


def _weightless(place: Path, files: Iterable[Path]) -> ModelError:
    for file in files:
        if file.suffix.lower() in PICKLES:
            return pickle_refusal(file)
    return ModelError(f"{place} has a configuration and no weights: download the model again.")


def _variant(folder: Path, known: PipelineClass, index: dict[str, Any]) -> str:
    """What the denoiser's shapes say, where they say more than the class.

    Folders describe themselves, so that one of a size nobody knows is no mistake.
    """
    if known.variant == "krea-2":  # which is distilled in two models of the same shapes
        return "krea-2-turbo" if index.get("is_distilled") else "krea-2"
    part = next((part for part in _DENOISERS if part in index and (folder / part).is_dir()), "")
    files = _weights(sorted((folder / part).iterdir())) if part else []
    try:
        found = detect_file(files[0], folder.name).variant if files else ""
    except ModelError:
        return known.variant
    variant = VARIANTS.get(found)
    if variant is None or variant.family != known.family:
        return known.variant
    if known.role == "edit" and variant.role == "pipeline":
        return known.variant  # the shapes of those that edit by reading are the painter's
    scheduler = _scheduler(folder)
    if found == "sd-2-768-v" and scheduler.get("prediction_type") == "epsilon":
        return "sd-2-base"
    if found == "hidream-full" and scheduler.get("_class_name") == "FlowMatchLCMScheduler":
        return "hidream-dev" if scheduler.get("shift") == _SHIFT_OF_DEV else "hidream-fast"
    return found


def _scheduler(folder: Path) -> dict[str, Any]:
    """How a pipeline's scheduler is configured."""
    config = folder / "scheduler" / "scheduler_config.json"
    return _read_json(config) if config.is_file() else {}


def _module(folder: Path) -> Detected | None:
    """A module of diffusers that lies alone, with its configuration; None for any other."""
    name = _read_json(folder / CONFIG).get("_class_name")
    kind = _ADAPTERS.get(name) if isinstance(name, str) else None
    if kind is None:
        return None
    size = _check_weights(folder)
    found = detect_file(_weights(sorted(folder.iterdir()))[0], folder.name)
    return replace(found, path=folder, kind=kind, size_bytes=size)


def _estimator(folder: Path) -> Detected | None:
    """A model of transformers' that sees what ControlNets read; None for any other."""
    kind = _read_json(folder / CONFIG).get("model_type")
    sees = _ESTIMATORS.get(kind) if isinstance(kind, str) else None
    if sees is None:
        return None
    if not (folder / PROCESSOR).is_file():
        raise ModelError(f"{folder} lacks {PROCESSOR}: download the whole model again.")
    return Detected(
        path=folder,
        kind="estimator",
        licence=licence_of(folder),
        detail=sees,
        size_bytes=_check_weights(folder),
    )


def _only_file(folder: Path) -> Detected:
    """What the only file of weights in a folder is."""
    files = [path for _, path in zip(range(_MAX_FILES), sorted(folder.iterdir()), strict=False)]
    weights = [path for path in files if path.suffix.lower() in {SAFETENSORS, GGUF}]
    indexes = [path for path in files if is_index(path)]
    if len(weights) == 1 or len(indexes) == 1:
        return detect_file((indexes or weights)[0])
    if weights:
        names = ", ".join(path.name for path in weights[:3])
        raise ModelError(f"{folder} holds several files of weights ({names}): choose one of them.")
    pickles = [path for path in files if path.suffix.lower() in PICKLES]
    if pickles:
        raise pickle_refusal(pickles[0])
    raise ModelError(
        f"{folder} holds no model: choose a .safetensors or .gguf file, or a folder with "
        f"{MODEL_INDEX} in it."
    )


def _read_json(path: Path) -> dict[str, Any]:
    with opened(path) as file:
        text = file.read(_MAX_JSON_BYTES + 1)
    if len(text) > _MAX_JSON_BYTES:
        raise ModelError(f"{path} is too large to be a configuration: download it again.")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is damaged: download it again.") from error
