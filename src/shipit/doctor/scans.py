"""Which tools the security scans need."""

from collections.abc import Iterator

from msgspec.structs import replace

from shipit.config import Config
from shipit.doctor.model import Kind, Need, Surroundings
from shipit.gates.security import GATE

WANTED = {"bandit": ">=1.9", "pip-audit": ">=2.10", "pip-licenses": ">=5.5", "semgrep": ">=1.182"}
"""As in the extra `security` of shipit: older ones were not tried, and say other things."""
_NPM = ">=7"
"""From there on a lock lists each package by its place."""
_NPM_WITH_SBOM = ">=9.9,!=10.0.*,!=10.1.*"
"""`npm sbom` came with 10.2, and with 9.9 for those who stayed there."""

IMAGES = "trivy"
"""The scan of images, which has something to look at where images are configured."""


def scan_needs(config: Config, around: Surroundings) -> Iterator[Need]:
    """Required where the scans are configured, or are a gate, unless a scan has nothing to look at or is waived."""
    meant = is_meant(config, around)
    for scan in dict.fromkeys(config.security.scans):
        need = _need(scan, config, around)
        if need and scan not in around.nothing and (scan != IMAGES or config.images):
            why, required = f"security.scans: {scan}", meant and not _is_waived(scan, config, around)
            yield replace(need, why=(why,), is_required=required)


def is_meant(config: Config, around: Surroundings) -> bool:
    """Whether anybody asked for the scans; by default all are on, and only `verify security` makes them."""
    is_gate = any(GATE in one.gates for one in config.environments.values())
    return is_gate or any(key.startswith("security.") for key in around.keys)


def _need(scan: str, config: Config, around: Surroundings) -> Need | None:
    """None where no program is needed: CodeQL's own action has run by then, shipit brings CycloneDX for Python."""
    if scan in WANTED:
        return _program(scan, WANTED[scan])
    if scan == "npm-audit" or (scan == "sbom" and "npm-audit" not in around.nothing):
        return _program("npm", _NPM_WITH_SBOM if "sbom" in config.security.scans else _NPM)
    if scan == IMAGES:
        return _program(IMAGES)
    return _program("trufflehog", "", "--no-update") if scan == "trufflehog" else None


def _program(name: str, wanted: str = "", *more: str) -> Need:
    return Need(tool=name, kind=Kind.RUN, argv=(name, "--version", *more), wanted=wanted, why=())


def _is_waived(scan: str, config: Config, around: Surroundings) -> bool:
    """Whether a waiver of these days lets the scan itself be missing."""
    waivers = config.security.waivers.values()
    return any(one.scan == scan and one.finding is None and one.until >= around.today for one in waivers)
