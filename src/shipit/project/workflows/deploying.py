"""deploy-ENVIRONMENT.yml and migrate.yml: what changes what is live."""

from collections.abc import Iterator, Mapping

from shipit.config import Environment
from shipit.gates.runner import split
from shipit.project.workflows.product import Product, command_packages, variables
from shipit.project.workflows.steps import ASKED, READ, checkout, install, keep
from shipit.project.workflows.text import Job, Lines, Workflow, call

_FROM_BRANCH_MINUTES, _FROM_TAGS_MINUTES, _MIGRATION_MINUTES = 30, 45, 20
_TAGS = "tags"
_ON_TAG = "${{ github.ref_type == 'tag' && !contains(github.ref_name, '-') && github.ref_name || '' }}"
"""Nothing for a prerelease, which is no version to deploy unasked: shipit takes the highest final one then."""


def deploy(product: Product, name: str) -> Workflow:
    """Deploy to one environment: what its branch has, or the release of a tag."""
    environment = product.config.environments[name]
    is_tags = environment.from_ == _TAGS
    trigger = (
        f'  tags: ["{product.tags}", "!{product.tags}-*"]' if is_tags else f"  branches: [{environment.from_}]"
    )
    line = f"shipit deploy --env {name}" + (' ${TAG:+--version "$TAG"}' if is_tags else "")
    env = {**({"TAG": _ON_TAG} if is_tags else {}), **_variables(product, environment)}
    return Workflow(
        name=f"deploy-{name}",
        on=["push:", trigger, "workflow_dispatch:"],
        permissions=_permissions(product, environment),
        group=f"deploy-{name}",
        jobs=[
            Job(
                name=name,
                timeout=_FROM_TAGS_MINUTES if is_tags else _FROM_BRANCH_MINUTES,
                runs_on=product.runner(environment),
                environment=name,
                steps=[
                    checkout(history=True, pushes=True),
                    install(product, _packages(product, environment), extras=product.extras),
                    call(line, env),
                ],
            )
        ],
    )


def migrate(product: Product) -> Workflow:
    """Look at changed files on pull requests, migrate what follows a branch on a push, and all on demand."""
    environments = dict(_migrated(product))
    path = f"{product.config.migrations.path.partition('{')[0].rstrip('/')}/**"
    follows = [one.from_ for one in environments.values() if one.from_ not in {None, _TAGS}]
    push = ["push:", f"  branches: [{', '.join(dict.fromkeys(map(str, follows)))}]", f'  paths: ["{path}"]']
    return Workflow(
        name="migrate",
        on=[*_inputs(list(environments)), *(push if follows else []), "pull_request:", f'  paths: ["{path}"]'],
        permissions=READ,
        jobs=[_files(product), *(_migration(product, name, one) for name, one in environments.items())],
    )


def _migrated(product: Product) -> Iterator[tuple[str, Environment]]:
    for name, environment in product.config.environments.items():
        if environment.database and environment.from_:
            yield name, environment


def _inputs(names: list[str]) -> Lines:
    return [
        "workflow_dispatch:",
        "  inputs:",
        "    environment:",
        "      description: Which database",
        "      type: choice",
        f"      options: [{', '.join(names)}]",
        "      required: true",
        "    version:",
        "      description: Up to this version; all if left empty",
        "      type: string",
    ]


def _files(product: Product) -> Job:
    """It is required of nobody: with a filter of paths it would leave a pull request waiting."""
    return Job(
        name="verify-migrations",
        timeout=_MIGRATION_MINUTES,
        condition=ASKED,
        steps=[
            checkout(),
            install(product, extras=product.extras),
            call("shipit verify migrations"),
        ],
    )


def _migration(product: Product, name: str, environment: Environment) -> Job:
    """Exit 9 while a deployment holds the database: a group of both would drop one of two that wait."""
    asked = f"inputs.environment == '{name}'"
    env = {"VERSION": "${{ inputs.version }}", **variables(environment.database, product.config.notify)}
    return Job(
        name=f"migrate-{name}",
        timeout=_MIGRATION_MINUTES,
        condition=asked if environment.from_ == _TAGS else f"github.event_name == 'push' || {asked}",
        runs_on=product.runner(environment),
        environment=name,
        group=f"migrate-{name}",
        steps=[
            checkout(history=True),
            install(product, extras=product.extras),
            call(f'shipit migrate --env {name} ${{VERSION:+--to "$VERSION"}}', env),
            keep(f"migrate-{name}", product.config.reports, missing="warn"),
        ],
    )


def _permissions(product: Product, environment: Environment) -> Mapping[str, str]:
    wanted = {"contents": "write # lock and ledger are refs of this repository"}
    wanted["deployments"] = "write # and GitHub lists it"
    if environment.wait_for_checks:
        wanted |= {"checks": "read", "statuses": "read"}
    if product.config.images:
        wanted["packages"] = "write # the tag of the environment moves"
    if environment.publish and product.is_trusted:
        wanted["id-token"] = "write # trusted publishing: the index has to know this file"
    return wanted


def _variables(product: Product, environment: Environment) -> Mapping[str, str]:
    images = [product.config.registry] if product.config.images else []
    index = [product.config.index] if environment.publish else []
    return variables(environment, product.config.notify, *images, *index)


def _packages(product: Product, environment: Environment) -> str:
    gates = [one for gate in environment.gates for one in product.packages(gate).split()]
    smoke = command_packages(split(environment.smoke.run, "run")) if environment.smoke.run else ()
    return " ".join(dict.fromkeys((*product.building, *gates, *smoke)))
