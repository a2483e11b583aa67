"""Which tools a configuration needs, and which are only useful."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from shipit.config import Gate
from shipit.doctor import needs, scans
from shipit.doctor.model import Kind
from shipit.errors import UsageError
from tests.unit.doctor.ward import needed

PYPROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
POSTGRES = '[environments.staging.database]\nurl = "env:DATABASE_URL"\n'
IMAGE = '[images.web]\nfile = "Dockerfile"\n'


def required(text: str, environment: str = "", **facts: object) -> set[str]:
    return {tool for tool, need in needed(text, environment, **facts).items() if need.is_required}


def test_without_a_configuration_git_and_the_python_that_runs_shipit_are_required() -> None:
    assert required("") == {"git", "Python of shipit"}


def test_the_python_that_runs_shipit_must_be_one_that_the_project_takes() -> None:
    assert needed("", requires_python=">=3.12")["Python of shipit"].wanted == ">=3.12"


def test_files_in_git_lfs_need_git_lfs() -> None:
    assert "git-lfs" not in needed("")
    assert needed("", has_large_files=True)["git-lfs"].argv == ("git", "lfs", "version")


def test_signed_tags_need_the_program_that_git_signs_with() -> None:
    found = needed("release.sign = true", signer="ssh-keygen")
    assert (found["ssh-keygen"].kind, found["ssh-keygen"].why) == (Kind.FILE, ("release.sign",))


class TestAGate:
    def test_by_python_needs_that_python_and_its_module(self) -> None:
        found = needed('gates.tests.run = "python -m pytest.main -q"', requires_python=">=3.12")
        assert (found["python"].argv, found["python"].wanted) == (("python", "--version"), ">=3.12")
        assert found["pytest of python"].argv == ("python", "pytest")
        assert found["pytest of python"].is_required

    def test_of_pytest_that_measures_needs_pytest_cov(self) -> None:
        assert "pytest_cov of python" in needed('gates.tests.run = "python -m pytest --cov=acme"')
        assert "pytest_cov of python" not in needed('gates.tests.run = "python -m pytest"')

    def test_by_python_with_options_that_take_a_value_needs_its_module_too(self) -> None:
        assert "mypy of python" in needed('gates.types.run = "python -X dev -W error -I -m mypy src"')

    def test_by_a_script_needs_python_alone(self) -> None:
        assert required('gates.tests.run = "python3.12 -B check.py -m x"') == {
            "git",
            "Python of shipit",
            "python3.12",
        }

    def test_by_python_without_a_script_needs_python_alone(self) -> None:
        assert "python" in required('gates.tests.run = "python -V"')

    def test_by_a_known_program_asks_it_for_its_version(self) -> None:
        assert needed('gates.lint.run = "ruff check ."')["ruff"].argv == ("ruff", "--version")

    def test_by_a_program_that_nobody_knows_never_starts_it(self) -> None:
        found = needed('gates.lint.run = "./deploy everything"')["./deploy"]
        assert (found.kind, found.argv) == (Kind.FILE, ("./deploy",))

    def test_that_is_no_command_is_named(self) -> None:
        with pytest.raises(UsageError) as caught:
            needed("""gates.lint.run = "ruff 'check" """)
        assert caught.value.where == "gates.lint.run"

    def test_of_the_same_program_as_another_is_one_row_with_both(self) -> None:
        found = needed('gates.lint.run = "ruff check ."\ngates.style.run = "ruff format --check ."')
        assert found["ruff"].why == ("gates.lint.run", "gates.style.run")

    def test_that_is_usual_is_optional_and_gives_way_to_one_of_the_configuration(self) -> None:
        usual = {"lint": (Gate(run=("python", "-m", "ruff")),), "types": (Gate(run=("python", "-m", "mypy")),)}
        found = needed('gates.style = { run = "flake8", verify = "lint" }', usual=usual)
        assert "ruff of python" not in found
        assert (found["mypy of python"].is_required, found["mypy of python"].why) == (False, ("verify types",))

    def test_that_is_required_once_is_required(self) -> None:
        usual = {"lint": (Gate(run=("python", "-m", "ruff")),)}
        assert needed('gates.tests.run = "python -m pytest"', usual=usual)["python"].is_required


def test_an_own_build_command_is_needed() -> None:
    assert "make" in required('distribution.run = "make dist"')


class TestImages:
    def test_need_docker_with_its_engine_and_plugin_or_buildah(self) -> None:
        found = needed(IMAGE)
        ways = {tool: need.way for tool, need in found.items() if need.way}
        assert ways == {
            "docker": "docker",
            "docker's engine": "docker",
            "docker buildx": "docker",
            "buildah": "buildah",
        }
        assert found["docker buildx"].spared == ("docker", "<23")

    def test_for_several_platforms_need_the_plugin_whatever_the_version_of_docker(self) -> None:
        found = needed(IMAGE + 'platforms = ["linux/amd64", "linux/arm64"]')
        assert found["docker buildx"].spared is None
        assert "buildah" not in found

    def test_are_no_reason_for_docker_where_there_are_none(self) -> None:
        assert "docker" not in needed("")


class TestADatabase:
    def test_on_postgresql_needs_the_extra_and_the_client_programs(self) -> None:
        variables = {"DATABASE_URL": "postgresql://ada@db.test/acme"}
        assert {"psycopg", "postgast", "pg_dump, pg_restore"} <= required(POSTGRES, variables=variables)

    @pytest.mark.parametrize("url", ["env:DATABASE_URL", "file:address", "command:pass show db"])
    def test_whose_address_is_not_known_here_makes_nothing_required(self, url: str) -> None:
        found = needed(POSTGRES.replace("env:DATABASE_URL", url))
        assert not found["psycopg"].is_required
        assert found["psycopg"].why == ("environments.staging.database, if it is PostgreSQL",)

    @pytest.mark.parametrize(
        ("url", "value"), [("sqlite:///acme.db", ""), ("env:DATABASE_URL", "sqlite:///acme.db")]
    )
    def test_on_sqlite_needs_nothing(self, url: str, value: str) -> None:
        text = POSTGRES.replace("env:DATABASE_URL", url)
        assert "psycopg" not in needed(text, variables={"DATABASE_URL": value})

    def test_without_backups_needs_no_client_programs(self) -> None:
        text = POSTGRES + "backup.enabled = false"
        assert "pg_dump, pg_restore" not in needed(text, variables={"DATABASE_URL": "postgresql:///acme"})

    def test_whose_backups_go_elsewhere_needs_the_command_that_takes_them(self) -> None:
        assert "./store" in required(POSTGRES + 'backup.store = "./store {file}"')

    def test_of_another_environment_is_left_out_where_one_is_named(self) -> None:
        text = POSTGRES + '[environments.production.database]\nurl = "sqlite:///acme.db"'
        assert "psycopg" in needed(text)
        assert "psycopg" not in needed(text, "production")

    def test_is_not_in_every_environment(self) -> None:
        assert required('environments.staging.from = "main"') == {"git", "Python of shipit"}


def test_targets_and_smoke_checks_need_their_commands() -> None:
    text = """
