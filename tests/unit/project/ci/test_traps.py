"""Each trap with a workflow that has it, and one that only looks alike."""

import pytest

from shipit.config import Config
from tests.unit.project.ci.samples import DEPLOY, LINT, SHA, changed, config, found, rules

RUN = "      - run: shipit verify lint\n"
CHECKOUT = f"      - uses: actions/checkout@{SHA} # v7.0.1\n"
RELEASE = changed(DEPLOY, "shipit deploy --env staging", "shipit release")
TAGGED = changed(DEPLOY, "branches: [develop]", 'tags: ["v*"]')
PUBLISHING = changed(RELEASE, "contents: write", "id-token: write")
TRUSTED = changed(DEPLOY, "contents: write", "id-token: write")
UPLOAD = CHECKOUT.replace("checkout", "upload-artifact") + "        with: {{ path: {0} }}\n"
SCRIPT = (
    CHECKOUT.replace("checkout", "github-script") + "        with: { script: '${{ github.event.comment.body }}' }\n"
)
TARGET = changed(LINT, "  pull_request:", "  pull_request_target:")
JOB = LINT[LINT.index("  lint:") :]
ON_DEVELOP = "  push:\n    branches: [develop]\n"
BOUND = "    environment: staging\n    timeout-minutes: 5\n    steps:\n"
UNBOUND = BOUND.replace("    environment: staging\n", "")
ACTION = "runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo {}\n"


def test_the_samples_have_no_fault() -> None:
    assert rules(LINT) == rules(DEPLOY) == rules(RELEASE) == []


