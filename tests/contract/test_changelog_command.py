"""`shipit changelog` from its command line down, on real repositories."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipit.changelog.insertion import MARKER
from shipit.errors import Refused, UsageError
from tests.support.light import PYPROJECT, Clone

PAGE = "https://github.com/acme/tool"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    made = Clone(tmp_path / "work")
    monkeypatch.chdir(made.top)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    return made


def headings(text: str) -> list[str]:
    return [line.partition(" - ")[0] for line in text.splitlines() if line.startswith("## ")]


def editions(clone: Clone, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in clone.shipit("changelog", *words, "--json").stdout.splitlines()]


class TestWhatIsNotReleased:
    def test_is_told_with_links_to_the_page_of_the_repository(self, clone: Clone) -> None:
        sha = clone.change("feat: more")
        assert clone.shipit("changelog").stdout == (
            f"## Unreleased\n\n### Features\n\n- more ([`{sha[:7]}`]({PAGE}/commit/{sha}))\n\n"
            f"**Full changelog**: {PAGE}/compare/v1.0.0...HEAD\n"
        )
        assert clone.shipit("changelog", "--unreleased").stdout == clone.shipit("changelog").stdout

    def test_has_no_links_where_there_is_no_forge(self, clone: Clone) -> None:
        clone.write("pyproject.toml", PYPROJECT.replace('repository = "acme/tool"', 'kind = "none"'))
        sha = clone.change("feat: more")
        assert clone.shipit("changelog").stdout == f"## Unreleased\n\n### Features\n\n- more (`{sha[:7]}`)\n"

    def test_is_nothing_right_after_a_release(self, clone: Clone) -> None:
        result = clone.shipit("changelog")
        assert (result.stdout, result.stderr) == ("", "no changes since v1.0.0\n")

    def test_is_nothing_before_anybody_said_anything(self, clone: Clone) -> None:
        clone.git("tag", "--delete", "v1.0.0")
        clone.git("commit", "--quiet", "--amend", "--message=Merge nothing")
        assert clone.shipit("changelog", "--all").stderr == "no changes\n"

    def test_is_data_as_json(self, clone: Clone) -> None:
        clone.change("fix: it")
        (told,) = editions(clone)
        assert (told["version"], told["tag"], told["previous"], told["date"]) == (None, None, "v1.0.0", None)
        assert [change["description"] for change in told["sections"]["Fixes"]] == ["it"]

    def test_tells_who_contributed_for_the_first_time(self, clone: Clone) -> None:
        clone.change("fix: it\n\nCo-authored-by: Bea <bea@example.com>")
        said = clone.shipit("changelog", "--people").stdout
        assert "- Ann\n" in said
        assert "- Bea made their first contribution\n" in said

    def test_knows_nobody_as_new_before_the_first_release(self, clone: Clone) -> None:
        clone.git("tag", "--delete", "v1.0.0")
        assert "- Ann\n" in clone.shipit("changelog", "--people").stdout

    def test_needs_the_template_that_is_named(self, clone: Clone) -> None:
        clone.configure('changelog.template = "notes.j2"')
        stop = clone.stops(Refused, ["changelog"])
        assert stop.what == "notes.j2 is not there, but changelog.template names it"
        assert stop.hint == "correct changelog.template"

    def test_is_told_by_a_template_of_one_s_own(self, clone: Clone) -> None:
        clone.configure('changelog.template = "notes.j2"')
        clone.write("notes.j2", "{% for change in sections.Features %}* {{ change.description }}\n{% endfor %}")
        clone.change("feat: more")
        assert clone.shipit("changelog").stdout == "## Unreleased\n\n* more\n"
        assert headings(clone.shipit("changelog", "--unreleased").stdout) == ["## Unreleased"]


class TestEveryRelease:
    @pytest.fixture(autouse=True)
    def released(self, clone: Clone) -> None:
        clone.change("fix: it", tag="v1.0.1")
        clone.change("chore: tidy")
        clone.change("feat: more", tag="v1.1.0-rc.1")

    def test_has_a_heading_of_its_own(self, clone: Clone) -> None:
        said = clone.shipit("changelog", "--all").stdout
        assert headings(said) == ["## Unreleased", "## [1.0.1]", "## [1.0.0]"]
        assert f"{PAGE}/compare/v1.0.0...v1.0.1" in said

    def test_tells_the_same_in_full_as_at_a_glance(self, clone: Clone) -> None:
        brief, in_full = (
            [line for line in clone.shipit("changelog", "--all", *words).stdout.splitlines() if line]
            for words in ([], ["--people"])
        )
        people = {"### Contributors", "- Ann"}
        assert people <= {*in_full}
        assert [line for line in in_full if line not in people] == brief

    def test_is_an_object_with_every_change_as_json(self, clone: Clone) -> None:
        unreleased, last, first = editions(clone, "--all")
        assert (unreleased["tag"], last["tag"], first["tag"]) == (None, "v1.0.1", "v1.0.0")
        assert last["sections"]["Fixes"][0]["author"] == "Ann"
        assert first["previous"] is None

    def test_is_left_out_of_the_top_when_nothing_came_since(self, clone: Clone) -> None:
        clone.change("feat: done", tag="v1.1.0")
        assert headings(clone.shipit("changelog", "--all").stdout) == ["## [1.1.0]", "## [1.0.1]", "## [1.0.0]"]

    def test_is_written_into_a_new_file_and_into_no_other(self, clone: Clone) -> None:
        assert clone.shipit("changelog", "--all", "--write").stderr == f"wrote {clone.top / 'CHANGELOG.md'}\n"
        written = clone.read("CHANGELOG.md")
        assert headings(written) == [f"## [1.0.1]({PAGE}/compare/v1.0.0...v1.0.1)", "## [1.0.0]"]
        stop = clone.stops(Refused, ["changelog", "--all", "--write"])
        assert stop.what.startswith("CHANGELOG.md exists already")
        assert clone.read("CHANGELOG.md") == written


class TestARange:
    @pytest.fixture(autouse=True)
    def released(self, clone: Clone) -> None:
        clone.change("fix: it", tag="v1.0.1")
        clone.change("feat: more")

    def test_that_ends_with_a_version_is_told_as_that_release(self, clone: Clone) -> None:
        said = clone.shipit("changelog", "v1.0.0..v1.0.1").stdout
        assert headings(said) == ["## [1.0.1]"]
        assert ("- it (" in said, "- more (" in said) == (True, False)

    def test_without_an_end_goes_up_to_the_current_commit(self, clone: Clone) -> None:
        said = clone.shipit("changelog", "v1.0.0..").stdout
        assert headings(said) == ["## Unreleased"]
        assert ("- it (" in said, "- more (" in said) == (True, True)

    def test_that_ends_elsewhere_bears_that_name(self, clone: Clone) -> None:
        assert headings(clone.shipit("changelog", "v1.0.1..main").stdout) == ["## main"]

    def test_without_any_commit_has_no_date(self, clone: Clone) -> None:
        (told,) = editions(clone, "v1.0.1..v1.0.1")
        assert (told["version"], told["date"], told["sections"]) == ("1.0.1", None, {})

    @pytest.mark.parametrize("span", ["v1.0.0", "..v1.0.1", "v1.0.0...v1.0.1", "a..-x"])
    def test_of_another_form_is_no_range(self, clone: Clone, span: str) -> None:
        assert clone.stops(UsageError, ["changelog", span]).what == f"`{span}` is not a range"

    def test_between_what_nobody_knows_is_refused(self, clone: Clone) -> None:
        assert "there is no commit `v9.0.0`" in clone.stops(UsageError, ["changelog", "v9.0.0..main"]).what

    @pytest.mark.parametrize("words", [["v1.0.0..", "--all"], ["--all", "--unreleased"]])
    def test_is_asked_for_alone(self, clone: Clone, words: list[str]) -> None:
        assert "exclude each other" in clone.stops(UsageError, ["changelog", *words]).what


class TestWriting:
    def test_inserts_what_would_come_next_and_only_once(self, clone: Clone) -> None:
        path = clone.write("CHANGELOG.md", "# Changelog\n\n## [1.0.0] - 2024-01-01\n\n- first\n")
        before = clone.read("CHANGELOG.md")
        clone.change("feat: more")
        assert clone.shipit("changelog", "--write", "--people").stderr == f"wrote {path}\n"
        after = clone.read("CHANGELOG.md")
        assert after.startswith(f"# Changelog\n\n## [1.1.0]({PAGE}/compare/v1.0.0...v1.1.0) - 2025-06-15\n")
        assert after.endswith(before.removeprefix("# Changelog\n\n"))
        assert clone.shipit("changelog", "--write").stderr == "already in the changelog\n"
        assert clone.read("CHANGELOG.md") == after

    def test_takes_the_conventional_headings_where_they_are_asked_for(self, clone: Clone) -> None:
        clone.configure('changelog.style = "conventional"')
        clone.change("feat: more")
        clone.shipit("changelog", "--write")
        assert f"## [1.1.0]({PAGE}/compare/v1.0.0...v1.1.0) (2025-06-15)\n" in clone.read("CHANGELOG.md")

    @pytest.mark.parametrize("template", ["", "{% for one in breaking %}\n{{ one.breaking[0] }}\n{% endfor %}"])
    def test_takes_no_words_of_a_commit_for_a_version(self, clone: Clone, template: str) -> None:
        if template:
            clone.write("notes.j2", template)
            clone.configure('changelog.template = "notes.j2"')
        clone.write("CHANGELOG.md", "# Changelog\n\n## [1.0.0] - 2024-01-01\n\n- first\n")
        clone.change("feat!: more\n\nBREAKING CHANGE: all\n\n## [9.9.9]\n\n9.9.9\n---\n\n<!-- x", tag="v2.0.0")
        clone.shipit("changelog", "v1.0.0..v2.0.0", "--write")
        written = clone.read("CHANGELOG.md")
        assert "\\## [9.9.9]\n" in written
        assert headings(written) == [f"## [2.0.0]({PAGE}/compare/v1.0.0...v2.0.0)", "## [1.0.0]"]
        assert clone.shipit("changelog", "v1.0.0..v2.0.0", "--write").stderr == "already in the changelog\n"
        clone.change("feat: even more")
        clone.shipit("changelog", "--write")
        assert [line[4:9] for line in headings(clone.read("CHANGELOG.md"))] == ["2.1.0", "2.0.0", "1.0.0"]

    def test_has_nothing_to_write_where_nothing_comes_next(self, clone: Clone) -> None:
        stop = clone.stops(Refused, ["changelog", "--write"])
        assert stop.what == "nothing to write: no commits since v1.0.0"
        assert not (clone.top / "CHANGELOG.md").exists()

    def test_takes_released_versions_only(self, clone: Clone) -> None:
        clone.change("feat: more")
        stop = clone.stops(UsageError, ["changelog", "v1.0.0..", "--write"])
        assert stop.what == "only released versions can be written"

    def test_needs_a_file(self, clone: Clone) -> None:
        clone.configure('changelog.file = ""')
        clone.change("feat: more")
        for words in (["--write"], ["adopt"]):
            assert clone.stops(UsageError, ["changelog", *words]).what == "no changelog is configured"

    @pytest.mark.parametrize(
        ("path", "what"), [("docs", "docs is a folder"), ("README.md/news.md", "README.md is a file")]
    )
    def test_needs_a_place_for_the_file(self, clone: Clone, path: str, what: str) -> None:
        clone.configure(f'changelog.file = "{path}"')
        clone.write("docs/index.md", "# index\n")
        clone.write("README.md", "# tool\n")
        clone.change("feat: more")
        for words in (["--write"], ["adopt"]):
            stop = clone.stops(UsageError, ["changelog", *words])
            assert stop.what == f"the changelog cannot be written to {path}: {what}"

    def test_of_a_package_without_a_changelog_needs_one_too(self, clone: Clone) -> None:
        clone.configure('packages.tiny = { path = "tiny", changelog = "" }')
        clone.write("tiny/pyproject.toml", '[project]\nname = "tiny"\nversion = "0.1.0"\n')
        clone.change("feat: tiny")
        assert "- tiny (" in clone.shipit("changelog", "--package", "tiny").stdout
        stop = clone.stops(UsageError, ["changelog", "--write", "--package", "tiny"])
        assert stop.what == "no changelog is configured"


class TestAdopting:
    def test_marks_the_place_of_new_versions_once(self, clone: Clone) -> None:
        before = "# History\n\nHow we work.\n\n## Epoch of the ancients\n\n- began\n"
        clone.write("CHANGELOG.md", before)
        said = clone.shipit("changelog", "adopt").stderr
        assert said == f"marked the place of new versions, which go to CHANGELOG.md:6: {MARKER}\n"
        adopted = clone.read("CHANGELOG.md")
        assert adopted.replace(f"{MARKER}\n\n", "") == before
        assert clone.shipit("changelog", "adopt").stderr == "nothing to do: new versions go to CHANGELOG.md:6\n"
        assert clone.read("CHANGELOG.md") == adopted

    @pytest.mark.parametrize("text", [None, "\n \n"])
    def test_needs_something_to_adopt(self, clone: Clone, text: str | None) -> None:
        if text is not None:
            clone.write("CHANGELOG.md", text)
        stop = clone.stops(Refused, ["changelog", "adopt"])
        assert stop.what == "there is no CHANGELOG.md to adopt"
        assert "shipit changelog --all --write" in (stop.hint or "")


class TestThroughALink:
    """Nothing is written outside of the repository, whether the file is a link or a folder above it."""

    @pytest.mark.parametrize("words", [("--write",), ("--all", "--write"), ("adopt",)])
    @pytest.mark.parametrize("path", ["CHANGELOG.md", "docs/CHANGELOG.md"])
    @pytest.mark.parametrize("text", [None, "news\n"])
    def test_that_leads_out_is_refused(
        self, clone: Clone, words: tuple[str, ...], path: str, text: str | None
    ) -> None:
        outside = clone.top.parent / "outside"
        outside.mkdir()
        target = outside / "CHANGELOG.md"
        if text:
            target.write_text(text)
        link = clone.top / path.partition("/")[0]
        link.symlink_to(outside if "/" in path else target)
        clone.configure(f'changelog.file = "{path}"')
        clone.change("feat: more")
        stop = clone.stops(Refused, ["changelog", *words])
        assert (stop.what, stop.exit_code) == (f"{path} leads out of the repository", 4)
        assert (target.read_text() if target.exists() else None) == text
        assert len(list(outside.iterdir())) == bool(text)

    def test_that_leads_to_itself_is_refused(self, clone: Clone) -> None:
        (clone.top / "CHANGELOG.md").symlink_to("CHANGELOG.md")
        clone.change("feat: more")
        assert clone.stops(Refused, ["changelog", "--write"]).what == "CHANGELOG.md is a link to itself"

    def test_that_stays_inside_is_followed(self, clone: Clone) -> None:
        made = clone.write("docs/NEWS.md", "# News\n")
        (clone.top / "CHANGELOG.md").symlink_to("docs/NEWS.md")
        clone.change("feat: more")
        clone.shipit("changelog", "--write")
        assert "## [1.1.0]" in made.read_text()
        assert (clone.top / "CHANGELOG.md").is_symlink()
