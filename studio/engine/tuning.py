"""How the engine is to use the machine: what the person may want otherwise than it chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from studio.core.atomic import reason, write_atomically
from studio.core.errors import EngineError
from studio.generation.memory import MemoryMode

TUNING_FILE: Final = "engine.json"
"""In the config folder."""

Attention: TypeAlias = Literal["auto", "plain"]
"""The fastest way that is installed, or torch's own."""


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the engine, the same for all models.

    Attributes:
        memory: the rung of the ladder to begin with; ``auto`` for the first that fits.
        compiled: have the denoiser's blocks compiled: a wait at the first picture of a size, then
            faster steps.
        step_cache: leave out blocks of a transformer whose first block changed by less than this
            share since the last step, such as 0.1; 0 leaves none out. It changes pictures.
        attention: how denoisers attend where there is a choice; it changes pictures by rounding.
        together: denoise as many candidates at a time as the memory takes. They differ by rounding
            from those that are painted one by one, and from those of another number.
    """

    memory: MemoryMode = "auto"
    compiled: bool = False
    step_cache: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    attention: Attention = "auto"
    together: bool = False


def load_tuning(config: Path) -> Tuning:
    """The settings of the config folder.

    Raises:
        EngineError: if they cannot be read.
    """
    path = config / TUNING_FILE
    try:
        return msgspec.json.decode(path.read_bytes() if path.is_file() else b"{}", type=Tuning)
    except OSError as error:
        raise EngineError(f"{path} cannot be read because {reason(error)}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineError(f"{path} is not valid ({error}): correct or remove it.") from error


def save_tuning(config: Path, tuning: Tuning) -> None:
    """Writes the settings.

    Raises:
        EngineError: if that fails.
    """
    path = config / TUNING_FILE
    try:
        config.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(tuning))
    except OSError as error:
        raise EngineError(f"{path} cannot be written because {reason(error)}.") from error
