"""How near everything in a picture is, as ControlNets that follow depths read it.

Models of two kinds see it: DPT (R. Ranftl, A. Bochkovskiy and V. Koltun, "Vision transformers for
dense prediction", 2021) and Depth Anything (L. Yang et al., "Depth Anything V2", 2024).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from transformers import AutoModelForDepthEstimation, DPTImageProcessorPil

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.seeing import Seeing, load_seeing
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import loading
from studio.generation.catalog import AdapterInfo

_KINDS: Final = ("depth_anything", "dpt")
"""Whose answers are read here; others mean other things by their numbers."""

_OTHERWISE: Final = (
    "sees depths in a way ({kind}) that is not read here: choose a Depth Anything or DPT model."
)
_METRIC: Final = "metric"
_NEAREST: Final = 1e-3
"""Of what is measured in metres."""

_IDLE: Final = r"\.fusion_stage\.layers\.0\.residual_layer1\.|\.mask_token$"
"""Weights that some files leave out, for nothing asks them."""


class DepthEstimator(Seeing):
    """A model that sees depths."""

    @torch.inference_mode()
    def see(self, pixels: Pixels) -> Pixels:
        """Greys from black for what is farthest to white for what is nearest.

        Args:
            pixels: ``(h, w, 3)``.

        Returns:
            Three equal channels of the same extent.
        """
        planes = self.processor(pixels, return_tensors="pt").pixel_values
        answer = self.model(planes.to(self.device, torch.float32)).predicted_depth
        near = self._nearness(torch.nan_to_num(answer.float())[None])
        size = pixels.shape[:2]
        near = torch.nn.functional.interpolate(near, size, mode="bilinear", align_corners=False)
        greys = _spread(near[0, 0]).cpu().numpy()
        return np.repeat(greys[..., None], 3, axis=2)

    def _nearness(self, answer: torch.Tensor) -> torch.Tensor:
        """The more the nearer, which is what models answer that do not measure in metres."""
        is_metric = getattr(self.model.config, "depth_estimation_type", "") == _METRIC
        return 1 / answer.clamp(min=_NEAREST) if is_metric else answer


def load_depth(adapter: AdapterInfo, machine: Machine) -> DepthEstimator:
    """An estimator from a folder in transformers' format.

    Raises:
        ModelError: if it is none, or damaged.
    """
    with loading(adapter):
        model = load_seeing(
            AutoModelForDepthEstimation, adapter, machine, _KINDS, _OTHERWISE, _IDLE
        )
        processor = DPTImageProcessorPil.from_pretrained(adapter.path, local_files_only=True)
    return DepthEstimator(model, processor, machine.device)


def _spread(near: torch.Tensor) -> torch.Tensor:
    """All from 0 to 255; black where everything is equally far."""
    least, most = near.min(), near.max()
    span = (most - least).clamp(min=torch.finfo(near.dtype).tiny)
    return ((near - least) / span * 255).round().to(torch.uint8)
