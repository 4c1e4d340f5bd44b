from pathlib import Path

import pytest

from studio import paths
from studio.core.errors import ModelError
from studio.generation.catalog import CONFIGS_FOLDER, Catalog, load_catalog
from studio.generation.catalog_entries import ANY_FAMILY, read_entries

MODEL = """
[[model]]
id = "ours"
title = "Ours"
family = "kandinsky22"
tasks = ["text_to_image"]
license = "MIT"
native_size = 64
grid = 32
memory = { full = 0.5, offload = 0.25 }
parts = [
  { role = "prior", bundled = "ours" },
  { role = "decoder", path = "/nowhere/decoder" },
]
"""
# With the line break that opens the text, `[[model]]` is line 2 and `id` line 3.


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def catalog_of(folder: Path, text: str, own: str | None = None) -> Catalog:
    if own is not None:
        written(folder / "config", own)
    models = written(folder, text)
    return load_catalog(models, folder / "resources", folder / "config", folder / "data")


def error_in(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(ModelError) as caught:
        read_entries(path)
    assert str(path) in caught.value.message
    return caught.value.message


def test_the_shipped_list_holds_the_starter_first_and_a_model_to_be_installed(
    tmp_path: Path,
) -> None:
    catalog = load_catalog(paths.models_file(), paths.resources(), tmp_path, tmp_path)
    starter, kandinsky = catalog.get("starter"), catalog.get("kandinsky-2.2")
    assert catalog.models[0] is starter
    assert {"text_to_image", "image_to_image", "inpaint", "variation"} <= set(starter.tasks)
    assert [part.role for part in starter.parts] == ["prior", "decoder", "inpaint", "upscaler"]
    assert not kandinsky.installed
    assert kandinsky.missing == ("prior", "decoder", "inpaint")


def test_a_model_is_installed_when_each_of_its_parts_is_there(tmp_path: Path) -> None:
    decoder = tmp_path / "decoder"
    text = MODEL.replace("/nowhere/decoder", decoder.as_posix())
    assert not catalog_of(tmp_path, text).get("ours").installed
    for folder in (decoder, tmp_path / "resources/ours/prior"):
        folder.mkdir(parents=True)
        (folder / "model_index.json").write_text("{}")
    model = catalog_of(tmp_path, text).get("ours")
    assert model.installed and model.missing == () and model.size_bytes == 4


def test_the_default_is_the_first_installed_model(tmp_path: Path) -> None:
    second = MODEL.replace('"ours"', '"second"').replace("/nowhere/decoder", tmp_path.as_posix())
    (tmp_path / "model_index.json").write_text("{}")
    prior = tmp_path / "resources/second/prior"
    prior.mkdir(parents=True)
    (prior / "model_index.json").write_text("{}")
    assert catalog_of(tmp_path, MODEL + second).default.id == "second"
    assert catalog_of(tmp_path, MODEL).default.id == "ours"


def test_an_empty_list_has_no_default(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="empty"):
        _ = catalog_of(tmp_path, "").default


def test_the_persons_own_list_replaces_and_adds_models(tmp_path: Path) -> None:
    own = MODEL.replace('"Ours"', '"Mine"') + MODEL.replace('id = "ours"', 'id = "extra"')
    catalog = catalog_of(tmp_path, MODEL, own)
    assert [model.id for model in catalog.models] == ["ours", "extra"]
    assert catalog.get("ours").title == "Mine"


def test_a_variant_names_the_folder_with_what_a_single_file_leaves_out(tmp_path: Path) -> None:
    assert catalog_of(tmp_path, MODEL).get("ours").configs is None
    named = MODEL.replace("grid =", 'variant = "sd-1"\ngrid =')
    model = catalog_of(tmp_path, named).get("ours")
    assert model.configs == tmp_path / "resources" / CONFIGS_FOLDER / "sd-1"


def test_an_unknown_model_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'theirs': choose one of ours"):
        catalog_of(tmp_path, MODEL).get("theirs")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title = "Ours"', "title = 3", 4, "str"),
        ('title = "Ours"\n', "", 2, "title"),
        ("native_size = 64", "native_size = 4", 8, "native_size"),
        ("grid = 32", "grid = 128", 9, "grid"),
        ('tasks = ["text_to_image"]', 'tasks = ["sing"]', 6, "sing"),
        ("grid = 32", 'grid = 32\nvariant = "../sd-1"', 10, "variant"),
        ("offload = 0.25", 'offload = "much"', 10, "float"),
        ('license = "MIT"', 'license = "MIT"\ncolour = 1', 8, "colour"),
        (', path = "/nowhere/decoder"', "", 11, "exactly one of"),
        ('path = "/nowhere/decoder"', 'url = "http://x"', 11, "sha256"),
        ('id = "ours"', 'id = "no spaces"', 3, "id"),
        ('license = "MIT"', "license = MIT", 7, "invalid value"),
    ],
)
def test_a_mistake_is_reported_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    message = error_in(tmp_path, MODEL.replace(old, new))
    assert f", line {line}: " in message
    assert words in message


def test_a_mistake_in_the_second_model_is_found_in_its_own_table(tmp_path: Path) -> None:
    text = MODEL + MODEL.replace('"ours"', '"second"').replace("grid = 32", "grid = 0")
    assert ", line 23: " in error_in(tmp_path, text)


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    assert ", line 17: 'ours' is there twice" in error_in(tmp_path, MODEL + MODEL)


def test_keys_outside_the_models_are_refused(tmp_path: Path) -> None:
    assert ", line 1: unknown key 'modl'" in error_in(tmp_path, "[[modl]]\n")
    assert ", line 2: " in error_in(tmp_path, "\n[model]\nid = 1\n")


