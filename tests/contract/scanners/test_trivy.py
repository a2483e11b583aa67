"""trivy as a program on PATH that behaves as it does: it cannot be installed where these tests run."""

import base64
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.login_file import LoginFile
from shipit.adapters.oci.login import Login
from shipit.adapters.scanners import scanner
from shipit.errors import Unavailable, UsageError
from shipit.scans.model import Sighting
from shipit.scans.settings import RegistryLogin, ScanSettings, no_login
from tests.support.fake_scanners import DIGEST, image, install_trivy

TAGGED = "registry.test/web:1.2.3"
PINNED = f"registry.test/api@{DIGEST}"
IMAGES = {TAGGED: image(("CVE-2026-0001", "musl", "1.2.5")), PINNED: image()}

PLANTED = "trivy could not look for what was planted:"

HANGS = "words[0] == 'image' and __import__('time').sleep(60)"

Scan = Callable[..., Sighting]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def scan(tmp_path: Path, programs: Path) -> Scan:
    """Scan two images, with trivy changed by `more`, and these files and variables around it."""

    def scanned(
        images: Mapping[str, Any] | None = None,
        more: str = "",
        files: Mapping[str, str] | None = None,
        variables: Mapping[str, str | None] | None = None,
        timeout: float = 60,
        wanted: tuple[tuple[str, str], ...] = (("web", TAGGED), ("api", PINNED)),
        login: RegistryLogin = no_login,
        stopping: Event | None = None,
    ) -> Sighting:
        if images is not None:
            install_trivy(programs, images, more)
        tree = tmp_path / "tree"
        tree.mkdir()
        for name, text in (files or {}).items():
            (tree / name).write_text(text, "utf-8")
        settings = ScanSettings(
            tree=tree,
            tracked=(),
            licenses=(),
            codeql_sarif=tree / "codeql.sarif",
            images=wanted,
            project_name="seeded",
            timeout=timeout,
            environment={"PATH": str(programs), **(variables or {})},
            login=login,
            stopping=stopping or Event(),
        )
        return scanner("trivy", settings).scan(print)

    return scanned


def log(programs: Path) -> list[tuple[list[str], list[str]]]:
    """The words of each run, and the names of trivy's variables in it."""
    return [tuple(json.loads(line)) for line in (programs / "trivy.log").read_text().splitlines()]


def test_each_image_is_looked_at_and_the_database_is_asked_for_its_age(scan: Scan, programs: Path) -> None:
    found = scan(IMAGES)
    assert (found.seen, found.expected, found.unit, found.alive) == (2, 2, "images", True)
    assert (found.fault, found.tool) == ("", "trivy 0.72.0")
    [one] = found.findings
    assert (one.rule, one.package, one.severity.value) == ("CVE-2026-0001", "musl", "high")
    assert [words[0] for words, _ in log(programs)] == ["fs", "image", "image", "version"]
    assert tuple(found.commands[1]) == ("trivy", *log(programs)[1][0])


def test_files_and_variables_that_leave_findings_out_have_no_effect(scan: Scan) -> None:
    files = {".trivyignore": "CVE-2026-0001\n", "trivy.yaml": "severity: [CRITICAL]\n"}
    found = scan(IMAGES, files=files, variables={"TRIVY_SKIP_FILES": "**"})
    assert (found.alive, [one.rule for one in found.findings]) == (True, ["CVE-2026-0001"])


