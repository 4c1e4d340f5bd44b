"""ControlNets beside the transformer of Stable Diffusion 3 and 3.5.

They read a picture's latents, and answer with what is added after the transformer's blocks, each
answer after several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from diffusers import SD3ControlNetModel

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    prepared,
    read_net,
    sees_a_mask,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import summed
from studio.engine.diffusion.sampling.guidance import spread
from studio.generation.catalog import AdapterInfo

Sd3Guide: TypeAlias = Callable[[torch.Tensor, torch.Tensor], Mapping[str, Any]]
"""From what the transformer sees, ``(n, c, h, w)``, its latents' channels first, and the timestep
to further arguments of its call."""

Encode: TypeAlias = Callable[[Pixels, bool], torch.Tensor]
"""From pixels to latents ``(1, c, h, w)``, with the autoencoder's shift or without it."""


class Sd3Controls(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self,
        controls: Sequence[Guiding],
        transformer: Any,
        embeds: torch.Tensor,
        pooled: torch.Tensor,
        timesteps: Sequence[float],
        encode: Encode,
    ) -> Sd3Guide | None:
        """What is beside the transformer while a picture is painted; None where nothing is.

        Args:
            controls, transformer, timesteps: as for every `ControlShelf`.
            embeds, pooled: the words that it is told, ``(n, tokens, width)`` and ``(n, width)``.
            encode: as the transformer's pictures are encoded.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """
        standing = self._stand(
            controls,
            transformer,
            timesteps,
            lambda net, control: _Stand(net, control, encode, embeds, pooled).answer,
        )
        if standing is None:
            return None
        blocks = transformer.config.num_layers

        def residuals(seen: torch.Tensor, timestep: torch.Tensor) -> Mapping[str, Any]:
            answers = standing.answers(timestep, seen, timestep)
            if not answers:
                return {}
            return {"block_controlnet_hidden_states": summed(answers, blocks, _evenly)}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        """One that wants to see more than a picture is refused."""
        net = read_net(SD3ControlNetModel, adapter, self._machine)
        if net.config.extra_conditioning_channels:
            raise sees_a_mask(adapter)
        if not _fits(net.config, denoiser.config):
            raise unfit(adapter)
        if not net.config.use_pos_embed:
            net.pos_embed = net._get_pos_embed_from_transformer(denoiser)
        return net


class _Stand:
    """A ControlNet with the picture that it reads; some read no words, or only part of them."""

    def __init__(
        self,
        net: Any,
        control: Guiding,
        encode: Encode,
        embeds: torch.Tensor,
        pooled: torch.Tensor,
    ) -> None:
        self._net = net
        self._weight = control.weight
        is_plain = net.config.force_zeros_for_pooled_projection
        self._picture = encode(prepared(control), not is_plain).to(embeds)
        self._embeds = None if net.config.joint_attention_dim is None else embeds
        self._pooled = torch.zeros_like(pooled) if is_plain else pooled

    def answer(self, seen: torch.Tensor, timestep: torch.Tensor) -> Sequence[torch.Tensor]:
        """What is added after the transformer's blocks."""
        rows = len(seen)
        answer: Sequence[torch.Tensor] = self._net(
            hidden_states=seen[:, : self._picture.shape[1]],
            controlnet_cond=spread(self._picture, rows),
            conditioning_scale=self._weight,
            encoder_hidden_states=None if self._embeds is None else spread(self._embeds, rows),
            pooled_projections=spread(self._pooled, rows),
            timestep=timestep.expand(rows),
            return_dict=False,
        )[0]
        return answer


def _evenly(block: int, blocks: int, answers: int) -> int:
    return int(block / (blocks / answers))


def _fits(net: Any, transformer: Any) -> bool:
    """Whether widths are alike; one that borrows the transformer's eyes sees what that one sees."""
    widths = [each.num_attention_heads * each.attention_head_dim for each in (net, transformer)]
    return bool(
        widths[0] == widths[1]
        and net.pooled_projection_dim == transformer.pooled_projection_dim
        and net.joint_attention_dim in (None, transformer.joint_attention_dim)
        and (net.use_pos_embed or net.in_channels == transformer.in_channels)
    )
