"""ControlNets beside the transformer of Qwen-Image.

They read a picture's latents as tokens, and the words that are wanted; what they answer is added
after the transformer's blocks, for what is not wanted as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import torch
from diffusers import QwenImageControlNetModel

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    Weights,
    prepared,
    read_net,
    sees_a_mask,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import in_turn, summed
from studio.engine.diffusion.device.speed import forget_steps
from studio.engine.diffusion.latents.packing import packed
from studio.engine.diffusion.sampling.guidance import spread
from studio.generation.catalog import AdapterInfo

QwenGuide: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], Mapping[str, Any]]
"""From what the transformer sees, ``(rows, n, c)``, the scheduler's timestep and the share of noise
that the transformer is told, ``(rows,)``, to further arguments of its call. The painting's tokens
come first."""

_SHARED: Final = (
    "patch_size",
    "in_channels",
    "out_channels",
    "attention_head_dim",
    "num_attention_heads",
    "joint_attention_dim",
    "axes_dims_rope",
)
"""What both configurations have, and a ControlNet has as its transformer does."""


class QwenControls(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self,
        controls: Sequence[Guiding],
        transformer: Any,
        words: torch.Tensor,
        timesteps: Sequence[float],
        encode: Callable[[Pixels], torch.Tensor],
    ) -> QwenGuide | None:
        """What is beside the transformer while a picture is painted; None where nothing is.

        Args:
            controls, transformer, timesteps: as for every `ControlShelf`.
            words: that are wanted, ``(1, tokens, width)``.
            encode: from pixels to the latents that the transformer sees.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """
        standing = self._stand(
            controls,
            transformer,
            timesteps,
            lambda net, control: _Stand(net, control, encode(prepared(control)), words).answer,
        )
        if standing is None:
            return None
        blocks = transformer.config.num_layers

        def residuals(
            seen: torch.Tensor, timestep: torch.Tensor, time: torch.Tensor
        ) -> Mapping[str, Any]:
            forget_steps([transformer])  # which would have the answers of the last one in them
            answers = standing.answers(timestep, seen, time)
            if not answers:
                return {}
            sums = summed(answers, blocks, in_turn)
            more = seen.shape[1] - sums[0].shape[1]
            padded = [torch.nn.functional.pad(each, (0, 0, 0, more)) for each in sums]
            return {"controlnet_block_samples": padded}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        like = partial(_like, denoiser)
        net = read_net(QwenImageControlNetModel, adapter, self._machine, like)
        if net.config.extra_condition_channels:
            raise sees_a_mask(adapter)
        if any(net.config[name] != denoiser.config[name] for name in _SHARED):
            raise unfit(adapter)
        return net


class _Stand:
    """A ControlNet with the picture that it reads, as tokens."""

    def __init__(
        self, net: Any, control: Guiding, latents: torch.Tensor, words: torch.Tensor
    ) -> None:
        self._net = net
        self._weight = control.weight
        self._picture = packed(latents).to(words)
        self._shape = (1, latents.shape[2] // 2, latents.shape[3] // 2)
        self._words = words

    def answer(self, seen: torch.Tensor, time: torch.Tensor) -> Sequence[torch.Tensor]:
        """What is added after the transformer's blocks."""
        rows, tokens = len(seen), self._picture.shape[1]
        answer: Sequence[torch.Tensor] = self._net(
            hidden_states=seen[:, :tokens],
            controlnet_cond=spread(self._picture, rows),
            conditioning_scale=self._weight,
            encoder_hidden_states=spread(self._words, rows),
            timestep=time,
            img_shapes=[[self._shape]] * rows,
            return_dict=False,
        )
        return answer


def _like(transformer: Any, weights: Weights) -> dict[str, Any]:
    """The configuration of a ControlNet with these weights, otherwise like the transformer."""
    shape = {name: transformer.config[name] for name in _SHARED}
    blocks = {name.split(".")[1] for name in weights if name.startswith("controlnet_blocks.")}
    seen = weights["controlnet_x_embedder.weight"].shape[1]
    more = seen - transformer.config.in_channels
    return {**shape, "num_layers": len(blocks), "extra_condition_channels": more}
