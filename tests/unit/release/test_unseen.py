"""A dry run on a machine without the token of the forge: it goes on, and says what it did not look at."""

from collections.abc import Callable
from pathlib import Path

import pytest
import twine.repository  # noqa: F401 - its import opens a socket, which no unit test may do

from shipit.config import open_project
from shipit.errors import Denied, UsageError
from shipit.model import ForgeRelease
from shipit.release.outside import Outside
from shipit.release.unseen import UnseenForge

FORGE = UnseenForge("GitHub", UsageError("the secret env:GITHUB_TOKEN is missing", hint="set it"))
RELEASE = ForgeRelease(id=1, tag="v1.0.0", title="", body="", draft=True, prerelease=False, url="", assets={})


def outside(top: Path, **environment: str) -> Outside:
    (top / ".git").mkdir()
    (top / "shipit.toml").write_text('forge.repository = "acme/demo"\nindex.kind = "pypi"\n')
    return Outside(open_project(top), environment)


def test_a_missing_token_stops_a_release_and_is_a_warning_of_a_dry_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    one = outside(tmp_path)
    with pytest.raises(UsageError, match="GITHUB_TOKEN is missing"):
        _ = one.forge
    seen = one.looking().forge
    assert isinstance(seen, UnseenForge)
    [problem] = seen.problems(["main"])
    assert (problem.is_warning, "GITHUB_TOKEN" in problem.what, problem.hint != "") == (True, True, True)


def test_missing_credentials_of_the_index_are_a_warning_of_a_dry_run_but_not_in_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = outside(tmp_path)
    for where, ci, is_warning in ((one, "", False), (one.looking(), "", True), (one.looking(), "true", False)):
        monkeypatch.setenv("GITHUB_ACTIONS", ci)
        index = where.index
        assert index is not None
        [problem] = index._unauthorised()  # type: ignore[union-attr]
        assert problem.is_warning is is_warning


def test_nothing_is_there_as_far_as_it_knows() -> None:
    assert FORGE.workflow_problems("deploy.yml") == ()
    found = (FORGE.release("v1.0.0"), FORGE.pull_request("a", "b"), FORGE.dispatched("deploy.yml", "v1", "abc"))
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda: FORGE.create_draft("v1.0.0", "", "", prerelease=False),
        lambda: FORGE.upload(RELEASE, "a.whl", Path("a.whl")),
        lambda: FORGE.publish(RELEASE, "v{version}"),
        lambda: FORGE.open_pull_request("a", "b", "", ""),
        lambda: FORGE.close_pull_request(1),
        lambda: FORGE.dispatch("deploy.yml", "v1.0.0", "abc"),
        lambda: FORGE.check_results("abc"),
    ],
)
def test_it_changes_nothing(change: Callable[[], object]) -> None:
    with pytest.raises(Denied, match="GITHUB_TOKEN is missing"):
        change()
