"""An independent judge of pictures: a small convolutional network trained on drawings alone.

It shares nothing with the starter, neither weights nor embedding space, so what it says of the
starter's pictures is a measurement. It reads kinds and colours of up to two unlike things, how
many things there are, where the first one stands, the backdrop and the style.
"""

from __future__ import annotations

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
from studio.training.world.sampling import (
    MOST,
    random_pair,
    random_scene,
    random_single,
)
from studio.training.world.scene import Column, Kind, Relation, Row, Scene, Setting, Style, Thing

PLAN = Plan(steps=9_000, batch=32, rate=2e-3, decay=0.3)
"""How long the judge is trained: half an hour on one CPU core."""

DRAWINGS = 30_000
"""How many scenes are drawn to train it; each is seen some ten times, with other noise."""

_NOTHING = "nothing"
_THINGS: tuple[str, ...] = (*Kind, _NOTHING)
_INKS: tuple[str, ...] = (*Colour, _NOTHING)
_ORDERS: dict[str, tuple[str, ...]] = {
    "kind0": _THINGS,
    "colour0": _INKS,
    "kind1": _THINGS,
    "colour1": _INKS,
    "count": tuple(str(count) for count in range(MOST + 1)),
    "column": tuple(Column),
    "row": tuple(Row),
    "setting": tuple(Setting),
    "sheet": _INKS,
    "style": tuple(Style),
}
"""Every question's answers, in the order of the judge's logits."""

_WEIGHTS = {"kind0": 3.0, "kind1": 2.0}  # what a thing is takes longest to learn


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a picture shows, as far as the judge can see.

    ``things`` are kind and colour of the first thing, then of an unlike second one where there
    is one; ``count`` is how many there are in all; ``sheet`` is the backdrop's colour or
    "nothing"; column and row are the first thing's.
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
        """The first thing's kind."""
        return self.things[0][0] if self.things else _NOTHING

    @property
    def colour(self) -> str:
        """The first thing's colour."""
        return self.things[0][1] if self.things else _NOTHING

    @property
    def backdrop(self) -> tuple[str, str]:
        """Setting and sheet colour together."""
        return self.setting, self.sheet


class Judge(nn.Module):
    """Six convolutions, five of them strided, and a linear answer for each question."""

    def __init__(self) -> None:
        super().__init__()
        widths, strides = (3, 24, 48, 96, 160, 160, 160), (2, 2, 2, 2, 1, 2)
        layers: list[nn.Module] = []
        for before, after, stride in zip(widths[:-1], widths[1:], strides, strict=True):
            layers += [
                nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.2))
        self.answers = nn.Linear(16 * widths[-1], sum(map(len, _ORDERS.values())))

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits of each question for pictures ``(n, 3, 128, 128)`` in -1 to 1."""
        sizes = [len(order) for order in _ORDERS.values()]
        logits = self.answers(self.body(pictures)).split(sizes, dim=1)
        return dict(zip(_ORDERS, logits, strict=True))

    @torch.no_grad()
    def look(self, pictures: NDArray[np.uint8]) -> list[Verdict]:
        """Judges uint8 pictures of shape ``(n, 128, 128, 3)``."""
        best = {name: logits.argmax(dim=1) for name, logits in self(to_unit(pictures)).items()}
        return [
            _verdict({name: _ORDERS[name][int(rows[row])] for name, rows in best.items()})
            for row in range(len(pictures))
        ]


def _verdict(answers: dict[str, str]) -> Verdict:
    pairs = [(answers[f"kind{slot}"], answers[f"colour{slot}"]) for slot in range(2)]
    return Verdict(
        things=tuple(pair for pair in pairs if pair[0] != _NOTHING),
        count=int(answers["count"]),
        column=answers["column"],
        row=answers["row"],
        setting=answers["setting"],
        sheet=answers["sheet"],
        style=answers["style"],
    )


def truth(scene: Scene) -> Verdict:
    """What a perfect judge would say of a scene."""
    return _verdict(_answers(scene))


def _answers(scene: Scene) -> dict[str, str]:
    things = list(scene.things)
    if scene.relation is Relation.BEHIND:  # which of the two comes first is plain to see
        things.sort(key=lambda thing: thing.x)
    unlike = things[:1] + [t for t in things[1:2] if _looks(t) != _looks(things[0])]
    answers = {
        "count": str(len(things)),
        "column": str(things[0].column if things else Column.CENTRE),
        "row": str(things[0].row if things else Row.MIDDLE),
        "setting": str(scene.backdrop.setting),
        "sheet": str(scene.backdrop.colour or _NOTHING),
        "style": str(scene.style),
    }
    for slot in range(2):
        shown = slot < len(unlike)
        answers[f"kind{slot}"] = str(unlike[slot].kind) if shown else _NOTHING
        answers[f"colour{slot}"] = str(unlike[slot].colour) if shown else _NOTHING
    return answers


def _looks(thing: Thing) -> tuple[Kind, Colour]:
    return thing.kind, thing.colour


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
        pictures = drawn[rows] + rng.normal(0, rng.uniform(0, 14), (batch, *drawn.shape[1:]))
        answers = judge(to_unit(np.clip(pictures, 0, 255).astype(np.uint8)))
        parts = [
            _WEIGHTS.get(name, 1.0) * functional.cross_entropy(answers[name], labels[name][rows])
            for name in _ORDERS
        ]
        return torch.stack(parts).sum()

    return losses


def _labels(scenes: list[Scene]) -> dict[str, Tensor]:
    answers = [_answers(scene) for scene in scenes]
    return {
        name: torch.tensor([order.index(answer[name]) for answer in answers])
        for name, order in _ORDERS.items()
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
