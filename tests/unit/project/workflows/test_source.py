"""The workflows that the configuration makes: the sample product's own, and what each key changes."""

import re
import runpy
import sys
from pathlib import Path
from typing import Any

import msgspec
import msgspec.yaml
import pytest

from shipit.config import Config
from shipit.project.workflows.needs import Needs
from shipit.project.workflows.pins import PINS, pinned
from shipit.project.workflows.product import Product, variables
from shipit.project.workflows.source import product_in, workflows

ACME = Path(__file__).parents[4] / "examples" / "acme"
POSTGRES = {"url": "env:LIVE_URL"}
SCANS = "shipit verify security --html reports/security.html"
HOOK = {"kind": "webhook", "url": "env:HOOK", "image": "web"}


def product(**tables: Any) -> Product:
    return Product(config=msgspec.convert(tables, Config), name="Sample Product")


def made(**tables: Any) -> dict[str, Any]:
    """The workflows by name, read back."""
    files = workflows(product(**tables))
    found = {path: text for path, text in files.items() if path.startswith(".github/workflows/")}
    return {Path(path).stem: msgspec.yaml.decode(text) for path, text in found.items()}


def lines(workflow: Any) -> list[str]:
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def test_the_sample_products_files_are_exactly_those_that_its_configuration_makes() -> None:
    files = {path.relative_to(ACME).as_posix() for path in (ACME / ".github").rglob("*") if path.is_file()}
    wanted = workflows(product_in(ACME))
    assert files == set(wanted)
    assert {path: (ACME / path).read_text("utf-8") for path in files} == wanted


def test_they_are_the_seven_workflows() -> None:
    names = {Path(path).stem for path in workflows(product_in(ACME)) if "/workflows/" in path}
    assert names == {"tests", "build", "deploy-staging", "deploy-production", "migrate", "security", "release"}


def test_every_run_of_a_workflow_is_one_line_of_shipit_without_an_expression_in_it() -> None:
    texts = [text for path, text in workflows(product_in(ACME)).items() if "/workflows/" in path]
    runs = [line for text in texts for line in lines(msgspec.yaml.decode(text))]
    assert len(runs) == 16
    assert [line for line in runs if not re.fullmatch(r"shipit [^\n;&|]+", line) or "${{" in line] == []


def test_a_product_without_images_and_environments_is_tested_scanned_and_released() -> None:
    found = made()
    assert set(found) == {"tests", "security", "release"}
    assert lines(found["tests"]) == ["shipit verify lint", "shipit verify types", "shipit verify tests"]
    assert lines(found["security"]) == [f"{SCANS} --upload --comment"]
    used = [step["uses"] for step in found["tests"]["jobs"]["python-tests"]["steps"] if "uses" in step]
    assert not any("codecov" in one for one in used)
    assert ".github/actionlint.yaml" not in workflows(product())


def test_tests_run_on_the_configured_versions_of_python_and_the_first_one_does_the_rest() -> None:
    jobs = made(workflows={"pythons": ["3.13", "3.14"]})["tests"]["jobs"]
    assert jobs["python-tests"]["strategy"]["matrix"] == {"python": ["3.13", "3.14"]}
    assert jobs["lint"]["steps"][1]["with"]["python"] == "3.13"


def test_a_scan_that_is_not_made_or_waived_has_no_step() -> None:
    missing = ("codeql", "trivy", "trufflehog")
    waivers = {f"no-{scan}": {"scan": scan, "reason": "elsewhere", "until": "2999-12-31"} for scan in missing}
    web = {"web": {"file": "Dockerfile"}}
    job = made(security={"scans": [*missing, "bandit"], "waivers": waivers}, images=web)["security"]["jobs"][
        "security"
    ]
    assert [step["run"] for step in job["steps"] if "run" in step] == [f"{SCANS} --upload --comment"]
    assert [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step] == [
        "actions/checkout", "./.github/actions/shipit", "actions/upload-artifact",
    ]  # fmt: skip
    assert ".github/actions/trufflehog/action.yml" not in workflows(product(security={"scans": ["bandit"]}))


