"""shipit doctor from the command line: what the sample product needs, and a machine that lacks some of it."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipit import masking
from shipit.doctor.outside import Outside
from shipit.errors import ExternalError
from tests.support.acme import Laid, git, lay_out
from tests.support.inside import Ended, shipit
from tests.support.repository import Repository

SECRET = "-".join(("never", "shown", "anywhere"))  # noqa: FLY002 - no scanner of this repository is to see it
VERSIONS = {
    "buildah": "1.28.2",
    "ruff": "0.11.0",
    "black": "26.1.0",
    "mypy": "1.15.0",
    "bandit": "1.9.4",
    "semgrep": "1.182.0",
    "pip-audit": "2.10.1",
    "pip-licenses": "5.5.5",
    "npm": "11.19.0",
    "trivy": "0.70.0",
    "trufflehog": "3.90.0",
}
"""Programs that gates, scans and builds of the sample product may ask for."""
PYPROJECT = '[project]\nname = "acme"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["x"]\n'


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    return lay_out(tmp_path_factory.mktemp("doctor") / "laid")


@pytest.fixture(autouse=True)
def _nothing_stays_masked() -> Iterator[None]:
    yield
    masking.forget_all()


class Machine:
    """A repository, and a PATH with nothing on it but git and what a test puts there."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.here = Repository(folder / "here")
        self.top = self.here.top
        git_program = next(p for each in os.environ["PATH"].split(":") if (p := Path(each, "git")).exists())
        (self.programs / "git").symlink_to(git_program)
        monkeypatch.setenv("PATH", str(self.programs))
        monkeypatch.delenv("VIRTUAL_ENV", raising=False)
        self.configure()

    def configure(self, *lines: str) -> None:
        self.write("pyproject.toml", PYPROJECT + "[tool.shipit]\n" + "\n".join(lines) + "\n")
        self.here.commit("feat: something")

    def write(self, path: str, text: str) -> None:
        (self.top / path).write_text(text)
        self.here.git("add", path)

    def program(self, name: str, *lines: str) -> None:
        path = self.programs / name
        path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
        path.chmod(0o755)

    def python(self) -> None:
        self.program("python", f'exec {sys.executable} "$@"')

    def doctor(self, *words: str, code: int = 0, **environment: str) -> Ended:
        ended = shipit(self.top, "doctor", *words, **environment)
        assert ended.code == code, ended.out + ended.err
        return ended

    def rows(self, *words: str, code: int = 0, **environment: str) -> dict[str, dict[str, Any]]:
        made = json.loads(self.doctor(*words, "--json", code=code, **environment).out)
        assert made["ready"] is (code == 0)
        return {row["tool"]: row for row in made["rows"]}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_the_sample_product_is_ready_where_its_gates_scans_and_a_builder_are(
    laid: Laid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, version in VERSIONS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} {version}'\n")
        (tmp_path / name).chmod(0o755)
    path = (str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"])
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    before = git(laid.clone, "status", "--porcelain", "--ignored")
    ended = shipit(laid.clone, "doctor")
    assert ended.code == 0, ended.out + ended.err
    lines = ended.out.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("✓  pytest_cov")]
    assert any(line.startswith("✓  buildah") for line in lines)
    assert any("env:ACME_WEBHOOK_SECRET is not set here" in line for line in lines)
    assert git(laid.clone, "status", "--porcelain", "--ignored") == before


def test_an_environment_of_the_sample_product_asks_for_its_secrets(laid: Laid) -> None:
    ended = shipit(laid.clone, "doctor", "--env", "staging", "--json")
    made = json.loads(ended.out)
    lacking = [one["source"] for one in made["secrets"] if one["required"] and one["state"] != "set"]
    assert (ended.code, made["environment"], lacking) == (4, "staging", ["env:ACME_WEBHOOK_SECRET"])


def test_a_tool_that_is_missing_ends_with_4_and_how_to_get_it(machine: Machine) -> None:
    machine.configure('gates.lint.run = "ruff check ."')
    machine.program("pipx")
    ended = machine.doctor(code=4)
    assert "✗  ruff" in ended.out
    assert "hint: ruff: pipx install ruff" in ended.out
    assert "what this project needs is not all here: ruff (missing)" in ended.err


def test_without_a_configuration_git_and_python_will_do(machine: Machine) -> None:
    (machine.top / "pyproject.toml").unlink()
    assert machine.rows().keys() >= {"git", "Python of shipit"}


def test_before_the_first_commit_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert shipit(tmp_path, "doctor").code == 0


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    ended = shipit(tmp_path, "doctor")
    assert (ended.code, ended.out) == (2, "")
    assert "not a git repository" in ended.err


def test_an_unknown_environment_is_named_with_the_nearest(machine: Machine) -> None:
    machine.configure('environments.staging.from = "main"')
    ended = machine.doctor("--env", "stagin", code=2)
    assert "there is no environment stagin" in ended.err
    assert "--env staging" in ended.err
    assert "known: staging" in machine.doctor("--env", "x", code=2).err