[environments.staging]
smoke.run = "./smoke"
[environments.staging.targets.web]
kind = "command"
deploy = "kubectl apply"
live = "./live"
"""
    found = needed(text)
    assert {"./smoke", "kubectl", "./live"} <= found.keys()
    assert found["kubectl"].why == ("environments.staging.targets.web.deploy",)


class TestMigrationsByAnotherTool:
    @pytest.mark.parametrize("engine", ["alembic", "django"])
    def test_of_python_need_its_module_where_the_project_is(self, engine: str) -> None:
        found = needed(f'migrations.engine = "{engine}"')
        assert (found[engine].kind, found[engine].argv) == (Kind.MODULE, ("", engine))

    def test_by_commands_need_those(self) -> None:
        text = 'migrations = { engine = "command", command = "./up", rollback-command = "./down {to}" }'
        found = needed(text)
        assert found["./up"].why == ("migrations.command",)
        assert found["./down"].why == ("migrations.rollback-command",)


def test_what_notifies_is_optional_since_a_notification_that_fails_changes_nothing() -> None:
    text = 'notify = { run = "./tell", apprise = "env:CHAT" }'
    assert {"./tell", "apprise"} <= needed(text).keys()
    assert not {"./tell", "apprise"} & required(text)


class TestScans:
    def test_are_optional_as_long_as_nobody_asks_for_them(self) -> None:
        found = needed("")
        assert {"bandit", "pip-audit", "pip-licenses", "semgrep", "trufflehog", "npm"} <= found.keys()
        assert "trivy" not in found
        assert not found["bandit"].is_required

    def test_are_required_where_they_are_configured(self) -> None:
        text = 'security.scans = ["bandit", "codeql"]'
        assert required(text, keys=frozenset({"security.scans"})) == {"git", "Python of shipit", "bandit"}

    def test_are_required_where_they_are_a_gate_of_an_environment(self) -> None:
        assert "bandit" in required('environments.staging.gates = ["security"]')

    def test_with_nothing_to_look_at_need_nothing(self) -> None:
        assert "npm" not in needed("", nothing={"npm-audit": "no package.json"})

    def test_of_images_need_trivy(self) -> None:
        assert "trivy" in needed(IMAGE)

    def test_that_make_a_bill_of_materials_need_a_newer_npm(self) -> None:
        assert needed('security.scans = ["npm-audit"]')["npm"].wanted == ">=7"
        assert needed('security.scans = ["sbom"]')["npm"].wanted == ">=9.9,!=10.0.*,!=10.1.*"

    def test_never_let_trufflehog_renew_itself(self) -> None:
        assert needed("")["trufflehog"].argv == ("trufflehog", "--version", "--no-update")

    @pytest.mark.parametrize(
        ("until", "finding", "is_required"),
        [("2026-07-01", "", False), ("2026-06-30", "", True), ("2026-07-01", 'finding = "B101"', True)],
    )
    def test_that_are_waived_as_a_whole_are_optional(self, until: str, finding: str, is_required: bool) -> None:
        text = f"""
[security]
scans = ["bandit"]
[security.waivers.later]
scan = "bandit"
reason = "runs elsewhere"
until = {until}
{finding}
"""
        found = needed(text, keys=frozenset({"security.scans"}), today=date(2026, 7, 1))
        assert found["bandit"].is_required is is_required


def test_what_is_asked_of_extras_is_what_pyproject_says() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    asked = {f"{name}{wanted}" for name, wanted in scans.WANTED.items()}
    assert asked == set(extras["security"])
    postgres = {f"{name}{wanted}" for name, wanted in needs.POSTGRES_PACKAGES.items()}
    assert postgres == {one.replace("[binary]", "") for one in extras["postgres"]}
    assert {f"{name}{wanted}" for name, wanted in needs.NOTIFY_PACKAGES.items()} == set(extras["notify"])


def test_what_is_asked_of_git_is_what_the_guide_says() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide.md").read_text("utf-8")
    assert f"git {needs.GIT.removeprefix('>=')} or newer" in guide
