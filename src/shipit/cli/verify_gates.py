"""shipit verify lint, types and tests"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.options import Json, Verbose

if TYPE_CHECKING:
    from shipit.config import Project
    from shipit.output.reporter import Reporter

_LINT, _TYPES, _TESTS = "lint", "types", "tests"
_ADDRESS = "DATABASE_URL"


def mount(app: typer.Typer) -> None:
    app.command(_LINT)(verify_lint)
    app.command(_TYPES)(verify_types)
    app.command(_TESTS)(verify_tests)


def verify_lint(verbose: Verbose = False, json: Json = False) -> None:
    """Run the project's linters and formatters, or ruff and its own format. Exit 4 unless every one is clean."""
    _verify(_LINT, json=json, verbose=verbose)


def verify_types(verbose: Verbose = False, json: Json = False) -> None:
    """Run the project's type checker, or mypy. Exit 4 unless it is clean."""
    _verify(_TYPES, json=json, verbose=verbose)


def verify_tests(
    min_coverage: Annotated[
        float | None,
        typer.Option(
            "--min-coverage",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Least coverage, lines and branches together; goes before that of the configuration.",
        ),
    ] = None,
    unit: Annotated[bool, typer.Option("--unit", help="Only the unit tests.")] = False,
    integration: Annotated[
        bool, typer.Option("--integration", help="Only the integration tests, on the database of `testing`.")
    ] = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Run the project's tests, or pytest with coverage. Exit 4 unless tests ran, passed and cover enough."""
    from shipit.errors import UsageError

    if unit and integration:
        raise UsageError("--unit and --integration are two parts", hint="leave both out for all tests")
    part = "unit" if unit else "integration" if integration else ""
    _verify(_TESTS, part, min_coverage, json=json, verbose=verbose)


def _verify(question: str, part: str = "", least: float | None = None, *, json: bool, verbose: bool) -> None:
    from shipit.cli.session import session
    from shipit.gates.command import Asked, verify
    from shipit.release.outside import Outside
    from shipit.repository.work_tree import require_work_tree

    with session(json=json, verbose=verbose) as (project, reporter):
        require_work_tree(project)
        asked = Asked(
            question=question,
            part=part,
            least=least,
            withheld=Outside(project).withheld,
            prepare=lambda: _database(project, reporter) if part == "integration" else {},
        )
        reporter.renderer.outputs(verify(project, reporter, asked))


def _database(project: "Project", reporter: "Reporter") -> Mapping[str, str | None]:
    """The database of the environment `testing`, if there is one: emptied and migrated."""
    from shipit.migrate.testing import TESTING, prepare

    environment = project.config.environments.get(TESTING)
    if environment is None or environment.database is None:
        return {}
    return {_ADDRESS: prepare(project, reporter)}
