"""Small pictures, runs and results for the canvas tests."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.engine.protocol import Candidate
from studio.gui.canvas.staging import StagedRun
from studio.gui.engine_thread import StoredCandidate
from studio.gui.images import to_image

AREA = Bounds(0, 0, 64, 64)


def picture(side: int = 64, colour: tuple[int, int, int, int] = (200, 40, 40, 255)) -> Picture:
    return Picture.from_array(np.full((side, side, 4), colour, dtype=np.uint8))


def image(side: int = 16, colour: tuple[int, int, int, int] = (40, 200, 40, 255)) -> QImage:
    return to_image(picture(side, colour))


def run(job_id: str, area: Bounds = AREA, count: int = 1) -> StagedRun:
    return StagedRun(job_id, area, count, "a red square", b"{}")


def stored(
    job_id: str,
    index: int,
    seed: int = 1,
    score: float | None = None,
    colour: tuple[int, int, int, int] = (200, 40, 40, 255),
) -> StoredCandidate:
    pixels = picture(64, colour)
    candidate = Candidate(job_id=job_id, index=index, seed=seed, picture=pixels, score=score)
    return StoredCandidate(job_id, candidate, None, to_image(pixels))