def test_a_list_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="not a UTF-8 text file"):
        read_entries(path)
    with pytest.raises(ModelError, match="cannot be read"):
        read_entries(tmp_path)


ADAPTER = """
[[adapter]]
id = "edges"
title = "Edges"
kind = "controlnet"
family = "stable_diffusion"
license = "MIT"
hub = "owner/edges"
files = ["config.json", "*.safetensors"]
preprocessor = "canny"
"""


def test_adapters_are_listed_beside_the_models(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, MODEL + ADAPTER)
    (edges,) = catalog.adapters
    assert catalog.adapter("edges") is edges is catalog.installable("edges")
    assert (edges.kind, edges.preprocessor, edges.weight) == ("controlnet", "canny", 1.0)
    assert edges.path == tmp_path / "data/models/edges/controlnet" and not edges.installed
    assert [part.role for part in edges.parts] == ["controlnet"]
    with pytest.raises(ModelError, match="no adapter 'ours': choose one of edges"):
        catalog.adapter("ours")
    with pytest.raises(ModelError, match="no model or adapter 'theirs'"):
        catalog.installable("theirs")


def test_an_adapter_that_is_there_is_installed(tmp_path: Path) -> None:
    folder = tmp_path / "data/models/edges/controlnet"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    adapter = catalog_of(tmp_path, ADAPTER).adapter("edges")
    assert adapter.installed and adapter.size_bytes == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('kind = "controlnet"', 'kind = "magic"', 19, "magic"),
        ('hub = "owner/edges"', 'hub = "no repository"', 22, "owner/name"),
        ('"config.json", ', '"../config.json", ', 23, "below the repository"),
        ('id = "edges"', 'id = "ours"', 17, "there twice"),
        ('kind = "controlnet"', 'kind = "lora"', 23, "names the one file"),
        ('kind = "controlnet"', 'kind = "estimator"', 24, "its family any"),
    ],
)
def test_a_mistake_in_an_adapter_is_reported_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    message = error_in(tmp_path, MODEL + ADAPTER.replace(old, new))
    assert f", line {line}: " in message
    assert words in message


def test_one_file_of_a_repository_has_a_place_of_its_own(tmp_path: Path) -> None:
    text = MODEL.replace(
        'path = "/nowhere/decoder"', 'hub = "owner/name", files = ["split/decoder.safetensors"]'
    )
    model = catalog_of(tmp_path, text).get("ours")
    assert model.parts[1].path == tmp_path / "data/models/ours/decoder/decoder.safetensors"


def test_what_was_imported_stands_between_the_two_lists(tmp_path: Path) -> None:
    written(tmp_path / "data/models", "").with_name("imported.toml").write_text(
        MODEL.replace('"ours"', '"brought"') + MODEL.replace('"Ours"', '"Brought"')
    )
    own = MODEL.replace('"ours"', '"brought"').replace('"Ours"', '"Mine"')
    catalog = catalog_of(tmp_path, MODEL, own)
    assert [(model.id, model.title) for model in catalog.models] == [
        ("ours", "Brought"),
        ("brought", "Mine"),
    ]


def test_a_licence_that_has_to_be_accepted_can_be_read(tmp_path: Path) -> None:
    accepted = 'license = "MIT"\nlicense_accept = true'
    assert "license_url" in error_in(tmp_path, MODEL.replace('license = "MIT"', accepted))
    text = MODEL.replace('license = "MIT"', accepted + '\nlicense_url = "https://x"')
    assert catalog_of(tmp_path, text).get("ours").licence_accept


def test_what_is_missing_is_what_there_is_to_fetch(tmp_path: Path) -> None:
    text = MODEL.replace('path = "/nowhere/decoder"', 'hub = "owner/name", size = 7, gated = true')
    model = catalog_of(tmp_path, text).get("ours")
    assert model.gated and model.download_bytes == 7
    folder = tmp_path / "data/models/ours/decoder"
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text("{}")
    assert catalog_of(tmp_path, text).get("ours").download_bytes == 0


ROLES = {
    "pipeline", "checkpoint", "transformer", "inpaint", "edit", "refiner", "vae", "upscaler",
    "prior", "decoder", "text_encoder_4",
}  # fmt: skip
FAMILIES = {
    "kandinsky22", "karlo", "stable_unclip", "stable_diffusion", "stable_diffusion_xl",
    "stable_diffusion_3", "flux", "chroma", "lumina2", "cogview4", "ovis_image", "flux2",
    "qwen_image", "z_image", "sana", "hidream", "hunyuan_image", "kandinsky5", "longcat_image",
    "krea2", "glm_image", "qwen_image_21",
}  # fmt: skip


def test_the_shipped_list_has_models_of_every_family_and_adapters_that_fit_them(
    tmp_path: Path,
) -> None:
    catalog = load_catalog(paths.models_file(), paths.resources(), tmp_path, tmp_path)
    assert {model.family for model in catalog.models} == FAMILIES
    assert {adapter.family for adapter in catalog.adapters} <= FAMILIES | {ANY_FAMILY}
    assert {part.role for model in catalog.models for part in model.parts} == ROLES - {
        "transformer",
        "vae",
    }


def test_whatever_the_hub_gates_has_a_licence_to_be_accepted(tmp_path: Path) -> None:
    catalog = load_catalog(paths.models_file(), paths.resources(), tmp_path, tmp_path)
    assert all(model.licence_accept for model in catalog.models if model.gated)
    assert all(model.licence_url for model in catalog.models if model.parts[0].source.hub)
