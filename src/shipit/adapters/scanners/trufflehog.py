"""trufflehog on each tracked file by its name, and on the history that is there, each with a planted secret."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from msgspec import structs

from shipit.adapters.git.query import find_repository
from shipit.adapters.git.run import ask
from shipit.adapters.scanners import trufflehog_report
from shipit.adapters.scanners.running import Program, Unreadable, batches, beside, run
from shipit.adapters.scanners.trufflehog_report import Hit, Look
from shipit.engine.plan import Say
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("trufflehog", "as its documentation says: a release of trufflesecurity/trufflehog")

_RULE = "URI"
# in a hook of git, trufflehog would look at what is staged alone, and say less of it
_ENVIRONMENT: Mapping[str, str | None] = dict.fromkeys(
    ("PRE_COMMIT", "HUSKY", "HUSKY_GIT_PARAMS", "TRUFFLEHOG_PRE_COMMIT")
)
_PERSON = ("-c", "user.name=shipit", "-c", "user.email=shipit@canary.invalid", "-c", "commit.gpgSign=false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """All runs of a scan: of the files, of the history, of the planted history, and those that asked what works."""

    files: tuple[Look, ...]
    history: Look
    planted: Look
    commands: tuple[tuple[str, ...], ...]
    asked: tuple[Look, ...] = ()

    @property
    def every(self) -> tuple[Look, ...]:
        return (*self.files, self.history, self.planted, *self.asked)


@dataclass(frozen=True, slots=True)
class Trufflehog:
    """Looks for secrets; plays gates.ports.Scanner.

    It looks without asking anybody first. Only where it finds something it looks again, and asks whoever issued a
    secret whether it works: one that does is critical.
    """

    settings: ScanSettings
    name: str = "trufflehog"

    def nothing(self) -> str:
        return "" if self.settings.tracked else "git tracks no file"

    def scan(self, say: Say) -> Sighting:
        if find_repository(self.settings.tree).shallow:
            say("a shallow clone: what an earlier commit had is not looked at")
        with beside() as folder:
            canary = plant(folder)
            try:
                looks = self._looked(canary)
                return sighting(self._asked(looks), self.settings.tracked, str(canary))
            except Unreadable as error:
                expected = len(self.settings.tracked)
                return Sighting(
                    seen=0, expected=expected, unit="files", alive=False, fault=str(error), tool=PROGRAM.name
                )

    def _looked(self, canary: Path) -> Looks:
        named = tuple(file_argv((*batch, str(canary))) for batch in batches(self.settings.tracked))
        history, planted = git_argv(self.settings.tree), git_argv(canary.parent)
        return Looks(
            files=tuple(map(self._look, named)),
            history=self._look(history),
            planted=self._look(planted),
            commands=(*named, history, planted),
        )

    def _asked(self, looks: Looks) -> Looks:
        """Look once more where something was found, and ask whether it works."""
        paths = {hit.path for look in looks.files for hit in look.hits}
        found = [path for path in self.settings.tracked if path in paths]
        commands = [file_argv(batch, verify=True) for batch in batches(found)]
        if looks.history.hits:
            commands.append(git_argv(self.settings.tree, verify=True))
        asked = tuple(map(self._look, commands))
        return replace(looks, asked=asked, commands=(*looks.commands, *commands))

    def _look(self, command: Sequence[str]) -> Look:
        return trufflehog_report.read(run(PROGRAM, command, self.settings, env=_ENVIRONMENT), self.settings.tree)


def _fixed(*, verify: bool) -> tuple[str, ...]:
    """Make the options of each run; with this level each file that is read is named on stderr."""
    asked = () if verify else ("--no-verification",)
    return ("--json", "--no-update", "--log-level=3", "--results=verified,unverified,unknown", *asked)


def file_argv(files: Sequence[str], *, verify: bool = False) -> tuple[str, ...]:
    """Make the command line for some files of the tree; one elsewhere has its whole path."""
    named = (file if file.startswith("/") else f"./{file}" for file in files)
    return ("trufflehog", "filesystem", *_fixed(verify=verify), *named)


def git_argv(tree: Path, *, verify: bool = False) -> tuple[str, ...]:
    """Make the command line for the history of a repository."""
    return ("trufflehog", "git", *_fixed(verify=verify), f"file://{quote(str(tree.absolute()))}")


def plant(folder: Path) -> Path:
    """Make a repository with one commit, in which a file has a made-up password, and return that file."""
    top = folder / "planted"
    top.mkdir()
    canary = top / "canary.txt"
    address = (f"https://canary:{secrets.token_hex(8)}", f"{secrets.token_hex(8)}.invalid/canary\n")
    canary.write_text("@".join(address), "utf-8")
    ask(top, "init", "--quiet")
    ask(top, "add", canary.name)
    ask(top, *_PERSON, "commit", "--quiet", "--message", "canary")
    return canary


def sighting(looks: Looks, tracked: Sequence[str], canary: str) -> Sighting:
    """Join all looks; what was planted must be found in the files and in the history."""
    seen = frozenset[str]().union(*(look.files for look in looks.files))
    hits = [hit for look in (*looks.files, looks.history) for hit in look.hits if hit.path != canary]
    working = frozenset(hit for look in looks.asked for hit in look.hits if hit.verified)
    unnamed = "" if canary in seen else "trufflehog does not say which files it reads"
    faults = dict.fromkeys((unnamed, *(look.fault for look in looks.every)))
    return Sighting(
        seen=len(seen & frozenset(tracked)),
        expected=len(tracked),
        unit="files",
        alive=_found(looks.planted) and all(_found(look, canary) for look in looks.files),
        findings=trufflehog_report.findings(_raised(hit, working) for hit in hits),
        fault="; ".join(filter(None, faults)),
        tool=f"trufflehog {looks.planted.version}",
        commands=looks.commands,
        unseen=tuple(path for path in tracked if path not in seen),
    )


def _found(look: Look, canary: str = "") -> bool:
    return any(hit.rule == _RULE and canary in {"", hit.path} for hit in look.hits)


def _raised(hit: Hit, working: frozenset[Hit]) -> Hit:
    """Mark a hit as working where the second look says so."""
    there = structs.replace(hit, verified=True)
    return there if there in working else hit
