"""An independent judge of pictures: a small convolutional network trained on drawings alone.

It shares nothing with the starter, neither weights nor embedding space, so what it says of the
starter's pictures is a measurement. For each cell of a coarse grid it says which kind of thing
covers it, and in what colour; for the whole picture how many things there are, where a single one
stands, the backdrop and the style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from studio.training.codec import to_unit
from studio.training.loop import Losses, Plan, Trainer
from studio.training.world.draw import draw_scene
from studio.training.world.palette import Colour
from studio.training.world.sampling import MOST, random_pair, random_scene, random_single
from studio.training.world.scene import SIDE, Column, Kind, Row, Scene, Setting, Style

PLAN = Plan(steps=6_000, batch=32, rate=2e-3, decay=0.35)
"""How long the judge is trained: a quarter of an hour on one CPU core."""

DRAWINGS = 30_000
"""How many scenes are drawn to train it; each is seen some six times, with other noise."""

GRID = 8
"""Cells along a side."""

_NOTHING = "nothing"
_THINGS: tuple[str, ...] = (*Kind, _NOTHING)
_INKS: tuple[str, ...] = (*Colour, _NOTHING)
_WHOLE: dict[str, tuple[str, ...]] = {
    "count": tuple(str(count) for count in range(MOST + 1)),
    "column": tuple(Column),
    "row": tuple(Row),
    "setting": tuple(Setting),
    "sheet": _INKS,
    "style": tuple(Style),
}
"""Every question about the whole picture, and its answers in the order of the logits."""

_FEWEST_CELLS = 1.6  # what covers less is no thing
_CELL_WEIGHT = 3.0  # what a thing is takes longest to learn
_NOISE = 10.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a picture shows, as far as the judge can see.

    ``things`` are kind and colour of up to two unlike things, in alphabetical order; ``count`` is
    how many there are in all; column and row are a single thing's; ``sheet`` is the backdrop's
    colour, or "nothing" in a setting that has none.
    """

    things: tuple[tuple[str, str], ...]
    count: int
    column: str
    row: str
    setting: str
    sheet: str
    style: str

    @property
    def kind(self) -> str:
        """The kind of the only thing; else "nothing" or several."""
        return " and ".join(kind for kind, _ in self.things) or _NOTHING

    @property
    def colour(self) -> str:
        """The colour of the only thing; else "nothing" or several."""
        return " and ".join(colour for _, colour in self.things) or _NOTHING

    @property
    def backdrop(self) -> str:
        """The sheet's colour, plain or as a gradient, or the setting."""
        return self.setting if self.sheet == _NOTHING else self.sheet


class Judge(nn.Module):
    """Seven convolutions down to the grid, then answers for each cell and for the whole."""

    def __init__(self) -> None:
        super().__init__()
        widths, strides = (3, 24, 48, 96, 160, 160, 160, 160), (2, 2, 2, 2, 1, 1, 1)
        layers: list[nn.Module] = []
        for before, after, stride in zip(widths[:-1], widths[1:], strides, strict=True):
            layers += [
                nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*layers)
        self.kinds = nn.Conv2d(widths[-1], len(_THINGS), 1)
        self.colours = nn.Conv2d(widths[-1], len(_INKS), 1)
        self.narrow = nn.Sequential(nn.Conv2d(widths[-1], 40, 1), nn.ReLU(), nn.Flatten())
        self.whole = nn.Linear(40 * GRID**2, sum(map(len, _WHOLE.values())))

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits for pictures ``(n, 3, 128, 128)`` in -1 to 1.

        ``kinds`` and ``colours`` of shape ``(n, answers, GRID, GRID)``, the others
        ``(n, answers)``.
        """
        seen = self.body(pictures)
        sizes = [len(order) for order in _WHOLE.values()]
        answers = self.whole(self.narrow(seen)).split(sizes, dim=1)
        cells = {"kinds": self.kinds(seen), "colours": self.colours(seen)}
        return cells | dict(zip(_WHOLE, answers, strict=True))

    @torch.no_grad()
    def look(self, pictures: NDArray[np.uint8]) -> list[Verdict]:
        """Judges uint8 pictures of shape ``(n, 128, 128, 3)``."""
        found = self(to_unit(pictures))
        kinds = found["kinds"].softmax(dim=1).flatten(2).numpy()
        colours = found["colours"].softmax(dim=1).flatten(2).numpy()
        verdicts = []
        for row in range(len(pictures)):
            whole = {name: order[int(found[name][row].argmax())] for name, order in _WHOLE.items()}
            things = _things(kinds[row], colours[row], int(whole["count"]))
            verdicts.append(_verdict(things, whole))
        return verdicts


def _things(
    kinds: NDArray[np.float32], colours: NDArray[np.float32], count: int
) -> tuple[tuple[str, str], ...]:
    """The kinds that cover most cells, each in the colour of its cells.

    Only two things can be unlike; more are alike in the world, and of one there is one kind.
    """
    covered = kinds[:-1].sum(axis=1)
    found = []
    for place, kind in enumerate(np.argsort(-covered)[: 2 if count == 2 else min(count, 1)]):
        if place == 0 or covered[kind] >= _FEWEST_CELLS:
            inks = colours[:-1] @ kinds[kind]
            found.append((_THINGS[kind], _INKS[int(inks.argmax())]))
    return tuple(sorted(found))


def _verdict(things: tuple[tuple[str, str], ...], whole: dict[str, str]) -> Verdict:
    return Verdict(
        things=things,
        count=int(whole["count"]),
        column=whole["column"],
        row=whole["row"],
        setting=whole["setting"],
        sheet=whole["sheet"],
        style=whole["style"],
    )


def truth(scene: Scene) -> Verdict:
    """What a perfect judge would say of a scene."""
    unlike = {(str(thing.kind), str(thing.colour)) for thing in scene.things}
    return _verdict(tuple(sorted(unlike)), _whole_of(scene))


def _whole_of(scene: Scene) -> dict[str, str]:
    only = scene.things[0] if len(scene.things) == 1 else None
    return {
        "count": str(len(scene.things)),
        "column": str(only.column if only else Column.CENTRE),
        "row": str(only.row if only else Row.MIDDLE),
        "setting": str(scene.backdrop.setting),
        "sheet": str(scene.backdrop.colour or _NOTHING),
        "style": str(scene.style),
    }


def _cells_of(scene: Scene) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which kind and which colour covers each cell, as numbers; a thing in front counts."""
    kinds = np.full((GRID, GRID), len(Kind), dtype=np.int64)
    colours = np.full((GRID, GRID), len(Colour), dtype=np.int64)
    middles = (np.arange(GRID) + 0.5) * SIDE / GRID
    for thing in scene.things:
        inside = np.hypot(middles - thing.x, (middles - thing.y)[:, None]) < thing.radius
        kinds[inside] = _THINGS.index(thing.kind)
        colours[inside] = _INKS.index(thing.colour)
    return kinds, colours


