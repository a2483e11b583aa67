"""Which tools a command of the configuration needs: its program, or the Python and the module that it runs."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from shipit.doctor.model import Kind, Need
from shipit.gates.runner import split

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_SAYS_VERSION = frozenset((
    *("ruff", "black", "mypy", "pytest", "coverage", "tox", "nox", "uv", "poetry", "pdm", "hatch", "pipenv"),
    *("pre-commit", "flake8", "isort", "pylint", "pyright", "bandit", "pip-audit", "semgrep", "npm", "node"),
    *("docker", "git", "kubectl", "helm", "curl", "bash", "make"),
))  # fmt: skip
"""Programs that are known to do nothing but print their version for --version."""


def command_needs(
    command: str | Sequence[str], key: str, *, python: str = "", is_required: bool = True
) -> Iterator[Need]:
    """The tools of one command; `python` are the versions that the project takes.

    Raises UsageError, naming the key, for a text that is no command.
    """
    argv = split(command, key)
    program, name = argv[0], PurePosixPath(argv[0]).name
    if _PYTHON.fullmatch(name):
        yield python_need(program, key, python, is_required=is_required)
        for module in _modules(argv):
            yield module_need(program, module, key, is_required=is_required)
        return
    kind = Kind.RUN if program in _SAYS_VERSION else Kind.FILE
    words = (program, "--version") if kind is Kind.RUN else (program,)
    yield Need(tool=program, kind=kind, argv=words, why=(key,), is_required=is_required)


def python_need(program: str, key: str, wanted: str, *, is_required: bool = True) -> Need:
    """A Python of the project."""
    argv = (program, "--version")
    return Need(tool=program, kind=Kind.RUN, argv=argv, wanted=wanted, why=(key,), is_required=is_required)


def module_need(python: str, module: str, key: str, wanted: str = "", *, is_required: bool = True) -> Need:
    """A module that a Python of the project must find."""
    return Need(
        tool=f"{module} of {python}" if python else module,
        kind=Kind.MODULE,
        argv=(python, module),
        wanted=wanted,
        why=(key,),
        is_required=is_required,
    )


def _modules(argv: Sequence[str]) -> Iterator[str]:
    """The module after -m, if that comes before a script; and what pytest needs to measure coverage."""
    for former, (word, following) in zip(argv, pairwise((*argv[1:], "")), strict=False):
        if word == "-m":
            yield following.partition(".")[0]
            if following == "pytest" and any(each.startswith("--cov") for each in argv):
                yield "pytest_cov"
        if word == "-m" or not (word.startswith("-") or former in {"-X", "-W"}):
            return
