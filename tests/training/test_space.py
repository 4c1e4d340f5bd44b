"""The embedding space holds every attribute, and can be read back."""

from __future__ import annotations

import numpy as np

from studio.training import space
from studio.training.world.sampling import random_scene

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
