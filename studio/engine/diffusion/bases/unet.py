"""What Stable Diffusion and Stable Diffusion XL have in common.

Both are UNets that read CLIP's words. A kind of either has more input channels, in which it sees a
picture: a mask and what is known, for inpainting; the picture to be changed, for following
instructions. Where one of these is all there is, it paints what it is asked for with nothing known.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.controlnet import ControlNets
from studio.engine.diffusion.adapters.ip_adapter import IpAdapters
from studio.engine.diffusion.adapters.learnt_words import LearntWords
from studio.engine.diffusion.bases.autoencoded import AutoencodedFamily
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.latents.autoencoder import Autoencoder
from studio.engine.diffusion.latents.planes import as_planes
from studio.engine.diffusion.loading.checkpoint import load_checkpoint
from studio.engine.diffusion.loading.pipelines import load_pipeline, loading
from studio.engine.diffusion.loading.single_file import load_module
from studio.engine.diffusion.prompts.clip_words import ClipWords, Tower, Words
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler
from studio.engine.diffusion.sampling.unet import (
    Guide,
    Told,
    UnetConditions,
    all_of,
    edit_predictor,
    unet_predictor,
)
from studio.engine.protocol import Phase
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.membrane import Floats
from studio.generation.roles import CHECKPOINT, EDIT, INPAINT, PIPELINE, REFINER, TRANSFORMER, VAE

_BASES: Final = (CHECKPOINT, PIPELINE, INPAINT, EDIT, REFINER)
"""The roles that have everything, the one that is rather taken for the base first."""

_SHARED: Final = ("text_encoder", "tokenizer", "vae")
"""What the names of modules begin with that are alike for all tasks."""

_IMAGE_GUIDANCE: Final = 1.5


class UnetFamily(AutoencodedFamily[UnetConditions]):
    """A loaded model of either family; denoisers for further tasks are loaded when needed.

    Args:
        model: from the catalog.
        parts: the places of its parts by their roles.
        machine: where it runs.
    """

    kinds: ClassVar[Mapping[str, Any]]
    """The stock pipelines for the roles ``pipeline``, ``inpaint`` and ``edit``."""

    settings: ClassVar[Mapping[str, Any]] = {}
    """What all of these are told."""

    upcasts: ClassVar[bool] = False
    """Whether its autoencoders may overflow in half precision."""

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        self._parts = parts
        self._base = self._load_base()
        self._autoencoder = Autoencoder(self._base.vae)
        self._learnt = LearntWords(self._readers)
        self._words = ClipWords(self._towers(self._base), machine.device)
        self._further: dict[str, Any] = {}
        self._controls = ControlNets(machine)
        self._references = IpAdapters(machine)

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The base's, and those for further tasks once they are loaded."""
        return (self._base, *self._further.values())

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The first source changed as the prompt says; further ones are not seen.

        As in T. Brooks, A. Holynski and A. A. Efros, "InstructPix2Pix", 2023.
        """
        editor = self._for_task(EDIT, self._channels)
        if editor is None:
            return super().edit(brief, sources, desk)
        if len(sources) > 1:
            desk.note(f"{self._model.title} looks at one picture: the others are left out.")
        conditions = self._conditions(brief, sources[0], desk)
        seen = self._seen_by(editor, sources[0])
        unet = editor.unet
        conditions, guide = self._guided(unet, brief, conditions)
        if brief.guidance > 1:
            predict = edit_predictor(unet, conditions, brief.guidance, _IMAGE_GUIDANCE, seen, guide)
        else:
            predict = unet_predictor(unet, conditions, brief.guidance, beside=seen, guide=guide)
        scheduler = self._scheduler_with(editor.scheduler.config, brief)
        return self._painted(brief, predict, None, 1.0, desk, scheduler=scheduler)

    def learn(self, words: Sequence[AdapterInfo]) -> Sequence[AdapterInfo]:
        """Knows these words; tells those that its text encoders cannot know."""
        if self._learnt.learn(words):
            self._forget_words()
        return [word for word in words if not self._learnt.knows(word)]

    def _forget_words(self) -> None:
        self._words.clear()

    @property
    def _readers(self) -> list[tuple[Any, Any]]:
        """The base's tokenizers and text encoders."""
        pairs = (("tokenizer", "text_encoder"), ("tokenizer_2", "text_encoder_2"))
        found = [tuple(getattr(self._base, name, None) for name in pair) for pair in pairs]
        return [(tokenizer, encoder) for tokenizer, encoder in found if encoder is not None]

    def _spelt(self, text: str, tokenizer: Any) -> str:
        return self._learnt.spelt(text)

    @abc.abstractmethod
    def _towers(self, pipeline: Any) -> list[Tower]:
        """Those that read a pipeline's prompts."""

    @abc.abstractmethod
    def _told(self, words: Words, brief: Brief, pipeline: Any, *, wanted: bool) -> Told:
        """What a pipeline's UNet is told beside the words."""

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> UnetConditions:
        desk.phase(Phase.PROMPT)
        if brief.guidance <= 1 and brief.negative_prompt.strip():
            desk.note(f"{self._model.title} reads no negative prompt up to a guidance of 1.")
        positive, negative = self._words.pair(brief.prompt, brief.negative_prompt)
        return UnetConditions(
            self._told(positive, brief, self._base, wanted=True),
            self._told(negative, brief, self._base, wanted=False),
        )

    def _predictor(self, brief: Brief, conditions: UnetConditions) -> Predict:
        """The base's UNet; one that sees a picture too is shown that there is none."""
        return self._predictor_of(self._base.unet, brief, conditions, self._nothing(brief))

    def _inpaint_predictor(
        self,
        brief: Brief,
        conditions: UnetConditions,
        source: Pixels,
        original: torch.Tensor,
        change: Floats,
    ) -> Predict:
        """The inpainting UNet, which sees what is known and where; else the plain one."""
        inpainter = self._for_task(INPAINT, self._channels + 1)
        if inpainter is None:
            return self._predictor(brief, conditions)
        return self._predictor_of(
            inpainter.unet, brief, conditions, self._known_channels(source, change)
        )

    def _predictor_of(
        self, unet: Any, brief: Brief, conditions: UnetConditions, beside: torch.Tensor | None
    ) -> Predict:
        """A UNet that is told the conditions, and shown what is beside the latents."""
        conditions, guide = self._guided(unet, brief, conditions)
        return unet_predictor(unet, conditions, brief.guidance, beside=beside, guide=guide)

    def _guided(
        self, unet: Any, brief: Brief, conditions: UnetConditions
    ) -> tuple[UnetConditions, Guide | None]:
        """What a UNet is told with the brief's pictures, and what is beside it while it paints."""
        timesteps = self._scheduler(brief).timesteps.tolist()
        controls = self._controls.guide(brief.controls, unet, timesteps)
        conditions, references = self._references.guide(
            brief.references, unet, conditions, timesteps
        )
        return conditions, all_of(controls, references)

    def _inpaint_scheduler(self, brief: Brief) -> Scheduler:
        inpainter = self._for_task(INPAINT, self._channels + 1)
        return self._scheduler_with((inpainter or self._base).scheduler.config, brief)

    def _scheduler_with(self, config: Any, brief: Brief, **changes: Any) -> Scheduler:
        """One whose timesteps begin at full noise where the model is asked without guidance.

        Such a model is one that was distilled to a few steps. These have to begin at full noise,
        wherever the undistilled model's begin.
        """
        if brief.guidance <= 1:
            changes["timestep_spacing"] = "trailing"
        return super()._scheduler_with(config, brief, **changes)

    @torch.inference_mode()
    def _known_channels(self, source: Pixels, change: Floats) -> torch.Tensor:
        """What an inpainting UNet sees: where to paint, and the rest of the picture's latents."""
        cells = np.asarray(change > 0, dtype=np.float32)
        hole = np.kron(cells, np.ones((self._factor, self._factor), np.float32))[..., None] > 0
        planes = as_planes(source, self._machine)
        unknown = torch.from_numpy(hole).permute(2, 0, 1)[None].to(planes.device)
        known = self._encoded(planes.masked_fill(unknown, 0.0))
        return torch.cat([torch.from_numpy(cells)[None, None].to(known), known], dim=1)

    @torch.inference_mode()
    def _nothing(self, brief: Brief) -> torch.Tensor | None:
        """What the base's UNet sees beside the latents where there is no picture."""
        rows, columns = brief.extent.height // self._factor, brief.extent.width // self._factor
        more = self._base.unet.config.in_channels - self._channels
        if more == 0:
            return None
        if more == self._channels:
            return torch.zeros((1, more, rows, columns), device=self._machine.device)
        blank = np.zeros((brief.extent.height, brief.extent.width, 3), np.uint8)
        return self._known_channels(blank, np.ones((rows, columns), np.float32))

    def _seen_by(self, editor: Any, source: Pixels) -> torch.Tensor:
        """The picture to be changed; most editors see latents without the denoiser's scale."""
        latents = self._encoded(source)
        is_scaled = editor.config.get("is_cosxl_edit", False)
        return latents if is_scaled else self._autoencoder.unscaled(latents)

    def _for_task(self, role: str, more_channels: int) -> Any:
        """The pipeline whose UNet sees so many more channels; None where there is none.

        Raises:
            ModelError: if the part of that role sees others.
        """
        wanted = self._channels + more_channels
        if self._base.unet.config.in_channels == wanted:
            return self._base
        if role not in self._parts:
            return None
        if role not in self._further:
            pipeline = self._load_further(role)
            if not _fits(pipeline.unet.config, self._base.unet.config, wanted):
                raise ModelError(
                    f"{self._model.title}: {self._parts[role]} holds no model to {role} with, "
                    "so choose another one for that."
                )
            self._further[role] = pipeline
        return self._further[role]

    def _load_further(self, role: str, shared: Sequence[str] = ()) -> Any:
        """Its denoiser and scheduler; the rest is the base's, or only what is named."""
        components = self._base.components
        names = shared or [name for name in components if name.startswith(_SHARED)]
        more = {**self.settings, **{name: components[name] for name in names}}
        with loading(self._model):
            return load_pipeline(self.kinds[role], self._parts[role], self._machine, **more)

    @property
    def _base_role(self) -> str:
        for role in _BASES:
            if role in self._parts:
                return role
        raise ModelError(
            f"{self._model.title} has no weights to paint with: install it again, or choose "
            "another model."
        )

    def _load_base(self) -> Any:
        role = self._base_role
        place, kind = self._parts[role], self.kinds.get(role, self.kinds[PIPELINE])
        configs = self._configs() if role == CHECKPOINT else place
        parts = {**self.settings, **self._replaced(place, configs)}
        if role == CHECKPOINT:
            return load_checkpoint(kind, place, configs, self._machine, **parts)
        return load_pipeline(kind, place, self._machine, **parts)

    def _replaced(self, base: Path, configs: Path) -> dict[str, Any]:
        """Modules of their own files or in another precision, in the place of the base's."""
        found: dict[str, Any] = {}
        if TRANSFORMER in self._parts:
            found["unet"] = load_module(
                UNet2DConditionModel, self._parts[TRANSFORMER], configs / "unet", self._machine
            )
        place = self._parts.get(VAE, base if base.is_file() else base / "vae")
        config = place if place.is_dir() else configs / "vae"
        overflows = self.upcasts and self._machine.dtype is torch.float16 and _overflows(config)
        if overflows or VAE in self._parts:
            dtype = torch.float32 if overflows else self._machine.dtype
            machine = replace(self._machine, dtype=dtype)
            found["vae"] = load_module(AutoencoderKL, place, config, machine)
        return found

    def _configs(self) -> Path:
        """The folder with what a checkpoint leaves out."""
        configs = self._model.configs
        if configs is None or not configs.is_dir():
            raise ModelError(
                f"Nothing says which variant {self._model.title} is: import its file again."
            )
        return configs


def _fits(config: Any, base: Any, in_channels: int) -> bool:
    """Whether a UNet sees what it should, and reads the words that the base reads."""
    reads_the_same = config.cross_attention_dim == base.cross_attention_dim
    return bool(config.in_channels == in_channels and reads_the_same)


def _overflows(config: Path) -> bool:
    """Whether an autoencoder says that half precision is not enough for it."""
    return bool(AutoencoderKL.load_config(config).get("force_upcast", False))
