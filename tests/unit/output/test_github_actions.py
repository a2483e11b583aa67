"""What GitHub's runner reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipit import masking
from shipit.engine import events
from shipit.engine.plan import Problem, done
from shipit.engine.preview import Preview
from shipit.errors import FollowUpNeeded, NothingToDo, StoppedHalfway
from shipit.output.event_lines import event_lines
from shipit.output.github_actions import harmless
from shipit.output.summary import LIMIT, Summary
from tests.unit.output.stage import Stage, checked, failure, looked, started, success


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    masking.forget_all()
    yield
    masking.forget_all()


def github(**environment: Any) -> Stage:
    return Stage(GITHUB_ACTIONS="true", **environment)


def summary_of(stage: Stage, path: Path) -> str:
    stage.renderer.close()
    return path.read_text(encoding="utf-8")


def test_each_step_is_a_group_with_its_words_inside() -> None:
    stage = github().show(*success())
    text = re.sub("[0-9a-f]{32}", "TOKEN", stage.raw)
    assert text.splitlines() == [
        "Release acme 1.1.0",
        "::group::pre-flight",
        "::stop-commands::TOKEN",
        "✓ checked  history — History is complete",
        "✓ checked  branch-rules — main takes a push",
        "✓ done  branch — Open the release branch  release/v1.1.0 at 3f2a91c",
        "● to do  build — Build sdist and wheel",
        "● to do  push — Push all at once  v1.1.0 absent",
        "::TOKEN::",
        "::endgroup::",
        "✓ done already  branch — Open the release branch  release/v1.1.0 at 3f2a91c",
        "::group::build — Build sdist and wheel",
        "::stop-commands::TOKEN",
        "built acme-1.1.0-py3-none-any.whl",
        "::TOKEN::",
        "::endgroup::",
        "✓ build done in 2.1 s  acme-1.1.0-py3-none-any.whl",
        "── point of no return ──",
        "::group::push — Push all at once",
        "::stop-commands::TOKEN",
        "::TOKEN::",
        "::endgroup::",
        "✓ push done in 0.5 s",
        "complete after 2.7 s (exit code 0)",
    ]


def test_no_token_is_used_twice() -> None:
    stopped = re.findall("::stop-commands::(.*)", github().show(*success()).raw)
    assert len(set(stopped)) == len(stopped) == 3


def test_a_failure_and_its_rollback_stand_between_the_groups() -> None:
    lines = github().show(*failure()).lines
    assert lines[-4:] == [
        "✗ build failed after 1.4 s: hatchling answered 1",
        "rolling back: hatchling answered 1",
        "↶ branch undone in 0.1 s — Open the release branch",
        "rolled back after 3.1 s (exit code 7)",
    ]


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("::error::injected", ": :error::injected"),
        ("\u00a0 ::set-output name=a::b", "\u00a0 : :set-output name=a::b"),
        ("x ##[add-mask]y", "x ## [add-mask]y"),
        ("std::vector", "std::vector"),
    ],
)
def test_words_from_outside_are_never_commands(line: str, safe: str) -> None:
    assert harmless(line) == safe
    stage = github().show(
        started(),
        events.Checked("c", "s", (Problem(line),)),
        events.StepStarted("build", "Build", 1, 1),
        events.Said("build", f"two lines\n{line}"),
        events.StepFailed("build", "Build", line, 1.0),
    )
    stage.renderer.preview(Preview(title=line, looked=looked()))
    assert safe in stage.lines
    assert not [shown for shown in stage.lines if re.match(r"\s*::(error|set-output)|.*##\[", shown)]


def test_an_error_is_one_escaped_annotation() -> None:
    stage = github()
    stage.renderer.error(StoppedHalfway("100 % no", where="a, b", evidence=["::x"], hint="shipit release --resume"))
    assert stage.raw == (
        "::error title=shipit%3A stopped half-way::100 %25 no%0Awhere: a, b%0A::x%0A%0A"
        "hint: shipit release --resume\n"
    )


def test_what_is_not_an_error_is_a_warning_or_a_notice() -> None:
    stage = github()
    stage.renderer.summary("v1.1.0 is out")
    stage.renderer.error(NothingToDo("nothing"))
    stage.renderer.error(FollowUpNeeded("merge by hand"))
    assert stage.lines == [
        "::notice title=shipit::v1.1.0 is out",
        "::notice title=shipit%3A nothing to do::nothing",
        "::warning title=shipit%3A follow-up needed::merge by hand",
    ]


def test_secrets_are_announced_once_and_as_soon_as_they_are_known() -> None:
    stage = github()
    masking.register("first%secret")
    stage.show(events.StepStarted("push", "Push", 1, 1))
    masking.register("second\nsecret")
    stage.show(events.Said("push", "other"), events.StepDone("push", "Push", done(), 1.0, 1, 1))
    assert stage.raw.count("::add-mask::first%25secret\n") == 1
    assert stage.raw.count("::add-mask::second%0Asecret\n") == 1
    assert stage.raw.index("first%25secret") < stage.raw.index("::group::")
    # the runner takes no mask while commands are stopped
    before = stage.raw[: stage.raw.index("::add-mask::second")]
    token = re.findall("::stop-commands::(.*)", before)[-1]
    assert f"\n::{token}::\n" in before
    after = stage.raw[stage.raw.rindex("::add-mask::") :].splitlines()
    assert after[1].startswith("::stop-commands::")
    assert after[2] == "other"


def test_outputs_may_have_several_lines_and_cannot_be_broken_out_of(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("before=1\n", encoding="utf-8")
    stage = github(GITHUB_OUTPUT=str(path))
    stage.renderer.outputs({"version": "1.1.0", "notes": "a\nEOF\nb"})
    text = path.read_text(encoding="utf-8")
    pattern = r"before=1\nversion<<(shipit_\w{32})\n1.1.0\n\1\nnotes<<(shipit_\w{32})\na\nEOF\nb\n\2\n"
    found = re.fullmatch(pattern, text)
    assert found
    assert found[1] != found[2]


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    stage = github(GITHUB_OUTPUT=str(tmp_path))
    stage.renderer.outputs({"version": "1.1.0"})
    assert stage.lines == [f"::warning title=shipit::cannot write {tmp_path}: Is a directory"]


def test_the_summary_has_a_table_and_a_gantt(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = github(GITHUB_STEP_SUMMARY=str(path)).show(*success())
    stage.renderer.summary("v1.1.0 is out")
    assert summary_of(stage, path).splitlines() == [
        "## Release acme 1.1.0",
        "",
        "**complete** after 2.7 s, exit code 0",
        "",
        "v1.1.0 is out",
        "",
        "| | step | what | state | seconds | evidence |",
        "|--:|:--|:--|:--|--:|:--|",
        "| 1 | branch | Open the release branch | ✓ done already |  | release/v1.1.0 at 3f2a91c |",
        "| 2 | build | Build sdist and wheel | ✓ done | 2.1 | acme-1.1.0-py3-none-any.whl |",
        "| | **point of no return** | | | | |",
        "| 3 | push | Push all at once | ✓ done | 0.5 |  |",
        "",
        "```mermaid",
        "gantt",
        "    dateFormat x",
        "    axisFormat %M:%S",
        "    build 2.1 s :done, 0, 2140ms",
        "    point of no return :milestone, 2140, 0ms",
        "    push 0.5 s :done, 2140, 500ms",
        "```",
        "",
    ]


def test_the_summary_of_a_failure_shows_what_stood_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = github(GITHUB_STEP_SUMMARY=str(path)).show(*failure(), *checked(bad=True))
    stage.renderer.error(StoppedHalfway("<b>no</b>", hint="run it again"))
    stage.renderer.error(StoppedHalfway("no hint"))
    text = summary_of(stage, path)
    assert "<pre>&lt;b&gt;no&lt;/b&gt;\n\nhint: run it again</pre>" in text
    assert "<pre>no hint</pre>" in text
    assert "<pre>branch-rules:\nmain is protected\n" in text
    assert "    build 1.4 s :crit, 200, 1400ms\n    branch 0.1 s :active, 1600, 100ms" in text


def test_the_summary_of_a_plan_has_states_and_no_gantt(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = github(GITHUB_STEP_SUMMARY=str(path))
    stage.renderer.preview(
        Preview(title="Release", looked=looked(bad=True), checked=checked(bad=True), point_of_no_return="build")
    )
    text = summary_of(stage, path)
    assert "| 2 | build | Build sdist and wheel | ● to do |  |  |\n| | **point of no return**" in text
    assert "<pre>push: refs/tags/v1.1.0 is 1111111\nthis release wants 2222222</pre>" in text
    assert "mermaid" not in text


def test_a_command_that_stops_before_any_step_leaves_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = github(GITHUB_STEP_SUMMARY=str(path))
    stage.renderer.error(StoppedHalfway("no"))
    assert summary_of(stage, path) == "## shipit\n\n<pre>no</pre>\n\n"


def test_a_table_of_text_keeps_its_columns_in_the_summary_and_is_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = github(GITHUB_STEP_SUMMARY=str(path))
    stage.renderer.summary("scan    seen\nbandit  <b>|3/3|")
    assert "<pre>scan    seen\nbandit  &lt;b&gt;|3/3|</pre>" in summary_of(stage, path)


def test_a_command_without_events_leaves_no_summary(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    assert summary_of(github(GITHUB_STEP_SUMMARY=str(path)), path) == ""


def test_what_only_opens_something_has_no_line_of_its_own() -> None:
    assert not list(event_lines(started()))


def test_words_in_the_summary_are_no_markup_and_break_no_diagram() -> None:
    summary = Summary()
    summary.event(events.StepDone("a:b;#c", "x | `y` @me <i>", done("e" * 1000), 0.0, 1, 1))
    text = summary.text(LIMIT)
    assert "x &#124; &#96;y&#96; &#64;me &lt;i&gt;" in text
    assert "    a b c 0.0 s :done, 0, 1ms" in text
    assert "e" * 299 + "…" in text


def test_the_summary_keeps_to_githubs_limit(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_bytes(b"x" * (LIMIT - 100))
    stage = github(GITHUB_STEP_SUMMARY=str(path)).show(*success())
    text = summary_of(stage, path)
    assert len(text.encode()) <= LIMIT
    assert text.endswith("## Release acme 1.1.0\n\n**complete** after 2.7 s, exit code 0\n\n")
