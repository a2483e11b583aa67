"""release.yml: a release on demand."""

from shipit.config import Gate
from shipit.project.workflows.product import Product, variables
from shipit.project.workflows.steps import READ, checkout, install
from shipit.project.workflows.text import Job, Lines, Workflow, call

_MINUTES = 20
_USUAL = Gate(run="").timeout
_TOKEN = "${{ secrets.RELEASE_TOKEN || github.token }}"  # noqa: S105 - an expression
_INPUTS: Lines = (
    "workflow_dispatch:",
    "  inputs:",
    "    type:",
    "      description: Which part of the version moves",
    "      type: choice",
    "      options: [auto, major, minor, patch, prerelease]",
    "      default: auto",
    "    suffix:",
    "      description: Make it a prerelease of this kind",
    "      type: choice",
    "      options: [none, alpha, beta, rc]",
    "      default: none",
)
_WHOLE = "none"
"""The choice that stands for the repository itself."""


def release(product: Product) -> Workflow:
    """Release with the token of the release actor: what GITHUB_TOKEN pushes starts no other workflow.

    With --resume another run of the same job finishes what the first one began.
    The index trusts this file alone: trusted publishing does not work from a workflow that is called by another.
    """
    config = product.config
    is_trusted = product.is_trusted
    may_push = config.protection.release_actor is not None or not config.protection.required_checks
    choice = _choice(product)
    words = [
        'shipit release --type "$TYPE" ${SUFFIX:+--pre "$SUFFIX"}',
        *(['${PACKAGE:+--package "$PACKAGE"}'] if choice else []),
        "--resume",
        *([] if may_push else ["--pr"]),
    ]
    env = {
        "TYPE": "${{ inputs.type }}",
        "SUFFIX": "${{ inputs.suffix != 'none' && inputs.suffix || '' }}",
        **({"PACKAGE": "${{ inputs.package != 'none' && inputs.package || '' }}"} if choice else {}),
        **variables(config.index, config.notify),
        "GITHUB_TOKEN": _TOKEN,
    }
    permissions = {"contents": "write # it pushes the commit and its tag", "actions": "write # forge.dispatch"}
    permissions |= {} if may_push else {"pull-requests": "write"}
    permissions |= {"id-token": "write # trusted publishing"} if is_trusted else {}
    job = Job(
        name="release",
        timeout=_minutes(product),
        permissions=permissions,
        environment="pypi" if is_trusted else "",
        steps=[
            checkout(history=True, token=_TOKEN, pushes=True),
            install(product, _packages(product), extras=product.extras),
            call(" ".join(words), env),
        ],
    )
    return Workflow(name="release", on=[*_INPUTS, *choice], permissions=READ, group="release", jobs=[job])


def _choice(product: Product) -> Lines:
    """The input that names a package, where there are several."""
    names = [name or _WHOLE for name in product.released]
    lines = ("package:", "  description: Which package", "  type: choice", f"  options: [{', '.join(names)}]")
    return [f"    {line}" for line in (*lines, f"  default: {names[0]}")] if names else []


def _minutes(product: Product) -> int:
    """All gates run in a release: one that is given more than the usual time gets it."""
    return _MINUTES + max((one.timeout for one in product.config.gates.values() if one.timeout > _USUAL), default=0)


def _packages(product: Product) -> str:
    """What the build needs, and every gate: all of them run in a release."""
    questions = dict.fromkeys(gate.verify or name for name, gate in product.config.gates.items())
    return " ".join(dict.fromkeys((*product.building, *product.packages(*questions).split())))
