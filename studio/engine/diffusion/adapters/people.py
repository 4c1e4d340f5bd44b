"""Where people are in a picture: Y. Zhao et al., "DETRs beat YOLOs on real-time object detection",
2024, and what came of it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForObjectDetection, RTDetrImageProcessorPil

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.seeing import Seeing, load_seeing
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import loading
from studio.generation.catalog import AdapterInfo

Boxes: TypeAlias = NDArray[np.float32]
"""Left, top, width and height in pixels of each, ``(n, 4)``."""

_KINDS: Final = ("rt_detr", "rt_detr_v2", "d_fine")
_OTHERWISE: Final = (
    "finds people in a way ({kind}) that is not read here: choose an RT-DETR or D-FINE model."
)
_PERSON: Final = "person"
_LEAST: Final = 0.3
"""How sure it has to be."""

_MOST: Final = 20
"""People in one picture, those that are surest."""


class PeopleFinder(Seeing):
    """A model that finds things, of which people count."""

    @torch.inference_mode()
    def find(self, pixels: Pixels) -> Boxes:
        """People, the surest first.

        Args:
            pixels: ``(h, w, 3)``.
        """
        planes = self.processor(pixels, return_tensors="pt").pixel_values
        answer = self.model(planes.to(self.device, torch.float32))
        names = self.model.config.id2label
        persons = [number for number, name in names.items() if name.lower() == _PERSON]
        scores = answer.logits[0, :, persons].sigmoid().amax(dim=1)
        surest = scores.argsort(descending=True, stable=True)[:_MOST]
        surest = surest[scores[surest] > _LEAST]
        found = answer.pred_boxes[0, surest].cpu().numpy().astype(np.float32)
        return _in_pixels(found, *pixels.shape[:2])


def load_people(adapter: AdapterInfo, machine: Machine) -> PeopleFinder:
    """A finder from a folder in transformers' format.

    Raises:
        ModelError: if it is none, or damaged, or knows no people.
    """
    with loading(adapter):
        model = load_seeing(AutoModelForObjectDetection, adapter, machine, _KINDS, _OTHERWISE)
        if _PERSON not in map(str.lower, model.config.id2label.values()):
            raise ValueError("it knows no people")
        processor = RTDetrImageProcessorPil.from_pretrained(adapter.path, local_files_only=True)
    return PeopleFinder(model, processor, machine.device)


def _in_pixels(found: Boxes, height: int, width: int) -> Boxes:
    """Boxes of shares of the picture, told by their centres."""
    sizes = found * np.array([width, height, width, height], np.float32)
    sizes[:, :2] -= sizes[:, 2:] / 2
    return sizes
