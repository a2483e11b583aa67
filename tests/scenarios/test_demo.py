"""The demo is the first thing that a stranger runs: it must pass, and it must notice when something is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
from examples import demo

from tests.support.acme import Laid

TOP = Path(__file__).parent.parent.parent


def test_the_demo_releases_acme_and_every_check_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, str(TOP / "examples" / "demo.py")]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("✓ ") >= 9
    assert "✗" not in ended.stdout
    assert "v1.1.0 is released, and everything holds" in ended.stdout


def test_the_demo_fails_when_nothing_was_released(
    acme: Laid, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(demo.Failed):
        demo.check(acme, "v1.1.0")

    said = capsys.readouterr().out
    for sentence in ("an annotated tag", "main contains", "a wheel and a source archive", "pip installs"):
        assert any(sentence in line and "✗" in line for line in said.splitlines())
