"""Prompts as CLIP's text towers read them: of any length, some words stronger than others.

A tower reads so many tokens at a time (75 and the two that frame them). A longer prompt is read in
chunks of these, whose embeddings stand behind one another; a shorter one beside it is followed by
empty chunks, so that both are of one length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

from studio.engine.diffusion.remembered import Remembered
from studio.generation.prompt import weighted

_PROMPTS: Final = 16


@dataclass(frozen=True)
class Tower:
    """One of the text encoders that read every prompt.

    Attributes:
        tokenizer, encoder: as the stock pipelines hold them.
        layer: whose states are the embeds, such as -2 for the last but one; None = what the tower
            gives at its end.
        convert: from a text and the tokenizer to the text with words that were learnt spelt as
            the tokenizer knows them.
    """

    tokenizer: Any
    encoder: Any
    layer: int | None = None
    convert: Any = None


@dataclass(frozen=True)
class Words:
    """A prompt that was read.

    Attributes:
        embeds: ``(1, tokens, width)``, of all towers beside one another.
        pooled: ``(1, width)``, of the last tower where that has a projection, else None.
    """

    embeds: torch.Tensor
    pooled: torch.Tensor | None


class ClipWords:
    """Reads prompts with one or several towers; those read last are remembered.

    Args:
        towers: at least one.
        device: that the towers compute on.
    """

    def __init__(self, towers: Sequence[Tower], device: torch.device) -> None:
        self._towers = tuple(towers)
        self._device = device
        self._read: Remembered[str, list[_Read]] = Remembered(_PROMPTS)

    def pair(self, positive: str, negative: str) -> tuple[Words, Words]:
        """Two prompts at one length."""
        wanted, unwanted = self._of(positive), self._of(negative)
        chunks = max(len(read.embeds) for read in (*wanted, *unwanted))
        return self._words(wanted, chunks), self._words(unwanted, chunks)

    def clear(self) -> None:
        """Forgets what was read, since the towers have changed."""
        self._read.clear()

    def _of(self, prompt: str) -> list[_Read]:
        return self._read.get(
            prompt, lambda: [_read(tower, prompt, self._device) for tower in self._towers]
        )

    def _words(self, reads: list[_Read], chunks: int) -> Words:
        embeds = []
        for read, empty in zip(reads, self._of(""), strict=True):
            padding = empty.embeds[:1].expand(chunks - len(read.embeds), -1, -1)
            embeds.append(torch.cat([read.embeds, padding]).flatten(0, 1)[None])
        return Words(torch.cat(embeds, dim=-1), reads[-1].pooled)


@dataclass(frozen=True)
class _Read:
    """By one tower: the chunks' embeds ``(n, tokens, width)``, and the first one's pooled."""

    embeds: torch.Tensor
    pooled: torch.Tensor | None


@torch.inference_mode()
def _read(tower: Tower, prompt: str, device: torch.device) -> _Read:
    ids, weights = _chunked(tower, prompt)
    answer = tower.encoder(ids.to(device), output_hidden_states=True)
    embeds = answer[0] if answer[0].ndim == 3 else answer.last_hidden_state
    if tower.layer is not None:
        embeds = answer.hidden_states[tower.layer]
    pooled = getattr(answer, "text_embeds", None)
    return _Read(_emphasised(embeds, weights.to(embeds)), None if pooled is None else pooled[:1])


def _chunked(tower: Tower, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and their weights, ``(chunks, length)`` each; at least one chunk."""
    tokenizer, ids, weights = tower.tokenizer, [], []
    for text, weight in weighted(prompt):
        converted = text if tower.convert is None else tower.convert(text, tokenizer)
        found = tokenizer(converted, add_special_tokens=False).input_ids
        ids += found
        weights += [weight] * len(found)
    length = tokenizer.model_max_length
    starts = range(0, max(1, len(ids)), length - 2)
    framed_ids, framed_weights = [], []
    for start in starts:
        part, heavy = ids[start : start + length - 2], weights[start : start + length - 2]
        rest = length - 2 - len(part)
        framed_ids.append(
            [tokenizer.bos_token_id, *part, tokenizer.eos_token_id]
            + [tokenizer.pad_token_id] * rest
        )
        framed_weights.append([1.0, *heavy, 1.0] + [1.0] * rest)
    return torch.tensor(framed_ids), torch.tensor(framed_weights)


def _emphasised(embeds: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Each token's embed times its weight, the mean magnitude of all kept."""
    if (weights == 1).all():
        return embeds
    scaled = embeds * weights[..., None]
    return scaled * (embeds.abs().mean() / scaled.abs().mean().clamp(min=1e-6))
