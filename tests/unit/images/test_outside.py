"""What the tables of the configuration become: names in a registry, logins, and the files that are built from."""

from pathlib import Path
from threading import Thread

import pytest

from shipit.adapters.git.private_clone import PrivateClone
from shipit.adapters.oci import docker_login
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.manifest import OCI_MANIFEST, Manifest
from shipit.adapters.oci.manifest import Image as OciImage
from shipit.adapters.oci.registry import Registry
from shipit.errors import ExternalError, UsageError
from shipit.images.outside import Outside
from shipit.images.outside.registry import KnownRegistry
from shipit.model import Revision
from tests.unit.images.yard import SETTINGS, Yard

DIGEST = "sha256:" + "a" * 64
IMAGES = SETTINGS.partition("[tool.shipit.images]")[2]


def places(folder: Path, tables: str, url: str = "https://github.com/Acme/acme.git") -> list[str]:
    head = SETTINGS.partition("[tool.shipit.registry]")[0]
    yard = Yard(folder, f"{head}{tables}\n[tool.shipit.images]{IMAGES}")
    yard.checkout.url = url
    return [image.address for image in yard.outside.images()]


class TestWhereAnImageGoes:
    def test_is_the_owners_namespace_on_github_if_nothing_is_said(self, tmp_path: Path) -> None:
        assert places(tmp_path, "") == ["ghcr.io/acme/acme-mcp", "ghcr.io/acme/acme-webhook"]

    def test_is_as_the_registry_is_configured(self, tmp_path: Path) -> None:
        table = '[tool.shipit.registry]\nhost = "localhost:5000"\nnamespace = "team/acme"\n'
        assert places(tmp_path, table)[0] == "localhost:5000/team/acme/acme-mcp"

    def test_may_be_said_for_one_image_alone(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, SETTINGS + 'docs = { file = "Dockerfile.mcp", registry = "quay.io/acme-docs" }\n')
        (docs,) = yard.outside.images(["docs"])
        assert (docs.host, docs.repository) == ("quay.io", "acme-docs/docs")

    def test_must_be_known(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="whose images these are") as caught:
            places(tmp_path, "", url="https://git.example/acme.git")
        assert caught.value.hint == 'namespace = "acme"'

    def test_must_be_a_name_that_a_registry_takes(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, SETTINGS + 'Docs = { file = "Dockerfile.mcp" }\n')
        with pytest.raises(UsageError, match="acme/Docs cannot be pushed") as caught:
            yard.outside.images(["Docs"])
        assert caught.value.where == "images.Docs"
        assert caught.value.evidence == ("a repository has small letters only: acme/Docs",)


