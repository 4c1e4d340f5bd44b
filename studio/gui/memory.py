"""Whether a model fits this computer, in a few words."""

from __future__ import annotations

from studio.generation.catalog import ModelInfo

_GIB = 2**30
_HEADROOM = 1.5


def fit_note(model: ModelInfo, memory: int | None = None) -> str:
    """What to expect of a model here.

    Args:
        memory: of the computer, in bytes; measured where left out.
    """
    if not model.installed:
        return "Not installed: pictures need an installed model."
    total = (_installed() if memory is None else memory) / _GIB
    native = f"Best at {model.native_size} × {model.native_size} px"
    if model.memory.full + _HEADROOM <= total:
        return f"{native}. Fits {total:.0f} GB of memory ✓"
    if model.memory.offload + _HEADROOM <= total:
        return f"{native}. Needs {model.memory.full:g} GB: will be slow here."
    return f"Needs {model.memory.offload:g} GB of memory; this computer has {total:.0f}."


def _installed() -> int:
    """Bytes of memory of this computer; the library that knows is read in when first asked."""
    import psutil  # type: ignore[import-untyped]

    return int(psutil.virtual_memory().total)
