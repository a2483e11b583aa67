"""tests.yml and security.yml: what is asked of every commit."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from shipit.config import Gate
from shipit.project.workflows.product import Product, variables
from shipit.project.workflows.steps import READ, TOKEN, both, checkout, install, keep
from shipit.project.workflows.text import Job, Lines, Workflow, call, local, uses

_MINUTES = 15
_SCAN_MINUTES = 20
_TRIVY = "v0.74.0"


def tests(product: Product) -> Workflow:
    """Lint, types and tests, on every push and every pull request; no jobs where no gate answers any of them."""
    return Workflow(
        name="tests",
        on=both(),
        permissions=READ,
        group="tests-${{ github.ref }}",
        cancels=True,
        jobs=[make(product) for name, (question, make) in _JOBS.items() if product.asks(question, name)],
    )


def security(product: Product) -> Workflow:
    """The scans, also once a week: advisories appear without a commit."""
    return Workflow(
        name="security",
        on=[*both(), "schedule:", f'  - cron: "{product.config.workflows.security_schedule}"'],
        permissions=READ,
        group="security-${{ github.ref }}",
        cancels=True,
        jobs=[
            Job(
                name="security",
                timeout=_SCAN_MINUTES,
                permissions=_scan_permissions(product),
                steps=list(_scan_steps(product)),
            )
        ],
    )


def _one(product: Product, name: str, question: str) -> Job:
    steps = [checkout(), install(product, product.packages(question)), call(f"shipit verify {question}")]
    return Job(name=name, timeout=_MINUTES, steps=steps)


def _python_tests(product: Product) -> Job:
    gates = [gate for name, gate in product.config.gates.items() if (gate.verify or name) == "tests"]
    is_part = product.config.workflows.tests == "unit"
    least = 0 if is_part else max((gate.coverage or 0 for gate in gates), default=0)
    line = "shipit verify tests" + (" --unit" if is_part else f" --min-coverage {least:g}" if least else "")
    reports = product.config.reports
    leaves = any((gate.junit_file or "").startswith(f"{reports}/") for gate in gates)
    return Job(
        name="python-tests",
        timeout=_MINUTES,
        matrix=("python", product.config.workflows.pythons),
        steps=[
            checkout(),
            install(product, product.packages("tests"), python="${{ matrix.python }}"),
            call(line),
            *([_codecov(gates)] if least else []),
            keep("reports-${{ matrix.python }}", reports, missing="error" if leaves else "ignore"),
        ],
    )


_JOBS: Mapping[str, tuple[str, Callable[[Product], Job]]] = {
    "lint": ("lint", partial(_one, name="lint", question="lint")),
    "type-check": ("types", partial(_one, name="type-check", question="types")),
    "python-tests": ("tests", _python_tests),
}


def _codecov(gates: list[Gate]) -> Lines:
    """Codecov may be down, and a fork has no token: neither makes the tests red."""
    inputs = {
        "token": "${{ secrets.CODECOV_TOKEN }}",
        "files": ",".join(dict.fromkeys(gate.coverage_file for gate in gates if gate.coverage)),
        "flags": "python-${{ matrix.python }}",
        "disable_search": "true",
    }
    extra = ["if: ${{ !cancelled() }}", "continue-on-error: true # Codecov may be down"]
    return uses("codecov/codecov-action", inputs, extra=extra)


def _scan_permissions(product: Product) -> Mapping[str, str]:
    """A pull request of a fork has a token that may only read, whatever stands here: shipit says so then."""
    if _shows(product):
        alerts = {"security-events": "write # findings are shown as alerts"}
        return {**READ, **alerts, "pull-requests": "write # and in a comment"}
    asks = {"security-events": "read # CodeQL's action asks which of its features are on"}
    return {**READ, **(asks if product.scans("codeql") else {})}


def _shows(product: Product) -> bool:
    return product.config.forge.kind != "none"


def _scan_steps(product: Product) -> Iterator[Lines]:
    has_images = product.scans("trivy") and bool(product.config.images)
    yield checkout(history=True)  # secrets are looked for in the whole history
    if product.scans("codeql"):
        yield from _codeql(product)
    if has_images:
        yield uses("aquasecurity/setup-trivy", {"version": _TRIVY})
    if product.scans("trufflehog"):
        yield local("trufflehog")
    notices = ",notify" if product.config.notify.apprise else ""
    yield install(product, product.packages(), extras=f"security{notices}")
    if has_images:
        yield call("shipit build # what Trivy looks at", TOKEN)
    yield call(_scan_line(product), _scan_variables(product))
    yield keep("security", product.config.reports)


def _codeql(product: Product) -> Iterator[Lines]:
    languages = "python, javascript-typescript" if product.has_node else "python"
    yield uses("github/codeql-action/init", {"languages": languages, "build-mode": "none"})
    written = {"output": product.config.security.codeql_sarif, "upload": "never # shipit reads what it has written"}
    yield uses("github/codeql-action/analyze", written)


def _scan_line(product: Product) -> str:
    """The page is among the reports that are kept."""
    page = shlex.quote(f"{product.config.reports}/security.html")
    return f"shipit verify security --html {page}" + (" --upload --comment" if _shows(product) else "")


def _scan_variables(product: Product) -> Mapping[str, str]:
    """Trivy logs in to the registry of the images."""
    config = product.config
    return variables(config.forge, config.notify, *([config.registry] if config.images else []))
