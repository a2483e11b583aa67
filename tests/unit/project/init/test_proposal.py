"""What is proposed for a repository: each thing that is recognised, and what is left alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from shipit.project.init.model import Clone, State
from tests.unit.project.init.memory import HOSTED, LIBRARY, PROJECT, Memory, own, proposal, text

DEFAULTS: dict[str, Any] = {"index": {"kind": "pypi"}, "gates": {"tests": {"run": "python -m pytest"}}}


def proposed(files: Mapping[str, str], clone: Clone = HOSTED, *, yes: bool = False) -> dict[str, Any]:
    return own(proposal(Memory({**LIBRARY, **files}, clone), lambda _, usual: yes or usual))


def notes(files: Mapping[str, str], clone: Clone = HOSTED) -> str:
    return "\n".join(proposal(Memory({**LIBRARY, **files}, clone)).notes)


def test_an_ordinary_library_needs_no_more_than_its_index_and_its_tests() -> None:
    assert proposed({}) == DEFAULTS


@pytest.mark.parametrize(
    ("clone", "branches"),
    [
        (Clone(remotes=("upstream",), branches=("main",), default="main"), {"remote": "upstream"}),
        (Clone(remotes=("origin",), branches=("master",), default="master"), {"main": "master"}),
        (Clone(remotes=("origin",), branches=("main", "stable"), default="stable"), {"main": "stable"}),
        (Clone(remotes=("origin",), branches=("dev", "main"), default="dev"), {"develop": "dev"}),
        (Clone(remotes=("origin",), branches=("x",), current="x"), {"main": "x"}),
        (Clone(), None),
    ],
)
def test_branches_and_remotes_are_those_that_git_names(clone: Clone, branches: dict[str, str] | None) -> None:
    assert proposed({}, clone).get("branches") == branches


def test_a_develop_branch_that_nobody_uses_is_asked_about_and_else_stays_a_comment() -> None:
    stale = Clone(
        remotes=("origin",),
        branches=("develop", "main"),
        default="main",
        is_ahead=lambda one, other: (one, other) == ("main", "develop"),
    )
    assert "branches" not in proposed({}, stale)
    assert '# branches.develop = "develop"\n' in text(proposal(Memory({**LIBRARY}, stale)))
    assert proposed({}, stale, yes=True)["branches"] == {"develop": "develop"}


def test_a_branch_of_python_semantic_release_is_followed() -> None:
    psr = {"pyproject.toml": f'{PROJECT}[tool.semantic_release.branches.main]\nmatch = "stable"\n'}
    clone = Clone(remotes=("origin",), branches=("main", "stable"), default="stable")
    assert "branches" not in proposed(psr, clone)


@pytest.mark.parametrize(
    ("tags", "form"),
    [
        (("v1.0.0", "v1.1.0"), None),
        (("1.0.0", "1.1.0", "v0.9.0"), "{version}"),
        (("demo-v1.0.0", "1.0"), "demo-v{version}"),
        (("demo-1.0.0rc1",), "demo-{version}"),
        (("release-1.0.0",), "release-{version}"),
        (("other-v1.0.0", "nightly"), None),
    ],
)
def test_tags_are_spelled_as_the_highest_one_so_far(tags: tuple[str, ...], form: str | None) -> None:
    clone = Clone(remotes=("origin",), branches=("main",), tags=tags)
    assert proposed({}, clone).get("version", {}).get("tag-format") == form


@pytest.mark.parametrize(
    ("version", "initial"), [("0.1.0", None), ("0.0.1", None), ("1.4.0", "1.4.0"), ("2.0.0.dev1", None)]
)
def test_a_version_that_no_tag_has_becomes_the_first_release(version: str, initial: str | None) -> None:
    found = proposed({"pyproject.toml": PROJECT.replace("0.1.0", version)})
    assert found.get("version", {}).get("initial") == initial


def test_places_that_repeat_the_version_are_written_too() -> None:
    files = {"demo/__init__.py": '__version__ = "0.1.0"\n', "web/package.json": '{"version": "0.1.0"}'}
    wanted = ["pyproject.toml:project.version", "demo/__init__.py:__version__", "web/package.json:version"]
    assert proposed(files)["version"]["files"] == wanted
    assert "version" not in proposed({"demo/__init__.py": '__version__ = "0.0.9"\n'})
    assert "version" not in proposed({"web/package.json": "{"})


def test_a_place_that_is_not_known_stays_a_comment() -> None:
    dynamic = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\ndynamic = ["version"]\n'
    shown = text(proposal(Memory({"pyproject.toml": dynamic})))
    assert '# version.files = ["src/NAME/__init__.py:__version__"]\n' in shown


@pytest.mark.parametrize(
    "lines",
    [
        'classifiers = ["Private :: Do Not Upload"]\n',
        "[tool.poetry]\npackage-mode = false\n",
        "[tool.uv]\npackage = false\n",
    ],
)
def test_what_its_own_files_call_private_is_published_nowhere(lines: str) -> None:
    assert proposed({"pyproject.toml": PROJECT + lines})["index"] == {"kind": "none"}


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"Dockerfile": ""}, "none"),
        ({"Dockerfile": "", "README.md": "https://pypi.org/project/demo/"}, "pypi"),
        ({"Dockerfile": "", ".github/workflows/a.yml": "run: uv publish"}, "pypi"),
    ],
)
def test_a_service_is_published_only_where_something_says_so(files: Mapping[str, str], kind: str) -> None:
    assert proposed(files)["index"]["kind"] == kind


def test_a_repository_without_a_name_gets_that_of_its_remote_or_folder() -> None:
    assert own(proposal(Memory({"app.py": ""}))) == {"name": "demo", "index": {"kind": "none"}}
    clone = Clone(remotes=("origin",), url="git@github.com:acme/My Service.git", branches=("main",))
    assert own(proposal(Memory({"app.py": ""}, clone)))["name"] == "My-Service"


@pytest.mark.parametrize(
    ("files", "file"),
    [
        ({"CHANGELOG.md": "# Changelog\n"}, None),
        ({"History.md": "# History\n"}, "History.md"),
        ({"docs/changelog.md": "# Changes\n"}, "docs/changelog.md"),
        ({"CHANGES.rst": "Changes\n"}, ""),
        ({"CHANGELOG.md": "# Changelog\n", "NEWS.rst": ""}, None),
    ],
)
def test_the_changelog_is_the_one_that_is_there(files: Mapping[str, str], file: str | None) -> None:
    assert proposed(files).get("changelog", {}).get("file") == file


def test_a_changelog_without_a_place_for_versions_gets_a_mark() -> None:
    seen = proposal(Memory({**LIBRARY, "CHANGELOG.md": "# Changes\n\n## Things\n\n- one\n\n## More\n"}))
    [change] = [one for one in seen.changes if one.path == "CHANGELOG.md"]
    assert (change.state, "<!-- shipit: new versions go below this line -->" in change.after) == (
        State.CHANGED,
        True,
    )


@pytest.mark.parametrize(
    ("lines", "pythons"),
    [
        ('requires-python = ">=3.11"\n', None),
        ('requires-python = ">=3.13"\n', ["3.13", "3.14"]),
        ('requires-python = ">3.12,<=3.14,!=3.13.1"\n', ["3.12", "3.13"]),
        ('requires-python = "==3.12"\n', ["3.12"]),
        ('requires-python = "~=3.12"\n', ["3.12", "3.13"]),
        ('[tool.poetry.dependencies]\npython = "^3.12"\n', ["3.12", "3.13"]),
        ('[tool.poetry.dependencies]\npython = "~3.12"\n', ["3.12"]),
        ('classifiers = ["Programming Language :: Python :: 3.11", "Programming Language :: Python :: 3.14"]\n',
         ["3.11", "3.14"]),
    ],
)  # fmt: skip
def test_the_tests_run_on_the_pythons_of_the_project(lines: str, pythons: list[str] | None) -> None:
    found = proposed({"pyproject.toml": PROJECT + lines})
    assert found.get("workflows", {}).get("pythons") == pythons


def test_a_project_for_other_pythons_is_told_so() -> None:
    older = PROJECT + 'classifiers = ["Programming Language :: Python :: 3.9"]\n'
    assert "names no Python on which shipit runs" in notes({"pyproject.toml": older})
    assert "names no Python on which shipit runs" in notes(
        {"pyproject.toml": f'{PROJECT}requires-python = "<3.11"\n'}
    )


@pytest.mark.parametrize(
    ("files", "gates"),
    [
        ({"pyproject.toml": f"{PROJECT}[tool.ruff]\n[tool.ruff.format]\n"},
         {"lint": {"run": "ruff check ."}, "format": {"run": "ruff format --check .", "verify": "lint"}}),
        ({"tox.ini": "[flake8]\n", ".isort.cfg": ""},
         {"lint": {"run": "flake8"}, "isort": {"run": "isort --check-only .", "verify": "lint"}}),
        ({".pylintrc": ""}, {"lint": {"run": "pylint --recursive=y ."}}),
        ({".pre-commit-config.yaml": "repo: https://github.com/psf/black\nrepo: pre-commit/mirrors-mypy\n",
          "demo/__init__.py": ""},
         {"format": {"run": "black --check .", "verify": "lint"}, "types": {"run": "mypy demo"}}),
        ({"mypy.ini": "[mypy]\n"}, {"types": {"run": "mypy"}}),
        ({"pyrightconfig.json": "{}"}, {"types": {"run": "pyright"}}),
    ],
)  # fmt: skip
def test_gates_are_the_tools_that_the_project_has(files: Mapping[str, str], gates: dict[str, Any]) -> None:
    assert proposed(files)["gates"] == {**gates, **DEFAULTS["gates"]}


@pytest.mark.parametrize(
    ("files", "least", "run"),
    [
        (
            {"pyproject.toml": f"{PROJECT}[tool.coverage.report]\nfail_under = 87.5\n"},
            87.5,
            " --cov --cov-report=xml",
        ),
        ({".coveragerc": "[report]\nfail_under = 80\n"}, 80, " --cov --cov-report=xml"),
        ({"setup.cfg": "[coverage:report]\nfail_under = 70\n"}, 70, " --cov --cov-report=xml"),
        ({"pytest.ini": "[pytest]\naddopts = --cov=demo --cov-fail-under=60\n"}, 60, " --cov-report=xml"),
        ({"pyproject.toml": f"{PROJECT}[tool.coverage.report]\nfail_under = 'much'\n"}, None, ""),
    ],
)
def test_coverage_is_what_the_project_demands_of_itself(
    files: Mapping[str, str], least: float | None, run: str
) -> None:
    gate = proposed(files)["gates"]["tests"]
    assert (gate.get("coverage"), gate["run"]) == (least, f"python -m pytest{run}")


def test_without_tests_and_tools_no_workflow_asks_for_them() -> None:
    seen = proposal(Memory({"pyproject.toml": PROJECT}))
    assert "gates" not in own(seen)
    assert "there are no tests" in "\n".join(seen.notes)
    assert ".github/workflows/tests.yml" not in {one.path for one in seen.changes}


def test_images_have_names_contexts_and_reasons() -> None:
    files = {
        "Dockerfile": "COPY . .\n",
        "Dockerfile.worker": "",
        "api.Dockerfile": "",
        "services/mail/Dockerfile": "FROM a\nCOPY --from=build /x /x\nCOPY run.py $HOME/x /app\n",
        "services/mail/run.py": "",
        "other/mail/Dockerfile": "COPY nowhere.txt /x\nADD https://example.org/x /y\n",
        "docker/Containerfile": "COPY tests/ /t\n",
        "tests/Dockerfile": "",
    }
    assert proposed(files)["images"] == {
        "demo": {"file": "Dockerfile"},
        "worker": {"file": "Dockerfile.worker"},
        "api": {"file": "api.Dockerfile"},
        "mail": {"file": "services/mail/Dockerfile", "context": "services/mail"},
        "other-mail-dockerfile": {"file": "other/mail/Dockerfile"},
        "docker-containerfile": {"file": "docker/Containerfile"},
    }
    assert "tests/Dockerfile is left out" in notes(files)


@pytest.mark.parametrize(
    ("files", "migrations"),
    [
        ({"alembic.ini": ""}, {"engine": "alembic"}),
        ({"backend/alembic.ini": ""}, {"engine": "alembic", "path": "backend"}),
        ({"manage.py": "", "shop/migrations/0001_initial.py": ""}, {"engine": "django"}),
        ({"site/manage.py": "", "site/shop/migrations/0001_initial.py": ""}, {"engine": "django", "path": "site"}),
        ({"manage.py": ""}, None),
        ({"migrations/0001_a.sql": ""}, None),
        ({"db/migrations/20250101_a.sql": "-- migrate:up\n"}, {"path": "db/migrations"}),
        ({"sql/V1__a.sql": ""}, {"path": "sql"}),
        ({"db/1_a.up.sql": "", "db/1_a.down.sql": ""}, {"path": "db"}),
        ({"a/1_a.sql": "", "b/1_a.sql": ""}, None),
        ({"db/1_a.sql": "-- +goose Up\n"}, None),
        ({"migrations/1.py": "from yoyo import step\n"}, None),
    ],
)
def test_migrations_are_found_where_they_are(files: Mapping[str, str], migrations: dict[str, str] | None) -> None:
    assert proposed(files).get("migrations") == migrations


def test_what_migrates_another_way_and_where_the_database_is_stay_comments() -> None:
    shown = text(proposal(Memory({**LIBRARY, "db/1_a.sql": "-- +goose Up\n"})))
    assert '# migrations.engine = "command"\n# migrations.command = "goose up"\n' in shown
    assert "# [tool.shipit.environments.production]\n" in shown
    assert "SQL files lie in a, b" in notes({"a/1_a.sql": "", "b/1_a.sql": ""})
    assert "migrations are read from migrations: `shipit verify" in notes({"migrations/0001_a.sql": ""})


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {"web/vercel.json": "{}"},
            'kind = "vercel", project = "NAME", token = "env:VERCEL_TOKEN", source = "web"',
        ),
        ({".vercel/project.json": "{}"}, 'source = "."'),
        ({"web/package.json": '{"scripts": {"build": "vite build"}}'}, 'kind = "directory", source = "web"'),
        ({"package.json": '{"scripts": 1}'}, ""),
        ({"package.json": "["}, ""),
        ({"package.json": "[]"}, ""),
    ],
)
def test_a_frontend_is_a_target_in_a_comment(files: Mapping[str, str], line: str) -> None:
    shown = text(proposal(Memory({**LIBRARY, **files})))
    assert ("targets.frontend" in shown, line in shown) == (bool(line), True)


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["libs/core", "apps/web"], ["core", "web"]),
        (["libs/core", "apps/core"], ["libs-core", "apps-core"]),
        (["libs/öffentliche-auskunft", "libs/über"], ["offentliche-auskunft", "uber"]),
        (["libs/接続", "libs/管理"], ["libs", "libs-2"]),
        (["libs/接続", "libs/a"], ["package", "a"]),
        (["libs/a b", "libs/a.b", "libs-a/b"], ["libs-a-b", "libs-a-b-2", "b"]),
    ],
)
def test_no_two_packages_have_one_name(folders: list[str], names: list[str]) -> None:
    files = {f"{one}/pyproject.toml": PROJECT.replace("demo", f"demo{at}") for at, one in enumerate(folders)}
    files["pyproject.toml"] = f'{PROJECT}[tool.uv.workspace]\nmembers = ["libs/*", "apps/*", "libs-a/*"]\n'
    found = proposed(files, yes=True)["packages"]
    assert {one["path"]: name for name, one in found.items()} == dict(zip(folders, names, strict=True))


def test_members_of_a_workspace_are_released_on_their_own_where_their_tags_say_so() -> None:
    root = f'{PROJECT}[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/private"]\n'
    files = {
        "pyproject.toml": root,
        "packages/core/pyproject.toml": PROJECT.replace("demo", "demo-core"),
        "packages/none/pyproject.toml": '[tool.poetry]\nname = "none"\n',
        "packages/broken/pyproject.toml": "[",
        "packages/private/pyproject.toml": PROJECT,
        "packages/secret/pyproject.toml": f'{PROJECT}classifiers = ["Private :: Do Not Upload"]\n',
    }
    tagged = Clone(remotes=("origin",), branches=("main",), tags=("demo-core@1.0.0", "core-x1.0.0", "v2"))
    assert proposed(files, tagged)["packages"] == {
        "core": {"path": "packages/core", "tag-format": "demo-core@{version}"},
        "none": {"path": "packages/none"},
    }
    assert "packages" not in proposed(files)
    assert '# core = { path = "packages/core" }\n' in text(proposal(Memory({**LIBRARY, **files})))
    assert "core" in proposed(files, yes=True)["packages"]
    assert "packages/secret is left out" in notes(files)
    assert "packages" not in proposed({"pyproject.toml": root})


def test_packages_of_one_name_are_named_by_their_folder() -> None:
    files = {f"{folder}/api/pyproject.toml": PROJECT.replace("0.1.0", "0.3.0") for folder in ("left", "right")}
    assert own(proposal(Memory(dict(files))))["packages"] == {
        "left-api": {"path": "left/api", "initial": "0.3.0"},
        "right-api": {"path": "right/api", "initial": "0.3.0"},
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pyproject.toml": f"{PROJECT}[tool.semantic_release]\n"}, "[tool.semantic_release] of python-semantic"),
        ({".cz.toml": '[tool.commitizen]\nname = "cz_conventional_commits"\n'}, ""),
        ({"release-please-config.json": "{}"}, "of release-please is not read"),
        ({"pyproject.toml": f"{PROJECT}[tool.towncrier]\na = 1\n"}, "fragments of towncrier"),
        ({".github/workflows/ci.yml": "run: pytest"}, "ci.yml runs pytest, too"),
        ({".github/workflows/ship.yml": "uses: release-please"}, "ship.yml releases, too (release-please)"),
        ({".github/workflows/ship.yml": "run: shipit release"}, ""),
        ({".github/workflows/docs.yml": "run: mkdocs"}, ""),
    ],
)
def test_other_tools_that_release_are_named(files: Mapping[str, str], said: str) -> None:
    assert said in notes(files)


def test_what_bump_my_version_writes_is_taken_over() -> None:
    files = '[{ filename = "README.md" }, { filename = "a.py" }, 1]'
    table = f'[tool.bumpversion]\ntag_name = "{{new_version}}"\nfiles = {files}\n'
    wanted = {"tag-format": "{version}", "mentions": ["README.md"]}
    assert proposed({"pyproject.toml": PROJECT + table})["version"] == wanted
    old = "[bumpversion]\ntag_name = {new_version}\n[bumpversion:file:README.md]\n[bumpversion:file:setup.py]\n"
    assert proposed({".bumpversion.cfg": old})["version"] == wanted
    tagged = Clone(remotes=("origin",), branches=("main",), tags=("v1.0.0",))
    assert "version" not in proposed({"setup.cfg": "[bumpversion]\n"}, tagged)


def test_settings_that_are_there_are_not_touched_and_the_workflows_follow_them() -> None:
    files = {**LIBRARY, "pyproject.toml": f'{PROJECT}[tool.shipit.gates]\nlint = {{ run = "ruff check ." }}\n'}
    seen = proposal(Memory(files))
    assert "pyproject.toml" not in {one.path for one in seen.changes}
    [tests] = [one for one in seen.changes if one.path.endswith("tests.yml")]
    assert "shipit verify lint" in tests.after
    assert "shipit verify tests" not in tests.after


def test_a_tool_table_that_no_lines_can_follow_leads_to_a_file_of_its_own() -> None:
    files = {**LIBRARY, "pyproject.toml": f"tool = {{ a = {{ b = 1 }} }}\n{PROJECT}"}
    seen = proposal(Memory(files))
    assert own(seen) == DEFAULTS
    assert "shipit.toml" in {one.path for one in seen.changes}


def test_an_empty_table_is_filled_where_it_stands_and_line_ends_stay() -> None:
    before = f"{PROJECT}[tool.shipit]  # soon\n\n[tool.ruff]\nline-length = 100 # wide\n".replace("\n", "\r\n")
    after = text(proposal(Memory({**LIBRARY, "pyproject.toml": before})))
    assert after.count("\r\n") == after.count("\n")
    head, _, rest = after.partition("[tool.shipit]")
    assert (before.startswith(head), before.endswith(rest.partition("\r\n\r\n[tool.ruff]")[2])) == (True, True)
    assert own(proposal(Memory({**LIBRARY, "pyproject.toml": before})))["index"] == {"kind": "pypi"}


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, "/reports/\n"), ("dist/", "dist/\n/reports/\n"), ("dist/\r\n", "dist/\r\n/reports/\r\n")],
)
def test_reports_are_ignored_by_git(before: str | None, after: str) -> None:
    files = {**LIBRARY, **({".gitignore": before} if before else {})}
    assert next(one.after for one in proposal(Memory(files)).changes if one.path == ".gitignore") == after
    silent = proposal(Memory(files, ignored=("reports/junit.xml",)))
    assert ".gitignore" not in {one.path for one in silent.changes}


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("https://gitlab.com/acme/demo.git", True),
        ("git@codeberg.org:acme/demo.git", True),
        ("git@github.com:acme/demo.git", False),
        ("../demo.git", False),
        ("/srv/git/demo.git", False),
        ("file:///srv/demo.git", False),
        ("", False),
    ],
)
def test_workflows_for_github_are_asked_about_where_the_remote_is_elsewhere(url: str, asks: bool) -> None:
    asked: list[str] = []

    def ask(question: str, usual: bool) -> bool:
        asked.append(question)
        return usual

    clone = Clone(remotes=("origin",), url=url, branches=("main",))
    seen = proposal(Memory({**LIBRARY}, clone), ask)
    has_workflows = any(one.path.startswith(".github/") for one in seen.changes)
    assert (bool(asked), has_workflows) == (asks, not asks)
    once = proposal(Memory({**LIBRARY}, clone), lambda *_: True)
    kept = {one.path: one.after for one in once.changes if one.path.startswith(".github/")}
    asked.clear()
    proposal(Memory({**LIBRARY, **kept}, clone), ask)
    assert asked == []


def test_checks_that_the_forge_demands_are_configured_and_releases_go_through_pull_requests() -> None:
    seen = proposal(Memory({**LIBRARY}, required=("python-tests (3.11)", "tox")))
    assert own(seen)["protection"] == {"required-checks": ["python-tests (3.11)", "tox"]}
    assert "main is protected" in "\n".join(seen.notes)
    assert " --pr\n" in next(one.after for one in seen.changes if one.path.endswith("release.yml"))


def test_every_file_has_a_reason() -> None:
    lines = [
        f"[tool.shipit.environments.{name}]\nfrom = '{branch}'\ndatabase.url = '{url}'\n"
        for name, branch, url in (("production", "tags", "env:A"), ("here", "main", "sqlite:///a.db"))
    ]
    images = "[tool.shipit.images]\nweb = { file = 'Dockerfile' }\n"
    seen = proposal(Memory({**LIBRARY, "pyproject.toml": "".join([PROJECT, images, *lines])}))
    reasons = {one.path: one.reason for one in seen.changes}
    assert "" not in reasons.values()
    assert reasons[".github/workflows/deploy-here.yml"] == "what is deployed to here, and when"
    assert ".github/actionlint.yaml" in reasons


def test_long_values_stand_on_several_lines_or_below_a_head_of_their_own() -> None:
    long = "packages/" + "x" * 60
    modules = [f"demo_{number}/__init__.py" for number in range(4)]
    bumped = "".join(f'{{ filename = "docs/{"y" * 20}{number}.md" }}, ' for number in range(4))
    tables = f"[tool.bumpversion]\nfiles = [{bumped}]\n[tool.uv.workspace]\nmembers = ['*/*']\n"
    files = {
        "pyproject.toml": f"{PROJECT}{tables}",
        f"{long}a/pyproject.toml": PROJECT,
        f"{long}b/pyproject.toml": PROJECT,
        **dict.fromkeys(modules, ""),
    }
    seen = proposal(Memory({**LIBRARY, **files}), lambda *_: True)
    shown = text(seen)
    assert f'version.mentions = [\n  "docs/{"y" * 20}0.md",\n' in shown
    assert f'\n\n[tool.shipit.packages.{"x" * 60}b]\npath = "{long}b"\n' in shown
    assert set(own(seen)["packages"]) == {"x" * 60 + "a", "x" * 60 + "b"}
