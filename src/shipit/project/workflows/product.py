"""What the workflows need to know of a product beside its configuration, and what they install for it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from shipit.config import Config, Environment, Gate
from shipit.gates.runner import split
from shipit.project.workflows.needs import Needs

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_PACKAGES = frozenset(
    ("bandit", "black", "flake8", "isort", "mypy", "nox", "pylint", "pyright", "pytest", "ruff", "tox")
)
"""Programs that come from the package of the same name."""
_USUAL = {"lint": ("ruff",), "types": ("mypy",), "tests": ("pytest", "pytest-cov")}
_ON_THIS_MACHINE = frozenset(("directory", "process"))
_OF_THE_RUNNER = frozenset(("GITHUB_ACTOR", "GITHUB_REPOSITORY"))
_TRUSTED = frozenset(("pypi", "testpypi"))
QUESTIONS = frozenset(_USUAL)


class Product(Struct, frozen=True, kw_only=True):
    """A product: `name` on the index, `needs` what its jobs install, `build` what its build needs.

    `is_tool`: it is shipit.
    """

    config: Config
    name: str
    needs: Needs = Needs()
    build: tuple[str, ...] = ()
    has_node: bool = False
    is_tool: bool = False

    @property
    def branches(self) -> tuple[str, ...]:
        """Those that are shared: develop, main."""
        branches = self.config.branches
        return tuple(dict.fromkeys(filter(None, (branches.develop, branches.main))))

    @property
    def python(self) -> str:
        return self.config.workflows.pythons[0]

    @property
    def tags(self) -> str:
        """The pattern of release tags."""
        return self.config.version.tag_format.replace("{version}", "*.*.*")

    def packages(self, *questions: str) -> str:
        """What the gates of these questions need, separated by spaces."""
        found: list[str] = []
        for question in questions:
            gates = [gate for name, gate in self.config.gates.items() if (gate.verify or name) == question]
            found += [one for gate in gates for one in _of_gate(gate)] or _USUAL.get(question, ())
        own = self.needs.words(gates=bool(questions))
        return " ".join(dict.fromkeys((*own, *(one for one in found if one not in self.needs.named))))

    def asks(self, question: str, job: str) -> bool:
        """Whether a job asks this question: a gate answers it, no gate is named at all, or the job is required."""
        gates, required = self.config.gates, self.config.protection.required_checks
        is_answered = any((gate.verify or name) == question for name, gate in gates.items())
        return not gates or is_answered or any(check.partition(" ")[0] == job for check in required)

    @property
    def released(self) -> tuple[str, ...]:
        """The packages that are released one by one; an empty name first where the repository itself is, too."""
        config = self.config
        own = ("",) if config.version.files or config.name else ()
        return (*own, *config.packages) if config.packages else ()

    def scans(self, name: str) -> bool:
        """Whether this scan is made, and not waived as a whole."""
        security = self.config.security
        return name in security.scans and not any(
            one.scan == name and one.finding is None for one in security.waivers.values()
        )

    @property
    def building(self) -> tuple[str, ...]:
        """What the build needs beside shipit; a build in isolation brings its own."""
        return self.build if self.config.distribution.isolation == "never" else ()

    @property
    def extras(self) -> str:
        """Which extras of shipit the databases and notices need."""
        addresses = [one.database.url for one in self.config.environments.values() if one.database]
        wanted = {"postgres": any(not url.startswith("sqlite:") for url in addresses)}
        wanted["notify"] = self.config.notify.apprise is not None
        return ",".join(name for name, is_wanted in wanted.items() if is_wanted)

    @property
    def label(self) -> str:
        """That of the project's own runners."""
        return re.sub(r"[^a-z0-9-]+", "-", self.name.lower())

    @property
    def is_trusted(self) -> bool:
        """Whether the index takes a package by trusted publishing, from a workflow that it knows."""
        index = self.config.index
        return index.kind in _TRUSTED and index.password is None

    def runner(self, environment: Environment) -> str:
        """Where a deployment runs: on a machine of one's own if that is where the product lives."""
        is_here = any(one.kind in _ON_THIS_MACHINE for one in environment.targets.values())
        is_file = environment.database is not None and environment.database.url.startswith("sqlite:")
        return f"[self-hosted, {self.label}]" if is_here or is_file else "ubuntu-24.04"


def variables(*tables: object) -> Mapping[str, str]:
    """What a job must hand on: each variable that these tables name, from the secrets; GITHUB_TOKEN is its own."""
    names = sorted({name for one in tables for name in _references(msgspec.to_builtins(one))} - _OF_THE_RUNNER)
    secrets = {name: f"${{{{ secrets.{name} }}}}" for name in names if name != "GITHUB_TOKEN"}
    return {"GITHUB_TOKEN": "${{ github.token }}", **secrets}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("env:"):
        yield value.removeprefix("env:")
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _references(one)


def _of_gate(gate: Gate) -> Iterator[str]:
    yield from command_packages(split(gate.run, "run"))


def command_packages(words: Iterable[str]) -> Iterator[str]:
    """The packages that a command is known to need."""
    program, *rest = words
    name = program.rpartition("/")[2]
    if _PYTHON.fullmatch(name) and rest[:1] == ["-m"]:
        name = rest[1]
    if name in _PACKAGES:
        yield name
    if name == "pytest" and any(one.startswith("--cov") for one in rest):
        yield "pytest-cov"
