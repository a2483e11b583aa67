"""All files of `.github` that call shipit, from the configuration of a product."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from shipit.config import Config
from shipit.config.folders import projects
from shipit.config.pyproject import own_name
from shipit.config.settings import make_settings
from shipit.config.sources import Documents, read_from, table
from shipit.project.workflows import actions
from shipit.project.workflows.building import build
from shipit.project.workflows.checking import security, tests
from shipit.project.workflows.deploying import deploy, migrate
from shipit.project.workflows.needs import is_member, needs
from shipit.project.workflows.product import Product
from shipit.project.workflows.releasing import release
from shipit.project.workflows.text import Workflow, written


def workflows(product: Product) -> Mapping[str, str]:
    """Path in the repository → text; a workflow that the configuration has no use for is left out."""
    files = {f".github/workflows/{one.name}.yml": written(one) for one in _workflows(product)}
    files[".github/actions/shipit/action.yml"] = actions.install_action(product)
    files[".github/zizmor.yml"] = actions.zizmor_settings()
    if product.scans("trufflehog"):
        files[".github/actions/trufflehog/action.yml"] = actions.trufflehog_action()
    if any("self-hosted" in text for text in files.values()):
        files[".github/actionlint.yaml"] = actions.actionlint_settings(product)
    return files


def product_in(top: Path) -> Product:
    """The product of this folder; raises UsageError for a configuration with mistakes."""
    documents = read_from(top, top)
    return product_of(
        documents,
        make_settings(top, documents).config,
        has_node=any(top.glob("package.json")) or any(top.glob("*/package.json")),
        has_src=(top / "src").is_dir(),
        projects=tuple(projects(top)),
    )


def product_of(
    documents: Documents, config: Config, *, has_node: bool, has_src: bool, projects: Sequence[str]
) -> Product:
    """The product of these files; `projects` are the folders below that hold one.

    `has_src`: its packages lie in the folder src.
    """
    project = table(documents.pyproject or {}, "project")
    is_tool = project.get("name") == actions.TOOL
    members = {folder for folder in projects if is_member(folder, table(documents.tool("uv"), "workspace"))}
    beside = sorted(members | {package.path for package in config.packages.values()})
    found = needs(documents, has_src=has_src, folders=beside)
    build_needs = table(documents.pyproject or {}, "build-system").get("requires", [])
    return Product(
        config=config,
        name=config.name or own_name(documents) or "project",
        needs=replace(found, installs=()) if is_tool else found,
        build=tuple(map(str, build_needs)),
        has_node=has_node,
        is_tool=is_tool,
    )


def write(top: Path) -> None:
    """Write every file of the product in this folder; what else is in `.github` stays."""
    for path, text in workflows(product_in(top)).items():
        file = top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _workflows(product: Product) -> Iterator[Workflow]:
    environments = product.config.environments
    checks = tests(product)
    if checks.jobs:
        yield checks
    if product.config.images:
        yield build(product)
    yield from (deploy(product, name) for name, one in environments.items() if one.from_)
    if any(one.database and one.from_ for one in environments.values()):
        yield migrate(product)
    yield security(product)
    yield release(product)
