"""What a scanner saw, and what it found there. No field ever holds a secret: who makes one leaves the match out."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How grave a finding is, from the least to the gravest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 to 3."""
        return [*Severity].index(self)


class Finding(Struct, frozen=True, kw_only=True):
    """One finding of one scan.

    `rule` is what a waiver names: the scanner's rule, an advisory (CVE before GHSA before others), or a licence.
    `path` is relative to the tree, with `/`; `line` counts from 1, 0 is the file as a whole. `package` and
    `version` are the dependency that has it, `fixed` the least version that has it no more.
    """

    rule: str
    severity: Severity
    title: str
    path: str = ""
    line: int = 0
    package: str = ""
    version: str = ""
    fixed: str = ""
    aliases: tuple[str, ...] = ()


class Sighting(Struct, frozen=True, kw_only=True):
    """What one run of a scanner saw: all that a verdict needs.

    `seen` of `expected` are counted in `unit` ("files", "dependencies", "images"); shipit counts `expected` itself,
    from tracked files, before it asks the scanner. `alive`: the canary was found, a planted finding that is not
    among `findings`. `fault` says why it could not look, or not at all of it. `tool` is name and version. `unseen`
    names what was expected and not seen, where that is known.
    """

    seen: int
    expected: int
    unit: str
    alive: bool
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    tool: str = ""
    commands: tuple[tuple[str, ...], ...] = ()
    parts: tuple[str, ...] = ()
    """the names of the images that were asked for: each is a thing of its own for who reads the report"""
    unseen: tuple[str, ...] = ()
