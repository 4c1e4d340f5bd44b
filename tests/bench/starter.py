"""How well the starter follows prompts: a table beside its goals, and a contact sheet.

::

    python -m tests.bench.starter                      the shipped weights, 300 prompts
    python -m tests.bench.starter --count 60 --starter DIR/starter --sheet sheet.png

Seeds are fixed, steps and guidance are the starter's own. What a picture shows is said by a judge
that was trained on drawings alone (`studio.training.judge`); the first rows say how far the judge
itself can be trusted.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio import paths
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture
from studio.engine.diffusion.upscalers.upscaler import Watch
from studio.generation.edits import (
    Settings as EditSettings,
)
from studio.generation.edits import apply_patch, inpaint_edit, outpaint_edit, variation_edit
from studio.generation.outpaint import plan_outpaint
from studio.generation.request import TextToImage
from studio.generation.scene import PictureScene, placed_on
from studio.training.codec import to_unit
from studio.training.judge import Judge, Verdict, any_scene, load_judge, truth
from studio.training.world.captions import backdrop_phrase, caption
from studio.training.world.draw import draw_scene
from studio.training.world.palette import Shade
from studio.training.world.sampling import (
    is_held_out,
    random_crowd,
    random_pair,
    random_scene,
    random_single,
)
from studio.training.world.scene import (
    SIDE,
    Column,
    Relation,
    Row,
    Scene,
    Style,
    Thing,
)
from studio.training.world.words import NOUNS, NUMBERS, STYLE_TAILS, article, plural
from tests.helpers.editing import gradients
from tests.helpers.starter import Pictures, Settings, Studio, Workbench

JUDGE = Path(__file__).parents[1] / "training" / "judge.safetensors"

_CANDIDATES = 8
_WORST_SEAM = 1.15
_FAINT = 2.0  # levels: a step that nobody sees, whatever the lines beside it are like
_CHANGED = 40  # levels: a pixel that looks different
_VISIBLE = 0.02  # share of such pixels in pictures that look different

Finding = tuple[str, float, str]
"""What was measured, the figure, and its goal."""


@dataclass(frozen=True)
class Trial:
    """What is measured, and with what: the batched studio, the engine, the judge, the scenes."""

    studio: Studio
    workbench: Workbench
    judge: Judge
    singles: list[Scene]
    count: int

    @property
    def few(self) -> list[Scene]:
        """A third of the scenes, for measurements that paint one picture after the other."""
        return self.singles[: max(12, self.count // 3)]


def single_scenes(count: int, rng: np.random.Generator) -> list[Scene]:
    """Scenes of one thing, a fifth of them of the combinations that training leaves out."""
    return [random_single(rng, held_out=bool(rng.random() < 0.2)) for _ in range(count)]


def thing_phrase(thing: Thing, *, number: int = 1) -> str:
    """Shade, colour and noun, as few or many as there are."""
    words = [] if thing.shade is Shade.PLAIN else [thing.shade.value]
    noun = NOUNS[thing.kind][0]
    phrase = " ".join([*words, thing.colour, noun if number == 1 else plural(noun)])
    return article(phrase) if number == 1 else f"{NUMBERS[number][0]} {phrase}"


def prompt(scene: Scene, rng: np.random.Generator, *, place: bool = True) -> str:
    """All that the scene shows: kind, colour, place, backdrop, and a style that is not flat."""
    things = scene.things
    if _is_pair(scene):
        text = _pair_phrase(scene)
    else:
        text = thing_phrase(things[0], number=len(things))
        if place and len(things) == 1:
            text = f"{text} {full_place(things[0])}"
    text = f"{text} {backdrop_phrase(scene.backdrop, rng)}"
    if scene.style is not Style.FLAT:
        text = f"{text} {STYLE_TAILS[scene.style][0]}"
    return text


def full_place(thing: Thing) -> str:
    """Column and row, as far as words say them."""
    if thing.column is Column.CENTRE:
        return "in the middle" if thing.row is Row.MIDDLE else f"at the {thing.row}"
    if thing.row is Row.MIDDLE:
        return f"on the {thing.column}"
    return f"in the {thing.row} {thing.column} corner"


def _pair_phrase(scene: Scene) -> str:
    first, second = (thing_phrase(thing) for thing in scene.things)
    match scene.relation:
        case Relation.INSIDE:
            return f"{second} inside {first}"
        case Relation.BEHIND:
            return f"{first} behind {second}"
        case Relation.APART:
            return f"{first} and {second}"


def share(rows: Sequence[bool] | Sequence[np.bool_]) -> float:
    """Per cent of true rows."""
    return 100 * float(np.mean(rows)) if len(rows) else 0.0


def agreement(seen: Sequence[Verdict], asked: Sequence[Verdict], *names: str) -> float:
    """Per cent of pictures where all of ``names`` are as asked."""
    return share(matches(seen, asked, *names))


def matches(seen: Sequence[Verdict], asked: Sequence[Verdict], *names: str) -> list[bool]:
    """Picture by picture, whether all of ``names`` are as asked."""
    return [
        all(getattr(one, name) == getattr(other, name) for name in names)
        for one, other in zip(seen, asked, strict=True)
    ]


def judge_itself(trial: Trial) -> Iterator[Finding]:
    """The judge on fresh drawings of every sort."""
    rng = np.random.default_rng(2027)
    scenes = [any_scene(rng) for _ in range(2 * trial.count)]
    seen = trial.judge.look(np.stack([draw_scene(scene) for scene in scenes]))
    asked = [truth(scene) for scene in scenes]
    for name in ("count", "backdrop", "style"):
        yield f"the judge on drawings: {name}", agreement(seen, asked, name), "97"
    right = matches(seen, asked, "things")
    for what, chosen in _SORTS.items():
        rows = [answer for answer, scene in zip(right, scenes, strict=True) if chosen(scene)]
        yield f"the judge on drawings: kind and colour, {what}", share(rows), "97"


_SORTS: dict[str, Callable[[Scene], bool]] = {
    "one thing": lambda scene: len(scene.things) == 1,
    "two apart": lambda scene: _is_pair(scene) and scene.relation is Relation.APART,
    "one behind the other": lambda scene: scene.relation is Relation.BEHIND,
    "one inside the other": lambda scene: scene.relation is Relation.INSIDE,
}


def _is_pair(scene: Scene) -> bool:
    return len({thing.kind for thing in scene.things}) == 2


def follow_prompts(trial: Trial) -> Iterator[Finding]:
    """One thing: kind, colour, place, backdrop and style, where the prompt says them all."""
    rng = np.random.default_rng(1)
    scenes = trial.singles
    asked = [truth(scene) for scene in scenes]
    seen = trial.judge.look(trial.studio.draw([prompt(scene, rng) for scene in scenes]))
    rare = [row for row, scene in enumerate(scenes) if _is_rare(scene)]
    yield "background or setting right", agreement(seen, asked, "backdrop"), "97"
    yield "kind right, one object", agreement(seen, asked, "kind"), "92"
    yield "colour right, one object", agreement(seen, asked, "colour"), "95"
    yield "place right", agreement(seen, asked, "column", "row"), "90"
    yield "style right", agreement(seen, asked, "style"), "–"
    yield (
        f"held-out combinations, kind and colour right (n = {len(rare)})",
        agreement([seen[r] for r in rare], [asked[r] for r in rare], "kind", "colour"),
        "85",
    )


def _is_rare(scene: Scene) -> bool:
    thing = scene.things[0]
    return is_held_out(thing.kind, thing.colour, scene.backdrop.setting)


def count_things(trial: Trial) -> Iterator[Finding]:
    """One to four things alike."""
    rng = np.random.default_rng(21)
    scenes = [
        random_single(rng) if row % 4 == 0 else random_crowd(rng, row % 4 + 1)
        for row in range(trial.count // 2)
    ]
    seen = trial.judge.look(trial.studio.draw([prompt(s, rng, place=False) for s in scenes], 21))
    asked = [truth(scene) for scene in scenes]
    yield "count right (1 to 4)", agreement(seen, asked, "count"), "80"


def show_pairs(trial: Trial) -> Iterator[Finding]:
    """Two different things side by side, a third of them of kinds never shown together.

    Things inside or behind one another are left out: of those the judge is not sure enough.
    """
    rng = np.random.default_rng(22)
    scenes = [_pair_apart(rng, held_out=row % 3 == 0) for row in range(trial.count // 2)]
    seen = trial.judge.look(trial.studio.draw([prompt(scene, rng) for scene in scenes], 22))
    asked = [truth(scene) for scene in scenes]
    yield "two objects, both kinds and colours right", agreement(seen, asked, "things"), "70"
    kinds = [one.kind == other.kind for one, other in zip(seen, asked, strict=True)]
    yield "two objects, both kinds right", share(kinds), "–"


def _pair_apart(rng: np.random.Generator, *, held_out: bool) -> Scene:
    while True:
        scene = random_pair(rng, held_out=held_out)
        if scene.relation is Relation.APART:
            return scene


def choose_best(trial: Trial) -> Iterator[Finding]:
    """Whether the starter's own CLIP picks better pictures than chance does."""
    rng = np.random.default_rng(6)
    singles = trial.few
    pairs = [_pair_apart(rng, held_out=row % 3 == 0) for row in range(len(singles))]
    for what, scenes, names in (
        ("one thing", singles, ("kind", "colour", "backdrop", "column", "row")),
        ("two objects", pairs, ("things", "backdrop")),
    ):
        right, scores = _candidates(trial, scenes, names, rng)
        best = right[scores.argmax(axis=0), np.arange(len(scenes))]
        mean, chosen = 100 * float(right.mean()), 100 * float(best.mean())
        yield f"{what}, everything right, mean of {_CANDIDATES}", mean, "–"
        yield (
            f"{what}, best of {_CANDIDATES} by its CLIP: points above the mean",
            chosen - mean,
            "5",
        )