def test_a_mistake_in_the_configuration_ends_with_2(machine: Machine) -> None:
    machine.configure("gates.lint.rum = 1")
    assert "gates.lint.rum" in machine.doctor(code=2).err


def test_a_gate_by_python_asks_that_python_for_its_modules(machine: Machine) -> None:
    machine.configure('gates.tests.run = "python -m pytest --cov=acme"', 'gates.x.run = "python -m no_such_module"')
    machine.python()
    rows = machine.rows(code=4)
    assert (rows["pytest of python"]["state"], rows["no_such_module of python"]["state"]) == ("here", "missing")
    assert rows["no_such_module of python"]["get"] == "python -m pip install no_such_module"


def test_images_ask_for_an_engine_that_answers(machine: Machine) -> None:
    machine.configure('images.web.file = "Dockerfile"')
    machine.program(
        "docker",
        'case "$1" in',
        '--version) echo "Docker version 28.2.2, build e6534b4";;',
        'buildx) echo "github.com/docker/buildx v0.12.1";;',
        '*) echo "Cannot connect to the Docker daemon at $TOKEN_OF_MINE" >&2; exit 1;;',
        "esac",
    )
    ended = machine.doctor(code=4, TOKEN_OF_MINE=SECRET)
    assert (
        "docker's engine does not run: it ended with exit code 1: Cannot connect to the Docker daemon" in ended.out
    )
    assert SECRET not in ended.out + ended.err
    machine.program("buildah", "echo 'buildah version 1.28.2'")
    assert machine.rows()["docker's engine"]["required"] is False


def test_a_database_on_postgresql_asks_for_the_extra_and_the_client_programs(machine: Machine) -> None:
    machine.configure('environments.staging.database.url = "env:DATABASE_URL"')
    for name in ("pg_dump", "pg_restore"):
        machine.program(name, f"echo '{name} (PostgreSQL) 17.4'")
    url = "postgresql://ada@db.test/acme"
    rows = machine.rows("--env", "staging", SHIPIT_PG_BIN=str(machine.programs), DATABASE_URL=url)
    assert {rows[tool]["state"] for tool in ("psycopg", "postgast", "pg_dump, pg_restore")} == {"here"}
    assert "db.test" not in json.dumps(rows)


def test_migrations_by_alembic_ask_the_python_of_the_project(machine: Machine) -> None:
    machine.configure('migrations.engine = "alembic"')
    assert machine.rows()["alembic"]["state"] == "here"


def test_files_in_git_lfs_ask_for_git_lfs(machine: Machine) -> None:
    machine.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    machine.here.commit("feat: large files")
    assert machine.rows(code=0 if _has_git_lfs(machine) else 4)["git-lfs"]["required"] is True


def _has_git_lfs(machine: Machine) -> bool:
    return Outside(machine.top).tools._asker.program(("git", "lfs", "version")).is_here


@pytest.mark.parametrize(
    ("settings", "program"),
    [
        ({}, "gpg"),
        ({"gpg.format": "ssh"}, "ssh-keygen"),
        ({"gpg.format": "x509"}, "gpgsm"),
        ({"gpg.program": "sign-with"}, "sign-with"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "sign-with"}, "sign-with"),
    ],
)
def test_signed_tags_ask_for_the_program_that_git_names(
    machine: Machine, settings: dict[str, str], program: str
) -> None:
    machine.configure("release.sign = true")
    for key, value in settings.items():
        machine.here.git("config", key, value)
    assert machine.rows(code=4)[program]["for"] == ["release.sign"]


def test_a_machine_without_git_is_told_that_too(machine: Machine) -> None:
    machine.configure("release.sign = true")
    (machine.programs / "git").unlink()
    assert machine.rows(code=4)["git"]["state"] == "missing"


def test_a_scan_that_is_a_gate_is_required_unless_there_is_nothing_for_it(machine: Machine) -> None:
    machine.configure('environments.staging.gates = ["security"]')
    rows = machine.rows(code=4)
    assert rows["pip-audit"]["required"]
    assert not {"bandit", "npm", "trivy"} & rows.keys()
    machine.configure('environments.staging.gates = ["security"]', 'images.web.file = "Dockerfile"')
    assert machine.rows(code=4)["trivy"]["required"]


def test_a_file_with_a_secret_is_readable_or_not(machine: Machine) -> None:
    machine.configure('index.password = "file:token.txt"')
    assert "file:token.txt is not readable here" in machine.doctor().out
    (machine.top / "token.txt").write_text(SECRET)
    assert "token.txt" not in machine.doctor().out


def test_a_bug_in_one_question_is_not_hidden(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(machine.top)

    def fail(_: object) -> None:
        raise ExternalError("made up for this test")

    monkeypatch.setattr(outside.tools, "look", fail)
    with pytest.raises(ExternalError, match="made up"):
        outside.look_at([next(iter(_needs(outside)))])


def _needs(outside: Outside) -> Any:
    from shipit.doctor.needs import needs

    return needs(outside.config, outside.surroundings)
