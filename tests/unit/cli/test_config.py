"""shipit config prints data: the schema, and the configuration in effect with its origins."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shipit import config
from shipit.cli.config import app


@pytest.fixture(autouse=True)
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "acme"\nversion = "1.0.0"\n'
        '[tool.shipit]\nchangelog.sections = { feat = "Neu \\"ä\\"" }\ngates."a.b" = { run = "pytest" }\n'
        '[tool.semantic_release]\nbuild_command = "x"\ntag_format = "r{version}"\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_schema_is_printed_as_json() -> None:
    assert json.loads(said("schema")) == config.schema()


def test_what_is_in_effect_is_printed_as_toml_that_means_the_same(top: Path) -> None:
    before = config.load(top)
    printed = said("show")
    (top / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
    (top / "shipit.toml").write_text(printed)
    assert config.load(top) == before


def test_a_list_of_tables_is_printed_so_that_it_can_be_read_again(top: Path) -> None:
    checks = '[{ get = "http://a.example/", json = { version = "{version}" } }, { get = "http://b.example/" }]'
    settings = f"[tool.shipit.environments.staging]\nsmoke.checks = {checks}\n"
    (top / "pyproject.toml").write_text(f'[project]\nname = "acme"\nversion = "1.0.0"\n{settings}')
    before = config.load(top)
    printed = said("show")
    found = json.loads(said("show", "--json"))["values"]["environments.staging.smoke.checks"]["value"]
    assert [one["get"] for one in found] == ["http://a.example/", "http://b.example/"]
    (top / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
    (top / "shipit.toml").write_text(printed)
    assert config.load(top) == before


def test_each_line_says_where_the_value_comes_from(top: Path) -> None:
    lines = said("show").splitlines()
    assert lines[0] == f"# {top}"
    assert 'version.tag-format = "r{version}"' in next(
        line for line in lines if line.endswith("# semantic_release")
    )
    assert any(line.startswith("# branches.develop is not set") and line.endswith("# default") for line in lines)


def test_other_tools_keys_without_effect_are_listed() -> None:
    assert "#   tool.semantic_release.build_command: shipit has no such setting" in said("show").splitlines()


def test_without_other_tools_nothing_is_listed(top: Path) -> None:
    (top / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
    assert "not taken over" not in said("show")


@pytest.mark.parametrize(("value", "word"), [("hunter2", "(set)"), ("", "(not set)"), (None, "(not set)")])
def test_secrets_are_shown_as_references_with_whether_they_are_set(
    monkeypatch: pytest.MonkeyPatch, value: str | None, word: str
) -> None:
    if value is not None:
        monkeypatch.setenv("GITHUB_TOKEN", value)
    [line] = [line for line in said("show").splitlines() if line.startswith("forge.token")]
    assert line.startswith('forge.token = "env:GITHUB_TOKEN"')
    assert line.endswith(f"# default {word}")
    assert "hunter2" not in said("show")
    assert "hunter2" not in said("show", "--json")


def test_json_holds_values_origins_and_what_was_not_taken_over(top: Path) -> None:
    made = json.loads(said("show", "--json"))
    assert made["top"] == str(top)
    assert made["values"]["version.tag-format"] == {"value": "r{version}", "from": "semantic_release"}
    assert made["values"]["forge.token"] == {"value": "env:GITHUB_TOKEN", "from": "default", "set": False}
    assert made["not-taken-over"] == [
        {"key": "tool.semantic_release.build_command", "why": "shipit has no such setting"}
    ]
