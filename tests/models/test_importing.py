import json
from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.catalog_entries import ANY_FAMILY, UNION
from studio.models.control import Control, Stopped
from studio.models.importing import Imported, Importer, Wish
from studio.models.progress import Progress, Stage
from studio.models.upkeep import remove
from tests.helpers import model_shapes as shapes
from tests.helpers import upscalers
from tests.helpers.tiny.parts import table
from tests.helpers.weights import Shapes, write_gguf, write_safetensors

PLAIN = Wish()
SD_CHECKPOINT = shapes.checkpoint(shapes.original_unet(768), "cond_stage_model.transformer")
WEIGHTS = "diffusion_pytorch_model.safetensors"
SEER = "model.safetensors"
LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA = {f"{LAYER}.lora_down.weight": (4, 768)}


class Computer:
    """The folders of a person who imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "downloads"
        self.data = folder / "data"
        self.models = self.data / "models"
        self.reports: list[Progress] = []
        (folder / "models.toml").touch()

    @property
    def catalog(self) -> Catalog:
        nowhere = self.folder / "nowhere"
        return load_catalog(self.folder / "models.toml", nowhere, nowhere, self.data)

    @property
    def contents(self) -> dict[str, bytes]:
        """Everything in the data folder, but for locks."""
        files = (path for path in self.data.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files if path.suffix != ".lock"}

    def imports(self, *paths: Path, wish: Wish = PLAIN) -> list[Imported]:
        return Importer(self.models, self.catalog).import_paths(paths, wish, self.reports.append)

    def refusal(self, *paths: Path, wish: Wish = PLAIN) -> str:
        before = self.contents
        with pytest.raises(ModelError) as caught:
            self.imports(*paths, wish=wish)
        assert self.contents == before
        return caught.value.message

    def file(self, name: str, tensors: Shapes, **metadata: str) -> Path:
        return write_safetensors(self.files / name, tensors, metadata=metadata)

    def pipeline(self, name: str, class_name: str, **modules: tuple[str, Shapes]) -> Path:
        """A diffusers folder of these modules."""
        index: dict[str, object] = {"_class_name": class_name}
        for part, (kind, tensors) in modules.items():
            index[part] = ["diffusers", kind]
            self.file(f"{name}/{part}/{WEIGHTS}", tensors)
            (self.files / name / part / "config.json").write_text("{}")
        path = self.files / name
        (path / "model_index.json").write_text(json.dumps(index))
        return path

    def flux(self, name: str = "flux-dev", variant: str = "flux-dev") -> Path:
        transformer = ("FluxTransformer2DModel", shapes.denoiser(variant))
        return self.pipeline(
            name, "FluxPipeline", transformer=transformer, vae=("AutoencoderKL", shapes.vae("flux"))
        )

    def kandinsky(self, role: str) -> Path:
        classes = {
            "prior": ("KandinskyV22PriorPipeline", "prior", "kandinsky-2.2-prior"),
            "decoder": ("KandinskyV22Pipeline", "unet", "kandinsky-2.2"),
            "inpaint": ("KandinskyV22InpaintPipeline", "unet", "kandinsky-2.2-inpaint"),
        }
        class_name, part, variant = classes[role]
        module = ("Module", shapes.denoiser(variant))
        return self.pipeline(f"kandinsky-{role}", class_name, **{part: module})


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_a_checkpoint_becomes_a_model_that_is_installed_where_it_lies(computer: Computer) -> None:
    path = computer.file("Dream_Shaper 8.safetensors", SD_CHECKPOINT)
    (imported,) = computer.imports(path)
    assert (imported.id, imported.title) == ("dream_shaper-8", "Dream Shaper 8")
    model = computer.catalog.get("dream_shaper-8")
    assert (model.family, model.native_size, model.installed) == ("stable_diffusion", 512, True)
    assert [(part.role, part.path) for part in model.parts] == [("checkpoint", path)]
    assert model.configs is not None and model.configs.name == "sd-1"
    assert set(model.tasks) == {"text_to_image", "image_to_image", "inpaint"}
    assert model.memory.estimated


def test_an_upscaler_is_for_models_of_any_family(computer: Computer) -> None:
    path = computer.file("4x-Ultra.safetensors", upscalers.esrgan(blocks=1))
    (imported,) = computer.imports(path, wish=Wish(family="flux"))
    adapter = computer.catalog.adapter(imported.id)
    assert (adapter.kind, adapter.family, adapter.scale) == ("upscaler", ANY_FAMILY, 4)
    assert adapter.installed and adapter.path == path


def test_what_enlarges_nothing_is_no_upscaler(computer: Computer) -> None:
    path = computer.file("1x-mend.safetensors", upscalers.compact(1, depth=2))
    assert "leaves pictures at their size" in computer.refusal(path)


def test_an_inpainting_checkpoint_does_what_it_can(computer: Computer) -> None:
    tensors = shapes.checkpoint(shapes.original_unet(768, channels=9), "cond_stage_model")
    computer.imports(computer.file("a.safetensors", tensors))
    assert computer.catalog.get("a").tasks == ("inpaint",)


def test_a_folder_becomes_a_model_in_its_role(computer: Computer) -> None:
    path = computer.flux()
    (path / "README.md").write_text("---\nlicense: other\n---\n")
    (imported,) = computer.imports(path)
    model = computer.catalog.get(imported.id)
    assert [(part.role, part.path) for part in model.parts] == [("pipeline", path)]
    assert (model.licence, model.defaults.scheduler) == ("other", "flow")
    fill = computer.flux("fill", "flux-fill")
    computer.imports(fill)
    assert [part.role for part in computer.catalog.get("fill").parts] == ["inpaint"]


def test_a_denoiser_alone_borrows_the_rest_of_an_installed_model(computer: Computer) -> None:
    base = computer.flux()
    computer.imports(base)
    path = write_gguf(computer.files / "flux1-dev-Q4.gguf", shapes.original_flux(), "Q8_0")
    (imported,) = computer.imports(path)
    assert imported.base == "Flux-dev"
    model = computer.catalog.get(imported.id)
    assert [(part.role, part.path) for part in model.parts] == [
        ("transformer", path),
        ("pipeline", base),
    ]
    weights = [base / "vae" / WEIGHTS, path]
    expected = sum(file.stat().st_size for file in weights) / 2**30 + 1
    assert model.memory.full == pytest.approx(expected, abs=0.1)


def test_what_is_published_apart_is_borrowed_of_an_installed_model(computer: Computer) -> None:
    transformer = ("HiDreamImageTransformer2DModel", shapes.denoiser("hidream-full"))
    theirs, ours = (
        computer.pipeline(name, "HiDreamImagePipeline", transformer=transformer)
        for name in ("theirs", "ours")
    )
    assert "lacks its text_encoder_4, which is published apart" in computer.refusal(ours)
    llama = computer.file("llama/model.safetensors", {"layers.0.weight": (4, 4)}).parent
    (llama / "config.json").write_text("{}")
    parts = {"pipeline": theirs, "text_encoder_4": llama}
    listed = table("listed", "hidream", ("text_to_image",), parts)
    (computer.folder / "models.toml").write_text(listed)
    file = computer.file("alone.safetensors", shapes.denoiser("hidream-full"))
    for path, expected in (
        (ours, {"pipeline": ours, "text_encoder_4": llama}),
        (file, {"transformer": file, "pipeline": theirs, "text_encoder_4": llama}),
    ):
        (imported,) = computer.imports(path)
        assert imported.base == "Listed"
        model = computer.catalog.get(imported.id)
        assert {part.role: part.path for part in model.parts} == expected


def test_an_editor_put_into_a_painters_pipeline_edits(computer: Computer) -> None:
    computer.imports(computer.flux())
    computer.imports(computer.file("flux-kontext.safetensors", shapes.original_flux()))
    model = computer.catalog.get("flux-kontext")
    assert (model.tasks, [part.role for part in model.parts]) == (
        ("edit",),
        ["transformer", "edit"],
    )


def test_what_adds_to_a_model_is_put_beside_it(computer: Computer) -> None:
    modules = {"image_embedder": ("ReduxImageEncoder", {"redux_up.weight": (12288, 1152)})}
    redux = computer.pipeline("redux", "FluxPriorReduxPipeline", **modules)
    assert "adds to a model: install or import one of the family flux" in computer.refusal(redux)
    base = computer.flux()
    computer.imports(base)
    computer.imports(redux)
    model = computer.catalog.get("redux")
    assert {part.role: part.path for part in model.parts} == {"redux": redux, "pipeline": base}
    assert model.tasks == ("text_to_image", "image_to_image", "inpaint", "variation")


@pytest.mark.parametrize(
    ("name", "steps", "guidance", "scheduler", "size"),
    [
        ("juggernaut_xl", 30, 6.0, "dpm++", 1024),
        ("sd_xl_turbo_1.0_fp16", 8, 0.0, "euler", 512),
        ("sdxl_lightning_4step", 4, 0.0, "euler", 1024),
        ("dreamshaperXL_turboV2_20000steps", 8, 0.0, "euler", 1024),
        ("hyperrealism", 30, 6.0, "dpm++", 1024),
    ],
)
def test_a_distilled_model_begins_with_few_steps(
    computer: Computer, name: str, steps: int, guidance: float, scheduler: str, size: int
) -> None:
    unet = shapes.original_unet(2048, vector=2816, depth=10)
    tensors = shapes.checkpoint(unet, "conditioner.embedders.0")
    (imported,) = computer.imports(computer.file(f"{name}.safetensors", tensors))
    model = computer.catalog.get(imported.id)
    settings = model.defaults
    assert (settings.steps, settings.guidance, settings.scheduler) == (steps, guidance, scheduler)
    assert model.native_size == size


def test_a_denoiser_without_its_base_says_what_to_install(computer: Computer) -> None:
    path = computer.file("schnell.safetensors", shapes.original_flux(guided=False))
    assert "install or import a FLUX.1 schnell as a whole first" in computer.refusal(path)
    computer.imports(computer.flux())
    assert "install or import a FLUX.1 schnell as a whole first" in computer.refusal(path)


def test_the_folders_of_kandinsky_become_one_model(computer: Computer) -> None:
    paths = [computer.kandinsky(role) for role in ("prior", "decoder", "inpaint")]
    (imported,) = computer.imports(*paths)
    assert imported.title == "Kandinsky-decoder"
    model = computer.catalog.get(imported.id)
    assert {part.role: part.path for part in model.parts} == dict(
        zip(("prior", "decoder", "inpaint"), paths, strict=True)
    )
    assert "variation" in model.tasks


def test_a_part_of_kandinsky_alone_needs_the_others(computer: Computer) -> None:
    decoder = computer.kandinsky("decoder")
    assert "needs its prior too" in computer.refusal(decoder)
    computer.imports(computer.kandinsky("prior"), decoder)
    (imported,) = computer.imports(computer.kandinsky("inpaint"))
    roles = [part.role for part in computer.catalog.get(imported.id).parts]
    assert sorted(roles) == ["decoder", "inpaint", "prior"]


def test_what_is_laid_over_models_becomes_an_adapter(computer: Computer) -> None:
    path = computer.file("ink.safetensors", LORA, **{"modelspec.trigger_phrase": "ink drawing"})
    (imported,) = computer.imports(path)
    adapter = computer.catalog.adapter("ink")
    assert (imported.kind, adapter.kind, adapter.family) == ("lora", "lora", "stable_diffusion")
    assert (adapter.trigger, adapter.weight, adapter.path) == ("ink drawing", 1.0, path)
    assert adapter.installed


def test_only_those_ways_to_write_a_lora_are_taken_that_can_be_applied(computer: Computer) -> None:
    computer.imports(computer.file("a.safetensors", {f"{LAYER}.hada_w1_b": (4, 768)}))
    path = computer.file("b.safetensors", {f"{LAYER}.oft_blocks": (4, 8, 8)})
    assert "(oft) that Sfumato does not apply" in computer.refusal(path)
    layer = "unet.down_blocks.1.attentions.0.processor.add_k_proj_lora.down.weight"
    path = computer.file("c.safetensors", {layer: (4, 768)})
    assert "a LoRA for Kandinsky 2.2" in computer.refusal(path)


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"control_all_x_embedder.2-1.weight": (8, 8)}, "import the folder with its config.json"),
        ("stable_diffusion_3", "import the folder with its config.json"),
    ],
)
def test_what_cannot_steer_is_refused(computer: Computer, tensors: Shapes | str, told: str) -> None:
    found = shapes.controlnet(tensors) if isinstance(tensors, str) else tensors
    assert told in computer.refusal(computer.file("a.safetensors", found))


def test_transformers_are_steered_too(computer: Computer) -> None:
    computer.imports(computer.file("depth-flux.safetensors", shapes.controlnet("flux")))
    assert computer.catalog.adapter("depth-flux").family == "flux"
    weights = computer.file(f"depth-sd3/{WEIGHTS}", shapes.controlnet("stable_diffusion_3"))
    config = {"_class_name": "SD3ControlNetModel"}
    (weights.parent / "config.json").write_text(json.dumps(config), encoding="utf-8")
    computer.imports(weights.parent)
    assert computer.catalog.adapter("depth-sd3").family == "stable_diffusion_3"


def test_a_controlnet_takes_its_preprocessor_from_its_name(computer: Computer) -> None:
    tensors = shapes.controlnet("sd-1")
    computer.imports(computer.file("control_v11p_sd15_openpose.safetensors", tensors))
    adapter = computer.catalog.adapter("control_v11p_sd15_openpose")
    assert (adapter.kind, adapter.preprocessor) == ("controlnet", "pose")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("control.safetensors", {"controlnet_mode_embedder.weight": (7, 3072)}),
        ("flux-controlnet-union-pro-2.0.safetensors", {}),
    ],
)
def test_a_controlnet_of_several_kinds_is_known_by_its_weights_or_its_name(
    computer: Computer, name: str, changes: Shapes
) -> None:
    path = computer.file(name, {**shapes.controlnet("flux"), **changes})
    (imported,) = computer.imports(path)
    assert computer.catalog.adapter(imported.id).preprocessor == UNION


@pytest.mark.parametrize(
    ("kind", "sees"),
    [("depth_anything", "depth"), ("dpt", "depth"), ("vitpose", "pose"), ("rt_detr", "people")],
)
def test_what_sees_for_controlnets_becomes_an_estimator(
    computer: Computer, kind: str, sees: str
) -> None:
    weights = computer.file(f"seer/{SEER}", {"backbone.weight": (8, 8)})
    folder = weights.parent
    (folder / "config.json").write_text(json.dumps({"model_type": kind}), encoding="utf-8")
    assert "lacks preprocessor_config.json" in computer.refusal(folder)
    (folder / "preprocessor_config.json").write_text("{}", encoding="utf-8")
    (imported,) = computer.imports(folder)
    adapter = computer.catalog.adapter(imported.id)
    assert (adapter.kind, adapter.family, adapter.preprocessor) == ("estimator", ANY_FAMILY, sees)
    assert adapter.installed


@pytest.mark.parametrize(("word", "trigger"), [("<cat>", "<cat>"), ("emb_params", "my-cat")])
def test_a_textual_inversion_is_called_up_by_its_word(
    computer: Computer, word: str, trigger: str
) -> None:
    computer.imports(computer.file("my-cat.safetensors", {word: (2, 768)}))
    assert computer.catalog.adapter("my-cat").trigger == trigger


def test_of_several_families_the_person_or_the_name_tells(computer: Computer) -> None:
    path = computer.file("vae.safetensors", shapes.ORIGINAL_VAE)
    told = computer.refusal(path)
    assert "fits stable_diffusion and stable_diffusion_xl alike" in told
    assert "is for" in computer.refusal(path, wish=Wish(family="flux"))
    assert "There is no family" in computer.refusal(path, wish=Wish(family="sdxl"))
    (imported,) = computer.imports(path, wish=Wish(family="stable_diffusion"))
    assert imported.family == "stable_diffusion"
    (imported,) = computer.imports(computer.file("sdxl_vae.safetensors", shapes.ORIGINAL_VAE))
    assert imported.family == "stable_diffusion_xl"


@pytest.mark.parametrize(
    "name",
    [
        "text_model.encoder.layers.0.self_attn.q_proj.weight",
        "vision_model.embeddings.patch_embedding.weight",
    ],
)
def test_what_is_of_no_use_alone_is_nothing_to_import(computer: Computer, name: str) -> None:
    path = computer.file("encoder.safetensors", {name: (8, 8)})
    assert "there is nothing to import" in computer.refusal(path)


def test_a_denoiser_of_a_family_that_is_run_whole_is_refused(computer: Computer) -> None:
    path = computer.file("unet.safetensors", shapes.denoiser("kandinsky-2.2"))
    assert "which Sfumato runs as a whole" in computer.refusal(path)


@pytest.mark.parametrize("copy", [False, True])
def test_importing_the_same_twice_says_so(computer: Computer, copy: bool) -> None:
    path = computer.file("ink.safetensors", LORA)
    computer.imports(path, wish=Wish(copy=copy))
    assert "is there already, as Ink (ink)" in computer.refusal(path)
    link = computer.files / "link.safetensors"
    link.symlink_to(path)
    assert "is there already" in computer.refusal(link)


def test_ids_are_made_unique_or_are_the_persons(computer: Computer) -> None:
    one = computer.file("one/ink.safetensors", LORA)
    other = computer.file("other/ink.safetensors", LORA)
    assert [imported.id for imported in computer.imports(one, other)] == ["ink", "ink-2"]
    third = computer.file("third.safetensors", LORA)
    assert "There is already" in computer.refusal(third, wish=Wish(id="ink"))
    assert "cannot be imported" in computer.refusal(third, wish=Wish(id="../../ink", copy=True))
    (imported,) = computer.imports(third, wish=Wish(id="mine", title="Mine"))
    assert computer.catalog.adapter("mine").title == imported.title == "Mine"


def test_a_home_that_is_nobodys_is_no_place(computer: Computer) -> None:
    assert "There is no file" in computer.refusal(Path("~nobody-at-all/a.safetensors"))


def test_an_id_is_for_one_import(computer: Computer) -> None:
    paths = [computer.file(f"{name}.safetensors", LORA) for name in "ab"]
    assert "one by one" in computer.refusal(*paths, wish=Wish(id="mine"))


def test_nothing_is_written_where_one_of_several_is_refused(computer: Computer) -> None:
    good = computer.file("ink.safetensors", LORA)
    assert "holds nothing" in computer.refusal(good, computer.file("bad.safetensors", {"a": (1,)}))


def test_a_copy_does_not_need_the_original(computer: Computer) -> None:
    base = computer.flux()
    (base / "transformer" / "diffusion_pytorch_model.fp16.safetensors").write_bytes(b"more")
    (base / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    for path in (base / "transformer" / WEIGHTS, base / "vae" / WEIGHTS):
        write_safetensors(path, {"a": (3,)})  # small enough to copy; the class says what it is
    computer.imports(base, wish=Wish(copy=True))
    model = computer.catalog.get("flux-dev")
    folder = computer.models / "flux-dev" / "pipeline"
    assert [part.path for part in model.parts] == [folder]
    copied = sorted(path.name for path in (folder / "transformer").iterdir())
    assert copied == ["config.json", WEIGHTS]
    checksums = json.loads((computer.models / "flux-dev" / "checksums.json").read_text())
    assert f"pipeline/vae/{WEIGHTS}" in checksums
    assert computer.reports[-1].stage is Stage.COPYING


def test_an_ip_adapter_is_copied_with_what_it_looks_with(computer: Computer) -> None:
    tensors = {"image_proj.proj.weight": (8, 8), "ip_adapter.1.to_k_ip.weight": (8, 768)}
    path = computer.file("ip/ip-adapter.safetensors", tensors)
    computer.file("ip/image_encoder/model.safetensors", {"a": (1,)})
    (computer.files / "ip" / "image_encoder" / "config.json").write_text("{}")
    computer.imports(path, wish=Wish(copy=True))
    adapter = computer.catalog.adapter("ip-adapter")
    beside = adapter.path.parent / "image_encoder"
    assert sorted(file.name for file in beside.iterdir()) == ["config.json", "model.safetensors"]


def test_the_list_moves_with_the_folder_of_models(computer: Computer, tmp_path: Path) -> None:
    computer.imports(computer.file("ink.safetensors", LORA), wish=Wish(copy=True))
    computer.data.rename(tmp_path / "elsewhere")
    computer.data = tmp_path / "elsewhere"
    assert computer.catalog.adapter("ink").installed


def test_a_cancelled_copy_leaves_nothing_behind(computer: Computer) -> None:
    path = computer.file("ink.safetensors", LORA)
    control = Control()
    control.cancel()
    importer = Importer(computer.models, computer.catalog)
    with pytest.raises(Stopped):
        importer.import_paths([path], Wish(copy=True), computer.reports.append, control)
    assert computer.contents == {}


def test_removing_forgets_the_table_and_what_was_copied(computer: Computer) -> None:
    kept = computer.file("kept.safetensors", LORA)
    copied = computer.file("copied.safetensors", LORA)
    computer.imports(kept)
    computer.imports(copied, wish=Wish(copy=True))
    adapters = {adapter.id: adapter for adapter in computer.catalog.adapters}
    assert remove(adapters["copied"], computer.models) >= copied.stat().st_size
    assert remove(adapters["kept"], computer.models) == 0
    with pytest.raises(ModelError, match="remove"):
        remove(adapters["kept"], computer.models)
    assert kept.is_file() and copied.is_file()
    assert not (computer.models / "copied").exists()
    assert computer.catalog.adapters == []


def test_what_else_stands_in_the_list_is_kept(computer: Computer) -> None:
    computer.imports(computer.file("ink.safetensors", LORA))
    path = computer.models / "imported.toml"
    changed = path.read_text().replace('title = "Ink"', 'title = "My ink" # the best') + "# end\n"
    path.write_text(changed)
    computer.imports(computer.file("a.safetensors", SD_CHECKPOINT))
    remove(computer.catalog.get("a"), computer.models)
    assert 'title = "My ink" # the best' in path.read_text()
    assert "# end" in path.read_text()


def test_a_damaged_list_is_told_and_left_alone(computer: Computer) -> None:
    importer = Importer(computer.models, computer.catalog)
    computer.models.mkdir(parents=True)
    path = computer.models / "imported.toml"
    path.write_text("[[model\n")
    with pytest.raises(ModelError, match=r"imported\.toml is damaged"):
        importer.import_paths([computer.file("a.safetensors", LORA)], PLAIN, print)
    assert path.read_text() == "[[model\n"
