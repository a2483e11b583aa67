"""The heavy commands from their command line down: options, exit codes, and who is asked."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import shipit
from shipit import signals
from shipit.cli import main, session
from shipit.errors import ExternalError, LiveDiffers, LostRace, Refused, Signalled, Stop, UsageError
from shipit.gates.report import Verdict
from shipit.release import command
from shipit.release.run import Options
from tests.unit.memory import Machine, Product

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def machine(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(product, tmp_path / "here")
    monkeypatch.setattr("shipit.release.outside.Outside", lambda _project: made.outside)
    monkeypatch.chdir(made.outside.top)
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(main.app, list(words), prog_name="shipit")


def fails(kind: type[BaseException], *words: str) -> BaseException:
    with pytest.raises(kind) as caught:
        CliRunner().invoke(main.app, list(words), catch_exceptions=False)
    return caught.value


class TestRelease:
    def test_releases_and_says_so(self, product: Product, machine: Machine) -> None:
        result = run("release", "--yes")
        assert result.exit_code == 0, result.output
        assert "v1.1.0 is released and complete" in result.stderr
        assert result.stdout == ""
        assert "refs/tags/v1.1.0" in product.refs

    def test_prints_events_and_facts_as_json_lines(self, machine: Machine) -> None:
        rows = [json.loads(line) for line in run("release", "--json").stdout.splitlines()]
        assert any("v1.1.0" in json.dumps(row) for row in rows[-1:])
        assert len(rows) > 10

    def test_shows_a_dry_run(self, product: Product, machine: Machine) -> None:
        before = product.refs
        assert run("release", "--dry-run", "--verbose").exit_code == 0
        assert product.refs == before

    def test_hands_every_option_on(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[Options] = []

        def note(_outside: Any, options: Options, _reporter: Any) -> dict[str, str]:
            seen.append(options)
            return {}

        monkeypatch.setattr(command, "release", note)
        words = "--type minor --pre rc --from main --dry-run --resume --pr --yes --fail-if-nothing"
        assert run("release", *words.split()).exit_code == 0
        assert run("release", "--undo").exit_code == 0
        assert seen == [
            Options(
                kind="minor",
                pre="rc",
                base="main",
                dry_run=True,
                resume=True,
                pull_request=True,
                fail_if_nothing=True,
            ),
            Options(undo=True),
        ]

    def test_does_not_resume_and_undo_at_once(self, machine: Machine) -> None:
        stop = fails(UsageError, "release", "--resume", "--undo")
        assert str(stop) == "--resume and --undo exclude each other"

    def test_tells_an_error_once(self, product: Product, machine: Machine) -> None:
        machine.verdicts["tests"] = Verdict.FINDINGS
        result = run("release")
        assert isinstance(result.exception, Refused)
        assert result.exception.is_shown
        assert result.stderr.count("the gate tests failed") >= 1

    @pytest.mark.parametrize(
        ("terminal", "environment", "words", "asked"),
        [
            (True, {}, (), True),
            (True, {"CI": "true"}, (), False),
            (False, {}, (), False),
            (True, {}, ("--yes",), False),
            (True, {}, ("--dry-run",), False),
            (True, {}, ("--resume",), False),
            (True, {}, ("--undo",), False),
        ],
    )
    def test_asks_only_where_somebody_can_answer(
        self,
        machine: Machine,
        monkeypatch: pytest.MonkeyPatch,
        terminal: bool,
        environment: dict[str, str],
        words: tuple[str, ...],
        asked: bool,
    ) -> None:
        questions: list[str] = []
        stream = SimpleNamespace(isatty=lambda: terminal)
        monkeypatch.setattr(
            session, "sys", SimpleNamespace(stdin=stream, stderr=_Both(terminal), stdout=sys.stdout)
        )
        monkeypatch.setattr(os, "environ", {**os.environ, **environment})
        monkeypatch.setattr(typer, "confirm", lambda text, **_: questions.append(text) or True)  # type: ignore[func-returns-value]
        run("release", *words)
        assert questions == (["Release v1.1.0?"] if asked else [])

    def test_names_a_configuration_below_the_top_that_is_not_read(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        top = Path.cwd()
        (top / "below").mkdir()
        (top / "below" / "shipit.toml").write_text('name = "acme"\n')
        said = f"below/shipit.toml is not read: the configuration is that of {top}"
        for place, is_named in ((top, False), (top / "below", True)):
            monkeypatch.chdir(place)
            with session.session(json=False):
                pass
            assert (said in capsys.readouterr().err) is is_named

    def test_a_terminal_that_goes_away_is_a_no(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(*_: object, **__: object) -> None:
            raise typer.Abort

        monkeypatch.setattr(typer, "confirm", gone)
        assert session._ask("Release v1.1.0?") is False


class _Both:
    """A stream that may be a terminal and takes whatever is written."""

    encoding = "utf-8"

    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        return None


class TestTheRest:
    def test_status_is_data(self, machine: Machine) -> None:
        result = run("status")
        assert result.stdout.splitlines()[0] == "project     acme"
        assert json.loads(run("status", "--json").stdout)["next"] == "1.1.0"

    def test_verify_answers_with_its_exit_code(self, product: Product, machine: Machine) -> None:
        machine.release()
        assert run("verify", "release", "1.1.0").exit_code == 0
        product.index.files.clear()
        assert isinstance(fails(LiveDiffers, "verify", "release", "1.1.0"), LiveDiffers)

    def test_help_comes_without_a_word(self) -> None:
        assert "release" in run().output
        assert "release" in run("verify").output

    def test_the_version_is_printed(self) -> None:
        assert run("--version").stdout == f"shipit {shipit.__version__}\n"


class TestMain:
    @pytest.fixture(autouse=True)
    def handlers(self) -> Iterator[None]:
        before = {number: signal.getsignal(number) for number in SIGNALS}
        yield
        for number, handler in before.items():
            signal.signal(number, handler)

    def ends(self, monkeypatch: pytest.MonkeyPatch, why: BaseException | None, *words: str) -> object:
        def pretend() -> None:
            if why:
                raise why

        monkeypatch.setattr(sys, "argv", ["shipit", *words])
        monkeypatch.setattr(main, "app", pretend)
        try:
            main.main()
        except SystemExit as end:
            return end.code
        return 0

    def test_ends_well(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.ends(monkeypatch, None) == 0

    @pytest.mark.parametrize(
        ("why", "code"), [(Refused("no"), 4), (LostRace("late"), 9), (ExternalError("down"), 4), (Stop("bug"), 1)]
    )
    def test_tells_an_error_and_ends_with_its_code(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], why: Stop, code: int
    ) -> None:
        assert self.ends(monkeypatch, why) == code
        out, err = capsys.readouterr()
        assert why.what in err
        assert out == ""

    def test_tells_programs_on_stdout(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.ends(monkeypatch, Refused("no", hint="do this"), "release", "--json") == 4
        assert json.loads(capsys.readouterr().out.splitlines()[-1])

    def test_tells_nothing_twice(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        stop = Refused("no")
        stop.is_shown = True
        assert self.ends(monkeypatch, stop) == 4
        assert capsys.readouterr().err == ""

    def test_calls_a_bug_a_bug_without_a_traceback(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.ends(monkeypatch, ZeroDivisionError("by nothing")) == 1
        err = capsys.readouterr().err
        assert "ZeroDivisionError: by nothing" in err
        assert "Traceback" not in err

    def test_a_signal_that_comes_while_it_says_how_it_ended_is_shown_without_a_traceback(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        say = main.show

        def show(stop: Stop) -> int:
            monkeypatch.setattr(main, "show", say)
            signal.raise_signal(signal.SIGTERM)
            return say(stop)

        monkeypatch.setattr(main, "show", show)
        assert self.ends(monkeypatch, Refused("no")) == 130
        assert "interrupted by SIGTERM" in capsys.readouterr().err
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN

    def test_a_signal_outside_a_run_says_130_and_where_to_look(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.ends(monkeypatch, Signalled("SIGINT"), "release") == 130
        assert "shipit status" in capsys.readouterr().err

    @pytest.mark.parametrize("number", SIGNALS, ids=lambda number: str(number.name))
    def test_the_first_signal_stops_and_the_second_is_not_heard(self, number: signal.Signals) -> None:
        signals.listen()
        with pytest.raises(Signalled, match=number.name):
            signal.raise_signal(number)
        for other in SIGNALS:
            signal.raise_signal(other)
