"""The commands that must pass before a release: what the project is configured for, and nothing else."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from shipit.config.setup_files import options
from shipit.config.sources import table
from shipit.gates import defaults
from shipit.project.init.model import Finding, Note, Seen, Setting
from shipit.project.workflows.needs import needs

_SCRIPTS = (
    *(".pre-commit-config.yaml", "tox.ini", "tox.toml", "noxfile.py", "Makefile", "justfile", "Taskfile.yml"),
    *("scripts/lint.sh", "scripts/lint", "scripts/check"),
)
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_LEAST = re.compile(r"--cov-fail-under[= ](\d+(?:\.\d+)?)")


class _Tool(Struct, frozen=True, kw_only=True):
    """A tool: its table in pyproject.toml or setup.cfg, files of its own, and how it is run."""

    name: str
    run: str
    files: tuple[str, ...] = ()
    word: str = ""


_LINTERS = (
    _Tool(name="ruff", run="ruff check .", files=("ruff.toml", ".ruff.toml")),
    _Tool(name="flake8", run="flake8", files=(".flake8",)),
    _Tool(name="pylint", run="pylint --recursive=y .", files=(".pylintrc", "pylintrc")),
)
_FORMATTERS = (
    _Tool(name="black", run="black --check .", word="psf/black"),
    _Tool(name="isort", run="isort --check-only .", files=(".isort.cfg",)),
)
_CHECKERS = (
    _Tool(name="mypy", run="mypy", files=("mypy.ini", ".mypy.ini"), word="mirrors-mypy"),
    _Tool(name="pyright", run="pyright", files=("pyrightconfig.json",)),
)


def gates(seen: Seen) -> Iterator[Finding]:
    """Style, types and tests, each only where the project has the tool for it."""
    scripts = "\n".join(filter(None, map(seen.text, (*_SCRIPTS, *_workflows(seen)))))
    named = needs(seen.documents, has_src=False).named
    yield from _style(seen, named, scripts)
    yield from _types(seen, named, scripts)
    yield from _tests(seen)


def _style(seen: Seen, named: Collection[str], scripts: str) -> Iterator[Setting]:
    for key, run, why in (*_linter(seen, named, scripts), *_formats(seen, named, scripts)):
        yield _gate(key, run, why, verify="" if key == "lint" else "lint")


def _linter(seen: Seen, named: Collection[str], scripts: str) -> Iterator[tuple[str, str, str]]:
    for tool in _LINTERS:
        if why := _sign(tool, seen, named, scripts):
            yield "lint", tool.run, why
            return


def _formats(seen: Seen, named: Collection[str], scripts: str) -> Iterator[tuple[str, str, str]]:
    """How files are formatted is asked only where the project says by which tool."""
    if "ruff format" in scripts or "ruff-format" in scripts or "format" in seen.documents.tool("ruff"):
        yield "format", "ruff format --check .", "it is formatted by ruff"
    for tool in _FORMATTERS:
        if why := _sign(tool, seen, named, scripts):
            yield "format" if tool.name == "black" else tool.name, tool.run, why


def _types(seen: Seen, named: Collection[str], scripts: str) -> Iterator[Setting]:
    for tool in _CHECKERS:
        if why := _sign(tool, seen, named, scripts):
            yield _gate("types", _with_folders(tool.run, seen) if tool.name == "mypy" else tool.run, why)
            return


def _with_folders(run: str, seen: Seen) -> str:
    """The command with what it looks at, unless its own settings say that."""
    found = defaults.gates(defaults.TYPES, seen.settings.top, _python(seen), seen.settings.config.reports)
    argv: Sequence[str] = next((one.run for one in found.values() if not isinstance(one.run, str)), ())
    return " ".join(argv[2:]) or run


def _tests(seen: Seen) -> Iterator[Finding]:
    if not any(map(_TEST.search, seen.paths)):
        yield Note("there are no tests: nothing but the build is tried before a release")
        return
    least, why = _least_coverage(seen)
    run = "python -m pytest"
    if least is None:
        yield _gate("tests", run, "its tests run before every release")
        return
    has_report = "--cov" in _added(seen)
    yield _gate(
        "tests", f"{run}{'' if has_report else ' --cov'} --cov-report=xml", "its tests run before every release"
    )
    yield Setting(key="gates.tests.coverage", value=least, reason=why)


def _least_coverage(seen: Seen) -> tuple[float | int | None, str]:
    """The least coverage that the project demands of itself, and where it does so."""
    for value, where in _demands(seen):
        if re.fullmatch(r"\d+(?:\.\d+)?", value) and 0 < float(value) <= 100:
            number = float(value)
            return int(number) if number.is_integer() else number, f"the least coverage is that of {where}"
    return None, ""


def _demands(seen: Seen) -> Iterator[tuple[str, str]]:
    """Everything that may be such a number."""
    report = table(seen.documents.tool("coverage"), "report").get("fail_under")
    yield str(report), "tool.coverage.report.fail_under"
    for file, section in (("setup.cfg", "coverage:report"), (".coveragerc", "report")):
        yield str(_ini(seen.text(file)).get(section, {}).get("fail_under")), f"fail_under in {file}"
    yield from ((one, "--cov-fail-under") for one in _LEAST.findall(_added(seen)))


def _added(seen: Seen) -> str:
    """The options that pytest is always given."""
    pytest = seen.documents.tool("pytest")
    own = {**pytest, **table(pytest, "ini_options")}.get("addopts", "")
    texts = [" ".join(map(str, own)) if isinstance(own, list) else str(own)]
    for file, section in (("setup.cfg", "tool:pytest"), ("pytest.ini", "pytest"), ("tox.ini", "pytest")):
        texts.append(_ini(seen.text(file)).get(section, {}).get("addopts", ""))
    return " ".join(texts)


def _ini(text: str | None) -> Any:
    return options(lambda _: text)


def _sign(tool: _Tool, seen: Seen, named: Collection[str], scripts: str) -> str:
    """Why the project is taken to use a tool; empty if it is not."""
    if tool.name in table(seen.documents.pyproject or {}, "tool"):
        return f"[tool.{tool.name}] is there"
    if file := next((one for one in tool.files if one in seen.paths), ""):
        return f"{file} is there"
    for file, section in (("setup.cfg", tool.name), ("tox.ini", tool.name)):
        if section in _ini(seen.text(file)):
            return f"{file} has [{section}]"
    if tool.name in named:
        return f"{tool.name} is among the development dependencies"
    return f"pre-commit runs {tool.name}" if tool.word and tool.word in scripts else ""


def _gate(name: str, run: str, reason: str, *, verify: str = "") -> Setting:
    return Setting(key=f"gates.{name}", value={"run": run, **({"verify": verify} if verify else {})}, reason=reason)


def _workflows(seen: Seen) -> Iterator[str]:
    yield from (path for path in seen.paths if path.startswith(".github/workflows/"))


def _python(seen: Seen) -> Sequence[str]:
    return sorted(path for path in seen.paths if Path(path).suffix in {".py", ".pyi"})
