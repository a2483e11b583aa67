"""Which adapter looks for which tool, and what is known of the project around its configuration."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import cast

from shipit import config
from shipit.adapters import tools, withheld
from shipit.adapters.git.clone_settings import without_repository
from shipit.adapters.git.query import git
from shipit.adapters.git.tracked import tracked_files
from shipit.config.tables import SCANS, Config
from shipit.doctor.model import Kind, Need, Surroundings
from shipit.doctor.ports import Answer
from shipit.doctor.scans import IMAGES
from shipit.doctor.secrets import is_reference
from shipit.engine.side_by_side import run_side_by_side
from shipit.errors import Stop
from shipit.gates import defaults
from shipit.gates import settings as files
from shipit.scans.settings import ScanSettings

_QUESTIONS = (defaults.LINT, defaults.TYPES, defaults.TESTS)
_SIGNERS = {"ssh": "ssh-keygen", "x509": "gpgsm"}
"""Programs that sign, by gpg.format in git's configuration; gpg without one."""


class Outside:
    """A project where it lies; raises UsageError for a configuration with mistakes."""

    def __init__(self, top: Path) -> None:
        settings = config.read(top)
        self.top: Path = settings.top
        self.config: Config = settings.config
        self.entries = tuple(config.listing(settings))
        self._keys = frozenset(settings.origins)
        self._stopping = Event()

    @cached_property
    def tools(self) -> "OurTools":
        return OurTools(
            tools.Asker(
                top=self.top,
                env={**without_repository(), **dict.fromkeys(self._withheld())},
                stop=self._stopping,
            )
        )

    def look_at(self, wanted: Sequence[Need]) -> Sequence[tuple[Need, Answer]]:
        """Look for all of them side by side; a signal ends those that are asked."""
        found: dict[int, Answer] = {}

        def look(numbered: tuple[int, Need], _: object) -> None:
            number, need = numbered
            found[number] = self.tools.look(need)

        for _, error in run_side_by_side(list(enumerate(wanted)), look, lambda _: None, self._stopping):
            raise error
        return [(need, found[number]) for number, need in enumerate(wanted)]

    @cached_property
    def surroundings(self) -> Surroundings:
        tracked = self._tracked
        return Surroundings(
            variables=os.environ,
            today=datetime.now(UTC).date(),
            has_large_files=any(self._has_large_files(path) for path in tracked or ()),
            requires_python=str(files.table(self.top, "project").get("requires-python", "")),
            signer=self._signer(),
            usual=self._usual(tracked or ()),
            nothing=dict(self._nothing(tracked)) if tracked is not None else {},
            keys=self._keys,
        )

    @cached_property
    def _tracked(self) -> tuple[str, ...] | None:
        """None where git cannot tell."""
        with suppress(Stop):
            return tracked_files(self.top)
        return None

    def _has_large_files(self, path: str) -> bool:
        if path.rpartition("/")[2] != ".gitattributes":
            return False
        return b"filter=lfs" in (self.top / path).read_bytes()

    def _signer(self) -> str:
        """The program that git signs with, as its configuration names it; only asked where tags are signed."""
        if not self.config.release.sign:
            return ""
        kind = self._git_says("gpg.format") or "openpgp"
        named = self._git_says(f"gpg.{kind}.program") or (
            self._git_says("gpg.program") if kind == "openpgp" else ""
        )
        return named or _SIGNERS.get(kind, "gpg")

    def _git_says(self, key: str) -> str:
        with suppress(Stop):
            return git(self.top, ("git", "config", "--get", key)).text.strip()
        return ""

    def _usual(self, tracked: Iterable[str]) -> Mapping[str, Sequence[config.Gate]]:
        python = sorted(path for path in tracked if path.endswith((".py", ".pyi")))
        return {
            question: tuple(defaults.gates(question, self.top, python, self.config.reports).values())
            for question in _QUESTIONS
        }

    def _nothing(self, tracked: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """The scans that have nothing to look at, as they say themselves without starting anything.

        Not that of images: which there are the registry says.
        """
        from shipit.adapters.scanners import scanner

        settings = self._scan_settings(tracked)
        for name in (one for one in SCANS if one != IMAGES):
            with suppress(Stop):
                if why := scanner(name, settings).nothing():
                    yield name, why

    def _scan_settings(self, tracked: tuple[str, ...]) -> ScanSettings:
        options = self.config.security
        return ScanSettings(
            tree=self.top,
            tracked=tracked,
            licenses=options.licenses,
            codeql_sarif=self.top / options.codeql_sarif,
            images=(),
            project_name="",
            timeout=tools.PATIENCE,
            environment={},
        )

    def _withheld(self) -> frozenset[str]:
        """The variables with secrets: no tool needs them for its version, and what is in them is masked."""
        references = [one.value for one in self.entries if one.secret and is_reference(one.value)]
        names = {reference.removeprefix("env:") for reference in references if reference.startswith("env:")}
        users = (self.config.index.username, self.config.registry.username)
        return withheld.names(os.environ, names, [user.removeprefix("env:") for user in users if user])


class OurTools:
    """Plays ports.Tools with this machine."""

    def __init__(self, asker: tools.Asker) -> None:
        self._asker = asker

    def look(self, need: Need) -> Answer:
        asker, argv = self._asker, need.argv
        match need.kind:
            case Kind.RUN:
                found = asker.program(argv, need.says)
            case Kind.FILE:
                found = asker.file(argv[0])
            case Kind.MODULE:
                found = asker.module(argv[0] or self._project_python(), argv[1])
            case Kind.PACKAGE:
                found = tools.package(argv[0])
            case Kind.CLIENT:
                found = asker.client()
            case _:
                found = tools.own_python()
        return cast("Answer", found)

    def fits(self, version: str, wanted: str) -> bool:
        return tools.fits(version, wanted)

    def has(self, program: str) -> bool:
        return self._asker.find(program) is not None

    def is_readable(self, path: str) -> bool:
        return os.access(self._asker.top / Path(path).expanduser(), os.R_OK)

    def _project_python(self) -> str:
        from shipit.adapters.wrapped.child import project_python

        return project_python()
