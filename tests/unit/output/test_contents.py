"""Notes and patches below the plan of a dry run."""

import json
from pathlib import Path

import pytest

from shipit import masking
from shipit.engine import events
from shipit.engine.plan import absent
from shipit.engine.preview import Contents, Patch, Preview
from shipit.output.line import plain
from shipit.output.patches import contents_lines, notes_lines, patches_lines
from shipit.versioning.columns import columns
from tests.unit.output.stage import Stage, terminal

PYPROJECT = Patch(
    "pyproject.toml",
    "diff --git a/pyproject.toml b/pyproject.toml\nindex 1..2 100644\n--- a/pyproject.toml\n+++ b/pyproject.toml\n"
    '@@ -1,3 +1,3 @@\n [project]\n-version = "1.0.0"\n+version = "1.1.0"\n --- no head\n',
)
NEW = Patch(
    "CHANGES.md",
    "diff --git a/CHANGES.md b/CHANGES.md\nnew file mode 100644\nindex 0..2\n--- /dev/null\n+++ b/CHANGES.md\n"
    "@@ -0,0 +1,2 @@\n+# Changes\n+- one\n\\ No newline at end of file\n",
)
LOCK = Patch("web/package-lock.json", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{1}\n+{2}\n")
BINARY = Patch("a.bin", "diff --git a/a.bin b/a.bin\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKc${NkU}\n\n")
LONG = Patch(
    "LOG",
    "diff --git a/LOG b/LOG\n--- a/LOG\n+++ b/LOG\n@@ -0,0 +1,500 @@\n" + "".join(f"+{n}\n" for n in range(500)),
)
WORDY = Patch(
    "notes.txt",
    "diff --git a/notes.txt b/notes.txt\n--- a/notes.txt\n+++ b/notes.txt\n@@ -1 +1 @@\n"
    f"-- {'some words ' * 20}\n+- {'other words ' * 20}\n",
)
NOTES = f"### Fixes\n\n- {'a long line of words ' * 12}(#12)\n- 数据库连接池\n\n```\n\x1b[31mred\n```\n"
ALL = Contents(notes=NOTES, diffs=(PYPROJECT, NEW, LOCK, BINARY, LONG, WORDY))


def shown(*patches: Patch, width: int | None = None, more: str = "elsewhere") -> list[str]:
    return [plain(line) for line in patches_lines(patches, width, more)]


def test_a_file_has_a_head_with_its_counts_and_then_its_patch() -> None:
    assert shown(PYPROJECT) == [
        "",
        "pyproject.toml: 1 line added, 1 removed",
        "--- a/pyproject.toml",
        "+++ b/pyproject.toml",
        "@@ -1,3 +1,3 @@",
        " [project]",
        '-version = "1.0.0"',
        '+version = "1.1.0"',
        " --- no head",
    ]
    assert shown(NEW)[1] == "CHANGES.md: new file, 2 lines added"
    assert shown(NEW)[-1] == "\\ No newline at end of file"


def test_a_lock_file_is_folded_with_its_counts_and_shown_where_all_is_asked_for() -> None:
    assert shown(LOCK) == ["", "web/package-lock.json: 1 line added, 1 removed", "folded: elsewhere"]
    assert shown(LOCK, more="")[-2:] == ["-{1}", "+{2}"]


@pytest.mark.parametrize(
    "name", ["uv.lock", "a/Cargo.lock", "pnpm-lock.yaml", "npm-shrinkwrap.json", "pylock.web.toml"]
)
def test_every_kind_of_lock_file_is_known_by_its_name(name: str) -> None:
    is_folded = "folded: elsewhere" in shown(Patch(name, LOCK.diff))
    assert is_folded


@pytest.mark.parametrize("name", ["lock", "locksmith.toml", "a.lock/b.txt", "clock.json"])
def test_a_file_whose_name_only_sounds_like_it_is_shown(name: str) -> None:
    assert shown(Patch(name, LOCK.diff))[-2:] == ["-{1}", "+{2}"]


def test_a_long_patch_is_cut_and_says_how_much_is_left_out() -> None:
    lines = shown(LONG)
    assert lines[1] == "LOG: 500 lines added"
    assert lines[-2:] == ["+96", "… 403 more lines: elsewhere"]
    assert shown(LONG, more="")[-1] == "+499"


def test_a_binary_file_is_said() -> None:
    assert shown(BINARY) == ["", "a.bin: binary, not shown"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_are_broken_between_words_only_and_keep_their_sign(width: int) -> None:
    lines = [plain(line) for line in contents_lines(ALL, width, "elsewhere")]
    assert max(map(columns, lines)) <= width
    wordy = shown(WORDY, width=width)[5:]
    assert {line[0] for line in wordy} == {"-", "+"}
    assert {word for line in wordy for word in line[1:].split()} == {"-", "some", "other", "words"}
    assert " ".join(" ".join(notes_lines(NOTES, width)).split()) == " ".join(NOTES.replace("\x1b[31m", "").split())


def test_a_terminal_shows_it_below_the_plan_in_colour_and_without_what_moves_the_cursor() -> None:
    stage = terminal(80)
    stage.renderer.preview(Preview(title="Release", contents=ALL))
    assert stage.lines.index("notes, as they are published") > stage.lines.index("Release")
    assert stage.lines.index("changes of the release commit: 6 files") > stage.lines.index("### Fixes")
    assert '\x1b[32m+version = "1.1.0"' in stage.raw
    assert '\x1b[31m-version = "1.0.0"' in stage.raw
    assert "\x1b[31mred" not in stage.raw
    assert max(map(columns, stage.lines)) <= 80


def test_a_pipe_breaks_no_line_of_them() -> None:
    stage = Stage()
    stage.renderer.preview(Preview(title="Release", contents=ALL))
    assert f"+- {'other words ' * 20}" in stage.lines
    assert "folded: -v shows all of it" in stage.lines
    assert stage.raw == stage.text


def test_with_v_all_of_it_is_shown_and_the_command_of_each_step() -> None:
    argv = ("git", "push", "--force-with-lease=refs/x:", "origin", f"{'1' * 40}:refs/heads/release/v1.1.0", "<tag>")
    steps = (events.Looked("push", "Push", absent(), argv), events.Looked("close", "Close", absent()))
    seen = Preview(title="Release", looked=steps, contents=ALL)
    stage = Stage(verbose=True, COLUMNS="80")
    stage.renderer.preview(seen)
    assert stage.lines[3:5] == [
        "    $ git push --force-with-lease=refs/x: origin",
        f"      {'1' * 40}:refs/heads/release/v1.1.0 '<tag>'",
    ]
    assert "+499" in stage.lines
    quiet = Stage(COLUMNS="80")
    quiet.renderer.preview(seen)
    assert not [line for line in quiet.lines if "$ git" in line]


def test_a_word_of_a_command_is_never_cut() -> None:
    stage = Stage(verbose=True, COLUMNS="40")
    step = events.Looked("push", "Push", absent(), ("git", "x" * 100))
    stage.renderer.preview(Preview(title="Release", looked=(step,)))
    assert f"      {'x' * 100}" in stage.lines


def test_programs_get_every_byte_and_the_commands() -> None:
    patch = Patch("a", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-\t1\r\n+\t2\udce9\x1b[31m\r\n")
    step = events.Looked("push", "Push", absent(), ("git", "push"))
    still = events.Looked("close", "Close", absent())
    stage = Stage(json=True)
    seen = Preview(title="Release", looked=(step, still), contents=Contents(notes=NOTES, diffs=(patch,)))
    stage.renderer.preview(seen)
    written = json.loads(stage.stdout.getvalue())
    assert written["notes"] == NOTES
    assert written["diffs"] == [{"path": "a", "diff": patch.diff}]
    assert written["looked"][0]["argv"] == ["git", "push"]
    assert "argv" not in written["looked"][1]
    assert "contents" not in written


def test_a_plan_that_makes_no_release_has_neither_notes_nor_patches() -> None:
    stage = Stage(json=True)
    stage.renderer.preview(Preview(title="Migrate"))
    assert {"notes", "diffs", "contents"}.isdisjoint(json.loads(stage.stdout.getvalue()))


@pytest.mark.parametrize("words", ["hunter2hunter2", "hunter2\x1b[31mhunter2"])
def test_a_secret_leaves_neither_in_notes_nor_in_patches_nor_in_commands(words: str, tmp_path: Path) -> None:
    masking.register("hunter2hunter2")
    step = events.Looked("push", "Push", absent(), ("git", words))
    patch = Patch("a", f"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+{words}\n")
    seen = Preview(title="Release", looked=(step,), contents=Contents(notes=words, diffs=(patch,)))
    page = tmp_path / "summary"
    job = Stage(verbose=True, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(page))
    for stage in (Stage(verbose=True), Stage(json=True), job):
        stage.renderer.preview(seen)
        stage.renderer.close()
        left = [line for line in (stage.raw + stage.stdout.getvalue()).splitlines() if "::add-mask::" not in line]
        assert "hunter2" not in "".join(left)
        assert "***" in "".join(left)
    assert "hunter2" not in page.read_text()


def test_a_job_has_both_in_groups_and_in_the_step_summary_as_blocks(tmp_path: Path) -> None:
    page = tmp_path / "summary"
    stage = Stage(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(page))
    stage.renderer.preview(Preview(title="Release", contents=ALL))
    stage.renderer.close()
    lines = stage.lines
    notes, changes = (
        lines.index(f"::group::{title}")
        for title in ("notes, as they are published", "changes of the release commit: 6 files")
    )
    assert notes < lines.index("### Fixes") < lines.index("::endgroup::") < changes < lines.index("+499")
    assert lines[-1] == "::endgroup::"
    text = page.read_text()
    assert "````markdown\n### Fixes\n" in text
    assert "```diff\npyproject.toml: 1 line added, 1 removed\n--- a/pyproject.toml\n" in text
    assert "web/package-lock.json: 1 line added, 1 removed\nfolded: the log has all of it\n" in text
    assert "+499" not in text


def test_a_patch_gives_no_command_to_the_runner() -> None:
    patch = Patch("a", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+##[error]x\n")
    stage = Stage(GITHUB_ACTIONS="true")
    stage.renderer.preview(Preview(title="Release", contents=Contents(notes="::error::x", diffs=(patch,))))
    stage.renderer.close()
    assert "::error::x" not in stage.lines
    assert "+## [error]x" in stage.lines