@pytest.mark.parametrize(
    ("rule", "line", "text", "old", "new"),
    [
        ("unpinned-action", 10, LINT, f"@{SHA} # v7.0.1", "@v7"),
        ("unpinned-action", 10, LINT, SHA, SHA[:12]),
        ("unpinned-action", 10, LINT, f"actions/checkout@{SHA} # v7.0.1", "docker://alpine:3"),
        ("unpinned-action", 6, LINT, JOB, "  lint: { uses: a/b/.github/workflows/c.yml@v1 }\n"),
        ("pin-without-tag", 10, LINT, " # v7.0.1", ""),
        ("script-injection", 11, LINT, "verify lint", "verify lint ${{ github.event.pull_request.title }}"),
        ("script-injection", 11, LINT, "verify lint", "verify lint ${{ github['head_ref'] }}"),
        ("script-injection", 11, LINT, "verify lint", "verify lint ${{ inputs.what }}"),
        ("script-injection", 13, LINT, RUN, RUN + SCRIPT),
        ("hidden-artifact", 13, LINT, RUN, RUN + UPLOAD.format(".reports/")),
        ("hidden-artifact", 13, LINT, RUN, RUN + UPLOAD.format('"out/.parts/*.xml"')),
        ("dangerous-checkout", 11, TARGET, CHECKOUT,
            CHECKOUT + '        with: { ref: "${{ github.event.pull_request.head.sha }}" }\n'),
        ("no-timeout", 7, LINT, "    timeout-minutes: 5\n", ""),
        ("no-permissions", 6, LINT, "permissions: { contents: read }\n", ""),
        ("write-all", 4, LINT, "{ contents: read }", "write-all"),
        ("cancelled-run", 7, DEPLOY, "cancel-in-progress: false", "cancel-in-progress: true"),
        ("cancelled-run", 7, DEPLOY, "false", "${{ github.event_name == 'push' }}"),
        ("cancelled-run", 7, RELEASE, "cancel-in-progress: false", "cancel-in-progress: true"),
        ("no-environment", 14, DEPLOY, "    environment: staging\n", ""),
        ("no-environment", 15, DEPLOY, BOUND, UNBOUND + "      - run: shipit migrate --env staging\n"),
        ("ignored-failure", 12, LINT, RUN, RUN + "        continue-on-error: true\n"),
        ("ignored-failure", 8, LINT, "    timeout", "    continue-on-error: true\n    timeout"),
        ("inherited-secrets", 6, LINT, JOB, "  lint: { uses: ./a.yml, secrets: inherit }\n"),
        ("called-publishing", 2, PUBLISHING, ON_DEVELOP, "  workflow_call:\n"),
    ],
)  # fmt: skip
def test_a_trap_is_found_on_its_line(rule: str, line: int, text: str, old: str, new: str) -> None:
    seen = rules(changed(text, old, new))
    assert {name for name, _ in seen} >= {rule}
    assert (rule, line) in seen


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (LINT, f"actions/checkout@{SHA} # v7.0.1", "./.github/actions/shipit"),
        (LINT, f"actions/checkout@{SHA} # v7.0.1", f"docker://alpine@sha256:{'0' * 64}"),
        (LINT, "verify lint", "verify lint ${{ github.event.pull_request.number }} ${{ matrix.what }}"),
        (LINT, RUN, RUN + UPLOAD.format("reports/")),
        (LINT, RUN, RUN + UPLOAD.format("~/.cache/reports")),
        (LINT, RUN, RUN + UPLOAD.format(".reports, include-hidden-files: true")),
        (TARGET, "v7.0.1\n", "v7.0.1\n        with: { ref: main }\n"),
        (LINT, "permissions: { contents: read }\njobs:\n  lint:\n",
            "jobs:\n  lint:\n    permissions: { contents: read }\n"),
        (LINT, "jobs:", "concurrency: { group: a, cancel-in-progress: true }\njobs:"),
        (DEPLOY, BOUND, BOUND + "      - run: shipit migrate status --env a\n"),
        (LINT, "shipit verify lint", "shipit deploy --env staging --dry-run"),
        (LINT, RUN, RUN + "      - run: make lint\n        continue-on-error: true\n"),
        (RELEASE, ON_DEVELOP, "  workflow_call:\n"),
        (TRUSTED, ON_DEVELOP, "  workflow_call:\n"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_trap_is_let_be(text: str, old: str, new: str) -> None:
    assert rules(changed(text, old, new)) == []


def test_an_action_beside_the_workflows_is_looked_at_for_what_its_steps_do() -> None:
    path = ".github/actions/mine/action.yml"
    assert found({path: ACTION.format('"$NAME"')}) == []
    [finding] = found({path: ACTION.format("${{ inputs.name }}")})
    assert (finding.path, finding.line, finding.rule) == (path, 5, "script-injection")


@pytest.mark.parametrize("settings", [Config(), config(forge={"dispatch": ["tagged.yml"]})])
def test_a_workflow_on_a_tag_is_started_by_dispatch_or_by_a_token_that_starts_it(settings: Config) -> None:
    own = changed(RELEASE, "# v7.0.1", "# v7.0.1\n        with: { token: '${{ secrets.RELEASE_TOKEN }}' }")
    dispatched = changed(TAGGED, "on:\n", "on:\n  workflow_dispatch:\n")
    is_named = bool(settings.forge.dispatch)
    seen = found({"release.yml": RELEASE, "tagged.yml": dispatched}, settings)
    assert [one.rule for one in seen] == ([] if is_named else ["tag-starts-nothing"])
    assert found({"release.yml": own, "tagged.yml": dispatched}, settings) == []
    names = [one.rule for one in found({"release.yml": own, "tagged.yml": TAGGED}, settings)]
    assert names == (["no-dispatch"] if is_named else [])


def test_a_finding_says_where_it_is_why_and_what_mends_it() -> None:
    [finding] = found({"one.yml": changed(DEPLOY, "cancel-in-progress: false", "cancel-in-progress: true")})
    assert str(finding) == (
        ".github/workflows/one.yml:7: cancelled-run: shipit deploy that is cancelled half-way has to be taken up "
        "again; write: cancel-in-progress: false"
    )
