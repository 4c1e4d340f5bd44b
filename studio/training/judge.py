"""An independent judge of pictures: a small convolutional network trained on drawings alone.

It shares nothing with the starter, neither weights nor embedding space, so what it says of the
starter's pictures is a measurement. It reads kind and colour of a single thing, its place, and
the backdrop.
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
from studio.training.world.sampling import random_scene
from studio.training.world.scene import Column, Kind, Row, Scene, Setting

SETTINGS = tuple(setting for setting in Setting if setting is not Setting.PLAIN)
BACKDROPS: tuple[str, ...] = (*Colour, *SETTINGS)
"""Names of backdrops in the order of the judge's answers."""

PLAN = Plan(steps=4_500, batch=32, rate=2e-3, decay=0.3)
"""How long the judge is trained: some minutes on one CPU core."""

_KIND_WEIGHT = 2.0  # on top of the others: what a thing is takes longest to learn
_HEADS = {
    "kind": len(Kind),
    "colour": len(Colour),
    "column": len(Column),
    "row": len(Row),
    "backdrop": len(BACKDROPS),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a picture shows, as far as the judge can see."""

    kind: Kind
    colour: Colour
    column: Column
    row: Row
    backdrop: str


class Judge(nn.Module):
    """Five strided convolutions and a linear answer for each question."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96, 128, 128)
        layers: list[nn.Module] = []
        for before, after in zip(widths[:-1], widths[1:], strict=True):
            layers += [
                nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.2))
        self.answers = nn.Linear(16 * widths[-1], sum(_HEADS.values()))

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits of each question for pictures ``(n, 3, 128, 128)`` in -1 to 1."""
        logits = self.answers(self.body(pictures)).split(list(_HEADS.values()), dim=1)
        return dict(zip(_HEADS, logits, strict=True))

    @torch.no_grad()
    def look(self, pictures: NDArray[np.uint8]) -> list[Verdict]:
        """Judges uint8 pictures of shape ``(n, 128, 128, 3)``."""
        best = {name: logits.argmax(dim=1) for name, logits in self(to_unit(pictures)).items()}
        return [
            Verdict(
                kind=tuple(Kind)[best["kind"][row]],
                colour=tuple(Colour)[best["colour"][row]],
                column=tuple(Column)[best["column"][row]],
                row=tuple(Row)[best["row"][row]],
                backdrop=str(BACKDROPS[best["backdrop"][row]]),
            )
            for row in range(len(pictures))
        ]


def truth(scene: Scene) -> Verdict:
    """What a perfect judge would say of a scene's first thing."""
    thing, backdrop = scene.things[0], scene.backdrop
    name = backdrop.setting if backdrop.colour is None else backdrop.colour
    return Verdict(thing.kind, thing.colour, thing.column, thing.row, str(name))


def train_judge(plan: Plan, folder: Path) -> Judge:
    """Trains the judge on fresh drawings, held-out combinations too, or goes on in ``folder``."""
    torch.manual_seed(8)
    judge = Judge()
    Trainer("judge", judge, plan, folder).run(_losses(judge, plan.batch))
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


def single_scenes(count: int, rng: np.random.Generator) -> list[Scene]:
    """Scenes with one thing, a fifth of them of the combinations that training leaves out."""
    scenes: list[Scene] = []
    while len(scenes) < count:
        scene = random_scene(rng, held_out=bool(rng.random() < 0.2))
        if len(scene.things) == 1:
            scenes.append(scene)
    return scenes


def _losses(judge: Judge, batch: int) -> Losses:
    def losses(rng: np.random.Generator) -> Tensor:
        scenes = single_scenes(batch, rng)
        pictures = np.stack([draw_scene(scene) for scene in scenes]).astype(np.float32)
        pictures += rng.normal(0, rng.uniform(0, 14), pictures.shape)
        answers = judge(to_unit(np.clip(pictures, 0, 255).astype(np.uint8)))
        labels = _labels([truth(scene) for scene in scenes])
        parts = {name: functional.cross_entropy(answers[name], labels[name]) for name in _HEADS}
        return torch.stack(list(parts.values())).sum() + _KIND_WEIGHT * parts["kind"]

    return losses


def _labels(verdicts: list[Verdict]) -> dict[str, Tensor]:
    orders: dict[str, tuple[str, ...]] = {
        "kind": tuple(Kind),
        "colour": tuple(Colour),
        "column": tuple(Column),
        "row": tuple(Row),
        "backdrop": BACKDROPS,
    }
    return {
        name: torch.tensor([order.index(getattr(verdict, name)) for verdict in verdicts])
        for name, order in orders.items()
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
        scenes = single_scenes(64, rng)
        judge(to_unit(np.stack([draw_scene(scene) for scene in scenes])))
    judge.eval()
