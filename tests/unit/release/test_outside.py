"""Who plays which port, as the configuration names it; nothing is touched until it is asked something."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shipit import masking
from shipit.adapters.git.objects import GitObjects
from shipit.adapters.git.private_clone import PrivateClone
from shipit.adapters.git.remote import GitRemote
from shipit.adapters.github.forge import GitHub
from shipit.adapters.pypi.directory import DirectoryIndex
from shipit.adapters.pypi.index import TwineIndex
from shipit.adapters.python.virtualenv import Source
from shipit.config import open_project
from shipit.errors import UsageError
from shipit.release.artifacts import KeptArtifacts
from shipit.release.outside import Outside
from shipit.release.preparation import ReleaseBuilder, Signature
from tests.fakes import ADA, FakeCheckout, FakeRemote, FakeServer
from tests.unit.memory import lay_out_git_folder
from tests.unit.scene import Scene

PROJECT = '[project]\nname = "Acme.Tools"\nversion = "1.0.0"\n[tool.shipit]\n'


class Made:
    """Makes an outside with a clone that only pretends."""

    def __init__(self, top: Path) -> None:
        self.top = top
        lay_out_git_folder(top)
        self.checkout = FakeCheckout(top / ".git")

    def __call__(self, settings: str = "", environment: Mapping[str, str] | None = None) -> Outside:
        (self.top / "pyproject.toml").write_text(PROJECT + settings)
        outside = Outside(open_project(self.top), environment or {})
        vars(outside)["checkout"] = self.checkout
        return outside


@pytest.fixture
def make(tmp_path: Path) -> Made:
    return Made(tmp_path)


class TestTheClone:
    def test_is_looked_at_when_it_is_first_needed(self, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[Path] = []
        pretend = SimpleNamespace(Checkout=lambda top: asked.append(top) or make.checkout)  # type: ignore[func-returns-value]
        monkeypatch.setitem(sys.modules, "shipit.adapters.git.checkout", pretend)
        outside = make()
        del vars(outside)["checkout"]
        assert asked == []
        assert outside.checkout is make.checkout  # type: ignore[comparison-overlap]
        assert outside.private == make.top / ".git" / "shipit"
        assert asked == [make.top]

    def test_that_is_none_has_a_folder_of_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "shipit.toml").write_text("")
        assert Outside(open_project(tmp_path, git=False), {}).private == tmp_path / ".shipit"

    def test_tells_the_project(self, make: Made) -> None:
        assert make().project.name == "Acme.Tools"
        assert make('name = "other"').project.name == "other"

    def test_is_deepened_only_if_its_history_is_cut_off(self, make: Made) -> None:
        deepened: list[str] = []
        outside = make()
        vars(outside)["remote"] = SimpleNamespace(deepen=lambda: deepened.append("yes"))
        outside.complete_history()
        assert deepened == []
        make.checkout.is_shallow = True
        outside.complete_history()
        assert deepened == ["yes"]


class TestTheRemote:
    def test_is_the_one_that_is_configured(self, make: Made) -> None:
        remote = make().remote
        assert isinstance(remote, GitRemote)
        assert (remote.top, remote.name) == (make.top, "origin")

    def test_that_is_not_there_is_a_usage_error(self, make: Made) -> None:
        with pytest.raises(UsageError, match="this repository has no remote upstream") as caught:
            _ = make('branches.remote = "upstream"').remote
        assert "git remote add upstream URL" in (caught.value.hint or "")

    def test_whose_address_holds_a_password_is_masked(self, make: Made) -> None:
        make.checkout.url = "https://ada:hunter2secret@example.com/acme.git"
        _ = make().remote
        assert masking.mask("it is hunter2secret") == "it is ***"


class TestTheForge:
    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("https://github.com/acme/tools.git", "acme/tools"),
            ("https://github.com/acme/tools", "acme/tools"),
            ("https://ada:x@github.com/acme/tools.git/", "acme/tools"),
            ("git@github.com:acme/tools.git", "acme/tools"),
            ("ssh://git@github.com:22/acme/tools.git", "acme/tools"),
            ("https://example.com/acme/tools.git", None),
            ("https://notgithub.com/acme/tools.git", None),
            ("/srv/git/acme.git", None),
            (None, None),
        ],
    )
    def test_is_found_in_the_address_of_the_remote(self, make: Made, url: str | None, found: str | None) -> None:
        make.checkout.url = url
        assert make().repository == found

    def test_may_be_on_a_server_of_ones_own(self, make: Made) -> None:
        make.checkout.url = "https://git.acme.example/acme/tools.git"
        outside = make(environment={"GITHUB_SERVER_URL": "https://git.acme.example/"})
        assert outside.repository == "acme/tools"
        assert outside.links == "https://git.acme.example/acme/tools"

    def test_may_be_named_or_none(self, make: Made) -> None:
        assert make('forge.repository = "other/one"').repository == "other/one"
        outside = make('forge.kind = "none"')
        assert (outside.repository, outside.forge, outside.links) == (None, None, None)

    def test_that_is_asked_for_and_not_found_is_a_usage_error(self, make: Made) -> None:
        make.checkout.url = "/srv/git/acme.git"
        with pytest.raises(UsageError, match="the forge's repository is not known"):
            _ = make('forge.kind = "github"').repository

    @pytest.mark.parametrize(
        ("settings", "environment", "api"),
        [
            ("", {}, "https://api.github.com"),
            ("", {"GITHUB_API_URL": "https://git.acme.example/api/v3"}, "https://git.acme.example/api/v3"),
            ('forge.api = "https://own.example/api"', {"GITHUB_API_URL": "https://x"}, "https://own.example/api"),
        ],
    )
    def test_is_github_with_the_token_from_the_secrets(
        self, make: Made, monkeypatch: pytest.MonkeyPatch, settings: str, environment: dict[str, str], api: str
    ) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
        told: list[Any] = []
        monkeypatch.setattr(GitHub, "__init__", lambda _, *words: told.extend(words))
        assert isinstance(make(settings, environment).forge, GitHub)
        assert told == [api, "acme/acme", "ghp_secret"]
        assert masking.mask("ghp_secret") == "***"


class TestTheIndex:
    def test_is_a_directory_if_nothing_else_is_said(self, make: Made) -> None:
        assert make().index == DirectoryIndex(make.top / "dist" / "index")

    def test_may_be_none(self, make: Made) -> None:
        assert make('index.kind = "none"').index is None

    def test_may_be_any_address_with_credentials_from_secrets(
        self, make: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INDEX_USER", "ada")
        monkeypatch.setenv("INDEX_PASSWORD", "secret")
        settings = 'index.kind = "url"\nindex.url = "https://index.example/"\n'
        secrets = 'index.username = "env:INDEX_USER"\nindex.password = "env:INDEX_PASSWORD"\n'
        assert make(settings + secrets).index == TwineIndex(
            upload_url="https://index.example/",
            simple_url="https://index.example/simple/",
            simple_is_guessed=True,
            username="ada",
            password="secret",
        )
        simple = 'index.simple = "https://index.example/+simple/"'
        assert make(settings + simple).index == TwineIndex(
            upload_url="https://index.example/",
            simple_url="https://index.example/+simple/",
            username=None,
            password=None,
        )

    def test_masks_the_password_and_never_the_user_name(self, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        """A user called like the project would turn every line about it into stars."""
        monkeypatch.setenv("INDEX_USER", "acme-tools")
        monkeypatch.setenv("INDEX_PASSWORD", "sentinel-4711")
        settings = 'index.kind = "url"\nindex.url = "https://index.example/"\n'
        secrets = 'index.username = "env:INDEX_USER"\nindex.password = "env:INDEX_PASSWORD"\n'
        assert make(settings + secrets).index
        assert masking.mask("Release acme-tools with sentinel-4711") == "Release acme-tools with ***"

    @pytest.mark.parametrize("kind", ["pypi", "testpypi"])
    def test_may_be_a_public_one(self, make: Made, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        monkeypatch.setattr(TwineIndex, "public", lambda *words, is_looking: (*words, is_looking))
        assert make(f'index.kind = "{kind}"').index == (kind, None, None, False)  # type: ignore[comparison-overlap]


class TestTheRest:
    def test_is_made_of_the_parts_above(self, make: Made) -> None:
        outside = make("release.sign = true")
        assert isinstance(outside.objects, GitObjects)
        assert outside.objects.sign
        assert outside.builder == ReleaseBuilder(
            objects=outside.objects,
            config=outside.config,
            links="https://github.com/acme/acme",
        )

    def test_each_is_made_once(self, make: Made) -> None:
        outside = make()
        assert outside.objects is outside.objects
        assert outside.builder is outside.builder

    def test_a_release_has_a_folder_of_its_own(self, make: Made, scene: Scene) -> None:
        outside = make()
        vars(outside)["remote"] = FakeRemote(FakeServer(), scene.objects)
        scene.change(tag="pkg/v1.1.0")
        artifacts, packager = outside.artifacts(scene.release), outside.packager(scene.release, "tree")
        assert isinstance(artifacts, KeptArtifacts)
        assert (
            artifacts.folder.base == outside.private / "releases" / f"pkg-v1.1.0-{scene.release.tagged_commit[:12]}"
        )
        assert artifacts.proposed
        assert artifacts.proposed.base == outside.private / "releases" / f"pkg-v1.1.0-{scene.release.commit[:12]}"
        assert artifacts.kept_ref == "refs/shipit/kept/pkg/v1.1.0"
        assert packager.folder.base == outside.private / "work" / "pkg-v1.1.0"
        assert packager.tree == PrivateClone(
            top=make.top,
            commit=scene.release.tagged_commit,
            tag="pkg/v1.1.0",
            author=scene.release.author,
            time=scene.release.time,
            id="tree",
        )

    def test_gates_and_packages_share_one_clone(self, make: Made, scene: Scene) -> None:
        outside = make()
        assert outside.gates(scene.release, "tree").tree is outside.packager(scene.release, "tree").tree

    def test_packages_have_the_version_that_the_index_takes(self, make: Made, scene: Scene) -> None:
        scene.change(version="1.1.0-rc.1")
        assert make().packager(scene.release, "tree").version == "1.1.0rc1"

    def test_the_project_s_own_commands_see_no_secret_of_the_release(self, make: Made, scene: Scene) -> None:
        runner = make('forge.token = "env:RELEASE_TOKEN"').gates(scene.release, "tree")
        assert "RELEASE_TOKEN" in runner.withheld
        assert runner.variables["SHIPIT_VERSION"] == "1.1.0"

    def test_nor_the_login_of_a_registry(self, make: Made, scene: Scene) -> None:
        login = 'registry.username = "env:WHO_PUSHES"\nregistry.password = "env:IMAGE_PASSWORD"\n'
        assert {"WHO_PUSHES", "IMAGE_PASSWORD"} <= make(login).gates(scene.release, "tree").withheld

    def test_a_trial_installation_sees_the_index_that_is_released_to(self, make: Made, scene: Scene) -> None:
        url = 'index.kind = "url"\nindex.url = "https://index.example/"\n'
        assert make(url).packager(scene.release, "tree").source() == Source("https://index.example/simple/")
        assert make('index.kind = "none"').packager(scene.release, "tree").source() is None

    def test_a_trial_installation_takes_nothing_from_where_anybody_may_put_any_name(
        self, make: Made, scene: Scene
    ) -> None:
        outside = make('index.kind = "testpypi"')
        vars(outside)["index"] = "never asked"
        assert outside.packager(scene.release, "tree").source() is None

    def test_the_project_may_have_a_build_command_of_its_own(self, make: Made, scene: Scene) -> None:
        assert make().packager(scene.release, "tree").command is None
        own = make('distribution.run = "make -s dist"').packager(scene.release, "tree")
        assert own.command == ("make", "-s", "dist")

    def test_now_is_now_or_what_a_reproducible_release_asks_for(self, make: Made) -> None:
        assert make(environment={"SOURCE_DATE_EPOCH": "1750000000"}).signature() == Signature(ADA, 1_750_000_000)
        assert make().now() > 1_750_000_000

    def test_a_holder_can_be_found_by_people(self, make: Made) -> None:
        assert str(make().actor()).startswith("somebody on ")
        assert str(make(environment={"USER": "ada"}).actor()).startswith("ada on ")
        ci = {"GITHUB_ACTOR": "ada", "GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "acme/acme", "USER": "runner"}
        holder = str(make(environment=ci).actor())
        assert holder.startswith("ada on ")
        assert holder.endswith(", https://github.com/acme/acme/actions/runs/7")