def test_a_waiver_of_a_finding_leaves_the_scan_where_it_is() -> None:
    waiver = {"scan": "codeql", "finding": "py/x", "reason": "no harm", "until": "2999-12-31"}
    [*_, job] = made(security={"scans": ["codeql"], "waivers": {"x": waiver}})["security"]["jobs"].values()
    assert any("codeql-action" in step.get("uses", "") for step in job["steps"])


def test_findings_are_shown_on_the_forge_with_the_rights_for_it_and_without_a_forge_kept_as_a_page() -> None:
    job = made()["security"]["jobs"]["security"]
    assert job["permissions"] == {"contents": "read", "security-events": "write", "pull-requests": "write"}
    assert job["steps"][-2]["env"] == {"GITHUB_TOKEN": "${{ github.token }}"}
    bandit = made(forge={"kind": "none"}, security={"scans": ["bandit"]}, reports="out of it")["security"]
    job = bandit["jobs"]["security"]
    assert job["permissions"] == {"contents": "read"}
    assert lines(bandit) == ["shipit verify security --html 'out of it/security.html'"]
    codeql = made(forge={"kind": "none"})["security"]["jobs"]["security"]
    assert codeql["permissions"] == {"contents": "read", "security-events": "read"}


def test_the_scans_may_log_in_to_the_registry_and_notify() -> None:
    job = made(
        images={"web": {"file": "Dockerfile"}},
        registry={"username": "env:WHO", "password": "env:KEY"},
        notify={"apprise": "env:APPRISE_URL"},
    )["security"]["jobs"]["security"]
    assert set(job["steps"][-2]["env"]) == {"GITHUB_TOKEN", "WHO", "KEY", "APPRISE_URL"}
    assert [one["with"]["extras"] for one in job["steps"] if "actions/shipit" in one.get("uses", "")] == [
        "security,notify"
    ]


def test_a_suite_that_runs_elsewhere_leaves_its_unit_tests_here_and_asks_no_coverage() -> None:
    gate = {"run": "pytest", "coverage": 90}
    found = made(workflows={"tests": "unit"}, gates={"tests": gate})["tests"]
    assert lines(found) == ["shipit verify tests --unit"]
    assert not any("codecov" in step.get("uses", "") for step in found["jobs"]["python-tests"]["steps"])


def test_a_question_that_no_gate_answers_has_no_job_unless_it_is_required() -> None:
    gates = {"spelling": {"run": "codespell"}, "style": {"run": "ruff check", "verify": "lint"}}
    assert set(made(gates=gates)["tests"]["jobs"]) == {"lint"}
    checks = {"required-checks": ["python-tests (3.11)"]}
    assert set(made(gates=gates, protection=checks)["tests"]["jobs"]) == {"lint", "python-tests"}
    assert "tests" not in made(gates={"spelling": {"run": "codespell"}})


def test_one_of_several_packages_is_chosen_when_it_is_released() -> None:
    packages = {"core": {"path": "core"}, "cli": {"path": "cli"}}
    for files, options in (((), ["core", "cli"]), (("a:b",), ["none", "core", "cli"])):
        found = made(packages=packages, version={"files": files})["release"]
        inputs = found[True]["workflow_dispatch"]["inputs"]
        assert (inputs["package"]["options"], inputs["package"]["default"]) == (options, options[0])
        assert '${PACKAGE:+--package "$PACKAGE"} --resume' in lines(found)[0]
    assert "package" not in made()["release"][True]["workflow_dispatch"]["inputs"]


def test_a_release_has_the_time_of_a_gate_that_is_given_more_than_the_usual_one() -> None:
    def minutes(**gate: Any) -> int:
        found: int = made(gates={"tests": {"run": "pytest", **gate}})["release"]["jobs"]["release"][
            "timeout-minutes"
        ]
        return found

    assert (minutes(), minutes(timeout=10), minutes(timeout=90)) == (20, 20, 110)


