"""The audit file keeps every record whole, in order, and without a secret."""

import errno
import json
import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shipit import masking
from shipit.migrate.audit import KEYS, AuditFile

NOON = datetime(2025, 3, 3, 12, 30, 15, 250_000, timezone(timedelta(hours=1)))
PASSWORD = "p@ss/#:?"


@pytest.fixture
def audit(tmp_path: Path) -> AuditFile:
    return AuditFile(tmp_path / "state" / "audit.jsonl", now=lambda: NOON)


def test_a_record_is_one_line_with_the_time_in_utc(audit: AuditFile) -> None:
    assert (
        audit.append(
            {"event": "begun", "run": "r1", "host": "db.invalid", "port": 5432, "migrations": ("1_a", "2_b")}
        )
        == ""
    )
    [line] = audit.path.read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "time": "2025-03-03T11:30:15.250+00:00",
        "event": "begun",
        "run": "r1",
        "host": "db.invalid",
        "port": 5432,
        "migrations": ["1_a", "2_b"],
    }


def test_the_time_is_now(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path / "audit.jsonl")
    before = datetime.now(UTC)
    audit.append({"event": "begun"})
    assert abs(datetime.fromisoformat(audit.read(1)[0]["time"]) - before) < timedelta(seconds=5)


def test_only_its_owner_may_read_it(audit: AuditFile) -> None:
    audit.append({"event": "begun"})
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


def test_a_record_is_on_disk_before_append_returns(audit: AuditFile, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    audit.append({"event": "begun"})
    assert synced == [audit.path.stat().st_size]


def test_the_last_records_are_read_oldest_first(audit: AuditFile) -> None:
    for run in ("r1", "r2", "r3"):
        audit.append({"run": run})
    assert [record["run"] for record in audit.read(2)] == ["r2", "r3"]
    assert [record["run"] for record in audit.read(9)] == ["r1", "r2", "r3"]


def test_a_file_that_is_not_there_holds_nothing(audit: AuditFile) -> None:
    assert audit.read(5) == ()


def test_the_line_of_a_run_that_was_killed_costs_no_other_record(audit: AuditFile) -> None:
    audit.append({"run": "r1"})
    with audit.path.open("ab") as file:
        file.write(b'{"run": "kil')
    audit.append({"run": "r3"})
    with audit.path.open("ab") as file:
        file.write(b"[]\n\xff\xfe")
    audit.append({"run": "r4"})
    assert [record["run"] for record in audit.read(9)] == ["r1", "r3", "r4"]


def test_text_of_any_kind_stays_one_line(audit: AuditFile) -> None:
    audit.append({"detail": "a\nb\u2028ü\udcff", "rows": 3, "seconds": 0.5, "backup": None, "outcome": True})
    assert len(audit.path.read_bytes().split(b"\n")) == 2
    [record] = audit.read(1)
    assert record["detail"] == "a\nb\u2028ü\udcff"
    assert (record["rows"], record["seconds"], record["backup"], record["outcome"]) == (3, 0.5, None, True)


def test_a_registered_secret_is_masked_wherever_it_stands(audit: AuditFile) -> None:
    masking.register(PASSWORD)
    audit.append({"detail": f"no: {PASSWORD}", "migrations": ["p%40ss%2F%23%3A%3F"], "actor": PASSWORD})
    text = audit.path.read_text()
    assert "p@ss" not in text
    assert "p%40ss" not in text
    assert audit.read(1)[0]["actor"] == "***"


@pytest.mark.parametrize("written", ["ada:p@ss:/w", "ada:p%40ss%2F", ":p@ss@/w"])
def test_an_address_in_a_text_loses_user_and_password_though_nobody_registered_them(
    audit: AuditFile, written: str
) -> None:
    audit.append({"detail": f"at postgresql://{written}@db.invalid/acme it ended"})
    assert audit.read(1)[0]["detail"] == "at postgresql://db.invalid/acme it ended"


@pytest.mark.parametrize("key", ["password", "address", "url", "time"])
def test_a_key_that_is_not_known_is_refused_and_nothing_is_written(audit: AuditFile, key: str) -> None:
    with pytest.raises(ValueError, match=key):
        audit.append({"event": "begun", key: "x"})
    assert key not in KEYS
    assert not audit.path.exists()


def test_a_full_disk_is_a_warning_and_nothing_else(audit: AuditFile, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.append({"run": "r1"})

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        warning = audit.append({"run": "r2"})
    assert warning == f"the audit file {audit.path} cannot be written: No space left on device"
    audit.append({"run": "r3"})
    assert [record["run"] for record in audit.read(9)] == ["r1", "r3"]


def test_a_disk_that_fills_up_within_a_line_is_a_warning_and_the_next_line_is_whole(
    audit: AuditFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:10]))
        assert "No space left" in audit.append({"run": "r1"})
    assert audit.append({"run": "r2"}) == ""
    assert [record["run"] for record in audit.read(9)] == ["r2"]


def test_a_folder_that_cannot_be_made_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in AuditFile(tmp_path / "file" / "audit.jsonl").append({"event": "begun"})
    assert "cannot be written" in AuditFile(tmp_path).append({"event": "begun"})


@pytest.mark.parametrize("linked", ["reports", "reports/audit.jsonl"])
def test_it_is_not_written_out_of_the_repository_through_a_link(tmp_path: Path, linked: str) -> None:
    top, outside = tmp_path / "top", tmp_path / "outside"
    (top / "reports").mkdir(parents=True)
    outside.mkdir()
    if linked == "reports":
        (top / "reports").rmdir()
    (top / linked).symlink_to(outside if linked == "reports" else outside / "audit.jsonl")
    audit = AuditFile(top / "reports" / "audit.jsonl", top)
    said = audit.append({"event": "begun"})
    target = outside.resolve() / "audit.jsonl"
    assert said == f"the audit file {audit.path} cannot be written: it leads out of the repository, to {target}"
    assert not list(outside.iterdir())
