"""tests.yml and security.yml: what is asked of every commit."""

from collections.abc import Iterator

from shipit.config import Gate
from shipit.project.workflows.product import Product
from shipit.project.workflows.steps import READ, TOKEN, both, checkout, install, keep
from shipit.project.workflows.text import Job, Lines, Workflow, call, local, uses

_MINUTES = 15
_SCAN_MINUTES = 20
_TRIVY = "v0.74.0"


def tests(product: Product) -> Workflow:
    """Lint, types and tests, on every push and every pull request."""
    return Workflow(
        name="tests",
        on=both(),
        permissions=READ,
        group="tests-${{ github.ref }}",
        cancels=True,
        jobs=[
            _one(product, "lint", "lint", "shipit verify lint"),
            _one(product, "type-check", "types", "shipit verify types"),
            _python_tests(product),
        ],
    )


def security(product: Product) -> Workflow:
    """The scans, also once a week: advisories appear without a commit."""
    asks = {"security-events": "read # CodeQL's action asks which of its features are on"}
    permissions = {**READ, **(asks if has_codeql(product) else {})}
    return Workflow(
        name="security",
        on=[*both(), "schedule:", f'  - cron: "{product.config.workflows.security_schedule}"'],
        permissions=READ,
        group="security-${{ github.ref }}",
        cancels=True,
        jobs=[
            Job(name="security", timeout=_SCAN_MINUTES, permissions=permissions, steps=list(_scan_steps(product)))
        ],
    )


def has_codeql(product: Product) -> bool:
    """Whether CodeQL is among the scans and not waived."""
    security = product.config.security
    waived = {one.scan for one in security.waivers.values() if one.finding is None}
    return "codeql" in set(security.scans) - waived


def _one(product: Product, name: str, question: str, line: str) -> Job:
    steps = [checkout(), install(product, product.packages(question)), call(line)]
    return Job(name=name, timeout=_MINUTES, steps=steps)


def _python_tests(product: Product) -> Job:
    gates = [gate for name, gate in product.config.gates.items() if (gate.verify or name) == "tests"]
    least = max((gate.coverage or 0 for gate in gates), default=0)
    line = "shipit verify tests" + (f" --min-coverage {least:g}" if least else "")
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


def _scan_steps(product: Product) -> Iterator[Lines]:
    security = product.config.security
    yield checkout(history=True)  # secrets are looked for in the whole history
    if has_codeql(product):
        languages = "python, javascript-typescript" if product.has_node else "python"
        yield uses("github/codeql-action/init", {"languages": languages, "build-mode": "none"})
        written = {"output": security.codeql_sarif, "upload": "never # shipit reads what it has written"}
        yield uses("github/codeql-action/analyze", written)
    if "trivy" in security.scans and product.config.images:
        yield uses("aquasecurity/setup-trivy", {"version": _TRIVY})
    if "trufflehog" in security.scans:
        yield local("trufflehog")
    yield install(product, product.packages(), extras="security")
    if product.config.images:
        yield call("shipit build # what Trivy looks at", TOKEN)
    yield call("shipit verify security")
    yield keep("security", product.config.reports)
