"""Textual inversions: words that text encoders know beside their own.

R. Gal et al., "An image is worth one word: personalizing text-to-image generation using textual
inversion", 2022. A word is spelt as tokens that nobody can write, whose vectors are put beside
those of the encoder as it looks tokens up: its weights stay as they are wherever they lie, and
prompts without the word are read as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file

from studio.core.errors import ModelError
from studio.engine.diffusion.loading.pipelines import loading
from studio.generation.adapters import word_pattern
from studio.generation.catalog import AdapterInfo

_TOWERS: Final = ("clip_l", "clip_g")
"""Under which files for several towers have each one's vectors."""


class LearntWords:
    """Those of one loaded model.

    Args:
        towers: a tokenizer and a text encoder for each that reads prompts.
    """

    def __init__(self, towers: Sequence[tuple[Any, Any]]) -> None:
        self._tokenizers = [tokenizer for tokenizer, _ in towers]
        self._rows = [_Rows(encoder.get_input_embeddings()) for _, encoder in towers]
        self._spellings: dict[str, str] = {}
        self._known: tuple[AdapterInfo, ...] = ()

    def learn(self, adapters: Sequence[AdapterInfo]) -> bool:
        """Knows these words from now on, and no others; those that do not fit are left out.

        Returns:
            Whether prompts may be read otherwise than before.

        Raises:
            ModelError: if a file cannot be read.
        """
        for adapter in adapters:
            if adapter.id not in self._spellings:
                self._spellings[adapter.id] = self._spelling(adapter)
        before, self._known = self._known, tuple(adapters)
        return before != self._known

    def knows(self, adapter: AdapterInfo) -> bool:
        """Whether a word that was to be learnt fits the text encoders."""
        return bool(self._spellings.get(adapter.id))

    def spelt(self, text: str) -> str:
        """A text with the words that are known as the tokens that they are made of."""
        for adapter in self._known:
            if spelling := self._spellings[adapter.id]:
                text = word_pattern(adapter.trigger).sub(f" {spelling} ", text)
        return text

    def _spelling(self, adapter: AdapterInfo) -> str:
        """The tokens of a word, added to every tower; empty where it does not fit one."""
        tensors = _read(adapter)
        found = [
            _fitting(tensors, rows.width, name)
            for rows, name in zip(self._rows, _names(len(self._rows)), strict=True)
        ]
        vectors = [each for each in found if each is not None]
        if len(vectors) < len(found):
            return ""
        tokens = [f"<learnt-{len(self._spellings)}-{part}>" for part in range(len(vectors[0]))]
        for tokenizer, rows, own in zip(self._tokenizers, self._rows, vectors, strict=True):
            tokenizer.add_tokens(tokens)
            rows.add(tokenizer.convert_tokens_to_ids(tokens), own[: len(tokens)])
        return " ".join(tokens)


class _Rows:
    """Further rows of an embedding, for tokens of which it has none."""

    def __init__(self, embedding: Any) -> None:
        self._ids = torch.empty(0, dtype=torch.long)
        self._vectors = torch.empty(0, embedding.embedding_dim)
        self._asked = self._ids
        self.width: int = embedding.embedding_dim
        embedding.register_forward_pre_hook(self._before)
        embedding.register_forward_hook(self._after)

    def add(self, ids: Sequence[int], vectors: torch.Tensor) -> None:
        """Has rows ``(n, width)`` for these tokens."""
        self._ids = torch.cat([self._ids, torch.tensor(ids)])
        self._vectors = torch.cat([self._vectors, vectors.float()])

    def _before(self, module: Any, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        """Looks up another token in their place, for the embedding knows none of these."""
        self._asked = inputs[0]
        ours = torch.isin(self._asked, self._ids.to(self._asked.device))
        return (self._asked.masked_fill(ours, 0),)

    def _after(self, module: Any, inputs: Any, found: torch.Tensor) -> torch.Tensor:
        for token, vector in zip(self._ids.tolist(), self._vectors, strict=True):
            ours = (self._asked == token)[..., None]
            found = torch.where(ours, vector.to(found), found)
        return found


def _read(adapter: AdapterInfo) -> dict[str, torch.Tensor]:
    """A file's tensors of vectors, ``(n, width)`` each."""
    with loading(adapter):
        tensors = load_file(_file_of(adapter))
    return {
        name: tensor.reshape(-1, tensor.shape[-1])
        for name, tensor in tensors.items()
        if tensor.ndim in (1, 2)
    }


def _file_of(adapter: AdapterInfo) -> Path:
    if not adapter.path.is_dir():
        return adapter.path
    files = sorted(adapter.path.rglob("*.safetensors"))
    if not files:
        raise ModelError(f"{adapter.title} has no weights: install it again.")
    return files[0]


def _names(towers: int) -> tuple[str, ...]:
    """Under which each tower's vectors lie; the second of the two reads alone in refiners."""
    return _TOWERS if towers == len(_TOWERS) else ("",) * towers


def _fitting(tensors: dict[str, torch.Tensor], width: int, name: str) -> torch.Tensor | None:
    """A tower's vectors: those of its name, else any of its width."""
    if name in tensors:
        return tensors[name] if tensors[name].shape[-1] == width else None
    return next((each for each in tensors.values() if each.shape[-1] == width), None)