@pytest.mark.parametrize(("kind", "name"), [("pypi", "pypi"), ("testpypi", "pypi"), ("directory", None)])
def test_an_index_that_trusts_the_workflow_gets_an_identity_and_an_environment(kind: str, name: str | None) -> None:
    job = made(index={"kind": kind})["release"]["jobs"]["release"]
    assert job.get("environment") == name
    assert ("id-token" in job["permissions"]) is (name is not None)


def test_an_index_with_a_password_gets_it_from_the_secrets() -> None:
    job = made(index={"kind": "pypi", "password": "env:PYPI_TOKEN"})["release"]["jobs"]["release"]
    assert "id-token" not in job["permissions"]
    assert job["steps"][-1]["env"]["PYPI_TOKEN"] == "${{ secrets.PYPI_TOKEN }}"


def test_without_a_release_actor_a_protected_branch_is_reached_through_a_pull_request() -> None:
    protection = {"required-checks": ["lint"]}
    job = made(protection=protection)["release"]["jobs"]["release"]
    assert job["steps"][-1]["run"].endswith(" --pr")
    assert job["permissions"]["pull-requests"] == "write"
    [line] = lines(made(protection={**protection, "release-actor": "app:bot"})["release"])
    assert "--pr" not in line.split()


def test_a_deployment_gets_what_its_environment_needs_and_nothing_else() -> None:
    live = {
        "from": "develop", "wait-for-checks": True, "database": POSTGRES, "targets": {"backend": HOOK},
        "smoke": {"run": "python -m pytest tests/smoke"},
    }  # fmt: skip
    found = made(
        images={"web": {"file": "Dockerfile"}},
        environments={"live": live, "testing": {"database": POSTGRES}},
        notify={"apprise": "env:APPRISE_URL"},
    )
    assert set(found) == {"tests", "build", "deploy-live", "migrate", "security", "release"}
    workflow = found["deploy-live"]
    job = workflow["jobs"]["live"]
    assert workflow["permissions"] == {
        "contents": "write", "deployments": "write", "checks": "read", "statuses": "read", "packages": "write",
    }  # fmt: skip
    assert job["runs-on"] == "ubuntu-24.04"
    assert job["steps"][1]["with"] == {"python": "3.11", "extras": "postgres,notify", "packages": "pytest"}
    assert set(job["steps"][-1]["env"]) == {"GITHUB_TOKEN", "APPRISE_URL", "HOOK", "LIVE_URL"}
    assert set(found["migrate"]["jobs"]) == {"verify-migrations", "migrate-live"}


def test_a_deployment_without_images_may_not_push_packages() -> None:
    targets = {"site": {"kind": "directory", "source": "site", "path": "/srv/site"}}
    found = made(environments={"live": {"from": "tags", "targets": targets, "gates": ["tests"]}})
    assert "packages" not in found["deploy-live"]["permissions"]
    assert found["deploy-live"]["jobs"]["live"]["runs-on"] == ["self-hosted", "sample-product"]
    assert "migrate" not in found


def test_a_prerelease_is_not_deployed_unasked_and_a_tag_has_the_form_of_the_configuration() -> None:
    found = made(environments={"live": {"from": "tags"}}, version={"tag-format": "release/{version}"})[
        "deploy-live"
    ]
    assert found[True]["push"] == {"tags": ["release/*.*.*", "!release/*.*.*-*"]}
    assert "!contains(github.ref_name, '-')" in found["jobs"]["live"]["steps"][-1]["env"]["TAG"]


def test_a_database_that_only_follows_tags_is_migrated_on_demand_alone() -> None:
    found = made(environments={"live": {"from": "tags", "database": POSTGRES}})["migrate"]
    assert set(found[True]) == {"workflow_dispatch", "pull_request"}  # `on` is a truth value in YAML 1.1
    assert found["jobs"]["migrate-live"]["if"] == "inputs.environment == 'live'"


