"""Steps and triggers that several workflows share."""

from collections.abc import Mapping

from shipit.project.workflows.product import Product
from shipit.project.workflows.text import Lines, local, uses

TOKEN = {"GITHUB_TOKEN": "${{ github.token }}"}
ASKED = "github.event_name == 'pull_request'"
NOT_ASKED = "github.event_name != 'pull_request'"
READ = {"contents": "read"}


def checkout(*, history: bool = False, token: str = "", pushes: bool = False) -> Lines:
    """Check the commit out; git keeps the token only where shipit pushes refs."""
    inputs = {"fetch-depth": "0"} if history else {}
    if token:
        inputs["token"] = token
    keeps = "true # it pushes refs" if pushes else "false"
    return uses("actions/checkout", {**inputs, "persist-credentials": keeps})


def install(product: Product, packages: str = "", *, python: str = "", extras: str = "") -> Lines:
    """Install Python, shipit and what the commands need."""
    inputs = {"python": python or f'"{product.python}"'}
    if extras:
        inputs["extras"] = extras
    if packages:
        inputs["packages"] = packages if packages[0].isalnum() else f'"{packages}"'
    return local("shipit", inputs)


def keep(name: str, path: str, *, missing: str = "error") -> Lines:
    """Keep a folder as an artifact, whatever happened; `missing`: error, warn or ignore."""
    inputs: Mapping[str, str] = {"name": name, "path": f"{path}/", "if-no-files-found": missing}
    return uses("actions/upload-artifact", inputs, extra=["if: ${{ !cancelled() }}"])


def both(*, push: Lines = ()) -> Lines:
    """Triggers of what must report on every pull request: no filter of paths, which would leave it waiting."""
    return ["push:", *push, "pull_request:"]
