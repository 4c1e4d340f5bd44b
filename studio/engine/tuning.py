"""How the engine is to use the machine: what the person may want otherwise than it chooses."""

from __future__ import annotations

import msgspec

from studio.generation.memory import MemoryMode


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the engine, the same for all models.

    Attributes:
        memory: the rung of the ladder to begin with; ``auto`` for the first that fits.
        compiled: have the denoiser's blocks compiled: a wait at the first picture of a size, then
            faster steps.
        step_cache: leave out blocks of a transformer whose first block changed by less than this
            share since the last step, such as 0.1; 0 leaves none out. It changes pictures.
    """

    memory: MemoryMode = "auto"
    compiled: bool = False
    step_cache: float = 0.0
