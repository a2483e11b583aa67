"""Where the findings go on GitHub: what is said of it, the exit code, and how a run of Actions is recognised."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from shipit import masking
from shipit.adapters.github.comments import Comments
from shipit.config import open_project
from shipit.errors import Denied, Refused, UsageError
from shipit.gates.analysed import FORK
from shipit.gates.commenting import Commented
from shipit.gates.uploading import Uploaded
from shipit.release.outside import Outside
from shipit.release.outside.publishing import pull_request_comment, sarif_upload
from shipit.scans.judging import Answer, Judged, verdict_of
from shipit.scans.policy import Policy
from tests.fakes import FakeCheckout
from tests.fakes_publishing import FakeComments
from tests.unit.gates_security.sample import Sample
from tests.unit.gates_security.test_sarif import to
from tests.unit.scans.conftest import finding, policy, sighting

HEAD = "a" * 40


@dataclass
class Teller:
    """A publisher that gives what it was made with, and remembers how often it was asked."""

    done: Commented | Uploaded
    asked: int = field(default=0)

    def publish(self, policy: Policy, judged: Sequence[Judged]) -> Commented | Uploaded:
        self.asked += 1
        return self.done


FAILED = Denied("GitHub refused: Bad credentials", hint="set a new token")


def test_what_became_of_it_is_said_after_the_verdict_and_among_the_facts(sample: Sample) -> None:
    done = Teller(Uploaded(state="complete", said=("uploaded it",), ids=("7",)))
    assert sample.verify(json_lines=True, publishers=[done]) is None
    said = [line["text"] for line in sample.lines if line["event"] == "summary"]
    assert ("bandit" in said[0], said[1:], done.asked) == (True, ["uploaded it"], 1)
    assert (sample.lines[-1]["outputs"]["upload"], sample.lines[-1]["exit_code"]) == ("complete", 0)


def test_a_failure_ends_a_clean_run_with_its_own_exit_code(sample: Sample) -> None:
    done = Teller(Commented(state="failed", said="the comment failed", failure=FAILED))
    assert sample.verify(json_lines=True, publishers=[done]) is FAILED
    [finished] = [line for line in sample.lines if line["event"] == "run-finished"]
    assert (finished["outcome"], finished["exit_code"]) == ("denied", 4)
    assert sample.lines[-1]["outputs"]["comment"] == "failed"


def test_a_refusal_by_the_scans_goes_before_a_failure_which_is_said(sample: Sample) -> None:
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    done = Teller(Commented(state="failed", said="the comment failed: Bad credentials", failure=FAILED))
    assert isinstance(sample.verify(publishers=[done]), Refused)
    assert "the comment failed: Bad credentials" in sample.said


def test_the_job_summary_has_the_table_and_what_became_of_it(sample: Sample, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    done = Teller(Commented(state="not-written", said=f"no comment: {FORK}"))
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    sample.verify(publishers=[done], environment=variables)
    text = summary.read_text()
    assert "✗  bandit        findings  3/3 files" in text
    assert "app.py:2: high B602" in text
    assert f"no comment&#58; {FORK}" in text


class Place:
    """A project whose clone, objects and remote are in memory, on a GitHub that is never asked."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.forge = 'kind = "github", repository = "acme/widget", api = "http://127.0.0.1:9"'
        self.variables: dict[str, str] = {}
        self.checkout = FakeCheckout(git_folder=top, tips={"HEAD": HEAD}, branch="main")
        self.refs = {"refs/heads/main": HEAD}
        self.known: dict[str, str] = {}
        """commits of this clone, each with the one before it"""

    @property
    def outside(self) -> Outside:
        text = f'[project]\nname = "acme"\nversion = "1.0.0"\n[tool.shipit]\nforge = {{ {self.forge} }}\n'
        (self.top / "pyproject.toml").write_text(text)
        made = Outside(open_project(self.top, git=False), self.variables)
        objects = SimpleNamespace(
            has=lambda sha: sha in self.known, is_ancestor=lambda older, sha: self.known[sha] == older
        )
        remote = SimpleNamespace(refs=lambda: self.refs)
        vars(made).update(checkout=self.checkout, objects=objects, remote=remote)
        return made

    def in_actions(self, event: object, **more: str) -> None:
        file = self.top / "event.json"
        file.write_text(event if isinstance(event, str) else json.dumps(event))
        self.variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_SHA": HEAD,
            "GITHUB_REPOSITORY": "acme/widget",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_RUN_ID": "12",
            "GITHUB_RUN_ATTEMPT": "1",
            **more,
        }


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_of-this-test")
    (tmp_path / "project").mkdir()
    yield Place(tmp_path / "project")
    masking.forget_all()


