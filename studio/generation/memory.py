"""How a model is fitted into memory: the rungs of a ladder, and the choice of one.

Each rung takes less of the device than the one before, and more time or a little quality. The
plan is made before anything is loaded, from the sizes of the weights (`studio.generation.needs`);
where the memory runs out all the same, the engine goes on from the next rung.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

GIB: Final = 2**30

DENOISING_NUMBERS: Final = 300
"""Numbers held for each pixel while a UNet of SDXL's width answers twice (measured: 272 to 284)."""

DECODING_NUMBERS: Final = 1100
"""Numbers held for each pixel while an autoencoder of that width decodes (measured: 1057)."""

TILE_PIXELS: Final = 512 * 512
"""At most so many pixels are decoded at a time where the picture is developed in tiles."""

SMALLER: Final = 0.7
"""The side of the picture on the last rung, as a share of the model's native one."""

_RESERVE: Final = 0.06
_SHARED_RESERVE: Final = 0.2


class Rung(enum.StrEnum):
    """A way of fitting a model into memory, from the fastest to the most sparing."""

    FULL = "full"
    """Everything is on the device."""
    TILED = "tiled"
    """So it is, but pictures are developed in tiles."""
    MODULES = "modules"
    """Text encoders, denoiser and autoencoder wait in main memory, each until it is asked."""
    BLOCKS = "blocks"
    """A denoiser's blocks do, and the layers of what reads words or pictures."""
    LAYERS = "layers"
    """Their single layers do."""
    HALVED = "halved"
    """A denoiser's weights are stored in half the bits, and widened when they are used."""
    SMALLER = "smaller"
    """All of this, and the picture is painted small and enlarged."""

    @property
    def is_tiled(self) -> bool:
        """Whether pictures are developed in tiles."""
        return self is not Rung.FULL

    def moves_weights(self, before: Rung) -> bool:
        """Whether weights lie otherwise than on a rung before."""
        return _WEIGHTS[self] is not _WEIGHTS[before]


_WEIGHTS: Final = {rung: rung for rung in Rung} | {
    Rung.TILED: Rung.FULL,
    Rung.SMALLER: Rung.HALVED,
}
"""For each rung the first one on which the weights lie as they do there."""

GPU_LADDER: Final = tuple(Rung)
"""Of devices with memory of their own."""

SHARED_LADDER: Final = (Rung.FULL, Rung.TILED, Rung.HALVED, Rung.SMALLER)
"""Where the device computes in main memory, nothing can wait there."""

MemoryMode: TypeAlias = Literal["auto", "full", "balanced", "low", "lowest", "halved"]
"""What the person wants: the plan's choice, or a rung to begin with."""

_FIRST: Final[dict[MemoryMode, Rung]] = {
    "auto": Rung.FULL,
    "full": Rung.FULL,
    "balanced": Rung.MODULES,
    "low": Rung.BLOCKS,
    "lowest": Rung.LAYERS,
    "halved": Rung.HALVED,
}


class Module(msgspec.Struct, frozen=True):
    """A part of a model that computes by itself, such as a text encoder.

    Attributes:
        weights: bytes in the precision in use.
        block: bytes that are on the device at a time where blocks wait outside.
        layer: bytes of its largest layer.
        is_autoencoder: whether it makes pictures of latents.
        is_denoiser: whether its weights may be stored in half the bits.
    """

    weights: int
    block: int
    layer: int
    is_autoencoder: bool = False
    is_denoiser: bool = False

    @property
    def halved(self) -> int:
        """Bytes of its weights on the rungs where they are halved."""
        return self.weights // 2 if self.is_denoiser else self.weights


class Needs(msgspec.Struct, frozen=True):
    """What a model takes.

    Attributes:
        modules: all that are loaded with it.
        pixels: of a picture of its native size.
        number_bytes: of one number in the precision in use.
    """

    modules: tuple[Module, ...]
    pixels: int
    number_bytes: int

    @property
    def weights(self) -> int:
        """Bytes of all weights."""
        return sum(module.weights for module in self.modules)

    def with_modules(self, more: Sequence[Module]) -> Needs:
        """The same with what works beside the model, too."""
        return replace(self, modules=(*self.modules, *more))

    def taken(self, rung: Rung, is_shared: bool, pictures: int = 1) -> int:
        """Bytes that the device holds at most at a time.

        Args:
            rung: how the weights lie.
            is_shared: whether the device computes in main memory, so that they are always there.
            pictures: how many are denoised together.
        """
        if is_shared:
            return self._stored(rung) + self.used(rung, pictures)
        return max(
            self._held(rung, module) + self._used(rung, module, pictures) for module in self.modules
        )

    def waiting(self, rung: Rung) -> int:
        """Bytes that wait in main memory."""
        return 0 if _WEIGHTS[rung] is Rung.FULL else self._stored(rung)

    def used(self, rung: Rung, pictures: int = 1) -> int:
        """Bytes that are computed with at most, beside the weights."""
        return max(self._used(rung, module, pictures) for module in self.modules)

    @property
    def scales(self) -> bool:
        """Whether it is known what further pictures take that are denoised together."""
        return any(module.is_denoiser for module in self.modules)

    def _stored(self, rung: Rung) -> int:
        """Bytes of all weights as they are stored."""
        if _WEIGHTS[rung] is not Rung.HALVED:
            return self.weights
        return sum(module.halved for module in self.modules)

    def _held(self, rung: Rung, active: Module) -> int:
        """Weights on the device while a module is active."""
        match _WEIGHTS[rung]:
            case Rung.FULL:
                return self.weights
            case Rung.MODULES:
                return active.weights
            case Rung.BLOCKS:
                return active.block
            case _:
                return active.layer

    def _used(self, rung: Rung, active: Module, pictures: int) -> int:
        """What a module computes with; pictures are developed one by one."""
        pixels = self.pixels if rung is not Rung.SMALLER else int(self.pixels * SMALLER**2)
        if not active.is_autoencoder:
            at_once = pictures if active.is_denoiser else 1
            return at_once * pixels * DENOISING_NUMBERS * self.number_bytes
        seen = min(pixels, TILE_PIXELS) if rung.is_tiled else pixels
        return seen * DECODING_NUMBERS * self.number_bytes


