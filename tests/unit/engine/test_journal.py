"""The journal: a line is on disk before anything follows from it, and it holds no secret."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from shipit import masking
from shipit.engine import events
from shipit.engine.journal import Journal
from shipit.engine.plan import done
from shipit.errors import ExternalError
from shipit.model import Identity


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shipit" / "journal" / "v1.1.0.jsonl"


def test_the_decision_comes_first_and_the_events_follow(path: Path) -> None:
    journal = Journal(path)
    journal.decide({"version": "1.1.0"})
    journal.event(events.StepDone("push", "Push", done("there"), 1.5, 3, 7))
    assert lines(path) == [
        {"event": "Decided", "version": "1.1.0"},
        {
            "event": "StepDone",
            "name": "push",
            "summary": "Push",
            "look": {"state": "done", "evidence": "there"},
            "seconds": 1.5,
            "number": 3,
            "total": 7,
        },
    ]


def test_what_steps_say_while_they_run_is_not_written_down(path: Path) -> None:
    Journal(path).event(events.Said("push", "a line"))
    assert not path.exists()


def test_lines_are_added_to_what_an_earlier_run_wrote(path: Path) -> None:
    for version in ("1", "2"):
        Journal(path).decide({"version": version})
    assert [line["version"] for line in lines(path)] == ["1", "2"]


def test_only_the_user_may_read_it(path: Path) -> None:
    Journal(path).decide({})
    assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_are_masked(path: Path) -> None:
    masking.register('hunter2 "quoted"')
    Journal(path).decide({"url": 'https://x:hunter2 "quoted"@host'})
    assert "hunter2" not in path.read_text()
    assert lines(path) == [{"event": "Decided", "url": "https://x:***@host"}]


def test_any_value_and_any_text_can_be_written(path: Path) -> None:
    Journal(path).decide(
        {"author": Identity("Ada", "ada@x"), "path": Path("/x"), "type": Identity, "text": "ü\udcff"}
    )
    assert path.read_bytes().endswith(b"\n")
    assert b'"author": {"name": "Ada", "email": "ada@x"}' in path.read_bytes()
    assert b'"path": "/x"' in path.read_bytes()


def test_each_line_is_synced_before_write_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_bytes()))
    Journal(path).decide({})
    assert synced == [b'{"event": "Decided"}\n']


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half(_descriptor: int, data: bytes) -> int:
    return len(data) // 2


@pytest.mark.parametrize(("name", "fault"), [("write", full), ("write", half), ("fsync", full)])
def test_a_full_disk_is_an_error_that_says_where(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: object
) -> None:
    journal = Journal(path)
    monkeypatch.setattr(os, name, fault)
    with pytest.raises(ExternalError, match="the journal cannot be written: No space left on device") as caught:
        journal.decide({})
    assert (caught.value.where, caught.value.evidence) == (str(path), ("while writing Decided",))
    assert caught.value.hint == "free some disk space"


@pytest.mark.parametrize("torn", [b"{", b'{"event": "Decided"}', b'{"event": "Dec\xc3'])
def test_a_line_that_a_crash_cut_off_takes_no_other_with_it(path: Path, torn: bytes) -> None:
    Journal(path).decide({})
    with path.open("ab") as file:
        file.write(torn)
    Journal(path).decide({"number": 2})
    Journal(path).decide({"number": 3})
    whole = b'{"event": "Decided"}\n'
    assert path.read_bytes() == whole + torn + b"\n" + b"".join(
        b'{"event": "Decided", "number": %d}\n' % number for number in (2, 3)
    )


def test_a_line_that_a_full_disk_cut_off_takes_no_other_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, write = Journal(path), os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:9]))
        with pytest.raises(ExternalError, match="No space left on device"):
            journal.decide({})
    journal.decide({})
    assert path.read_bytes() == b'{"event":\n{"event": "Decided"}\n'


def test_a_folder_that_cannot_be_made_is_an_error_as_well(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExternalError, match="the journal cannot be written"):
        Journal(tmp_path / "file" / "journal.jsonl").decide({})


def open_now() -> int:
    here = Path("/proc/self/fd")
    return len(list(here.iterdir())) if here.is_dir() else 0


def test_no_descriptor_is_left_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_now()
    monkeypatch.setattr(os, "write", full)
    for _ in range(5):
        with pytest.raises(ExternalError):
            Journal(path).decide({})
    assert open_now() == before
