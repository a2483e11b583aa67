"""Commands of the project's own around a run: one takes the backup elsewhere, one is given the end as JSON."""

import json
import sys
import time
from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.backup_store import CommandStore
from shipit.adapters.notify_command import CommandNotifier
from shipit.errors import ExternalError, UsageError
from shipit.model import Notice

NOTICE = Notice(
    title="staging: migrate rolled back",
    body="run 1 on ada@db:5432/acme\ndivision by zero",
    failed=True,
    facts={"event": "rolled-back", "environment": "staging", "run": "1"},
)


def python(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(lines)]


class TestTheStore:
    def test_is_given_the_file_and_its_words_are_passed_on(self, tmp_path: Path) -> None:
        backup = tmp_path / "of staging" / "a.sqlite3"
        backup.parent.mkdir()
        backup.write_bytes(b"rows")
        said: list[str] = []
        CommandStore("cp -v {file} elsewhere.sqlite3", tmp_path).put(str(backup), said.append)
        assert (tmp_path / "elsewhere.sqlite3").read_bytes() == b"rows"
        assert any("elsewhere.sqlite3" in line for line in said)
        assert said[-1] == "stored by `cp`"

    def test_that_fails_is_no_store_and_says_where_the_backup_is(self, tmp_path: Path) -> None:
        command = python("import sys", "print('bucket is gone'); sys.exit(3)")
        with pytest.raises(ExternalError, match="could not be stored elsewhere") as caught:
            CommandStore([*command, "{file}"], tmp_path).put("/srv/a.dump", lambda _: None)
        assert caught.value.evidence == ("bucket is gone",)
        assert "exit code 3" in (caught.value.where or "")
        assert "/srv/a.dump" in (caught.value.hint or "")

    def test_that_is_not_installed_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no-such-program"):
            CommandStore("no-such-program {file}", tmp_path).put("/srv/a.dump", lambda _: None)


class TestTheNotifier:
    def test_gives_the_event_as_one_json_object(self, tmp_path: Path) -> None:
        command = python("import sys, pathlib", "pathlib.Path('heard').write_text(sys.stdin.read())")
        assert CommandNotifier(command, tmp_path).notify(NOTICE) == ()
        assert json.loads((tmp_path / "heard").read_text()) == {
            "title": NOTICE.title,
            "body": NOTICE.body,
            "failed": True,
            "event": "rolled-back",
            "environment": "staging",
            "run": "1",
        }

    def test_gives_no_secret(self, tmp_path: Path) -> None:
        masking.register("hunter2secret")
        notice = Notice(title="a", body="the password is hunter2secret", failed=True, facts={"x": "hunter2secret"})
        CommandNotifier("tee heard", tmp_path).notify(notice)
        assert "hunter2secret" not in (tmp_path / "heard").read_text()

    @pytest.mark.parametrize(
        ("command", "said"),
        [
            (python("import sys", "print('no route', file=sys.stderr); sys.exit(1)"), "failed: no route"),
            ("false", "`false` failed: exit code 1"),
            ("no-such-program", "no-such-program"),
        ],
    )
    def test_that_fails_says_so_and_raises_nothing(
        self, tmp_path: Path, command: str | list[str], said: str
    ) -> None:
        [line] = CommandNotifier(command, tmp_path).notify(NOTICE)
        assert said in line

    def test_that_hangs_is_ended(self, tmp_path: Path) -> None:
        began = time.monotonic()
        [line] = CommandNotifier("sleep 60", tmp_path, patience=0.3).notify(NOTICE)
        assert "did not end within 0.3 s" in line
        assert time.monotonic() - began < 20

    def test_that_does_not_listen_is_no_trouble(self, tmp_path: Path) -> None:
        large = Notice(title="a", body="x" * 2_000_000, failed=False, facts={})
        assert CommandNotifier("true", tmp_path).notify(large) == ()
