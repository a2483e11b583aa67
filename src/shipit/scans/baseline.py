"""Findings that were there before: how one is recognised again, and the file that they stand in."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from shipit.scans.model import Finding

FORMAT = 1


class Fingerprint(Struct, frozen=True, kw_only=True, omit_defaults=True, order=True, forbid_unknown_fields=True):
    """What stays of a finding when lines move: `line` is the sha256 of the text of its line."""

    scan: str
    rule: str
    path: str = ""
    package: str = ""
    line: str = ""


class _Known(Fingerprint, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line of the file; the same text may have the same finding several times."""

    count: int = 1


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    findings: tuple[_Known, ...]


Baseline = Counter[Fingerprint]
"""How many findings of each kind were there before."""


def fingerprint(scan: str, finding: Finding, text: str) -> Fingerprint:
    """Of a finding whose line has this text; empty where it has no line."""
    stripped = text.strip()
    return Fingerprint(
        scan=scan,
        rule=finding.rule,
        path=finding.path,
        package=finding.package,
        line=hashlib.sha256(stripped.encode("utf-8", "surrogateescape")).hexdigest() if stripped else "",
    )


def decode(data: bytes) -> Baseline:
    """Read the file; raises ValueError, saying why, for one that is none."""
    try:
        read = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    if read.format != FORMAT:
        raise ValueError(f"its format is {read.format}, this shipit knows {FORMAT}")
    found: Baseline = Counter()
    for one in read.findings:
        found[_plain(one)] += one.count
    return found


def encode(found: Iterable[Fingerprint]) -> bytes:
    """The file of these findings, the same for the same ones in any order."""
    rows = []
    for one, count in sorted(Counter(found).items()):
        row: dict[str, Any] = msgspec.to_builtins(one)
        rows.append({**row, "count": count} if count > 1 else row)
    return (json.dumps({"format": FORMAT, "findings": rows}, indent=2) + "\n").encode()


def _plain(known: _Known) -> Fingerprint:
    return Fingerprint(scan=known.scan, rule=known.rule, path=known.path, package=known.package, line=known.line)