def test_an_upload_is_for_the_commit_and_the_branch_with_the_folder_and_the_time(
    place: Place, sample: Sample
) -> None:
    upload = sarif_upload(place.outside, to(sample))
    assert (upload.target.commit, upload.target.ref) == (HEAD, "refs/heads/main")
    assert upload.target.checkout_uri == place.top.resolve().as_uri()
    assert datetime.fromisoformat(upload.target.started_at).tzinfo is not None


def test_a_commit_that_the_remote_has_below_its_branch_is_uploaded_too(place: Place, sample: Sample) -> None:
    place.refs, place.known = {"refs/heads/main": "b" * 40}, {"b" * 40: HEAD}
    assert sarif_upload(place.outside, to(sample)).target.commit == HEAD


@pytest.mark.parametrize(("tip", "known"), [("b" * 40, {}), ("b" * 40, {"b" * 40: "c" * 40})])
def test_a_commit_that_was_never_pushed_is_refused_before_any_scan(
    place: Place, sample: Sample, tip: str, known: dict[str, str]
) -> None:
    place.refs, place.known = {"refs/heads/main": tip}, known
    with pytest.raises(Refused, match="is not on main of origin"):
        sarif_upload(place.outside, to(sample))


def test_without_a_branch_or_a_commit_an_upload_is_refused(place: Place, sample: Sample) -> None:
    place.checkout.branch, place.checkout.tips = None, {}
    with pytest.raises(Refused, match="no branch"):
        sarif_upload(place.outside, to(sample))
    place.checkout.branch, place.refs, place.known = "main", {"refs/heads/main": "b" * 40}, {"b" * 40: ""}
    with pytest.raises(Refused, match="is not on main of origin"):
        sarif_upload(place.outside, to(sample))


def test_without_a_forge_both_are_mistakes_of_usage(place: Place, sample: Sample) -> None:
    place.forge = 'kind = "none"'
    with pytest.raises(UsageError, match="--upload needs GitHub"):
        sarif_upload(place.outside, to(sample))
    with pytest.raises(UsageError, match="--comment needs GitHub"):
        pull_request_comment(place.outside)


def test_in_actions_the_pull_request_is_that_of_the_event(place: Place) -> None:
    place.in_actions({"pull_request": {"number": 7, "head": {"repo": {"full_name": "stranger/widget"}}}})
    made = pull_request_comment(place.outside)
    assert (made.pull_request(), made.read_only) == (7, FORK)
    assert (made.stamp.run, made.stamp.attempt, made.stamp.commit) == (12, 1, HEAD)
    text = made.text(*_found())
    assert f"https://github.com/acme/widget/blob/{HEAD}/app.py#L2" in text
    assert "https://github.com/acme/widget/actions/runs/12" in text


@pytest.mark.parametrize("event", ["", "{", "[" * 100_000, "[]"])
def test_a_push_in_actions_has_no_pull_request_whatever_the_event_says(place: Place, event: str) -> None:
    place.in_actions(event, GITHUB_REF="refs/heads/main", GITHUB_EVENT_NAME="push")
    assert pull_request_comment(place.outside).pull_request() is None


def test_elsewhere_the_pull_request_is_that_of_the_branch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeComments(branches={"main": 3})
    monkeypatch.setattr(Comments, "pull_request", lambda _, branch: fake.pull_request(branch))
    assert pull_request_comment(place.outside).pull_request() == 3
    place.checkout.branch = None
    made = pull_request_comment(place.outside)
    assert (made.pull_request(), made.stamp.run) == (None, 0)


def _found() -> tuple[Policy, list[Judged]]:
    answer = Answer(scan="bandit", sighting=sighting(finding(path="app.py", line=2)))
    return policy(), [verdict_of(answer, policy())]
