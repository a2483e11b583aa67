"""How a tool is installed, with the installers that are on this machine; nothing here is run."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Protocol

from shipit.doctor.model import Kind
from shipit.doctor.rows import Row, State


class Has(Protocol):
    """Answers whether a program is on PATH."""

    def __call__(self, program: str) -> bool: ...


_SYSTEM: Mapping[str, Mapping[str, str]] = {
    "git": {"apt-get": "git", "brew": "git"},
    "git-lfs": {"apt-get": "git-lfs", "brew": "git-lfs"},
    "gpg": {"apt-get": "gnupg", "brew": "gnupg"},
    "gpgsm": {"apt-get": "gpgsm", "brew": "gnupg"},
    "ssh-keygen": {"apt-get": "openssh-client", "brew": "openssh"},
    "python": {"apt-get": "python-is-python3 python3-venv", "brew": "python"},
    "python3": {"apt-get": "python3 python3-venv", "brew": "python"},
    "docker": {"apt-get": "docker.io", "brew": "--cask docker"},
    "docker buildx": {"apt-get": "docker-buildx", "brew": "docker-buildx"},
    "buildah": {"apt-get": "buildah"},
    "pg_dump, pg_restore": {"apt-get": "postgresql-client", "brew": "libpq"},
    "npm": {"apt-get": "npm", "brew": "node"},
    "node": {"apt-get": "nodejs", "brew": "node"},
    "trivy": {"brew": "trivy"},
    "trufflehog": {"brew": "trufflehog"},
    "make": {"apt-get": "make", "brew": "make"},
    "curl": {"apt-get": "curl", "brew": "curl"},
    "kubectl": {"brew": "kubernetes-cli"},
    "helm": {"brew": "helm"},
}
"""Their packages, by installer: those of Debian and Ubuntu, and of Homebrew."""
_ON_GITHUB = {"trivy": "aquasecurity/trivy", "trufflehog": "trufflesecurity/trufflehog"}
_FROM_PYPI = frozenset((
    *("ruff", "black", "mypy", "pytest", "coverage", "tox", "nox", "uv", "poetry", "pdm", "hatch", "pipenv"),
    *("pre-commit", "flake8", "isort", "pylint", "pyright", "bandit", "pip-audit", "pip-licenses", "semgrep"),
))  # fmt: skip
_MODULES = {"pytest_cov": "pytest-cov", "pre_commit": "pre-commit"}
"""What a module is called on the package index, where that is another name."""
_EXTRAS = {"psycopg": "postgres", "postgast": "postgres", "apprise": "notify"}
_UPGRADES = {"apt-get": "apt-get install", "brew": "brew upgrade"}


def remedy(row: Row, has: Has) -> str:
    """How to get it, in one line."""
    tool, kind = row.need.tool, row.need.kind
    if kind is Kind.PYTHON:
        return f"install shipit into a Python {row.need.wanted}"
    if kind is Kind.PACKAGE:
        return _beside_shipit(_EXTRAS[tool], has)
    if kind is Kind.MODULE:
        return _module(row)
    if "/" in tool:
        return "there is no such file, or it may not be run: chmod +x"
    if tool == "docker's engine":
        return "start it (systemctl start docker, or Docker Desktop), or see what `docker version` says"
    if row.state in {State.FAULTY, State.UNKNOWN}:
        return f"see what `{shlex.join(row.need.argv or (tool,))}` says, or install it again"
    return next(_installing(row, has), f"install {tool}{_version(row)} and put it on PATH")


def _installing(row: Row, has: Has) -> Iterator[str]:
    tool = row.need.tool
    verbs = _UPGRADES if row.state is State.UNFIT else {one: f"{one} install" for one in _UPGRADES}
    for installer, package in _SYSTEM.get(tool, {}).items():
        if has(installer):
            yield f"{verbs[installer]} {package}{_note(row)}"
    if tool in _FROM_PYPI:
        yield _program_from_pypi(row, has)
    if tool in _ON_GITHUB:
        yield f"install a release of {_ON_GITHUB[tool]} on GitHub, and put it on PATH"


def _program_from_pypi(row: Row, has: Has) -> str:
    name = shlex.quote(f"{row.need.tool}{row.need.wanted}")
    again = " --force" if row.state is State.UNFIT else ""
    if has("pipx"):
        return f"pipx install{again} {name}"
    return f"uv tool install{again} {name}" if has("uv") else f"python -m pip install {name}"


def _module(row: Row) -> str:
    python, module = row.need.argv
    package = _MODULES.get(module, module)
    return f"{python or 'python'} -m pip install {shlex.quote(package + row.need.wanted)}"


def _beside_shipit(extra: str, has: Has) -> str:
    """Whoever installed shipit with pipx or uv has no pip in its environment."""
    name = f"'shipit-release[{extra}]'"
    ways = ("pipx install --force", "pipx"), ("uv tool install", "uv")
    others = [f"{words} {name}" for words, program in ways if has(program)]
    return ", or ".join((f"pip install {name} where shipit is installed", *others))


def _note(row: Row) -> str:
    """A distribution has one version of a tool; whether it will do is seen afterwards."""
    return f" (needed: {row.need.wanted})" if row.need.wanted else ""


def _version(row: Row) -> str:
    return f" {row.need.wanted}" if row.need.wanted else ""
