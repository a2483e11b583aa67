"""An own command as a target: real programs that deploy, go back, and print what is live."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from shipit.adapters.remote.command import OwnCommand, PrintedByCommand
from shipit.adapters.remote.delivery import Delivery
from shipit.adapters.remote.target import RemoteTarget
from shipit.errors import ExternalError, Unavailable, UsageError
from shipit.model import Revision

OLD, NEW = Revision("1.0.0", "0" * 40), Revision("1.1.0", "1" * 40)
IMAGES = {OLD: f"registry.test/acme/web@sha256:{'0' * 64}", NEW: f"registry.test/acme/web@sha256:{'1' * 64}"}
_WRITE = "import sys; open('live', 'w').write(sys.argv[1]); print('rolled', *sys.argv[1:])"
WRITE = (sys.executable, "-I", "-S", "-c", _WRITE)
READ = (sys.executable, "-I", "-S", "-c", "import os; print(open('live').read() if os.path.exists('live') else '')")


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", code, *words)


def way(top: Path, deploy: Sequence[str], rollback: Sequence[str] | None = None, limit: float = 30) -> OwnCommand:
    return OwnCommand(
        where="environments.staging.targets.api",
        deploy=tuple(deploy),
        rollback=None if rollback is None else tuple(rollback),
        top=top,
        variables=lambda seen: {"SEEN": seen.version},
        limit=limit,
    )


def printed(
    top: Path, words: Sequence[str], *, standing: Revision | None = OLD, deployed: Revision = NEW, limit: float = 5
) -> PrintedByCommand:
    return PrintedByCommand(
        where="environments.staging.targets.api.live",
        words=tuple(words),
        top=top,
        variables=lambda seen: {},
        deployed=deployed,
        standing=standing,
        image=IMAGES.get,
        limit=limit,
    )


def target(top: Path, made: OwnCommand, witness: PrintedByCommand) -> RemoteTarget:
    return RemoteTarget(
        name="api", way=made, witness=witness, deployed=NEW, standing=witness.standing, image=IMAGES.get
    )


def test_deploys_by_digest_and_sees_it_live(tmp_path: Path) -> None:
    (tmp_path / "live").write_text(IMAGES[OLD])
    api = target(tmp_path, way(tmp_path, (*WRITE, "{image}", "{version}", "{commit}")), printed(tmp_path, READ))
    said: list[str] = []
    assert (api.live(), api.kind, list(api.problems())) == (OLD.reference, "command", [])
    api.switch(NEW.reference, said.append)
    assert api.live() == NEW.reference
    assert said == [f"rolled {IMAGES[NEW]} 1.1.0 {NEW.commit}", f"{NEW.reference} is live"]


def test_goes_back_by_its_own_command_if_there_is_one(tmp_path: Path) -> None:
    back = python("open('live', 'w').write('1.0.0'); print('back')")
    with_it = target(tmp_path, way(tmp_path, (*WRITE, "{commit}"), back), printed(tmp_path, READ))
    said: list[str] = []
    with_it.switch(NEW.reference, said.append)
    with_it.switch(OLD.reference, said.append)
    assert ("back" in said, with_it.live()) == (True, OLD.reference)
    without = target(tmp_path, way(tmp_path, (*WRITE, "{commit}")), printed(tmp_path, READ))
    without.switch(OLD.reference, said.append)
    assert (tmp_path / "live").read_text() == OLD.commit


def test_a_rollback_is_a_return_though_it_is_what_is_deployed(tmp_path: Path) -> None:
    back = (*WRITE, "{version}")
    api = target(tmp_path, way(tmp_path, python("raise SystemExit(3)"), back), printed(tmp_path, READ))
    api.is_rollback = True
    api.switch(NEW.reference, print)
    assert (tmp_path / "live").read_text() == "1.1.0"


def test_a_way_back_without_the_image_needs_none(tmp_path: Path) -> None:
    made = way(tmp_path, (*WRITE, "{image}"), (*WRITE, "{version}"))
    assert (made.needs_image(is_return=False), made.needs_image(is_return=True)) == (True, False)
    api = target(tmp_path, made, printed(tmp_path, READ))
    api.image = lambda _: None
    api.switch(OLD.reference, print)
    assert (tmp_path / "live").read_text() == "1.0.0"


def test_a_command_that_fails_shows_its_last_lines_and_may_have_done_something(tmp_path: Path) -> None:
    fails = python("[print('line', one) for one in range(20)]; raise SystemExit(3)")
    api = target(tmp_path, way(tmp_path, fails), printed(tmp_path, READ))
    with pytest.raises(ExternalError, match=r"for 1\.1\.0 \(1111111111\) ended with 3") as caught:
        api.switch(NEW.reference, print)
    assert caught.value.evidence == tuple(f"line {number}" for number in range(8, 20))
    assert caught.value.where == "environments.staging.targets.api.deploy"
    assert api.may_leave(OLD.reference)


def test_a_command_that_never_ends_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    api = target(tmp_path, way(tmp_path, python("import time; time.sleep(60)"), limit=0.3), printed(tmp_path, READ))
    with pytest.raises(Unavailable, match="did not end within"):
        api.switch(NEW.reference, print)
    assert time.monotonic() - began < 20
    assert api.may_leave(OLD.reference)


def test_a_program_that_is_not_there_is_a_problem_and_was_asked_for_nothing(tmp_path: Path) -> None:
    made = way(tmp_path, ("no-such-program", "{version}"), ("{version}",))
    api = target(tmp_path, made, printed(tmp_path, READ))
    assert [one.what for one in api.problems()] == ["`no-such-program` is not installed or not on PATH"]
    with pytest.raises(UsageError):
        api.switch(NEW.reference, print)
    assert not api.may_leave(OLD.reference)


def test_a_script_of_the_repository_is_no_problem(tmp_path: Path) -> None:
    script = tmp_path / "deploy.sh"
    script.write_text("#!/bin/sh\necho $SEEN > seen\n")
    script.chmod(0o755)
    made = way(tmp_path, ("./deploy.sh",))
    assert list(made.problems()) == []
    made.deliver(Delivery(revision=NEW), print)
    assert (tmp_path / "seen").read_text() == "1.1.0\n"


class TestWhatIsPrinted:
    @pytest.mark.parametrize(
        ("text", "live"),
        [
            ("", None),
            (NEW.reference, NEW.reference),
            (NEW.commit, NEW.reference),
            (NEW.commit[:7], NEW.reference),
            (NEW.commit[:6], "111111"),
            ("1.1.0", NEW.reference),
            (IMAGES[NEW], NEW.reference),
            (f"mirror.test/x@sha256:{'1' * 64}", NEW.reference),
            (f"registry.test/acme/web@sha256:{'2' * 64}", f"registry.test/acme/web@sha256:{'2' * 64}"),
            (json.dumps({"version": "1.1.0", "commit": NEW.commit}), NEW.reference),
            (json.dumps({"version": "1.1.0", "commit": "2" * 40}, indent=1), None),
            (json.dumps({"version": "1.0.0"}), OLD.reference),
            (f"{OLD.commit}\n{OLD.commit}\n", OLD.reference),
            (f"{OLD.commit}\n{NEW.commit}\n", OLD.reference),
            (f"{NEW.commit}\nsomething\n", f"{NEW.reference}, something"),
            ("[1]", "[1]"),
        ],
    )
    def test_is_a_revision_that_is_known_or_the_text_itself(
        self, tmp_path: Path, text: str, live: str | None
    ) -> None:
        (tmp_path / "live").write_text(text)
        found = printed(tmp_path, READ).live()
        assert found == live or (live is None and found is not None and found.startswith("{"))

    def test_of_two_commits_with_one_version_is_the_one_that_was_asked_for(self, tmp_path: Path) -> None:
        other = Revision(NEW.version, "2" * 40)
        (tmp_path / "live").write_text("1.1.0")
        witness = printed(tmp_path, READ, standing=other)
        assert witness.live() == other.reference
        witness.wait(NEW, print)
        assert witness.live() == NEW.reference

    def test_by_a_command_that_fails_is_an_error(self, tmp_path: Path) -> None:
        witness = printed(tmp_path, python("import sys; sys.exit('no cluster')"))
        with pytest.raises(ExternalError, match="says what is live ended with 1") as caught:
            witness.live()
        assert caught.value.evidence == ("no cluster",)

    def test_is_waited_for_though_it_fails_meanwhile(self, tmp_path: Path) -> None:
        turns = python(
            "import pathlib, sys\n"
            "count = pathlib.Path('count')\n"
            "number = int(count.read_text()) + 1 if count.exists() else 1\n"
            "count.write_text(str(number))\n"
            "number == 1 and sys.exit('not yet')\n"
            "print('0' * 40 if number == 2 else '1' * 40)\n"
        )
        printed(tmp_path, turns).wait(NEW, print)
        assert (tmp_path / "count").read_text() == "3"

    def test_that_does_not_come_is_an_error_with_what_is_there(self, tmp_path: Path) -> None:
        witness = printed(tmp_path, READ, limit=0.3)
        with pytest.raises(ExternalError, match=r"did not come live within 0\.3 s") as caught:
            witness.wait(NEW, print)
        assert caught.value.evidence == ("nothing is live",)
