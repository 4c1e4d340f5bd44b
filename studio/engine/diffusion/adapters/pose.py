"""How people stand in a picture, as ControlNets that follow poses read it.

Y. Xu et al., "ViTPose: simple vision transformer baselines for human pose estimation", 2022. Each
person is looked at alone; where nobody tells them apart, the picture is taken to show one.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from transformers import VitPoseForPoseEstimation, VitPoseImageProcessorPil

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.people import Boxes, PeopleFinder
from studio.engine.diffusion.adapters.seeing import Seeing, load_seeing
from studio.engine.diffusion.adapters.skeleton import Floats, drawn, from_coco
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import loading
from studio.generation.catalog import AdapterInfo

_KINDS: Final = ("vitpose",)
_OTHERWISE: Final = (
    "sees poses in a way ({kind}) that is not read here: choose a ViTPose or ViTPose+ model."
)
_COCO_POINTS: Final = 17
_COCO_EXPERT: Final = 0
"""Of ViTPose+, which has one for each way of telling points."""

_LEAST: Final = 0.3
"""How sure it has to be of a point."""

_AROUND: Final = 1.25
"""By how much more is looked at than a person's box."""

_BLUR: Final = 0.8
"""Of a heat map, in its cells, before its summit is looked for."""

_FAINTEST: Final = 1e-3


class PoseEstimator(Seeing):
    """A model that sees the points of one person."""

    def see(self, pixels: Pixels, finder: PeopleFinder | None = None) -> Pixels:
        """Stick figures on black.

        Args:
            pixels: ``(h, w, 3)``.
            finder: tells people apart.

        Returns:
            A picture of the same extent.
        """
        height, width = pixels.shape[:2]
        boxes = np.array([[0, 0, width, height]], np.float32)
        if finder is not None:
            boxes = finder.find(pixels)
        return drawn(self.people(pixels, boxes), height, width)

    @torch.inference_mode()
    def people(self, pixels: Pixels, boxes: Boxes) -> list[Floats]:
        """The points of the people in these boxes, as `from_coco` tells them."""
        if not len(boxes):
            return []
        views = [self._view(box) for box in boxes]
        planes = torch.stack([self._planes(pixels, view) for view in views])
        heat = self.model(planes.to(self.device), **self._expert(len(boxes))).heatmaps
        return [
            from_coco(*_points(each, view), least=_LEAST)
            for each, view in zip(heat.float().cpu().numpy(), views, strict=True)
        ]

    def _view(self, box: Floats) -> Floats:
        """What is looked at for a box: its middle and size, in the model's shape."""
        left, top, width, height = box
        shape = self.processor.size["width"] / self.processor.size["height"]
        width, height = max(width, height * shape), max(height, width / shape)
        middle = left + box[2] / 2, top + box[3] / 2
        return np.array((*middle, _AROUND * width, _AROUND * height), np.float32)

    def _planes(self, pixels: Pixels, view: Floats) -> torch.Tensor:
        """A view as the model sees it, ``(3, h, w)``; black beyond the picture."""
        rows, columns = self.processor.size["height"], self.processor.size["width"]
        scale = np.array((columns - 1, rows - 1), np.float32) / view[2:]
        matrix = np.zeros((2, 3), np.float32)
        matrix[[0, 1], [0, 1]] = scale
        matrix[:, 2] = (view[2:] / 2 - view[:2]) * scale
        seen = cv2.warpAffine(pixels, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
        mean, deviation = self.processor.image_mean, self.processor.image_std
        normal = (np.asarray(seen, np.float32) / 255 - mean) / deviation
        return torch.from_numpy(normal.astype(np.float32)).permute(2, 0, 1)

    def _expert(self, count: int) -> dict[str, torch.Tensor]:
        if self.model.config.backbone_config.num_experts == 1:
            return {}
        return {"dataset_index": torch.full((count,), _COCO_EXPERT, device=self.device)}


def load_pose(adapter: AdapterInfo, machine: Machine) -> PoseEstimator:
    """An estimator from a folder in transformers' format.

    Raises:
        ModelError: if it is none, or damaged, or sees other points than COCO's.
    """
    with loading(adapter):
        model = load_seeing(VitPoseForPoseEstimation, adapter, machine, _KINDS, _OTHERWISE)
        if model.config.num_labels != _COCO_POINTS:
            raise ValueError(f"it sees {model.config.num_labels} points")
        processor = VitPoseImageProcessorPil.from_pretrained(adapter.path, local_files_only=True)
    return PoseEstimator(model, processor, machine.device)


def _points(heat: Floats, view: Floats) -> tuple[Floats, Floats]:
    """Where in the picture the summits of heat maps ``(n, h, w)`` lie, and how high they are."""
    rows, columns = heat.shape[1:]
    cells = np.array([_summit(each) for each in heat], np.float32)
    scale = view[2:] / np.array((columns - 1, rows - 1), np.float32)
    found = cells * scale + view[:2] - view[2:] / 2
    return np.asarray(found, np.float32), np.asarray(heat.max(axis=(1, 2)), np.float32)


def _summit(heat: Floats) -> Floats:
    """Where a heat map's summit lies between its cells, x before y.

    F. Zhang et al., "Distribution-aware coordinate representation for human pose estimation", 2020:
    the summit of the normal distribution that is nearest to the hottest cell's neighbourhood.
    """
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    smooth = cv2.GaussianBlur(heat, (0, 0), _BLUR, borderType=cv2.BORDER_REFLECT)
    height = np.log(np.maximum(smooth, _FAINTEST))
    around = np.pad(height, 1, mode="edge")[row : row + 3, column : column + 3]
    slope = np.array((around[1, 2] - around[1, 0], around[2, 1] - around[0, 1])) / 2
    twist = (around[2, 2] - around[2, 0] - around[0, 2] + around[0, 0]) / 4
    bend = np.array(
        (
            (around[1, 2] - 2 * around[1, 1] + around[1, 0], twist),
            (twist, around[2, 1] - 2 * around[1, 1] + around[0, 1]),
        )
    )
    here = np.array((column, row), np.float32)
    is_summit = bend[0, 0] < 0 and np.linalg.det(bend) > 0
    return here - np.linalg.solve(bend, slope).astype(np.float32) if is_summit else here
