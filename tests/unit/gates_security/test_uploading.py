"""Uploads of SARIF: which files go, what is waited for, and what a refusal means."""

import json
from pathlib import Path

import pytest

from shipit.errors import Denied, Refused, Unavailable, UsageError
from shipit.gates.uploading import PAUSES, SarifUpload, Target, Uploaded
from shipit.scans.publication import Processing, Receipt
from shipit.scans.sarif.limits import Limits
from tests.fakes_publishing import FakeScanning
from tests.unit.gates_security.sample import Sample
from tests.unit.gates_security.test_sarif import to
from tests.unit.scans.conftest import finding

TARGET = Target(commit="a" * 40, ref="refs/heads/main", checkout_uri="file:///x", started_at="2026-12-01T00:00:00Z")


class Place:
    """An upload of what a sample finds, with every pause that it makes."""

    def __init__(self, sample: Sample, scanning: FakeScanning | None = None, limits: Limits | None = None) -> None:
        self.sample = sample
        self.scanning = scanning or FakeScanning()
        self.pauses: list[float] = []
        self.upload = SarifUpload(
            sarif=to(sample, limits), scanning=self.scanning, target=TARGET, pause=self.pauses.append
        )

    def publish(self) -> Uploaded:
        policy, judged = self.sample.scans.look((), lambda _: None)
        self.upload.keep(policy, judged)
        return self.upload.publish(policy, judged)

    def sent(self) -> list[int]:
        """The number of runs in each upload."""
        return [len(json.loads(one.data)["runs"]) for one in self.scanning.uploads]


def test_every_file_goes_to_the_commit_and_is_waited_for_with_growing_pauses(sample: Sample) -> None:
    scanning = FakeScanning(states=[Processing("pending"), Processing("complete"), Processing("pending")])
    place = Place(sample, scanning, Limits(runs=8))
    done = place.publish()
    assert (place.sent(), place.pauses) == ([8, 1], [*PAUSES[:3]])
    assert (done.state, done.ids, done.failure) == ("complete", ("id-1", "id-2"), None)
    assert {(one.commit, one.ref, one.checkout_uri, one.started_at) for one in scanning.uploads} == {
        (TARGET.commit, TARGET.ref, TARGET.checkout_uri, TARGET.started_at)
    }
    assert "x.sarif" in done.said[0]
    assert done.said[0].endswith("x-2.sarif for aaaaaaaaaaaa on refs/heads/main: 2 uploads processed")
    assert done.facts() == {"upload": "complete", "sarif-ids": "id-1\nid-2"}


def test_what_could_not_look_stays_here_since_github_would_refuse_it(sample: Sample) -> None:
    sample["bandit"].error = UsageError("`bandit` is not installed")
    place = Place(sample)
    done = place.publish()
    assert (place.sent(), done.state) == ([8], "complete")
    assert "x-unsuccessful.sarif: GitHub refuses" in done.said[1]


def test_where_no_scan_looked_nothing_is_uploaded(sample: Sample) -> None:
    for fake in sample.fakes.values():
        fake.error = UsageError("not installed")
    place = Place(sample)
    done = place.publish()
    assert (place.sent(), done.state, done.failure) == ([], "none", None)
    assert "no scan has looked" in done.said[0]


def test_what_was_not_written_before_is_written_now(sample: Sample) -> None:
    place = Place(sample)
    assert place.upload.publish(*sample.scans.look((), lambda _: None)).state == "complete"
    assert "out/x.sarif" in sample.written


def test_a_repository_that_takes_none_is_said_and_is_no_error(sample: Sample) -> None:
    done = Place(sample, FakeScanning(receipts=[Receipt(declined="Code Security must be enabled")])).publish()
    assert (done.state, done.failure) == ("not-uploaded", None)
    assert done.said[0].startswith("not uploaded: Code Security must be enabled; what was found is in ")
    assert Path(done.said[0].rpartition(" in ")[2]).is_file()


@pytest.mark.parametrize("error", [Denied("Bad credentials"), Unavailable("GitHub is failing (503)")])
def test_any_other_refusal_is_a_failure_that_is_returned(sample: Sample, error: Denied | Unavailable) -> None:
    done = Place(sample, FakeScanning(error=error)).publish()
    assert (done.state, done.failure, done.said) == ("failed", error, (f"upload failed: {error.what}",))


def test_a_failed_one_is_a_refusal_with_githubs_errors(sample: Sample) -> None:
    states = [Processing("failed", tuple(f"line\n{number}" for number in range(30)))]
    done = Place(sample, FakeScanning(states=states)).publish()
    assert isinstance(done.failure, Refused)
    assert done.failure.exit_code == 4
    assert done.failure.evidence[:2] == ("upload id-1: failed", "line 0")
    assert len(done.failure.evidence) == 21


def test_one_that_stays_pending_is_given_up_after_two_minutes(sample: Sample) -> None:
    place = Place(sample, FakeScanning(states=[Processing("pending")] * 99))
    done = place.publish()
    assert sum(place.pauses) == 120
    assert isinstance(done.failure, Unavailable)
    assert "after 120 s" in done.failure.what


def test_a_file_that_is_too_large_goes_run_by_run(sample: Sample) -> None:
    place = Place(sample, FakeScanning(receipts=[Receipt(is_too_large=True)]))
    done = place.publish()
    assert (place.sent(), done.state, len(done.ids)) == ([9, *[1] * 9], "complete", 9)


def test_a_run_that_is_too_large_by_itself_is_said(sample: Sample) -> None:
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    done = Place(sample, FakeScanning(receipts=[Receipt(is_too_large=True)] * 9)).publish()
    assert isinstance(done.failure, Refused)
    assert "GitHub takes no file as large as x.sarif" in done.failure.what
    assert done.failure.where == "shipit/pip-audit/"
