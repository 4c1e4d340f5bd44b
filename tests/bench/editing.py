"""What editing costs, and how well it keeps its laws, in tables.

Run with ``python -m tests.bench.editing``; the photographs are those of `tests.helpers.editing`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture, Pixels
from studio.files.pictures import read_mask
from studio.generation.edits import inpaint_edit
from studio.generation.membrane import Flags
from studio.generation.preparation import prepare_for_model
from studio.generation.request import Inpaint
from studio.generation.scene import PictureScene
from studio.generation.stitch import finish_patch
from tests.helpers.chains import mirrored_onwards
from tests.helpers.editing import (
    PHOTOS,
    STAND_INS,
    StandIn,
    colour_difference,
    disc,
    identity,
    inpainted,
    outpainted,
    photograph,
    photographs,
    scenery,
    seam_ratio,
    settings,
)

_ROUNDS = 9
_NATIVE = 512

Case = tuple[str, Picture, Flags, Callable[[StandIn, int], Picture]]


def main() -> None:
    """Prints all tables."""
    print_costs()
    print_seams()
    print_drift()


def print_costs() -> None:
    """Law 4: a mask of 256 px on canvases of several sizes."""
    print(f"Cost of a 256 px mask, median of {_ROUNDS}, in ms (without the model)\n")
    print(f"{'canvas':>8} {'crop':>8} {'prepare':>8} {'finish':>8} {'together':>9} {'searched':>9}")
    scenes = {side: _scene_of(side) for side in (1024, 2048, 4096, 8192)}
    for side, (scene, painted) in scenes.items():
        rows = [_cost(scene, painted) for _ in range(_ROUNDS)]
        crop, prepare, finish = (statistics.median(column) for column in zip(*rows, strict=True))
        searched = statistics.median(_cost(scene, None)[0] for _ in range(_ROUNDS))
        together = crop + prepare + finish
        print(f"{side:8} {crop:8.1f} {prepare:8.1f} {finish:8.1f} {together:9.1f} {searched:9.1f}")
    print("\nsearched: the crop where nobody knows where on the canvas the mask is.\n")


def _scene_of(side: int) -> tuple[PictureScene, Bounds]:
    painted = Bounds(side // 2 - 128, side // 2 - 128, 256, 256)
    mask = np.zeros((side, side), np.uint8)
    mask[painted.y : painted.bottom, painted.x : painted.right] = 255
    tile = scenery(Extent(256, 256)).array()
    picture = np.tile(tile, (side // 256, side // 256, 1))
    return PictureScene(Picture.from_array(picture), Picture.from_array(mask)), painted


def _cost(scene: PictureScene, painted: Bounds | None) -> tuple[float, float, float]:
    """Milliseconds for building the request, preparing it for the model, finishing the patch."""
    start = time.perf_counter()
    edit = inpaint_edit(scene, settings(), _NATIVE, painted=painted)
    built = time.perf_counter()
    assert isinstance(edit.request, Inpaint)
    source, mask = (edit.attachments[digest] for digest in edit.request.needs)
    prepared = prepare_for_model(source, mask, _NATIVE, 64)
    ready = time.perf_counter()
    finish_patch(prepared.picture, prepared, source, mask)
    end = time.perf_counter()
    return 1000 * (built - start), 1000 * (ready - built), 1000 * (end - ready)


def print_seams() -> None:
    """Law 5: the gradient across the seam over that beside it."""
    print("Seam over lines 8 px to either side; at most 1.15\n")
    columns = [(name, stand_in, _NATIVE) for name, stand_in in STAND_INS.items()]
    columns.append(("native 128", identity, 128))
    print(f"{'':28}{'truth':>12}" + "".join(f"{name:>12}" for name, _, _ in columns))
    table = []
    for name, truth, masked, paint in _cases():
        row = [seam_ratio(truth.rgb(), masked)]
        row += [seam_ratio(_rgb(paint(f, native)), masked) for _, f, native in columns]
        table.append(row)
        print(f"{name:28}" + "".join(f"{value:12.2f}" for value in row), flush=True)
    for name, over in (("mean", np.mean), ("largest", np.max)):
        print(f"{name:28}" + "".join(f"{value:12.2f}" for value in over(table, axis=0)))
    print()


def _cases() -> Iterator[Case]:
    for name in photographs():
        picture = photograph(name)
        hand_made = PHOTOS / name.replace(".png", "_mask.png")
        if name.endswith(".png") and hand_made.exists():
            yield _inpaint_case(f"{name[:16]} by hand", picture, read_mask(hand_made).array() > 127)
        yield _inpaint_case(
            f"{name[:16]} disc", picture, disc(picture.extent, picture.extent.shortest / 5)
        )
        yield _outpaint_case(f"{name[:16]} extended", picture)
    for seed in range(3):
        picture = scenery(Extent(512, 512), seed)
        yield _inpaint_case(f"shapes {seed} disc", picture, disc(picture.extent, 110))
        yield _outpaint_case(f"shapes {seed} extended", picture)


def _inpaint_case(name: str, truth: Picture, masked: Flags) -> Case:
    return name, truth, masked, lambda f, native: inpainted(truth, masked, f, native)


def _outpaint_case(name: str, truth: Picture) -> Case:
    known = Bounds(0, 0, truth.width * 2 // 3, truth.height)
    masked = np.zeros((truth.height, truth.width), np.bool_)
    masked[:, known.width :] = True
    return name, truth, masked, lambda f, native: outpainted(truth, known, f, native)


def print_drift() -> None:
    """Law 6: the mean colour over ten outpaints, each half a frame, of what it saw before."""
    print("Drift in delta E: the last strip against the first, and the worst single step\n")
    flat = Picture.from_array(np.full((512, 512, 3), (180, 120, 70), np.uint8))
    starts = {"constant": flat}
    starts |= {name[:16]: _square(photograph(name)) for name in photographs()}
    print(f"{'':18}" + "".join(f"{name:>20}" for name in STAND_INS))
    for name, start in starts.items():
        cells = [_drift(start, stand_in) for stand_in in STAND_INS.values()]
        print(f"{name:18}" + "".join(f"{last:12.2f} / {worst:5.2f}" for last, worst in cells))


def _drift(start: Picture, stand_in: StandIn) -> tuple[float, float]:
    half = start.height // 2
    *_, end = mirrored_onwards(start, stand_in, 10)
    strips = np.split(end.array(), range(half, end.width, half), axis=1)[1:]
    steps = [colour_difference(a, b) for a, b in zip(strips, strips[1:], strict=False)]
    return colour_difference(strips[0], strips[-1]), max(steps)


def _square(picture: Picture) -> Picture:
    pixels = picture.rgb()[:512, -512:]
    return Picture.from_array(pixels)


def _rgb(picture: Picture) -> Pixels:
    return picture.rgb()


if __name__ == "__main__":
    main()
