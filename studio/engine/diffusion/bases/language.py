"""What families have in common whose transformer is told words by a language model."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import torch
from diffusers import AutoencoderKL, DiffusionPipeline

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.autoencoded import AutoencodedFamily
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.bases.latent import LatentFamily
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.latents.autoencoder import autoencoder_of
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.loading.single_file import load_module
from studio.engine.diffusion.remembered import Remembered
from studio.engine.diffusion.sampling.denoise import Scheduler
from studio.engine.diffusion.sampling.schedulers import FLOW_SCHEDULERS, MakeScheduler
from studio.engine.diffusion.sampling.shifting import set_flow, shift_of
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.roles import PIPELINE, TRANSFORMER, VAE

Words = TypeVar("Words")
"""A prompt as the language model tells it."""


@dataclass(frozen=True)
class MaskedWords:
    """A prompt as a language model tells it, of which not all tokens count.

    Attributes:
        embeds: ``(1, tokens, width)``.
        mask: ``(1, tokens)``, which of them count.
    """

    embeds: torch.Tensor
    mask: torch.Tensor


@dataclass(frozen=True)
class Conditions(Generic[Words]):
    """What to paint.

    Attributes:
        positive: what is wanted.
        negative: what is not; None where nobody asks for that.
        shown: latents ``(1, c, h, w)`` of pictures that the transformer looks at.
    """

    positive: Words
    negative: Words | None
    shown: tuple[torch.Tensor, ...] = ()


class LanguageFamily(LatentFamily[Conditions[Words]], Generic[Words]):
    """A pipeline of a language model, a transformer of rectified flow and an autoencoder.

    The language model is asked once for each prompt. Predictors take latents in 32 bits, and
    answer in them.

    Args:
        model: from the catalog.
        parts: the part `PIPELINE`, and `TRANSFORMER` where a file replaces its transformer.
        machine: where it runs.
    """

    pipeline_kinds: ClassVar[tuple[Any, ...]]
    """The stock pipelines' classes, of which the part is one."""

    transformer_kind: ClassVar[Any]
    schedulers: ClassVar[Mapping[str, MakeScheduler]] = FLOW_SCHEDULERS
    reading = 1.0
    patch: ClassVar[int] = 2
    """Latent cells along the side of one of the transformer's tokens."""
    remembered: ClassVar[int] = 16
    """How many prompts are kept as they were read."""

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        self._folders = parts
        self._pipeline = self._load_pipeline()
        self._words: Remembered[tuple[str, bool], Words] = Remembered(self.remembered)

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The one that does everything."""
        return (self._pipeline,)

    def _forget_words(self) -> None:
        self._words.clear()

    @abc.abstractmethod
    def _encode_words(self, text: str, *, wanted: bool = True) -> Words:
        """A prompt as the language model tells it.

        Args:
            text: the prompt.
            wanted: whether it is the one that says what is wanted.
        """

    def _is_guided(self, brief: Brief) -> bool:
        """Whether what is not wanted is asked about too; 1 is no guidance, unless a family says."""
        return brief.guidance > 1

    @property
    def _scheduler_config(self) -> Any:
        return self._pipeline.scheduler.config

    def _load_pipeline(self, **parts: Any) -> Any:
        """The pipeline; ``parts`` take the place of its folder's own."""
        folder = self._folders[PIPELINE]
        if TRANSFORMER in self._folders:
            place, config = self._folders[TRANSFORMER], folder / TRANSFORMER
            parts[TRANSFORMER] = load_module(self.transformer_kind, place, config, self._machine)
        return load_pipeline(self._kind_in(folder), folder, self._machine, **parts)

    def _kind_in(self, folder: Path) -> Any:
        """The class as which the pipeline of a folder is loaded."""
        return kind_of(self._model, folder, self.pipeline_kinds)

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> Conditions[Words]:
        desk.phase(Phase.PROMPT)
        positive = self._read(brief.prompt, desk)
        if self._is_guided(brief):
            return Conditions(positive, self._read(brief.negative_prompt, desk, wanted=False))
        if brief.negative_prompt.strip():
            desk.note(f"{self._model.title} reads no negative prompt at this guidance.")
        return Conditions(positive, None)

    @torch.inference_mode()
    def _read(self, text: str, desk: Desk, *, wanted: bool = True) -> Words:
        """The words of a prompt, read now or remembered."""

        def read() -> Words:
            words = self._encode_words(text, wanted=wanted)
            desk.step(Phase.PROMPT, 1, 1, units=self.reading)
            return words

        return self._words.get((text, wanted), read)

    def _scheduler(self, brief: Brief) -> Scheduler:
        scheduler = self._named_scheduler(brief.scheduler)
        self._set_timesteps(scheduler, brief)
        return scheduler

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        """Sets the timesteps, shifted by the number of the picture's tokens."""
        shift = self._shift(scheduler, self._tokens_of(brief), brief.steps)
        set_flow(scheduler, brief.steps, self._machine.device, shift)

    def _tokens_of(self, brief: Brief) -> int:
        """How many tokens the transformer sees of the picture."""
        return brief.extent.area // (self._factor * self.patch) ** 2

    def _shift(self, scheduler: Scheduler, tokens: int, steps: int) -> float:
        """The exponent of the shift of noise levels."""
        return shift_of(scheduler.config, tokens)


class AutoencodedLanguageFamily(LanguageFamily[Words], AutoencodedFamily[Conditions[Words]]):
    """One that paints in the latents of an `Autoencoder`."""

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._base = self._pipeline
        self._autoencoder = autoencoder_of(self._pipeline.vae)

    def _load_pipeline(self, **parts: Any) -> Any:
        """As for all, with another autoencoder of the same kind where there is one."""
        if VAE in self._folders:
            place, config = self._folders[VAE], self._folders[PIPELINE] / VAE
            parts[VAE] = load_module(AutoencoderKL, place, config, self._machine)
        return super()._load_pipeline(**parts)


def kind_of(model: ModelInfo, folder: Path, kinds: tuple[Any, ...]) -> Any:
    """The class of the pipeline that a folder says it holds.

    Raises:
        ModelError: if it is none of these.
    """
    name = DiffusionPipeline.load_config(folder, local_files_only=True)["_class_name"]
    for kind in kinds:
        if kind.__name__ == name:
            return kind
    wanted = " or ".join(kind.__name__ for kind in kinds)
    raise ModelError(
        f"{model.title} holds a {name} where a {wanted} belongs: choose another folder for it."
    )