class TestTheLogin:
    TABLE = 'username = "env:REGISTRY_USER"\npassword = "env:REGISTRY_PASSWORD"\n'

    def yard(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
        monkeypatch.setenv("REGISTRY_USER", "ci")
        monkeypatch.setenv("REGISTRY_PASSWORD", "s3cr3t-of-acme")
        return Yard(folder, SETTINGS.replace('namespace = "acme"\n', f'namespace = "acme"\n{self.TABLE}'))

    def test_of_the_configuration_is_for_its_registry_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outside = self.yard(tmp_path, monkeypatch).outside
        assert outside._login("registry.test") == Login(username="ci", password="s3cr3t-of-acme")
        assert outside._login("quay.io") is None

    def test_is_in_a_file_while_a_program_needs_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
        outside = self.yard(tmp_path, monkeypatch).outside
        with outside.logins.for_docker("registry.test") as given:
            [folder] = given.values()
            assert '"registry.test": {"auth": ' in (Path(folder or "") / "config.json").read_text()
        assert not Path(folder or "").exists()
        with outside.logins.for_docker("quay.io") as given:
            assert given == {}

    def test_that_is_not_there_is_missed_by_those_who_push_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        yard = self.yard(tmp_path, monkeypatch)
        assert yard.outside._login_if_there("registry.test") == yard.outside._login("registry.test")
        monkeypatch.delenv("REGISTRY_PASSWORD")
        yard.build()
        assert yard.outside._login_if_there("registry.test") is None
        with pytest.raises(UsageError, match="REGISTRY_PASSWORD"):
            yard.push()
        assert yard.registry.tags == {}

    def test_is_dockers_own_where_none_is_configured(self, yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []
        monkeypatch.setattr(docker_login, "find", lambda host, _: asked.append(host))
        client = yard.outside.registry("quay.io")
        assert isinstance(client, KnownRegistry)
        assert client.host == "quay.io"
        assert yard.outside.registry("quay.io") is client
        assert yard.outside._docker_login("quay.io") is None
        assert asked == ["quay.io"]


class Kept(Registry):
    """A registry with one image, that counts how often it is asked for it."""

    def __init__(self) -> None:
        super().__init__("registry.test")
        self.there = True
        self.read = 0
        self.tagged: list[str] = []

    def digest(self, repository: str, at: str) -> str | None:
        return DIGEST if at in {"develop", DIGEST} else None

    def manifest(self, repository: str, at: str) -> Manifest | None:
        self.read += 1
        return Manifest(digest=DIGEST, media_type=OCI_MANIFEST, data=b"{}") if self.there else None

    def images(self, repository: str, found: Manifest) -> tuple[OciImage, ...]:
        return tuple(
            OciImage(digest=DIGEST, platform=platform, labels={"a": "b"}, created="")
            for platform in ("linux/amd64", "linux/arm64")
        )

    def tag(self, repository: str, tag: str, found: Manifest) -> None:
        self.tagged.append(tag)


class TestWhatIsKnownOfARegistry:
    def test_is_read_once_for_each_digest(self) -> None:
        known = KnownRegistry(kept := Kept())
        found = known.image("acme", "develop")
        assert found
        assert (found.digest, found.platforms, found.label("a")) == (DIGEST, ("linux/amd64", "linux/arm64"), "b")
        assert known.image("acme", DIGEST) == found
        assert kept.read == 1

    def test_is_nothing_where_nothing_lies(self) -> None:
        known = KnownRegistry(kept := Kept())
        assert known.image("acme", "main") is None
        kept.there = False
        assert known.image("acme", "develop") is None

    def test_can_be_put_under_another_tag_as_long_as_it_is_there(self) -> None:
        known = KnownRegistry(kept := Kept())
        known.tag("acme", "v1.1.0", DIGEST)
        assert kept.tagged == ["v1.1.0"]
        kept.there = False
        with pytest.raises(ExternalError, match=r"is gone from the registry registry\.test"):
            known.tag("acme", "v1.1.0", DIGEST)


class TestTheFiles:
    @pytest.fixture
    def clones(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
        """Private clones are plain folders; the list is of those that were removed."""
        removed: list[Path] = []

        def path(clone: PrivateClone) -> Path:
            folder = tmp_path / f"clone-{clone.commit[:6]}"
            if not folder.exists():
                (folder / ".git").mkdir(parents=True)
            return folder

        monkeypatch.setattr(PrivateClone, "path", property(path))
        monkeypatch.setattr(PrivateClone, "remove", lambda clone: removed.append(clone.path))
        return removed

    def test_are_those_of_the_commit_without_git_and_removed_at_the_end(
        self, tmp_path: Path, clones: list[Path]
    ) -> None:
        outside = Yard(tmp_path / "yard").outside
        del vars(outside)["_tree"]
        seen = Revision("1.1.0", "c" * 40)
        image = outside.images(["webhook"])[0]
        found: list[Path] = []
        threads = [Thread(target=lambda: found.append(outside._tree(seen))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        order = outside.order(seen, image, "v1.1.0")
        assert {*found} == {order.tree} == {tmp_path / "clone-cccccc"}
        assert list(order.tree.iterdir()) == []
        assert order.name == "registry.test/acme/acme-webhook:v1.1.0"
        outside.close()
        assert clones == [order.tree]


def test_the_builder_is_chosen_from_what_is_there(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    from shipit.adapters.docker import choice

    made: list[object] = []

    def choose(login: object, folder: object) -> str:
        made.extend((login, folder))
        return "chosen"

    monkeypatch.setattr(choice, "choose", choose)
    outside = Outside(yard.outside.project, {})
    assert str(outside.builder) == "chosen"
    assert made[0] == outside._login_if_there
