"""All files of `.github` that call shipit, from the configuration of a product."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shipit.config.settings import make_settings
from shipit.config.sources import read_from, table
from shipit.project.workflows import actions
from shipit.project.workflows.building import build
from shipit.project.workflows.checking import security, tests
from shipit.project.workflows.deploying import deploy, migrate
from shipit.project.workflows.product import Product
from shipit.project.workflows.releasing import release
from shipit.project.workflows.text import Workflow, written

_NAME = re.compile(r"[\w.-]+")
_GROUP = "dev"
"""The dependency group that other tools install unasked, too."""


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
    config = make_settings(top, documents).config
    document = documents.pyproject or {}
    project = table(document, "project")
    is_tool = project.get("name") == actions.TOOL
    groups = table(document, "dependency-groups")
    build_needs = table(document, "build-system").get("requires", [])
    return Product(
        config=config,
        name=config.name or str(project.get("name", "project")),
        installs=(".",) if project.get("dependencies") and not is_tool else (),
        build=tuple(map(str, build_needs)),
        has_node=any(top.glob("package.json")) or any(top.glob("*/package.json")),
        group=_GROUP if _GROUP in groups else "",
        grouped=frozenset(_grouped(groups, _GROUP)),
        is_tool=is_tool,
    )


def write(top: Path) -> None:
    """Write every file of the product in this folder; what else is in `.github` stays."""
    for path, text in workflows(product_in(top)).items():
        file = top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _grouped(groups: Mapping[str, Any], name: str) -> Iterator[str]:
    """The packages that a dependency group names, also through the groups that it includes."""
    names = [name]
    for group in names:  # which grows by those that are included
        members = groups.get(group)
        for one in members if isinstance(members, list) else ():
            if isinstance(one, Mapping):
                names += {str(one.get("include-group"))}.difference(names)
            elif found := _NAME.match(str(one)):
                yield found[0].lower()


def _workflows(product: Product) -> Iterator[Workflow]:
    environments = product.config.environments
    yield tests(product)
    if product.config.images:
        yield build(product)
    yield from (deploy(product, name) for name, one in environments.items() if one.from_)
    if any(one.database and one.from_ for one in environments.values()):
        yield migrate(product)
    yield security(product)
    yield release(product)
