"""ControlNets beside the transformer of Z-Image.

They have blocks of their own, and see words and picture through the transformer's first layers,
which they borrow. What they answer is added after some of its blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import torch
from diffusers import ZImageControlNetModel, ZImageTransformer2DModel
from diffusers.quantizers.gguf.utils import GGUFParameter, dequantize_gguf_tensor

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import ControlShelf, prepared, read_net, unfit
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import summed_by_block
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.room import OUTSIDE
from studio.generation.catalog import AdapterInfo
from studio.generation.memory import Rung

ZImageGuide: TypeAlias = Callable[
    [Sequence[torch.Tensor], torch.Tensor, torch.Tensor, Sequence[torch.Tensor]], Mapping[str, Any]
]
"""From the frames ``(c, 1, h, w)`` that the transformer sees, the scheduler's timestep, the time
``(rows,)`` and the words that it is told, to further arguments of its call."""

_BORROWED: Final = (
    *("t_embedder", "all_x_embedder", "cap_embedder"),
    *("noise_refiner", "context_refiner"),
    *("x_pad_token", "cap_pad_token"),
)
_TOLD: Final = ("t_scale", "rope_embedder")
"""What has no weights."""


class ZImageControls(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self,
        controls: Sequence[Guiding],
        transformer: Any,
        timesteps: Sequence[float],
        encode: Callable[[Pixels], torch.Tensor],
    ) -> ZImageGuide | None:
        """What is beside the transformer while a picture is painted; None where nothing is.

        Args:
            controls, transformer, timesteps: as for every `ControlShelf`.
            encode: from pixels to the latents that the transformer sees.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """

        def beside(net: Any, control: Guiding) -> Callable[..., Mapping[int, torch.Tensor]]:
            picture = _frame(encode(prepared(control)), net.config.control_in_dim)

            def answer(
                frames: Sequence[torch.Tensor], time: torch.Tensor, words: Sequence[torch.Tensor]
            ) -> Mapping[int, torch.Tensor]:
                shown = [picture.to(frames[0])] * len(frames)
                found: Mapping[int, torch.Tensor] = net(
                    list(frames), time, list(words), shown, conditioning_scale=control.weight
                )
                return found

            return answer

        standing = self._stand(controls, transformer, timesteps, beside)
        if standing is None:
            return None

        def residuals(
            frames: Sequence[torch.Tensor],
            timestep: torch.Tensor,
            time: torch.Tensor,
            words: Sequence[torch.Tensor],
        ) -> Mapping[str, Any]:
            sums = summed_by_block(standing.answers(timestep, frames, time, words))
            return {"controlnet_block_samples": sums} if sums else {}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        """From a folder: a file does not say after which blocks its answers are added."""
        net = read_net(ZImageControlNetModel, adapter, self._machine)
        last = max(net.config.control_layers_places)
        if net.config.dim != denoiser.config.dim or last >= denoiser.config.n_layers:
            raise unfit(adapter)
        _lend(net, denoiser, self._machine)
        return net


def _frame(latents: torch.Tensor, channels: int) -> torch.Tensor:
    """Latents ``(1, c, h, w)`` as one that also repaints sees them where nothing is masked."""
    frame = latents.transpose(0, 1)
    nothing = frame.new_zeros(channels - len(frame), *frame.shape[1:])
    return torch.cat([frame, nothing])


def _lend(net: Any, transformer: Any, machine: Machine) -> None:
    """Has a ControlNet see through the transformer's first layers.

    They lie beside its modules and not among them, for they have their place already. Where
    weights wait outside, they come in for their transformer alone, so that the ControlNet has
    copies.
    """
    waits = not machine.is_shared and machine.rung not in (Rung.FULL, Rung.TILED)
    lender = _copied(transformer, machine) if waits else transformer
    for name in (*_TOLD, *_BORROWED):
        if waits:
            setattr(net, name, getattr(lender, name))
        else:
            vars(net)[name] = getattr(lender, name)


def _copied(transformer: Any, machine: Machine) -> Any:
    """A transformer without blocks, whose first layers are those of another; LoRAs are left out."""
    with torch.device("meta"):
        copy = ZImageTransformer2DModel.from_config({**transformer.config, "n_layers": 0})
    weights = {
        name.replace(".base_layer.", "."): _dense(weight).to(OUTSIDE, machine.dtype, copy=True)
        for name, weight in transformer.state_dict().items()
        if name.partition(".")[0] in _BORROWED and ".lora_" not in name
    }
    copy.load_state_dict(weights, strict=False, assign=True)
    return copy.eval()


def _dense(weight: torch.Tensor) -> torch.Tensor:
    is_quantised = isinstance(weight, GGUFParameter)
    return dequantize_gguf_tensor(weight) if is_quantised else weight
