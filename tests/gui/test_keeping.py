from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import BugError
from studio.core.picture import Picture
from studio.engine.protocol import Candidate
from studio.files.pictures import read_picture
from studio.gallery.store import Gallery
from studio.generation.request import Inpaint, Ranking, Variation, attach
from studio.gui.engine_thread import Order
from studio.gui.keeping import GalleryKeeper
from tests.helpers.pictures import noise, recipe, smooth


def test_a_patch_is_kept_laid_over_its_source(gallery: Gallery) -> None:
    source = smooth(16, 12)
    mask = np.zeros((12, 16), np.uint8)
    mask[2:6, 3:9] = 255
    painted = Picture.from_array(mask)
    request = Inpaint(
        model="starter",
        seed=3,
        width=16,
        height=16,
        source=source.digest,
        mask=painted.digest,
    )
    red = np.zeros((12, 16, 4), np.uint8)
    red[..., 0] = 255
    red[..., 3] = mask
    candidate = Candidate(job_id="a", index=0, seed=3, picture=Picture.from_array(red))
    order = Order("a", request, attach([source, painted]))
    entry = GalleryKeeper(gallery).store(order, candidate)
    kept = read_picture(entry.path).rgb()
    assert (kept[2:6, 3:9] == (255, 0, 0)).all()
    outside = mask == 0
    assert np.array_equal(kept[outside], source.rgb()[outside])


def test_parents_are_known_by_name_and_by_their_pixels(gallery: Gallery) -> None:
    parent = gallery.add(noise(16, 16), recipe())
    source = noise(16, 16)
    request = Variation(model="starter", seed=1, width=16, height=16, source=source.digest)
    candidate = Candidate(job_id="a", index=0, seed=1, picture=noise(16, 16, seed=5))
    store = GalleryKeeper(gallery).store
    for parents in ((), (parent.id,)):
        entry = store(Order("a", request, attach([source]), parents), candidate)
        assert entry.parents == (parent.id,)


def test_a_ranking_has_nothing_to_keep(gallery: Gallery) -> None:
    picture = noise(16, 16)
    request = Ranking(model="starter", prompt="a boat", pictures=(picture.digest,))
    candidate = Candidate(job_id="a", index=0, seed=1, picture=picture)
    with pytest.raises(BugError):
        GalleryKeeper(gallery).store(Order("a", request, attach([picture])), candidate)
