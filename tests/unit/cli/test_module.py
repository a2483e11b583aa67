"""python -m shipit"""

import runpy
import signal
import sys
from collections.abc import Iterator

import pytest

import shipit

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["shipit", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("shipit", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out == f"shipit {shipit.__version__}\n"