def train_judge(plan: Plan, folder: Path, drawings: int = DRAWINGS) -> Judge:
    """Trains the judge on so many drawings, held-out combinations too, or goes on in ``folder``."""
    torch.manual_seed(8)
    judge = Judge()
    Trainer("judge", judge, plan, folder).run(_losses(judge, plan.batch, drawings))
    _settle(judge)
    return judge.eval()


def save_judge(judge: Judge, path: Path) -> None:
    """Writes the judge's weights, float16."""
    halves = {name: tensor.half().contiguous() for name, tensor in judge.state_dict().items()}
    save_file(halves, path)


def load_judge(path: Path) -> Judge:
    """The judge whose weights :func:`save_judge` wrote."""
    judge = Judge()
    judge.load_state_dict(load_file(path))
    return judge.eval()


def any_scene(rng: np.random.Generator) -> Scene:
    """A scene of any sort, a tenth of them of combinations that training leaves out."""
    roll = rng.random()
    if roll < 0.06:
        return random_single(rng, held_out=True)
    return random_pair(rng, held_out=True) if roll < 0.1 else random_scene(rng)


def _losses(judge: Judge, batch: int, drawings: int) -> Losses:
    scenery = np.random.default_rng(12)
    scenes = [any_scene(scenery) for _ in range(drawings)]
    drawn = np.stack([draw_scene(scene) for scene in scenes])
    labels = _labels(scenes)

    def losses(rng: np.random.Generator) -> Tensor:
        rows = rng.integers(drawings, size=batch)
        pictures = drawn[rows] + rng.normal(0, rng.uniform(0, _NOISE), (batch, *drawn.shape[1:]))
        answers = judge(to_unit(np.clip(pictures, 0, 255).astype(np.uint8)))
        parts = {
            name: functional.cross_entropy(answers[name], labels[name][rows]) for name in labels
        }
        cells = parts["kinds"] + parts["colours"]
        return torch.stack(list(parts.values())).sum() + _CELL_WEIGHT * cells

    return losses


def _labels(scenes: Sequence[Scene]) -> dict[str, Tensor]:
    answers = [_whole_of(scene) for scene in scenes]
    kinds, colours = zip(*(_cells_of(scene) for scene in scenes), strict=True)
    return {
        "kinds": torch.from_numpy(np.stack(kinds)),
        "colours": torch.from_numpy(np.stack(colours)),
    } | {
        name: torch.tensor([order.index(answer[name]) for answer in answers])
        for name, order in _WHOLE.items()
    }


@torch.no_grad()
def _settle(judge: Judge) -> None:
    """Measures the norms' statistics anew, for the averaged weights and clean drawings."""
    norms = [layer for layer in judge.modules() if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    judge.train()
    rng = np.random.default_rng(9)
    for _ in range(8):
        scenes = [any_scene(rng) for _ in range(64)]
        judge(to_unit(np.stack([draw_scene(scene) for scene in scenes])))
    judge.eval()
