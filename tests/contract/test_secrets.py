"""Secrets that a real command prints."""

import sys
from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters import secrets
from shipit.adapters.secrets import resolve
from shipit.errors import UsageError

PRINT = f"command:{sys.executable} -c"


def test_a_command_prints_the_secret_and_one_line_end_is_cut_off(tmp_path: Path) -> None:
    assert resolve(f"""{PRINT} 'print("hunter2")'""", tmp_path) == "hunter2"
    assert masking.mask("hunter2") == masking.MASK


def test_a_command_runs_at_the_top_of_the_repository(tmp_path: Path) -> None:
    assert resolve(f"""{PRINT} 'import os; print(os.getcwd())'""", tmp_path) == str(tmp_path)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    assert resolve("command:echo $HOME ; echo `id`", tmp_path) == "$HOME ; echo `id`"


def test_a_command_that_fails_is_named_with_what_it_said_and_without_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(f"""{PRINT} 'import sys; print("hunter2"); sys.exit("locked")'""", tmp_path)
    assert caught.value.evidence == ("exit code 1", "locked")
    assert caught.value.hint


def test_a_command_that_prints_nothing_is_an_empty_secret(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        resolve("command:true", tmp_path)


def test_a_command_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not installed"):
        resolve("command:no-such-program-here", tmp_path)


def test_a_command_that_does_not_end_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_PATIENCE", 0.2)
    with pytest.raises(UsageError, match="did not come"):
        resolve("command:sleep 60", tmp_path)
