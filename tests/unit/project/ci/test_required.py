"""Required checks: reported on every pull request to both branches, and never skipped."""

import pytest

from shipit.project.ci.branches import matches
from shipit.project.ci.names import shown
from tests.unit.project.ci.samples import LINT, SHA, changed, config, found, rules, workflow

SETTINGS = config(
    branches={"main": "main", "develop": "develop"}, protection={"required-checks": ["lint"]}
)  # fmt: skip
FAN_IN = """\
  lint:
    needs: [inner]
    if: ${{ always() }}
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: test "$RESULT" = success
        env: { RESULT: "${{ needs.inner.result }}" }
"""
INNER = changed(LINT, "  lint:\n", "  inner:\n")


def names(text: str, **others: str) -> list[str]:
    known = {f".github/workflows/{name}.yml": workflow(f"{name}.yml", other) for name, other in others.items()}
    return [one.name for one in shown(workflow("one.yml", text), known)]


def matrix(lines: str) -> str:
    return changed(LINT, "    steps:", f"    strategy:\n      matrix:\n{lines}    steps:")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pull_request:", 'pull_request: { branches: ["**"] }'),
        ("pull_request:", "pull_request: { branches-ignore: [old] }"),
        ("pull_request:", "pull_request: { types: [opened, synchronize, labeled] }"),
        ("  lint:\n", "  other:\n    name: lint\n"),
        ("    timeout", "    if: ${{ !cancelled() }}\n    timeout"),
        ("    timeout", "    if: github.event_name == 'pull_request'\n    timeout"),
        ("on:\n  push:\n  pull_request:\n", "on: [push, pull_request]\n"),
    ],
)
def test_a_check_that_always_reports_is_as_it_should_be(old: str, new: str) -> None:
    assert rules(changed(LINT, old, new), SETTINGS) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("missing-check", "  pull_request:\n", ""),
        ("missing-check", "  lint:\n", "  lint:\n    name: Lint\n"),
        ("missing-check", "  lint:\n", "  lint:\n    name: ${{ github.job }}\n"),
        ("filtered-check", "pull_request:", 'pull_request: { paths: ["src/**"] }'),
        ("filtered-check", "pull_request:", "pull_request: { paths-ignore: [docs] }"),
        ("filtered-check", "pull_request:", "pull_request: { branches: [main] }"),
        ("filtered-check", "pull_request:", "pull_request: { branches-ignore: [develop] }"),
        ("filtered-check", "pull_request:", "pull_request: { types: [opened] }"),
        ("skippable-check", "    timeout", "    if: github.actor != 'bot'\n    timeout"),
        ("skippable-check", "    timeout", "    needs: build\n    timeout"),
        ("undemanding-check", "    timeout", "    needs: build\n    if: always()\n    timeout"),
    ],
)
def test_a_check_that_may_not_report_or_may_be_skipped_is_found(rule: str, old: str, new: str) -> None:
    assert {name for name, _ in rules(changed(LINT, old, new), SETTINGS)} == {rule}


def test_a_fan_in_that_demands_success_is_as_it_should_be() -> None:
    assert rules(INNER + FAN_IN, SETTINGS) == []
    green = f"      - uses: re-actors/alls-green@{SHA} # v1\n        with: {{ jobs: '${{{{ toJSON(needs) }}}}' }}\n"
    assert rules(INNER + FAN_IN[: FAN_IN.index("      - run")] + green, SETTINGS) == []
    lenient = changed(FAN_IN, "= success", "!= failure")
    assert [rule for rule, _ in rules(INNER + lenient, SETTINGS)] == ["undemanding-check"]


def test_a_matrix_is_spread_out_as_github_does() -> None:
    axes = "        python: ['3.11', '3.12']\n        os: [a, b]\n"
    assert names(matrix(axes)) == ["lint (3.11, a)", "lint (3.11, b)", "lint (3.12, a)", "lint (3.12, b)"]
    without = "        exclude: [{ python: '3.12', os: a }]\n        include: [{ os: b, slow: 'yes' }, { os: c }]\n"
    assert names(matrix(axes + without)) == [
        "lint (3.11, a)", "lint (3.11, b, yes)", "lint (3.12, b, yes)", "lint (c)",
    ]  # fmt: skip
    named = changed(matrix(axes), "  lint:\n", "  lint:\n    name: on ${{ matrix.python }}\n")
    assert names(named)[0] == "on 3.11"
    assert names(matrix("        include: [{ os: c }]\n")) == ["lint (c)"]
    assert names(matrix("        python: '${{ fromJSON(inputs.pythons) }}'\n")) == []
    assert names(changed(LINT, "    steps:", "    strategy: { matrix: '${{ inputs.all }}' }\n    steps:")) == []


def test_checks_of_a_workflow_that_is_called_have_both_names_and_both_conditions() -> None:
    caller = LINT[: LINT.index("  lint:")] + "  all:\n    uses: ./.github/workflows/CALLED.yml\n"
    assert names(caller.replace("CALLED", "called"), called=LINT) == ["all / lint"]
    assert names(caller, called=LINT) == []
    assert names(caller.replace("CALLED", "called"), called=caller.replace("CALLED", "called")) == []
    settings = config(protection={"required-checks": ["all / lint"]})
    called = changed(LINT, "on:\n  push:\n  pull_request:\n", "on: workflow_call\n")
    files = {"one.yml": caller.replace("CALLED", "called"), "called.yml": called}
    assert found(files, settings) == []
    [finding] = found(
        {**files, "called.yml": changed(called, "    timeout", "    if: false\n    timeout")}, settings
    )
    assert (finding.path, finding.rule) == (".github/workflows/called.yml", "skippable-check")


@pytest.mark.parametrize(
    ("patterns", "branch", "is_in"),
    [
        (["main"], "main", True),
        (["release/*"], "release/1", True),
        (["release/*"], "release/1/2", False),
        (["release/**"], "release/1/2", True),
        (["**/x"], "x", True),
        (["**", "!old/**"], "old/x", False),
        (["v[12].[0-9]+"], "v1.20", True),
        (["[z-a]"], "main", False),
        ([], "main", False),
    ],
)
def test_filters_of_branches_are_read_as_github_does(patterns: list[str], branch: str, is_in: bool) -> None:
    assert matches(patterns, branch) is is_in
