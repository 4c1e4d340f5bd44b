"""What families have in common that read an instruction together with the pictures to be changed.

Such a picture is read twice: as the language model sees it, and as latents beside those that are
painted.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import torch
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.bases.language import Conditions, LanguageFamily, Words
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import loading
from studio.engine.diffusion.prompts.pictures import extent_of, of_area, scaled
from studio.engine.diffusion.prompts.qwen_reader import without_pictures
from studio.engine.diffusion.remembered import Remembered
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.request import Digest
from studio.generation.roles import EDIT, PIPELINE, TRANSFORMER

_INSTRUCTIONS: Final = 4

Instruction: TypeAlias = tuple[str, tuple[Digest, ...]]
"""A text, and the pictures that are read with it."""


class InstructedFamily(LanguageFamily[Words]):
    """A family whose language model sees pictures, and whose transformer sees their latents."""

    shown_grid: ClassVar[int]
    """The sides of pictures that are shown beside the first are multiples of it."""

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._instructions: Remembered[Instruction, Words] = Remembered(_INSTRUCTIONS)

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The sources read and seen; some models look at the first alone."""
        if not self._edits:
            return super().edit(brief, sources, desk)
        if len(sources) > 1 and not self._reads_several:
            desk.note(f"{self._model.title} looks at one picture: the others are left out.")
            sources = sources[:1]
        conditions = self._instructed(brief, sources, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """Something like the source, as it is read and seen; else the source repainted.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        if not self._edits:
            return super().variation(brief, source, strength, desk)
        conditions = self._instructed(brief, [source], desk)
        return self._varied(brief, conditions, source, strength, desk)

    @abc.abstractmethod
    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> Words:
        """A text and pictures as the language model tells them."""

    @property
    def _edits(self) -> bool:
        """Whether it follows instructions."""
        return True

    @property
    def _reads_several(self) -> bool:
        """Whether it looks at more than one picture."""
        return True

    def _denoiser(self, conditions: Conditions[Words]) -> Any:
        """The transformer that is told these."""
        return self._pipeline.transformer

    def _forget_words(self) -> None:
        super()._forget_words()
        self._instructions.clear()

    def _instructed(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Conditions[Words]:
        """The instruction, and what is not wanted, read together with the pictures."""
        desk.phase(Phase.PROMPT)
        seen = [self._seen(source, brief.extent) for source in sources]
        content = tuple(Picture.from_array(pixels).digest for pixels in seen)

        def read(text: str) -> Words:
            return self._instructions.get(
                (text, content), lambda: self._read_with(text, seen, desk)
            )

        positive = read(brief.prompt)
        negative = read(brief.negative_prompt) if self._is_guided(brief) else None
        shown = tuple(self._encoded(self._sized(source, brief.extent)) for source in sources)
        return Conditions(positive, negative, shown)

    @torch.inference_mode()
    def _read_with(self, text: str, seen: Sequence[Pixels], desk: Desk) -> Words:
        read = without_pictures(text.removesuffix(self.unread(text)))
        words = self._encode_instruction(read, [Image.fromarray(pixels) for pixels in seen])
        desk.step(Phase.PROMPT, 1, 1, units=self.reading)
        return words

    def _seen(self, source: Pixels, painted: Extent) -> Pixels:
        """A source as the language model sees it."""
        return self._sized(source, painted)

    def _sized(self, source: Pixels, painted: Extent) -> Pixels:
        """A source at the size at which its latents are shown; the first one's is that already."""
        if extent_of(source) == painted:
            return source
        area = self._model.native_size**2
        return scaled(source, of_area(extent_of(source), area, self.shown_grid))


class EditorFamily(InstructedFamily[Words]):
    """A painter, an editor, or both, of which one encoder serves both.

    The editor is loaded when it is first needed; where there is nothing else, it paints too.
    """

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        base = {PIPELINE: parts[EDIT]} if PIPELINE not in parts else {}
        super().__init__(model, {**parts, **base}, machine)
        self._loaded_editor: Any = None

    def _kind_in(self, folder: Path) -> Any:
        """The painter's class, which is the first, also where the folder holds an editor."""
        super()._kind_in(folder)
        return self.pipeline_kinds[0]

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The painter's, and the editor's once it is loaded."""
        editor = () if self._loaded_editor is None else (self._loaded_editor,)
        return (self._pipeline, *editor)

    @abc.abstractmethod
    def _make_editor(self, folder: Path) -> Any:
        """The editor of a folder, with the painter's encoder and autoencoder.

        Raises:
            ModelError: if the folder holds none.
        """

    @property
    def _edits(self) -> bool:
        return EDIT in self._folders

    @property
    def _editor(self) -> Any:
        """The editor, loaded now if it was not needed before."""
        if self._loaded_editor is None:
            with loading(self._model):
                self._loaded_editor = self._make_editor(self._folders[EDIT])
        return self._loaded_editor

    def _shared(self, *names: str) -> dict[str, Any]:
        """Modules that the editor takes over from the painter, whose very folder it may be of."""
        if self._folders[EDIT] == self._folders[PIPELINE]:
            names = (*names, TRANSFORMER)
        return {name: getattr(self._pipeline, name) for name in names}

    def _denoiser(self, conditions: Conditions[Words]) -> Any:
        """The painter's, or the editor's where something is shown to it."""
        return (self._editor if conditions.shown else self._pipeline).transformer
