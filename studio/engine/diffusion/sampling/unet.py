"""How the UNets of Stable Diffusion and its relations are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch

from studio.engine.diffusion.sampling.denoise import Predict
from studio.engine.diffusion.sampling.guidance import guided, spread


@dataclass(frozen=True)
class Told:
    """What a UNet is told of pictures.

    Attributes:
        embeds: of the words, ``(n, tokens, width)``.
        added: what else there is, such as the pooled embeds and sizes of SDXL, ``(n, ...)`` each;
            by the names of the UNet's ``added_cond_kwargs``.
        labels: the ``class_labels``, ``(n, ...)``, such as the image embeds of Stable unCLIP.
        pictures: what each IP-Adapter makes of its picture, ``(n, pictures, ...)``.
    """

    embeds: torch.Tensor
    added: Mapping[str, torch.Tensor] = field(default_factory=dict)
    labels: torch.Tensor | None = None
    pictures: tuple[torch.Tensor, ...] = ()

    @property
    def conditions(self) -> dict[str, Any] | None:
        """The UNet's ``added_cond_kwargs``."""
        pictured = {"image_embeds": list(self.pictures)} if self.pictures else {}
        return {**self.added, **pictured} or None

    def spread(self, rows: int) -> Told:
        """The same for a batch of so many rows; as it is where it has as many."""
        if len(self.embeds) == rows:
            return self
        return Told(
            spread(self.embeds, rows),
            {name: spread(value, rows) for name, value in self.added.items()},
            None if self.labels is None else spread(self.labels, rows),
            tuple(spread(each, rows) for each in self.pictures),
        )


Guide: TypeAlias = Callable[[torch.Tensor, torch.Tensor, Told], Mapping[str, Any]]
"""From what the UNet sees, ``(n, c, h, w)``, the timestep and what it is told to further arguments
of its call, such as the residuals of a ControlNet."""


@dataclass(frozen=True)
class UnetConditions:
    """What the picture is to be, and what it is not to be."""

    positive: Told
    negative: Told


def joined(*tellings: Told) -> Told:
    """Several in one batch."""
    first = tellings[0]
    labels = [each.labels for each in tellings if each.labels is not None]
    return Told(
        torch.cat([each.embeds for each in tellings]),
        {name: torch.cat([each.added[name] for each in tellings]) for name in first.added},
        torch.cat(labels) if labels else None,
        tuple(map(torch.cat, zip(*(each.pictures for each in tellings), strict=True))),
    )


def unet_predictor(
    unet: Any,
    conditions: UnetConditions,
    guidance: float,
    *,
    beside: torch.Tensor | None = None,
    guide: Guide | None = None,
) -> Predict:
    """A denoiser with classifier-free guidance; up to guidance 1 what is not wanted is not asked.

    Args:
        unet: a `UNet2DConditionModel`.
        conditions: for one picture.
        guidance: 1 is the wanted alone.
        beside: what the UNet sees behind the latents' channels, ``(1, c, h, w)``.
        guide: for what is beside the UNet.
    """
    is_guided = guidance > 1
    positive, negative = conditions.positive, conditions.negative
    told = joined(negative, positive) if is_guided else positive

    def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        seen = latents
        if beside is not None:
            seen = torch.cat([latents, spread(beside, len(latents))], dim=1)
        answer = ask(unet, torch.cat([seen, seen]) if is_guided else seen, timestep, told, guide)
        return guided(answer, guidance) if is_guided else answer

    return predict


def edit_predictor(
    unet: Any,
    conditions: UnetConditions,
    guidance: float,
    image_guidance: float,
    picture: torch.Tensor,
    guide: Guide | None = None,
) -> Predict:
    """A denoiser that follows an instruction, with a guidance for it and one for the picture.

    As in T. Brooks, A. Holynski and A. A. Efros, "InstructPix2Pix", 2023.

    Args:
        unet: with the picture's channels behind the latents'.
        conditions: the instruction.
        guidance: towards the instruction.
        image_guidance: towards the picture.
        picture: its latents, ``(1, c, h, w)``.
        guide: for what is beside the UNet.
    """
    positive, negative = conditions.positive, conditions.negative
    told = joined(positive, negative, negative)
    beside = torch.cat([picture, picture, torch.zeros_like(picture)])

    def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        painted = torch.cat([latents, latents, latents])
        seen = torch.cat([painted, spread(beside, len(painted))], dim=1)
        instructed, pictured, free = ask(unet, seen, timestep, told, guide).chunk(3)
        return free + guidance * (instructed - pictured) + image_guidance * (pictured - free)

    return predict


def all_of(*guides: Guide | None) -> Guide | None:
    """Several as one; None where there is none."""
    present = [guide for guide in guides if guide is not None]

    def arguments(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
        return {
            name: value for guide in present for name, value in guide(seen, timestep, told).items()
        }

    return arguments if present else None


def ask(
    unet: Any,
    seen: torch.Tensor,
    timestep: torch.Tensor,
    told: Told,
    guide: Guide | None = None,
) -> torch.Tensor:
    """The UNet's answer to ``(n, c, h, w)``, in whatever precision; it computes in its own."""
    taken, told = seen.to(told.embeds.dtype), told.spread(len(seen))
    more = {} if guide is None else guide(taken, timestep, told)
    answer: torch.Tensor = unet(
        taken,
        timestep,
        encoder_hidden_states=told.embeds,
        class_labels=told.labels,
        added_cond_kwargs=told.conditions,
        return_dict=False,
        **more,
    )[0]
    return answer.to(seen.dtype)
