"""Finding models that other programs keep on this computer, to use them where they are.

ComfyUI, A1111's web UI and its relatives keep folders of weights of every kind. Whatever their
layout, what a file is comes from its header: a folder's name is only where to begin.
"""

from __future__ import annotations

import os
import re
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.errors import ModelError
from studio.models.control import Control
from studio.models.detection.detect import detect
from studio.models.detection.files import Detected
from studio.models.detection.folders import CONFIG, MODEL_INDEX
from studio.models.detection.formats import GGUF, PICKLES, SAFETENSORS
from studio.models.planning import why_useless
from studio.models.tensors import is_index

MAX_DEPTH: Final = 8
"""How many folders deep is looked below a root."""
MAX_ENTRIES: Final = 200_000
"""How many files and folders are looked at below a root."""
MAX_FOUND: Final = 10_000

_PROGRAMS: Final = (
    *("ComfyUI", "ComfyUI_windows_portable/ComfyUI", "comfyui", "SwarmUI"),
    *("stable-diffusion-webui", "stable-diffusion-webui-forge", "sd-webui-forge-neo", "Forge"),
    *("stable-diffusion-webui-reForge", "automatic", "sdnext", "Fooocus", "Fooocus/Fooocus"),
    *("StabilityMatrix", "StabilityMatrix/Data", "invokeai", ".local/share/StabilityMatrix"),
    *("AppData/Roaming/StabilityMatrix", "AppData/Local/Comfy-Desktop"),
)
"""Where programs lie below a home, a drive or a folder of documents."""
_BESIDE_HOME: Final = ("", "Documents", "Desktop", "Downloads", "Applications", "ai", "AI")
_SYSTEM: Final = ("/opt", "/srv", "/workspace")

_SUBFOLDERS: Final = (
    *("models", "Models", "embeddings", "extensions/sd-webui-controlnet/models"),
    *("Data/Models", "user/models"),
)
"""Where these programs keep weights; the rest of them is code."""
_MORE_PATHS: Final = "extra_model_paths.yaml"
_BASE_PATH: Final = re.compile(
    r"^[ \t]*base_path:[ \t]*[\"']?([^\"'#\n]+?)[\"']?[ \t]*$", re.MULTILINE
)
_MOST_TEXT: Final = 2**16
_SKIPPED: Final = frozenset({"node_modules", "site-packages", "venv", "__pycache__", "blobs"})
_PICKLE_BYTES: Final = 2**10
"""Smaller files with a pickle's ending are no weights."""


@dataclass(frozen=True)
class Finding:
    """A file or folder that looks like a model.

    Attributes:
        detected: what it is; None where that cannot be told.
        refusal: why it cannot be used; empty where it can.
    """

    path: Path
    detected: Detected | None
    refusal: str = ""


def usual_roots(home: Path, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders of programs for pictures, and the hub's cache, that there are on this computer.

    Args:
        home: the person's folder.
        environ: the environment, where it names the hub's cache.
    """
    places = [home / name for name in _BESIDE_HOME]
    if sys.platform == "win32":
        places += [Path(f"{letter}:/") for letter in string.ascii_uppercase[2:]]
    else:
        places += [Path(name) for name in _SYSTEM]
    candidates = [place / program for place in places for program in _PROGRAMS]
    cache = (
        environ.get("HF_HUB_CACHE") or f"{environ.get('HF_HOME', home / '.cache/huggingface')}/hub"
    )
    return [path for path in _distinct([*candidates, Path(cache)]) if _is_folder(path)]


def find_models(roots: Sequence[Path], control: Control | None = None) -> Iterator[Finding]:
    """Looks for models below folders, one after another as they are found.

    Folders that cannot be read are passed over. Only headers are read, yet it may take minutes on
    slow drives: it is for a thread that may wait.

    Args:
        roots: folders of programs, or of models themselves.
        control: cancels from another thread.

    Raises:
        Stopped: once it was cancelled.
    """
    search = _Search(control or Control())
    for root in roots:
        inner = [root / name for name in _SUBFOLDERS if _is_folder(root / name)]
        for folder in [*(inner or [root]), *_elsewhere(root)]:
            for _, finding in zip(range(MAX_FOUND), search.below(folder), strict=False):
                yield finding


def _elsewhere(root: Path) -> Iterator[Path]:
    """The folders that ComfyUI was told to look in beside its own."""
    try:
        with (root / _MORE_PATHS).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_TEXT)
    except OSError:
        return
    for match in _BASE_PATH.finditer(text):
        folder = root / os.path.expanduser(match[1])
        if _is_folder(folder):
            yield folder


class _Search:
    """Walks through folders, each once."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._seen: set[tuple[int, int]] = set()
        self._left = MAX_ENTRIES

    def below(self, folder: Path, depth: int = 0) -> Iterator[Finding]:
        self._control.checkpoint()
        if depth > MAX_DEPTH or not self._is_new(folder):
            return
        names = self._listed(folder)
        if MODEL_INDEX in names or (CONFIG in names and _has_weights(names)):
            yield _finding(folder)
            return
        for name in names:
            path = folder / name
            if _is_folder(path):
                if not name.startswith(".") and name not in _SKIPPED:
                    yield from self.below(path, depth + 1)
            elif _looks_like_weights(path, names):
                self._control.checkpoint()
                yield _finding(path)

    def _is_new(self, folder: Path) -> bool:
        """Whether it was not seen yet, under this name or by a link."""
        try:
            status = folder.stat()
        except OSError:
            return False
        key = (status.st_dev, status.st_ino)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _listed(self, folder: Path) -> list[str]:
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for _, entry in zip(range(self._left), entries, strict=False)]
        except OSError:
            return []
        self._left -= len(names)
        return sorted(names)


def _finding(path: Path) -> Finding:
    try:
        found = detect(path)
    except ModelError as error:
        return Finding(path, None, error.message)
    reason = why_useless(found)
    return Finding(path, found, f"{path} {reason}." if reason else "")


def _looks_like_weights(path: Path, beside: Sequence[str]) -> bool:
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        return _size(path) >= _PICKLE_BYTES
    if is_index(path):
        return True
    if suffix == SAFETENSORS and "-of-" in path.name:
        return not any(is_index(Path(name)) for name in beside)
    return suffix in {SAFETENSORS, GGUF}


def _has_weights(names: Sequence[str]) -> bool:
    return any(name.endswith(SAFETENSORS) for name in names)


def _distinct(paths: Sequence[Path]) -> Iterator[Path]:
    """Each place once, whatever its name is spelt like there."""
    seen: set[str] = set()
    for path in paths:
        place = os.path.normcase(os.path.realpath(path))
        if place not in seen:
            seen.add(place)
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
