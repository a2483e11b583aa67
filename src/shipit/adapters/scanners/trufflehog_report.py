"""What trufflehog prints, read: its findings without the secrets themselves, and what it says it saw. Pure."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from shipit.adapters import process
from shipit.adapters.scanners.running import Unreadable, inside, named
from shipit.scans.model import Finding, Severity

_COMMIT = 10
_HARMLESS = "error cleaning temporary artifacts"
_WORDS = re.compile(r"[a-z ]{3,60}")


class Place(Struct, frozen=True):
    """Where a secret is: in a file, or in a file of a commit."""

    file: str = ""
    line: int = 0
    commit: str = ""


class _Data(Struct, frozen=True, rename="pascal"):
    filesystem: Place | None = None
    git: Place | None = None


class _Metadata(Struct, frozen=True):
    data: _Data = field(name="Data")


class _Found(Struct, frozen=True):
    """One line of stdout; Raw, RawV2, Redacted and SecretParts hold the secret and are not decoded."""

    metadata: _Metadata = field(name="SourceMetadata")
    detector: str = field(name="DetectorName")
    verified: bool = field(name="Verified")


class _Line(Struct, frozen=True):
    """One line of stderr, with --json; the last one counts what was done."""

    msg: str = ""
    level: str = ""
    path: Any = None
    chunks: int = 0
    verified_secrets: int = 0
    unverified_secrets: int = 0
    trufflehog_version: str = ""


class Hit(Struct, frozen=True, kw_only=True):
    """A secret without its text; `commit` is empty for one in the tree."""

    rule: str
    path: str
    line: int
    commit: str
    verified: bool


class Look(Struct, frozen=True, kw_only=True):
    """What one run saw: the files that it says it read, its hits, and why that is not all of it."""

    files: frozenset[str]
    hits: tuple[Hit, ...]
    fault: str
    version: str


def read(finished: process.Finished, tree: Path) -> Look:
    """Read what a run printed on both streams; raises Unreadable if it did not come to its end."""
    said = [*_logged(finished.stderr)]
    last = next((one for one in said if one.msg == "finished scanning"), None)
    if last is None or finished.code:
        raise Unreadable(f"trufflehog did not come to its end, it ended with exit code {finished.code}")
    hits = tuple(_hit(line, tree) for line in finished.stdout.splitlines() if line.strip())
    return Look(
        files=frozenset(inside(one.path, tree) for one in said if one.msg == "scanning file" and one.path),
        hits=hits,
        fault="; ".join(_faults(said, last, len(hits))),
        version=last.trufflehog_version,
    )


def _logged(stderr: str) -> Iterator[_Line]:
    """Give the lines that are JSON; others come from git."""
    for line in stderr.splitlines():
        try:
            yield msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            continue


def _hit(line: bytes, tree: Path) -> Hit:
    try:
        found = msgspec.json.decode(line, type=_Found)
        place = found.metadata.data.filesystem or found.metadata.data.git
    except msgspec.DecodeError:
        place = None
    if place is None:
        raise Unreadable("trufflehog printed a finding of another shape")
    return Hit(
        rule=found.detector,
        path=inside(place.file, tree),
        line=place.line,
        commit=place.commit,
        verified=found.verified,
    )


def _faults(said: Iterable[_Line], last: _Line, hits: int) -> Iterator[str]:
    errors = [one.msg for one in said if one.level == "error" and one.msg != _HARMLESS]
    if errors:
        kinds = dict.fromkeys(msg for msg in errors if _WORDS.fullmatch(msg))  # others may quote what was read
        many = "an error" if len(errors) == 1 else f"{len(errors)} errors"
        yield f"trufflehog reports {many}" + (f": {named(kinds)}" if kinds else "")
    if last.chunks <= 0:
        yield "trufflehog read nothing: 0 chunks"
    counted = last.verified_secrets + last.unverified_secrets
    if hits < counted:
        yield f"trufflehog counts {counted} secrets and printed {hits}"


def findings(hits: Iterable[Hit]) -> tuple[Finding, ...]:
    """Give a finding for each hit, but for those in the history that the tree has as well."""
    every = [*hits]
    here = {(hit.rule, hit.path) for hit in every if not hit.commit}
    kept = (hit for hit in every if not hit.commit or (hit.rule, hit.path) not in here)
    return tuple(dict.fromkeys(_finding(hit) for hit in kept))


def _finding(hit: Hit) -> Finding:
    what = "a secret that works" if hit.verified else "what looks like a secret"
    where = f" in the history, commit {hit.commit[:_COMMIT]}" if hit.commit else ""
    return Finding(
        rule=hit.rule,
        severity=Severity.CRITICAL if hit.verified else Severity.HIGH,
        title=f"{what}{where}",
        path=hit.path,
        line=0 if hit.commit else hit.line,  # a line of that commit, not of the file as it is now
    )
