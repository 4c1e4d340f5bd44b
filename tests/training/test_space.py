"""The embedding space holds every attribute, and can be read back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.training import space
from studio.training.world.sampling import random_scene
from studio.training.world.scene import SIDE

RNG = np.random.default_rng(0)
SCENES = [random_scene(RNG) for _ in range(200)]


def test_reading_an_embedding_gives_its_attributes_back() -> None:
    vectors = np.stack([space.attributes(scene) for scene in SCENES])
    assert np.allclose(space.read(space.embed(vectors)), vectors, atol=1e-4)


def test_embeddings_have_unit_variance_and_no_mean() -> None:
    embeddings = space.embed_scenes(SCENES)
    assert embeddings.shape == (len(SCENES), space.WIDTH)
    assert abs(embeddings.std() - 1) < 0.1
    assert abs(embeddings.mean()) < 0.1


def test_groups_cover_the_vector_without_overlap() -> None:
    covered = sorted(
        index for where in space.GROUPS.values() for index in range(*where.indices(999))
    )
    assert covered == list(range(space.ATTRIBUTES))


def test_nothing_is_unlike_every_scene() -> None:
    null = space.null_embedding()
    distances = np.linalg.norm(space.embed_scenes(SCENES) - null, axis=1)
    assert distances.min() > 1


def test_a_mirrored_vector_is_that_of_the_scene_with_left_and_right_exchanged() -> None:
    vectors = np.stack([space.attributes(scene) for scene in SCENES])
    exchanged = [
        replace(scene, things=tuple(replace(thing, x=SIDE - thing.x) for thing in scene.things))
        for scene in SCENES
    ]
    expected = np.stack([space.attributes(scene) for scene in exchanged])
    assert np.allclose(space.mirrored(vectors), expected, atol=1e-5)
    assert not np.allclose(expected, vectors, atol=1e-2)


def test_along_a_groups_axes_an_embedding_says_that_group_and_nothing_else() -> None:
    vectors = np.stack([space.attributes(scene) for scene in SCENES])
    other_setting = vectors.copy()
    other_setting[:, space.GROUPS["setting"]] += 1
    moved = space.embed(other_setting) - space.embed(vectors)
    assert np.abs(moved @ space.axes("kind0", "kind1").T).max() < 1e-4
    assert np.abs(moved @ space.axes("setting").T).min() > 0.1
