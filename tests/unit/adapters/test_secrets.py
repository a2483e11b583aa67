"""Secrets come from where the reference says, and are masked from then on."""

from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.secrets import read, resolve
from shipit.errors import UsageError


def test_an_environment_variable_is_read_and_masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2")
    assert resolve("env:SOME_TOKEN", tmp_path) == "hunter2"
    assert masking.mask("hunter2") == masking.MASK


def test_what_is_only_read_such_as_a_user_name_is_not_masked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INDEX_USER", "ci")
    assert read("env:INDEX_USER", tmp_path) == "ci"
    assert masking.mask("https://ci.invalid/1.1.0") == "https://ci.invalid/1.1.0"


def test_a_missing_variable_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        resolve("env:SOME_TOKEN", tmp_path)
    assert caught.value.what == "the secret env:SOME_TOKEN is missing"
    assert caught.value.hint == "set the environment variable SOME_TOKEN"


def test_an_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_TOKEN", "")
    with pytest.raises(UsageError, match="the secret env:SOME_TOKEN is empty"):
        resolve("env:SOME_TOKEN", tmp_path)


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"hunter2\n", "hunter2"),
        (b"hunter2", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b"a\n\n", "a\n"),
        (b"a\r", "a\r"),
    ],
)
def test_one_line_end_of_a_file_is_cut_off(tmp_path: Path, content: bytes, secret: str) -> None:
    (tmp_path / "token").write_bytes(content)
    assert resolve("file:token", tmp_path) == secret
    assert masking.mask(secret) == masking.MASK


def test_a_file_may_lie_at_home(tmp_path: Path) -> None:
    (Path.home() / ".token").write_text("hunter2")
    assert resolve("file:~/.token", tmp_path) == "hunter2"


def test_a_file_that_is_not_there_is_named_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        resolve("file:token", tmp_path)
    assert caught.value.what == "the secret file:token cannot be read"
    assert caught.value.evidence == (f"{tmp_path / 'token'}: No such file or directory",)
    assert caught.value.hint


@pytest.mark.parametrize("reference", ["hunter2", "vault:hunter2"])
def test_what_is_no_reference_may_be_the_secret_and_is_not_repeated(tmp_path: Path, reference: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(reference, tmp_path)
    assert "hunter2" not in repr([caught.value.what, caught.value.evidence, caught.value.hint, caught.value.where])


@pytest.mark.parametrize(("line", "what"), [("pass 'x", "is no command"), (" ", "names no command")])
def test_a_command_must_have_words(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        resolve(f"command:{line}", tmp_path)