class Budget(msgspec.Struct, frozen=True):
    """The memory that there is, in bytes.

    Attributes:
        free: what the device can still give.
        total: what it has.
        main: what main memory can still give.
        is_shared: whether the device computes in main memory.
        number_bytes: of one number in the precision that models have there.
    """

    free: int
    total: int
    main: int
    is_shared: bool
    number_bytes: int = 2

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The rungs that the device has."""
        return SHARED_LADDER if self.is_shared else GPU_LADDER

    @property
    def reserve(self) -> int:
        """What is left to the system and other programs."""
        return int(self.total * (_SHARED_RESERVE if self.is_shared else _RESERVE))

    @property
    def usable(self) -> int:
        """What may be taken."""
        return max(0, self.free - self.reserve)


class MemoryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a model is, or would be, fitted into memory.

    Attributes:
        rung: the first that fits, or the last of all.
        needed: bytes that the device is going to hold at most.
        total: bytes that it has.
        is_shared: whether the device computes in main memory.
        fits: whether there is enough of it, as far as can be foreseen.
        together: how many candidates are denoised at a time at most.
    """

    rung: Rung
    needed: int
    total: int
    is_shared: bool
    fits: bool = True
    together: int = 1

    @property
    def line(self) -> str:
        """One line for people, such as ``All on the GPU, 7.1 of 24 GB``."""
        words = _SHARED_WORDS if self.is_shared else _WORDS
        figures = f"{self.needed / GIB:.1f} of {self.total / GIB:.3g} GB"
        several = f", up to {self.together} pictures at a time" if self.together > 1 else ""
        doubt = "" if self.fits else "; may not be enough"
        return f"{words[self.rung]}, {figures}{several}{doubt}"


_WORDS: Final = {
    Rung.FULL: "All on the GPU",
    Rung.TILED: "All on the GPU, developed in tiles",
    Rung.MODULES: "Parts wait in main memory: slower",
    Rung.BLOCKS: "Blocks wait in main memory: much slower",
    Rung.LAYERS: "Layers wait in main memory: slowest",
    Rung.HALVED: "Layers wait in main memory with halved weights: slowest",
    Rung.SMALLER: "Painted small and enlarged: slowest",
}
_SHARED_WORDS: Final = {
    Rung.FULL: "All in memory",
    Rung.TILED: "All in memory, developed in tiles",
    Rung.HALVED: "Weights halved: slower",
    Rung.SMALLER: "Weights halved, painted small and enlarged",
}


def plan(needs: Needs, budget: Budget, mode: MemoryMode = "auto", most: int = 1) -> MemoryPlan:
    """The first rung on which a model fits, or the one to begin with that the person wants.

    Args:
        needs: of the model.
        budget: of the device.
        mode: what the person wants.
        most: candidates that are to be denoised together, where the memory takes so many.
    """
    rungs = allowed(budget.ladder, mode)
    if mode == "auto":
        chosen = next((rung for rung in rungs if _fits(needs, budget, rung)), rungs[-1])
    else:
        chosen = rungs[0]
    return planned(needs, budget, chosen, _together(needs, budget, chosen, most))


def planned(needs: Needs, budget: Budget, rung: Rung, together: int = 1) -> MemoryPlan:
    """The plan with a rung, and a number of candidates denoised together, that are given."""
    return MemoryPlan(
        rung=rung,
        needed=needs.taken(rung, budget.is_shared, together),
        total=budget.total,
        is_shared=budget.is_shared,
        fits=_fits(needs, budget, rung),
        together=together,
    )


def allowed(ladder: Sequence[Rung], mode: MemoryMode) -> tuple[Rung, ...]:
    """The rungs of a ladder from the one on that the person wants."""
    order = list(Rung)
    first = order.index(_FIRST[mode])
    return tuple(rung for rung in ladder if order.index(rung) >= first)


def below(ladder: Sequence[Rung], rung: Rung) -> Rung | None:
    """The next rung; None from the last."""
    place = ladder.index(rung) + 1
    return ladder[place] if place < len(ladder) else None


def _together(needs: Needs, budget: Budget, rung: Rung, most: int) -> int:
    """How many pictures fit that are denoised together; one where nobody knows what they take."""
    if not needs.scales:
        return 1
    numbers = range(most, 1, -1)
    fitting = (n for n in numbers if needs.taken(rung, budget.is_shared, n) <= budget.usable)
    return next(fitting, 1)


def _fits(needs: Needs, budget: Budget, rung: Rung) -> bool:
    fits = needs.taken(rung, budget.is_shared) <= budget.usable
    return fits and (budget.is_shared or needs.waiting(rung) <= budget.main)
