"""trivy: what it is asked, and what its reports are worth.

The reports are made up after the schema in trivy's own source (SchemaVersion 2): it does not install here.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from shipit.adapters.scanners.running import Unreadable
from shipit.adapters.scanners.trivy import Trivy, environment, fs_argv, image_argv
from shipit.adapters.scanners.trivy_report import Image, is_found, read_image, read_version
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import Tree, ended

DIGEST = f"sha256:{'a' * 64}"
TAGGED = "registry.test/web:1.2.3"
PINNED = f"registry.test/web@{DIGEST}"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
SYSTEM = {"Family": "debian", "Name": "12.8"}
PACKAGE = {"Name": "openssl", "Version": "3.0.1"}
VULNERABILITY = {
    "VulnerabilityID": "CVE-2026-0001",
    "VendorIDs": ["DSA-1-1"],
    "PkgName": "openssl",
    "InstalledVersion": "3.0.1",
    "FixedVersion": "3.0.2, 3.1.0",
    "Severity": "CRITICAL",
    "Title": "openssl:  reads\n too much",
}


def result(*found: dict[str, Any], kind: str = "os-pkgs", packages: Any = (PACKAGE,)) -> dict[str, Any]:
    return {"Target": "t", "Class": kind, "Type": "x", "Packages": [*packages], "Vulnerabilities": [*found]}


def report(*results: dict[str, Any], reference: str = TAGGED, **changed: Any) -> dict[str, Any]:
    """As trivy writes it for an image; what is empty is left out there."""
    digests = {"RepoDigests": [f"registry.test/web@{DIGEST}"]}
    metadata = {"OS": SYSTEM, "ImageID": f"sha256:{'b' * 64}", **digests}
    names = {"ArtifactName": reference, "ArtifactType": "container_image"}
    return {"SchemaVersion": 2, **names, "Metadata": metadata, "Results": [*results], **changed}


def of(printed: Any, reference: str = TAGGED, **how: Any) -> Image:
    return read_image(ended(printed, **how), "web", reference)


def test_each_severity_is_asked_for_and_an_image_with_a_digest_is_taken_from_its_registry() -> None:
    words = image_argv(PINNED, 900.0)
    assert words == (
        *("trivy", "image", "--format", "json", "--scanners", "vuln", "--list-all-pkgs", "--no-progress"),
        *("--exit-code", "0", "--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"),
        *("--image-src", "remote", "--timeout", "900s", PINNED),
    )
    assert "--image-src" not in image_argv(TAGGED, 900.0)
    assert "--quiet" not in words  # it hides why something failed


def test_the_planted_package_is_looked_for_with_the_same_options(tree: Tree) -> None:
    words = fs_argv(tree().tree, 60)
    assert words[:2] == ("trivy", "fs")
    assert words[2:12] == image_argv(TAGGED, 60)[2:12]


def test_variables_that_leave_findings_out_are_removed_and_the_login_is_not() -> None:
    seen = dict.fromkeys(("TRIVY_SEVERITY", "TRIVY_SKIP_FILES", "TRIVY_CACHE_DIR", "TRIVY_PASSWORD", "HOME"), "x")
    given = environment({**seen, "TRIVY_PASSWORD": None}, {"TRIVY_PASSWORD": "withheld"})
    assert given == {
        "TRIVY_SEVERITY": None,
        "TRIVY_SKIP_FILES": None,
        "TRIVY_PASSWORD": "withheld",
        "TRIVY_SKIP_VERSION_CHECK": "true",
        "TRIVY_DISABLE_TELEMETRY": "true",
    }


def test_there_is_nothing_where_no_images_are_configured(tree: Tree) -> None:
    assert Trivy(tree()).nothing() == "no images are configured"
    assert not Trivy(tree(images=(("web", TAGGED),))).nothing()


def test_a_vulnerability_is_a_finding_of_its_package_once() -> None:
    [one] = of(report(result(VULNERABILITY, VULNERABILITY))).findings
    assert one == Finding(
        rule="CVE-2026-0001",
        severity=Severity.CRITICAL,
        title="image web: openssl: reads too much",
        package="openssl",
        version="3.0.1",
        fixed="3.0.2",
        aliases=("DSA-1-1",),
    )


@pytest.mark.parametrize(
    ("changed", "severity", "title"),
    [
        ({"Severity": "UNKNOWN"}, Severity.MEDIUM, "image web: openssl: reads too much"),
        ({"Severity": "LOW", "Title": None, "Description": "d"}, Severity.LOW, "image web: d"),
        ({"Severity": None, "Title": None}, Severity.MEDIUM, "image web: a known vulnerability"),
    ],
)
def test_a_severity_that_nobody_knows_counts_as_medium(
    changed: dict[str, Any], severity: Severity, title: str
) -> None:
    [one] = of(report(result({**VULNERABILITY, **changed}))).findings
    assert (one.severity, one.title) == (severity, title)


def test_an_image_without_vulnerabilities_is_clean_where_its_packages_were_seen() -> None:
    assert of(report(result())) == Image(name="web")
    static = report(result(kind="lang-pkgs"), Metadata={"OS": {"Family": "none"}})
    assert of(static) == Image(name="web")
    assert of(report(result(), reference=PINNED), PINNED) == Image(name="web")


def test_a_system_without_security_updates_is_a_finding() -> None:
    [one] = of(report(result(), Metadata={"OS": {**SYSTEM, "EOSL": True}})).findings
    assert (one.rule, one.severity.value, one.package, one.version) == ("end-of-life", "high", "debian", "12.8")
    assert one.title == "image web: debian 12.8 gets no security updates any more"


@pytest.mark.parametrize(
    ("printed", "fault"),
    [
        (report(), "trivy sees no packages of its system, debian 12.8"),
        (report(result(kind="lang-pkgs")), "trivy sees no packages of its system, debian 12.8"),
        (report(result(packages=())), "trivy sees no packages of its system, debian 12.8"),
        (report(Metadata={}), "trivy sees no packages in it"),
        (report(Metadata={}, Results=None), "trivy sees no packages in it"),
        (report(result(), reference="registry.test/api:1"), "trivy reports on something else than this image"),
        (report(result(), ArtifactType="filesystem"), "trivy reports on something else than this image"),
        (report(result(), SchemaVersion=3), "trivy printed a report of another shape"),
        (report(result({"VulnerabilityID": "x"})), "trivy printed a report of another shape"),
        (report(Metadata=None), "trivy printed a report of another shape"),
        (b"", "trivy printed nothing and ended with exit code 0"),
    ],
)  # fmt: skip
def test_what_trivy_did_not_look_at_is_never_clean(printed: Any, fault: str) -> None:
    found = of(printed) if isinstance(printed, dict) else of(printed, argv=("trivy",))
    assert found.fault == f"web: {fault}"


def test_another_digest_than_the_one_that_was_asked_for_is_a_fault() -> None:
    other = f"registry.test/web@sha256:{'c' * 64}"
    assert of(report(result(), reference=other), other).fault.startswith(f"web: trivy looked at {DIGEST} and not")
    nameless = report(result(), reference=PINNED, Metadata={"OS": SYSTEM})
    assert of(nameless, PINNED).fault.startswith("web: trivy looked at an image without a digest")


@pytest.mark.parametrize(
    ("stderr", "fault"),
    [
        ("remote error: GET https://r/v2/web: MANIFEST_UNKNOWN: x", "the registry does not have this image yet"),
        ("permission denied: docker.sock\nNAME_UNKNOWN: x", "the registry does not have this image yet"),
        ("No such image: web\nUNAUTHORIZED: authentication required", "the registry does not let trivy in"),
        ("FATAL\tsomething else with a-word-of-a-file", "trivy ended with exit code 1"),
    ],
)
def test_why_there_is_no_report_is_said_in_plain_words(stderr: str, fault: str) -> None:
    assert of({"SchemaVersion": 2}, code=1, stderr=stderr).fault == f"web: {fault}"


def test_what_was_planted_is_found_by_its_name_alone() -> None:
    planted = {**VULNERABILITY, "PkgName": "Django"}
    assert is_found(ended(report(result(planted, kind="lang-pkgs"))))
    assert not is_found(ended(report(result(VULNERABILITY))))
    assert not is_found(ended(report()))
    for printed in (report(result({})), {"SchemaVersion": 2, "Results": [1]}):
        with pytest.raises(Unreadable, match="of another shape"):
            is_found(ended(printed))


def test_the_database_is_old_after_seven_days() -> None:
    def version(made: str) -> dict[str, Any]:
        return {"Version": "0.72.0", "VulnerabilityDB": {"Version": 2, "UpdatedAt": made}}

    assert read_version(ended(version("2026-11-23T00:00:00.123456789Z")), NOW) == ("trivy 0.72.0", "")
    assert read_version(ended(version("2026-11-21T23:00:00.123456789Z")), NOW) == (
        "trivy 0.72.0",
        "trivy's database is old: it is of 2026-11-21, 8 days ago",
    )


@pytest.mark.parametrize("found", [{}, {"VulnerabilityDB": None}, {"VulnerabilityDB": {"UpdatedAt": "2026-11-30"}}])
def test_a_database_of_unknown_age_is_a_fault(found: dict[str, Any]) -> None:
    tool, fault = read_version(ended({"Version": "0.72.0", **found}), NOW)
    assert (tool, fault) == ("trivy 0.72.0", "trivy does not say how old its database of vulnerabilities is")


def test_a_trivy_that_does_not_tell_its_version_is_a_fault() -> None:
    assert read_version(ended(b"Version: 0.1", argv=("trivy",)), NOW) == (
        "trivy",
        "trivy printed no JSON object and ended with exit code 0",
    )
