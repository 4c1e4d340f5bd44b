"""Which files of a repository a model needs, and under which names they are kept.

Repositories hold the same weights several times: as pickles, for other frameworks, in half and
in full precision, whole and in pieces. What is loaded here is one set of ``.safetensors`` a
folder with the configuration beside it, and nothing else is ever fetched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, Final

from studio.core.errors import ModelError
from studio.generation.catalog_entries import Source
from studio.models.hub.client import RemoteFile

MODEL_INDEX: Final = "model_index.json"
"""Names the folders of a diffusers pipeline."""

SUFFIXES: Final = frozenset({".safetensors", ".gguf", ".json", ".txt", ".model", ".jinja"})
"""What may be fetched: weights that are data and no program, configuration, vocabularies."""

_UNUSED: Final = frozenset({"safety_checker"})
"""Components that no family loads."""

_STANDARD: Final = frozenset({"diffusion_pytorch_model", "model"})
"""The names that the libraries look for."""

_WEIGHTS: Final = re.compile(
    r"(?P<stem>[^.]+?)(?:\.(?P<variant>[\w.]+?))?(?P<shard>-\d{5}-of-\d{5})?\.safetensors"
)
_INDEX: Final = re.compile(r"(?P<stem>[^.]+)\.safetensors\.index(?:\.(?P<variant>\w+))?\.json")
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Choice:
    """A file that is needed, and its name below the part's folder."""

    remote: RemoteFile
    name: str


def choose_files(
    files: Sequence[RemoteFile], source: Source, index: dict[str, Any] | None
) -> list[Choice]:
    """The files that a part needs.

    Args:
        files: all of the repository's.
        source: of the part.
        index: the content of its `MODEL_INDEX`, where it has one.

    Raises:
        ModelError: if there are none, one that was asked for is not there, or a name would lead
            out of the folder.
    """
    exact = {name for name in source.files if not re.search(r"[*?\[]", name)}
    missing = sorted(exact - {file.path for file in files})
    if missing:
        raise ModelError(
            f"{source.hub} has no file {missing[0]} (any more): update Sfumato and try again."
        )
    candidates = [file for file in files if _is_needed(file.path, source, index)]
    for file in candidates:
        _check_name(file.path, source.hub)
    if source.file_name:
        chosen = [Choice(file, source.file_name) for file in candidates if file.path in exact]
    else:
        chosen = list(_one_set_a_folder(candidates, exact, source.variant))
    if not any(choice.name.endswith((".safetensors", ".gguf")) for choice in chosen):
        raise ModelError(
            f"{source.hub} has no weights that can be loaded safely (.safetensors): pickled ones "
            "are never downloaded."
        )
    return chosen


def _is_needed(path: str, source: Source, index: dict[str, Any] | None) -> bool:
    if PurePosixPath(path).suffix.lower() not in SUFFIXES:
        return False
    if source.files:
        return any(fnmatchcase(path, pattern) for pattern in source.files)
    folder, _, name = path.rpartition("/")
    if index is None:
        return folder == ""
    return path == MODEL_INDEX or folder.split("/")[0] in _components(index)


def _components(index: dict[str, Any]) -> set[str]:
    """The folders of the pipeline: those entries that name a library and a class."""
    return {
        name
        for name, value in index.items()
        if isinstance(value, list) and len(value) == 2 and all(value) and name not in _UNUSED
    }


def _one_set_a_folder(
    files: Iterable[RemoteFile], exact: set[str], variant: str
) -> Iterator[Choice]:
    folders: dict[str, list[RemoteFile]] = defaultdict(list)
    for file in files:
        if file.path in exact:
            yield Choice(file, file.path)
        else:
            folders[file.path.rpartition("/")[0]].append(file)
    for members in folders.values():
        yield from _one_set(members, variant)


def _one_set(files: list[RemoteFile], variant: str) -> Iterator[Choice]:
    """One set of weights of a folder, and all that is not weights.

    The variant's name is left out of what is kept, so that whoever loads it need not know it.
    """
    wanted = _set_of(files, variant)
    for file in files:
        name = PurePosixPath(file.path).name
        weights, index = _WEIGHTS.fullmatch(name), _INDEX.fullmatch(name)
        if weights is not None:
            if _key(weights) == wanted:
                plain = name if weights["shard"] else f"{weights['stem']}.safetensors"
                yield Choice(file, _beside(file.path, plain))
        elif index is not None:
            # The pieces keep their names, since the index has them.
            if (index["stem"], index["variant"] or "", True) == wanted:
                yield Choice(file, _beside(file.path, f"{index['stem']}.safetensors.index.json"))
        else:
            yield Choice(file, file.path)


_Key = tuple[str, str, bool]
"""Stem, variant, and whether it is in pieces."""


def _set_of(files: list[RemoteFile], variant: str) -> _Key | None:
    """The best set of weights: of the standard name, of the variant, plain, in one piece."""
    found = (_WEIGHTS.fullmatch(PurePosixPath(file.path).name) for file in files)
    keys = {_key(match) for match in found if match is not None}

    def order(key: _Key) -> tuple[bool, bool, bool, bool, _Key]:
        stem, its, in_pieces = key
        return stem not in _STANDARD, its != variant, its != "", in_pieces, key

    return min(keys, key=order, default=None)


def _key(match: re.Match[str]) -> _Key:
    return match["stem"], match["variant"] or "", bool(match["shard"])


def _beside(path: str, name: str) -> str:
    return str(PurePosixPath(path).with_name(name))


def _check_name(path: str, repository: str) -> None:
    parts = path.split("/")
    safe = len(path) <= _LONGEST_NAME and all(
        part not in {"", ".", ".."}
        and not _FORBIDDEN.search(part)
        and not _RESERVED.fullmatch(part)
        and not part.endswith((".", " "))
        for part in parts
    )
    if not safe:
        raise ModelError(
            f"{repository} lists a file of the name {path[:60]!r}, which cannot be kept safely: "
            "do not use this repository."
        )
