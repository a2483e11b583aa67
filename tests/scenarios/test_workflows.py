"""Workflows that a release starts on its tag: on the commit of the tag, and once."""

from tests.support.acme import git
from tests.support.place import DIRECTORY, GITHUB, Place, Stage

DISPATCH = DIRECTORY + GITHUB + 'dispatch = ["deploy.yml"]\n'


def started(place: Place) -> list[tuple[str, str, str]]:
    return [(run.workflow, run.ref, run.sha) for run in place.forge.runs]


def test_a_workflow_is_started_once_on_the_commit_of_the_tag(theatre: Stage) -> None:
    place = theatre.place(DISPATCH)
    place.forge.workflows = ("deploy.yml",)
    place.forge.hides_runs_for = 0

    place.shipit("release", "--type", "minor").ended(0)

    commit = git(place.laid.remote, "rev-parse", "v1.1.0^{commit}")
    assert started(place) == [("deploy.yml", "v1.1.0", commit)]
    place.shipit("release", where=place.fresh_clone()).ended(0)
    assert started(place) == [("deploy.yml", "v1.1.0", commit)]
    theatre.clear(place)


def test_a_run_from_before_the_tag_was_made_anew_is_not_taken_for_the_one_that_is_wanted(theatre: Stage) -> None:
    place = theatre.place(DISPATCH)
    place.forge.workflows = ("deploy.yml",)
    place.forge.hides_runs_for = 0
    place.forge.start("deploy.yml", "v1.1.0")  # on a tag of the same name that was taken away again
    place.forge.runs[0].sha = git(place.laid.remote, "rev-parse", "main")

    place.shipit("release", "--type", "minor").ended(0)

    assert started(place)[1:] == [("deploy.yml", "v1.1.0", git(place.laid.remote, "rev-parse", "v1.1.0^{commit}"))]
    theatre.clear(place)