def test_it_sees_its_own_login_though_it_is_withheld_and_never_in_its_words(
    scan: Scan, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "-".join(["made", "up", str(os.getpid())])
    monkeypatch.setenv("TRIVY_PASSWORD", password)
    scan(IMAGES, variables={"TRIVY_PASSWORD": None})
    assert all("TRIVY_PASSWORD" in variables for _, variables in log(programs))
    assert password not in (programs / "trivy.log").read_text()


class TestTheLoginOfTheConfiguration:
    """A registry with a login has the image `web`; that of `api` has none."""

    OTHER = f"other.test/api@{DIGEST}"

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Where logins are put while trivy runs; docker's own are those of nobody."""
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("DOCKER_CONFIG", raising=False)
        return tmp_path / "logins"

    def login(self, folder: Path) -> RegistryLogin:
        ours = Login(username="ada", password="-".join(["made", "up", str(os.getpid())]))
        return LoginFile(lambda host: ours if host == "registry.test" else None, ClaimedFolder(folder)).for_docker

    def seen(self, programs: Path) -> list[Any]:
        """Of each run that saw a file of logins: what it was, on what, the folder, its mode, and the logins."""
        kept = programs / "logins.log"
        return [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []

    def test_is_seen_for_the_images_of_its_registry_alone(self, scan: Scan, programs: Path, folder: Path) -> None:
        password = "-".join(["made", "up", str(os.getpid())])
        images = (("web", TAGGED), ("api", self.OTHER))
        found = scan({TAGGED: IMAGES[TAGGED], self.OTHER: image()}, login=self.login(folder), wanted=images)
        assert (found.seen, found.fault) == (2, "")
        basic = base64.b64encode(f"ada:{password}".encode()).decode()
        [(command, reference, place, mode, auths)] = self.seen(programs)
        assert (command, reference, mode) == ("image", TAGGED, "0o700")
        assert auths == {"registry.test": {"auth": basic}}
        assert Path(place).is_relative_to(folder)
        words = (programs / "trivy.log").read_text()
        assert not any(secret in words for secret in (password, basic, "TRIVY_USERNAME", "TRIVY_PASSWORD"))

    def test_is_removed_after_a_scan(self, scan: Scan, programs: Path, folder: Path) -> None:
        scan(IMAGES, login=self.login(folder))
        assert len(self.seen(programs)) == 2
        assert not folder.exists()

    def test_is_removed_where_trivy_hangs(self, scan: Scan, programs: Path, folder: Path) -> None:
        with pytest.raises(Unavailable, match="did not end within"):
            scan(IMAGES, more=HANGS, login=self.login(folder), timeout=3)
        assert len(self.seen(programs)) == 1
        assert not folder.exists()

    def test_is_removed_where_the_run_is_interrupted(self, scan: Scan, programs: Path, folder: Path) -> None:
        stopping = Event()

        def interrupt() -> None:
            while not self.seen(programs):
                time.sleep(0.02)
            stopping.set()

        Thread(target=interrupt, daemon=True).start()
        with pytest.raises(Unavailable):
            scan(IMAGES, more=HANGS, login=self.login(folder), stopping=stopping)
        assert len(self.seen(programs)) == 1
        assert not folder.exists()


def test_an_image_that_the_registry_does_not_have_yet_is_a_fault_and_the_other_is_looked_at(scan: Scan) -> None:
    found = scan({TAGGED: IMAGES[TAGGED]})
    assert (found.seen, found.fault) == (1, "api: the registry does not have this image yet")
    assert [one.rule for one in found.findings] == ["CVE-2026-0001"]


def test_another_image_than_the_one_that_was_asked_for_is_a_fault(scan: Scan) -> None:
    found = scan({**IMAGES, PINNED: {**image(), "digest": f"sha256:{'e' * 64}"}})
    assert found.seen == 1
    assert found.fault.startswith(f"api: trivy looked at sha256:{'e' * 64} and not at {DIGEST}")


def test_an_old_database_is_a_fault(scan: Scan) -> None:
    assert "trivy's database is old" in scan({**IMAGES, "database age": 8}).fault


@pytest.mark.parametrize(
    ("more", "is_alive", "fault"),
    [
        ("report['Results'] = []", False, "web: trivy sees no packages of its system, alpine 3.22.1"),
        ("report.clear()", False, f"{PLANTED} trivy printed a report of another shape"),
        (
            "end('FATAL\\tDB error: no such host')",
            False,
            f"{PLANTED} trivy printed nothing and ended with exit code 1",
        ),
        ("sys.exit(print('all is well'))", False, f"{PLANTED} trivy printed no JSON object and ended"),
        ("database.clear()", True, "trivy does not say how old its database of vulnerabilities is"),
    ],
)
def test_a_trivy_that_did_not_look_is_never_clean(scan: Scan, more: str, is_alive: bool, fault: str) -> None:
    found = scan(IMAGES, more=more)
    assert (found.alive, fault in found.fault) == (is_alive, True), found.fault


def test_a_database_that_was_emptied_finds_nothing_planted(scan: Scan) -> None:
    found = scan(IMAGES, more="[one.update(Vulnerabilities=[]) for one in report.get('Results', ())]")
    assert (found.seen, found.alive, found.findings) == (2, False, ())


def test_a_trivy_that_is_not_there_has_not_run_and_one_that_hangs_is_ended(scan: Scan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`trivy` is not installed"):
        scan()
    (tmp_path / "tree").rmdir()
    with pytest.raises(Unavailable, match="did not end within"):
        scan(IMAGES, more="__import__('time').sleep(60)", timeout=1)
