"""What people and programs get to read, and how to get what is missing with what is on the machine."""

import json
from typing import Any

import pytest

from shipit import masking
from shipit.doctor.model import Kind, Need
from shipit.doctor.page import Findings, as_json, text
from shipit.doctor.remedies import remedy
from shipit.doctor.rows import Row, State
from shipit.doctor.secrets import Secret


def row(
    tool: str,
    state: State = State.MISSING,
    *,
    kind: Kind = Kind.RUN,
    argv: tuple[str, ...] = (),
    wanted: str = "",
    why: tuple[str, ...] = ("somebody",),
    **more: Any,
) -> Row:
    need = Need(tool=tool, kind=kind, argv=argv or (tool, "--version"), wanted=wanted, why=why)
    return Row(need=need, state=state, **more)


def with_(*programs: str) -> Any:
    return lambda program: program in programs


def secret(source: str, key: str, **more: Any) -> Secret:
    return Secret(key=key, source=source, state="not set here", is_here=False, **more)


FOUND = Findings(
    rows=[
        row("git", State.HERE, version="2.39.5", wanted=">=2.38", place="bin/git"),
        row("docker", State.FAULTY, fault="cannot\x1b[31m connect", why=("a", "b", "c", "d", "e")),
        row("bandit", wanted=">=1.9", is_required=False),
        row("./deploy", State.HERE, kind=Kind.FILE),
    ],
    secrets=[
        secret("env:HOOK", "one"),
        secret("env:HOOK", "two"),
        secret("env:URL", "three", is_required=True),
        Secret(key="four", source="command", state="not run", is_here=None),
    ],
)
NOTIFY = "'shipit-release[notify]'"
TEXT = """\
   tool      here          needed  what for
✓  git       2.39.5        >=2.38  somebody
✗  docker    does not run  any     a, b, c and 2 more
·  bandit    missing       >=1.9   optional: somebody
✓  ./deploy  yes           any     somebody

docker does not run: cannot connect

· env:HOOK is not set here: one, two
✗ env:URL is not set here: three

hint: docker: see what `docker --version` says, or install it again
hint: bandit (optional): pipx install 'bandit>=1.9'"""


def test_people_read_a_table_then_what_is_wrong_then_hints() -> None:
    assert text(FOUND, with_("pipx")) == TEXT


def test_where_nothing_is_wrong_there_is_the_table_alone() -> None:
    assert text(Findings(rows=FOUND.rows[:1], secrets=[]), with_()).count("\n") == 1


def test_a_program_reads_one_object() -> None:
    made = json.loads(as_json(FOUND, with_("pipx")))
    assert (made["ready"], made["environment"], len(made["rows"])) == (False, None, 4)
    assert made["rows"][0] == {
        "tool": "git",
        "state": "here",
        "version": "2.39.5",
        "place": "bin/git",
        "needed": ">=2.38",
        "required": True,
        "for": ["somebody"],
        "said": None,
        "get": None,
    }
    assert made["rows"][2]["get"] == "pipx install 'bandit>=1.9'"
    assert made["secrets"][2] == {
        "key": "three",
        "source": "env:URL",
        "state": "not set here",
        "required": True,
    }


def test_what_lacks_is_named_with_its_state() -> None:
    assert FOUND.lacking == ("docker (does not run)", "env:URL (not set here)")


def test_a_secret_that_a_tool_prints_is_masked() -> None:
    masking.register("made-up-value")
    found = Findings(rows=[row("docker", State.FAULTY, fault='no: "made-up-value"')], secrets=[])
    assert "made-up" not in text(found, with_()) + as_json(found, with_())


@pytest.mark.parametrize(
    ("missing", "here", "words"),
    [
        (row("git", wanted=">=2.38"), ("apt-get",), "apt-get install git (needed: >=2.38)"),
        (row("git", State.UNFIT), ("brew",), "brew upgrade git"),
        (row("git"), ("apt-get", "brew"), "apt-get install git"),
        (row("git", wanted=">=2.38"), (), "install git >=2.38 and put it on PATH"),
        (row("git", State.FAULTY), ("apt-get",), "see what `git --version` says, or install it again"),
        (row("trivy"), ("brew",), "brew install trivy"),
        (row("trivy"), ("apt-get",), "install a release of aquasecurity/trivy on GitHub, and put it on PATH"),
        (row("bandit", wanted=">=1.9"), ("uv",), "uv tool install 'bandit>=1.9'"),
        (row("bandit", State.UNFIT, wanted=">=1.9"), ("pipx",), "pipx install --force 'bandit>=1.9'"),
        (row("bandit"), (), "python -m pip install bandit"),
        (
            row("x", kind=Kind.MODULE, argv=("python3", "pytest_cov")),
            (),
            "python3 -m pip install pytest-cov",
        ),
        (row("alembic", kind=Kind.MODULE, argv=("", "alembic")), (), "python -m pip install alembic"),
        (
            row("psycopg", kind=Kind.PACKAGE),
            (),
            "pip install 'shipit-release[postgres]' where shipit is installed",
        ),
        (
            row("apprise", kind=Kind.PACKAGE),
            ("pipx",),
            f"pip install {NOTIFY} where shipit is installed, or pipx install --force {NOTIFY}",
        ),
        (
            row("Python of shipit", State.UNFIT, kind=Kind.PYTHON, wanted=">=3.12"),
            (),
            "install shipit into a Python >=3.12",
        ),
        (
            row("docker's engine", State.FAULTY),
            ("apt-get",),
            "start it (systemctl start docker, or Docker Desktop), or see what `docker version` says",
        ),
        (row("./deploy", kind=Kind.FILE), ("apt-get",), "there is no such file, or it may not be run: chmod +x"),
    ],
)
def test_how_to_get_it_fits_the_tool_and_the_machine(missing: Row, here: tuple[str, ...], words: str) -> None:
    assert remedy(missing, with_(*here)) == words