def test_gates_are_taken_apart_for_what_they_need() -> None:
    gates = {
        "lint": {"run": "./tools/check.sh"},
        "types": {"run": ["python3", "-m", "mypy", "src"]},
        "tests": {"run": "pytest --cov=sample"},
        "spelling": {"run": "make spelling"},
    }
    one = product(gates=gates)
    assert one.packages("lint") == "ruff"
    assert one.packages("types", "tests", "spelling") == "mypy pytest pytest-cov"


def test_a_product_that_needs_packages_is_installed_itself() -> None:
    one = msgspec.structs.replace(
        product(distribution={"isolation": "always"}), needs=Needs(installs=(".",)), build=("flit_core",)
    )
    text = workflows(one)[".github/workflows/tests.yml"]
    assert 'packages: ". ruff"' in text
    assert one.building == ()


GROUPS = """[project]
name = "{name}"
version = "1.0.0"
dependencies = ["httpx"]
[dependency-groups]
test = ["pytest>=8", {{ include-group = "dev" }}]
dev = ["Ruff", 1, ">=2", {{ include-group = "test" }}, {{ include-group = "gone" }}]
"""


def test_tools_come_from_the_dependency_group_dev_and_only_those_that_it_lacks_are_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(GROUPS.format(name="small"))
    one = product_in(tmp_path)
    assert one.packages("lint", "tests") == ". --group=dev pytest-cov"
    assert (one.packages(), one.is_tool) == (".", False)


def test_shipit_itself_is_installed_from_its_work_tree_and_not_from_an_index(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(GROUPS.format(name="shipit-release"))
    one = product_in(tmp_path)
    assert (one.packages("lint"), one.packages()) == ("--group=dev", "")
    action = workflows(one)[".github/actions/shipit/action.yml"]
    assert "SHIPIT: .${{" in action
    assert 'pip install --quiet --editable "$SHIPIT" $PACKAGES' in action
    assert "shipit-release" not in action
    assert "SHIPIT: shipit-release${{" in workflows(product())[".github/actions/shipit/action.yml"]


def test_variables_of_the_runner_are_not_asked_of_the_secrets() -> None:
    registry = {"username": "env:GITHUB_ACTOR", "password": "env:GITHUB_TOKEN", "more": ["env:B", 1, "file:/x"]}
    assert variables(registry) == {"GITHUB_TOKEN": "${{ github.token }}", "B": "${{ secrets.B }}"}


def test_an_action_is_pinned_by_a_whole_commit_with_its_tag_beside_it() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{40}", pin.commit) and pin.tag.startswith("v") for pin in PINS.values())
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40} # v[\d.]+", pinned("actions/checkout"))


def test_the_files_are_written_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "small"\nversion = "1.0.0"\ndependencies = ["httpx"]\n[tool.shipit]\nreports = "out"\n'
    )
    monkeypatch.setattr(sys, "argv", ["workflows", str(tmp_path)])
    runpy.run_module("shipit.project.workflows", run_name="__main__")
    assert 'packages: ". ruff"' in (tmp_path / ".github" / "workflows" / "tests.yml").read_text()
    assert product_in(tmp_path).name == "small"


def test_an_environment_that_publishes_gets_what_the_index_asks_for() -> None:
    places = {"production": {"from": "tags", "publish": True, "targets": {"site": {"kind": "directory"}}}}
    with_password = {"kind": "url", "url": "https://index.example", "password": "env:INDEX_PASSWORD"}
    job = made(environments=places, index=with_password)["deploy-production"]
    assert "INDEX_PASSWORD" in job["jobs"]["production"]["steps"][-1]["env"]
    assert "id-token" not in job["permissions"]
    trusted = made(environments=places, index={"kind": "pypi"})["deploy-production"]
    assert trusted["permissions"]["id-token"] == "write"
    places["production"]["publish"] = False
    silent = made(environments=places, index=with_password)["deploy-production"]
    assert "INDEX_PASSWORD" not in silent["jobs"]["production"]["steps"][-1]["env"]
