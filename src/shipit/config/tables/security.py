"""[tool.shipit.security]: what the security scans look for, and what does not count."""

from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, field

from shipit.config.tables.section import Section
from shipit.config.tables.values import InsidePath, Name, OptionalPath, spell_paths, text

Scan = Literal[
    "pip-audit", "npm-audit", "sbom", "bandit", "semgrep", "codeql", "trivy", "pip-licenses", "trufflehog"
]
SCANS: tuple[Scan, ...] = get_args(Scan)
"""All scans, in the order in which they are shown."""
License = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9.+-]*(?: WITH [A-Za-z0-9][A-Za-z0-9.+-]*)?",
        "the SPDX name of one licence, such as MIT",
    ),
]
PERMISSIVE: tuple[License, ...] = (
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Python-2.0"),
    *("Zlib", "BSL-1.0", "BlueOak-1.0.0", "CC0-1.0", "Unlicense", "HPND", "Unicode-3.0"),
)
_Words = Annotated[str, text(r"[^\x00-\x1f]*\S[^\x00-\x1f]*", "a text that is not empty, in one line")]


class SecurityWaiver(Section, frozen=True):
    """A finding, or a scan that could not look, that does not count for a while."""

    scan: Annotated[Scan, Meta(description="the scan that it is about")]
    reason: Annotated[_Words, Meta(description="why it does not count; shown in every run")]
    until: Annotated[
        date,
        Meta(
            description="the last day, in UTC, on which it counts, such as 2027-03-31",
            extra={"expected": "a date such as 2027-03-31"},
        ),
    ]
    finding: Annotated[
        _Words | None,
        Meta(
            description="a rule, an advisory (CVE, GHSA or another of its names), a licence or the package that "
            "has it; left out: the scan itself, where it is not run or inconclusive"
        ),
    ] = None


class Security(Section, frozen=True):
    """What the security scans look for, and what does not count."""

    scans: Annotated[
        tuple[Scan, ...],
        Meta(
            min_length=1,
            description="the scans that are made, side by side",
            extra={"expected": f"a list of one or more of {', '.join(SCANS)}"},
        ),
    ] = SCANS
    fail_on: Annotated[
        Literal["low", "medium", "high", "critical"],
        Meta(description="findings of this severity and above count; inconclusive and not run always do"),
    ] = "medium"
    licenses: Annotated[
        tuple[License, ...], Meta(description="SPDX names of the licences that dependencies may have")
    ] = PERMISSIVE
    baseline: Annotated[
        OptionalPath,
        Meta(description="file with findings that do not count because they were there before; empty: none"),
    ] = ""
    codeql_sarif: Annotated[
        InsidePath, Meta(description="the report that CodeQL's own action has written, with `upload: never`")
    ] = "reports/codeql.sarif"
    timeout: Annotated[int, Meta(gt=0, description="minutes until a scan counts as inconclusive")] = 15
    waivers: Annotated[
        dict[Name, SecurityWaiver], Meta(description="findings and scans that do not count for a while, by name")
    ] = field(default_factory=dict[str, SecurityWaiver])

    def __post_init__(self) -> None:
        spell_paths(self, "baseline", "codeql_sarif")