def _candidates(
    trial: Trial, scenes: Sequence[Scene], names: Sequence[str], rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Which candidates are right in all of ``names``, and how well each matches its prompt.

    Both have shape ``(candidates, prompts)``.
    """
    prompts = [prompt(scene, rng) for scene in scenes]
    asked = [truth(scene) for scene in scenes]
    texts = torch.nn.functional.normalize(trial.studio.read_texts(prompts))
    right, scores = [], []
    for candidate in range(_CANDIDATES):
        pictures = trial.studio.draw(prompts, seed=1000 * candidate + 6)
        right.append(matches(trial.judge.look(pictures), asked, *names))
        images = torch.nn.functional.normalize(trial.studio.read_pictures(pictures))
        scores.append((images * texts).sum(dim=1).numpy())
    return np.array(right), np.stack(scores)


def hole_for(scene: Scene) -> PictureScene:
    """A scene's backdrop alone, masked by a box where its first thing would be."""
    thing = scene.things[0]
    empty = draw_scene(Scene(scene.backdrop, (), scene.seed, scene.style))
    reach = round(thing.radius * 1.2 + 4)
    hole = np.zeros((SIDE, SIDE), np.uint8)
    x, y = round(thing.x), round(thing.y)
    hole[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach] = 255
    return PictureScene(Picture.from_array(empty), Picture.from_array(hole))


def fill_holes(trial: Trial) -> Iterator[Finding]:
    """A thing asked for in a box of an empty picture, by a prompt that names it alone."""
    painted, asked = [], []
    for row, scene in enumerate(trial.few):
        edited = hole_for(scene)
        words = thing_phrase(scene.things[0])
        settings = EditSettings(model="starter", prompt=words, seed=row)
        edit = inpaint_edit(edited, settings, SIDE)
        (patch,) = trial.workbench.pictures(edit.request, edit.attachments)
        painted.append(apply_patch(edited.picture, patch, edit.area.origin).rgb())
        asked.append(truth(scene))
    seen = trial.judge.look(np.stack(painted))
    yield "inpaint: the asked object appears in the mask", agreement(seen, asked, "kind"), "85"
    yield "inpaint: in the asked colour", agreement(seen, asked, "kind", "colour"), "–"


def extend(trial: Trial) -> Iterator[Finding]:
    """Half a picture more to the right: the same setting goes on, and no seam shows."""
    known = Bounds(0, 0, SIDE, SIDE)
    canvas = Bounds(0, 0, SIDE + SIDE // 2, SIDE)
    added = np.zeros((SIDE, canvas.width), np.bool_)
    added[:, SIDE:] = True
    right = []
    rng = np.random.default_rng(3)
    for row, scene in enumerate(trial.few):
        empty = Scene(scene.backdrop, (), scene.seed, scene.style)
        text = caption(Scene(scene.backdrop, (), scene.seed), rng)
        settings = EditSettings(model="starter", prompt=text, seed=row)
        edited = PictureScene(
            placed_on(Picture.from_array(draw_scene(empty)), known.origin, canvas)
        )
        for step in plan_outpaint(known, canvas, SIDE).steps:
            edit = outpaint_edit(edited, step, settings)
            (patch,) = trial.workbench.pictures(edit.request, edit.attachments)
            edited = PictureScene(apply_patch(edited.picture, patch, edit.area.origin))
        whole = edited.picture.rgb()
        (seen,) = trial.judge.look(whole[None, :, -SIDE:])
        seam, beside = gradients(whole, added)
        goes_on = seen.backdrop == truth(empty).backdrop
        right.append(goes_on and seam <= _WORST_SEAM * max(beside, _FAINT))
    yield "outpaint: setting continued, no seam", share(right), "90"


def vary(trial: Trial) -> Iterator[Finding]:
    """Variations of drawings, at the slider's two places."""
    asked = [truth(scene) for scene in trial.few]
    for name, strength in (("same", 0.0), ("middle", 0.5), ("idea", 1.0)):
        painted = []
        for row, scene in enumerate(trial.few):
            settings = EditSettings(model="starter", seed=row, strength=strength)
            edit = variation_edit(Picture.from_array(draw_scene(scene)), settings)
            (picture,) = trial.workbench.pictures(edit.request, edit.attachments)
            painted.append(picture.rgb())
        seen = trial.judge.look(np.stack(painted))
        if name == "same":
            all_same = agreement(seen, asked, "kind", "colour", "backdrop")
            yield 'variation, "same": same kind, colour and setting', all_same, "95"
        goal = "80" if name == "middle" else "–"
        yield f'variation, "{name}": kind kept', agreement(seen, asked, "kind"), goal


def differ_by_seed(trial: Trial) -> Iterator[Finding]:
    """Two seeds of a prompt without place."""
    rng = np.random.default_rng(23)
    prompts = [prompt(scene, rng, place=False) for scene in trial.few]
    one, other = (trial.studio.draw(prompts, seed).astype(int) for seed in (31, 32))
    changed = (np.abs(one - other).max(axis=3) > _CHANGED).mean(axis=(1, 2)) > _VISIBLE
    yield "two seeds differ visibly", share(list(changed)), "90"


def retrieve(trial: Trial) -> Iterator[Finding]:
    """Each of 100 drawings finds its own full caption among 100 of about equal length."""
    rng = np.random.default_rng(5)
    drawn = [scene for scene in single_scenes(400, rng) if scene.style is Style.FLAT]
    captions = [(prompt(scene, rng), scene) for scene in drawn]
    captions.sort(key=lambda pair: len(pair[0].split()))
    middle = len(captions) // 2
    chosen = captions[middle - 50 : middle + 50]
    normalize = torch.nn.functional.normalize
    texts = normalize(trial.studio.read_texts([text for text, _ in chosen]))
    drawings = np.stack([draw_scene(scene) for _, scene in chosen])
    best = (normalize(trial.studio.read_pictures(drawings)) @ texts.T).argmax(dim=1)
    found = (best == torch.arange(len(chosen))).tolist()
    yield f"retrieval: a drawing finds its caption among {len(chosen)}", share(found), "90"


def autoencode(trial: Trial) -> Iterator[Finding]:
    """How much of a drawing survives the autoencoder, and what enlarging adds to interpolation."""
    rng = np.random.default_rng(8)
    scenes = [random_scene(rng) for _ in range(64)]
    drawings = to_unit(np.stack([draw_scene(scene) for scene in scenes]))
    movq = trial.studio.decoder.movq
    with torch.no_grad():
        latents = movq.encode(drawings).latents
        painted = movq.decode(latents, force_not_quantize=True).sample
    error = ((painted.clamp(-1, 1) - drawings) / 2).square().mean()
    yield "autoencoder on drawings, dB", float(-10 * torch.log10(error)), "–"
    if trial.workbench.upscaler is not None:
        planes = painted[:16].clamp(-1, 1).add(1).mul(127.5).round().byte()
        yield from _enlarge(trial, scenes[:16], planes.permute(0, 2, 3, 1).numpy())


def _enlarge(trial: Trial, scenes: Sequence[Scene], painted: Pictures) -> Iterator[Finding]:
    """Learned against bicubic enlargement of what the autoencoder makes of drawings, in dB."""
    assert trial.workbench.upscaler is not None
    for side in (512, 1024):
        gains = []
        for scene, small in zip(scenes, painted, strict=True):
            wanted = draw_scene(scene, side).astype(float)
            learned = trial.workbench.upscaler.enlarge(small, side / SIDE, Watch())
            plain = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
            errors = [np.square(answer - wanted).mean() for answer in (plain, learned)]
            gains.append(10 * np.log10(errors[0] / errors[1]))
        yield f"upsamplers to {side}: dB above bicubic", float(np.mean(gains)), "–"


def time_pictures(trial: Trial) -> Iterator[Finding]:
    """Seconds for one picture through the engine, model loaded."""
    for extent, goal in (((256, 256), "4"), ((1024, 1024), "10"), ((1792, 1024), "–")):
        request = TextToImage(
            model="starter",
            prompt="a red boat on the sea",
            seed=1,
            width=extent[0],
            height=extent[1],
        )
        trial.workbench.pictures(request, {})
        start = time.perf_counter()
        trial.workbench.pictures(request, {})
        yield f"seconds, {Extent(*extent)}", time.perf_counter() - start, goal


def weigh(folder: Path) -> Iterator[Finding]:
    """Megabytes of all weights, and of the largest file."""
    sizes = [path.stat().st_size / 1e6 for path in folder.rglob("*.safetensors")]
    yield "all weights, MB", sum(sizes), "60"
    yield "largest file, MB", max(sizes), "20"


MEASURES: dict[str, Callable[[Trial], Iterator[Finding]]] = {
    "judge": judge_itself,
    "prompts": follow_prompts,
    "counts": count_things,
    "pairs": show_pairs,
    "best": choose_best,
    "inpaint": fill_holes,
    "outpaint": extend,
    "vary": vary,
    "seeds": differ_by_seed,
    "retrieval": retrieve,
    "pixels": autoencode,
    "time": time_pictures,
}
"""Every measurement by the name that chooses it."""


def contact_sheet(trial: Trial, path: Path, count: int = 48, columns: int = 8) -> list[str]:
    """Writes pictures of held-out captions in rows, and returns these in the same order."""
    rng = np.random.default_rng(7)
    scenes = [_sheet_scene(row, rng) for row in range(count)]
    prompts = [
        prompt(scene, rng) if row % 3 else caption(scene, rng) for row, scene in enumerate(scenes)
    ]
    pictures = trial.studio.draw(prompts, seed=7)
    Image.fromarray(_tiled(pictures, columns)).save(path, quality=88)
    return prompts


def _sheet_scene(row: int, rng: np.random.Generator) -> Scene:
    """One thing of a held-out combination, crowds and pairs, in turn."""
    match row % 6:
        case 3:
            return random_crowd(rng, int(rng.integers(2, 5)))
        case 4:
            return random_pair(rng, held_out=True)
        case 5:
            return random_pair(rng)
        case _:
            return random_single(rng, held_out=True)


def _tiled(pictures: Pictures, columns: int) -> Pictures:
    rows = [
        np.concatenate(list(pictures[start : start + columns]), axis=1)
        for start in range(0, len(pictures), columns)
    ]
    return np.concatenate(rows)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Measures the starter model.")
    parser.add_argument("--starter", type=Path, default=paths.resources() / "starter")
    parser.add_argument("--judge", type=Path, default=JUDGE)
    parser.add_argument("--count", type=int, default=300, help="prompts of one thing (300)")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--guidance", type=float, default=Settings.guidance)
    parser.add_argument("--prior-steps", type=int, default=Settings.prior_steps)
    parser.add_argument("--prior-guidance", type=float, default=Settings.prior_guidance)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=list(MEASURES), help="these measurements")
    parser.add_argument("--sheet", type=Path, help="where to write a contact sheet (JPEG)")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(options.threads)
    settings = Settings(
        options.steps, options.guidance, options.prior_steps, options.prior_guidance
    )
    trial = Trial(
        Studio(options.starter, settings),
        Workbench(options.starter),
        load_judge(options.judge),
        single_scenes(options.count, np.random.default_rng(2026)),
        options.count,
    )
    print("| | measured | goal |\n| --- | --- | --- |")
    for name in options.only or MEASURES:
        for what, figure, goal in MEASURES[name](trial):
            print(f"| {what} | {figure:.1f} | {goal} |", flush=True)
    for what, figure, goal in weigh(options.starter):
        print(f"| {what} | {figure:.1f} | {goal} |")
    if options.sheet:
        print("; ".join(contact_sheet(trial, options.sheet)))


if __name__ == "__main__":
    main()
