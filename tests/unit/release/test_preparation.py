"""From a decided version to commits: what stands in them, and what makes it impossible."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.errors import Refused, UsageError
from shipit.model import Identity
from shipit.release.model import Release
from shipit.release.preparation import ReleaseBuilder, Signature
from shipit.release.survey import Survey
from shipit.versioning.decision import Decision, Question, decide
from tests.unit.memory import NOW, TRUNK, Machine, Product

ADA = Identity("Ada Acme", "ada@acme.example")
SIGNED = Signature(ADA, NOW)
UV = '[[package]]\nname = "acme"\nversion = "1.0.0"\nsource = { editable = "." }\n'


class Shop:
    """A machine that makes the commits of the next release of a product."""

    def __init__(self, product: Product, folder: Path, branch: str = "develop") -> None:
        self.product = product
        self.machine = Machine(product, folder)
        self.branch = branch

    @property
    def builder(self) -> ReleaseBuilder:
        return self.machine.outside.builder

    @property
    def seen(self) -> Survey:
        return self.machine.survey(self.branch)

    def decision(self, seen: Survey) -> Decision:
        policy = self.machine.outside.config.version
        return decide(Question(seen.commits, seen.tags, policy, taken=seen.all_tags))

    def make(self) -> Release:
        seen = self.seen
        return self.builder.make(seen, self.decision(seen), SIGNED)

    def read(self, commit: str, path: str) -> str:
        return (self.machine.objects.read(commit, path) or b"").decode()

    def somebody_pushes(self, branch: str, files: dict[str, bytes]) -> str:
        sha = self.product.commit(branch, "fix: in between\n", files)
        self.machine.remote.fetch(f"refs/heads/{branch}")
        return sha


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(Product(), tmp_path / "here")


class TestTheRelease:
    def test_is_one_commit_on_top_of_what_people_wrote(self, shop: Shop) -> None:
        made = shop.make()
        assert shop.machine.objects.at(made.commit).parents == (made.base,)
        assert shop.machine.objects.at(made.commit).message.strip() == "chore(release): v1.1.0"
        assert 'version = "1.1.0"' in shop.read(made.commit, "pyproject.toml")
        assert "## [1.1.0]" in shop.read(made.commit, "CHANGELOG.md")
        assert "## [1.0.0]" in shop.read(made.commit, "CHANGELOG.md")

    def test_tells_everything_that_was_decided(self, shop: Shop) -> None:
        made = shop.make()
        assert (made.version, made.tag, made.previous, made.title) == (
            "1.1.0",
            "v1.1.0",
            "v1.0.0",
            "Release v1.1.0",
        )
        assert (made.main, made.develop, made.branch) == ("main", "develop", "release/v1.1.0")
        assert (made.base, made.main_before) == (
            shop.product.refs["refs/heads/develop"],
            shop.product.refs["refs/heads/main"],
        )
        assert [subject for _, subject in made.commits][:2] == ["fix: end with a mark", "feat: say it louder"]
        assert "say it louder" in made.notes
        assert "say it louder" in made.section

    def test_is_the_same_on_every_machine(self, shop: Shop, tmp_path: Path) -> None:
        assert shop.make() == Shop(shop.product, tmp_path / "elsewhere").make()

    def test_is_merged_into_main_with_a_merge_commit(self, shop: Shop) -> None:
        made = shop.make()
        assert shop.machine.objects.at(made.tagged_commit).parents == (made.main_before, made.commit)
        assert shop.machine.objects.at(made.tagged_commit).message.strip() == "Merge release/v1.1.0 into main"
        assert shop.read(made.tagged_commit, "acme.py") == "word = 3\n"

    def test_just_moves_a_trunk_on(self, tmp_path: Path) -> None:
        made = Shop(Product(TRUNK), tmp_path, "main").make()
        assert made.tagged_commit == made.commit
        assert made.develop is None

    def test_just_makes_a_main_that_is_not_there_yet(self, shop: Shop) -> None:
        del shop.product.server.refs["refs/heads/main"]
        made = shop.make()
        assert (made.tagged_commit, made.main_before) == (made.commit, None)

    def test_writes_lock_files_as_well(self, shop: Shop) -> None:
        shop.product.commit("develop", "chore: lock\n", {"uv.lock": UV.encode()})
        assert 'version = "1.1.0"' in shop.read(shop.make().commit, "uv.lock")

    def test_writes_several_places_in_one_file_together(self, tmp_path: Path) -> None:
        settings = '[tool.shipit]\nversion.files = ["acme.py:one", "acme.py:two"]\nchangelog.file = ""\n'
        product = Product(settings)
        product.commit("main", "feat: versions\n", {"acme.py": b'one = "1.0.0"\ntwo = "1.0.0"\n'})
        shop = Shop(product, tmp_path, "main")
        assert shop.read(shop.make().commit, "acme.py") == 'one = "1.1.0"\ntwo = "1.1.0"\n'

    def test_changes_no_file_where_the_tag_alone_holds_the_version(self, tmp_path: Path) -> None:
        product = Product('[tool.shipit]\nversion.files = []\nchangelog.file = ""\n')
        shop = Shop(product, tmp_path, "main")
        made = shop.make()
        assert shop.machine.objects.tree(made.commit) == shop.machine.objects.tree(made.base)

    def test_changes_the_merge_into_main_as_little_as_that(self, tmp_path: Path) -> None:
        settings = '[tool.shipit]\nbranches.develop = "develop"\nversion.files = []\nchangelog.file = ""\n'
        shop = Shop(Product(settings), tmp_path)
        made = shop.make()
        assert shop.read(made.tagged_commit, "acme.py") == "word = 3\n"

    def test_keeps_the_section_of_a_hot_fix_that_only_main_knows(self, shop: Shop) -> None:
        log = shop.product.read("refs/heads/main", "CHANGELOG.md")
        hot = log.replace("## [1.0.0]", "## [1.0.1] - 2025-04-01\n\n### Fixes\n\n- hot\n\n## [1.0.0]")
        files = {"CHANGELOG.md": hot.encode(), "pyproject.toml": shop.product.pyproject("1.0.1")}
        shop.product.tag("v1.0.1", shop.product.commit("main", "chore(release): v1.0.1\n", files))
        text = shop.read(shop.make().tagged_commit, "CHANGELOG.md")
        assert [text.index(f"## [{one}]") for one in ("1.1.0", "1.0.1", "1.0.0")] == sorted(
            text.index(f"## [{one}]") for one in ("1.1.0", "1.0.1", "1.0.0")
        )

    def test_that_conflicts_with_main_is_refused_with_the_files(self, shop: Shop) -> None:
        shop.product.commit("main", "fix: hot\n", {"acme.py": b"word = 99\n"})
        with pytest.raises(Refused, match="develop cannot be merged into main") as caught:
            shop.make()
        assert caught.value.evidence == ("conflict in acme.py",)
        assert caught.value.hint == (
            "merge main into develop first, and resolve it there: "
            "git switch develop && git pull && git merge origin/main"
        )

    def test_without_a_version_file_is_refused(self, shop: Shop) -> None:
        shop.product.settings += 'version.files = ["gone.py:version"]\n'
        missing = Shop(shop.product, shop.machine.outside.top.parent / "there")
        with pytest.raises(Refused, match=r"gone\.py is not there, but version\.files names it"):
            missing.make()

    def test_with_a_version_file_that_is_no_text_is_refused(self, shop: Shop) -> None:
        shop.product.commit("develop", "feat: bytes\n", {"pyproject.toml": b"\xff\xfe"})
        with pytest.raises(Refused, match=r"pyproject\.toml is not UTF-8"):
            shop.make()

    def test_with_a_version_that_nobody_can_read_is_refused_now_and_not_at_the_back_merge(self, shop: Shop) -> None:
        shop.product.commit("develop", "feat: odd\n", {"pyproject.toml": shop.product.pyproject("1!1.0")})
        with pytest.raises(UsageError, match=r"1!1\.0") as caught:
            shop.make()
        assert caught.value.where == "pyproject.toml:project.version"


class TestTheBackMerge:
    def test_brings_the_release_into_develop(self, shop: Shop) -> None:
        made = shop.make()
        merged = shop.builder.back_merge(made, made.base)
        assert merged
        assert shop.machine.objects.at(merged).parents == (made.base, made.tagged_commit)
        assert shop.machine.objects.at(merged).message.strip() == "Merge v1.1.0 into develop"

    def test_keeps_what_came_to_develop_in_between(self, shop: Shop) -> None:
        made = shop.make()
        tip = shop.somebody_pushes("develop", {"acme.py": b"word = 4\n"})
        merged = shop.builder.back_merge(made, tip) or ""
        assert shop.read(merged, "acme.py") == "word = 4\n"
        assert 'version = "1.1.0"' in shop.read(merged, "pyproject.toml")

    def test_keeps_the_higher_version_and_both_sections(self, shop: Shop) -> None:
        made = shop.make()
        log = shop.product.read("refs/heads/develop", "CHANGELOG.md")
        ahead = log.replace("## [1.0.0]", "## [2.0.0-rc.1] - 2025-05-01\n\n- ahead\n\n## [1.0.0]")
        files = {"pyproject.toml": shop.product.pyproject("2.0.0rc1"), "CHANGELOG.md": ahead.encode()}
        merged = shop.builder.back_merge(made, shop.somebody_pushes("develop", files)) or ""
        assert 'version = "2.0.0rc1"' in shop.read(merged, "pyproject.toml")
        text = shop.read(merged, "CHANGELOG.md")
        assert "## [1.1.0]" in text
        assert "## [2.0.0-rc.1]" in text

    def test_that_conflicts_is_left_to_a_person(self, shop: Shop) -> None:
        made = shop.make()
        hot = shop.machine.objects.change_tree(made.tagged_commit, {"acme.py": b"word = 99\n"})
        target = shop.machine.objects.commit(hot, [made.tagged_commit], "fix: on main\n", ADA, NOW)
        tip = shop.somebody_pushes("develop", {"acme.py": b"word = 4\n"})
        assert shop.builder.back_merge(replace(made, tagged_commit=target), tip) is None

    def test_into_a_develop_without_the_version_file_is_left_to_a_person(self, shop: Shop) -> None:
        made = shop.make()
        objects = shop.machine.objects
        bare = objects.commit(objects.change_tree(None, {"x": b""}), [made.base], "feat: new start\n", ADA, NOW)
        assert shop.builder.back_merge(made, bare) is None

    @pytest.mark.parametrize("version", ["1!1.0", "soon"])
    def test_into_a_develop_whose_version_cannot_be_read_is_left_to_a_person(
        self, shop: Shop, version: str
    ) -> None:
        made = shop.make()
        tip = shop.somebody_pushes("develop", {"pyproject.toml": shop.product.pyproject(version)})
        assert shop.builder.back_merge(made, tip) is None

    def test_writes_several_places_in_one_file_together_and_no_changelog_where_there_is_none(
        self, tmp_path: Path
    ) -> None:
        settings = (
            '[tool.shipit]\nbranches.develop = "develop"\nchangelog.file = ""\n'
            'version.files = ["acme.py:one", "acme.py:two"]\n'
        )
        product = Product(settings)
        product.commit("develop", "feat: versions\n", {"acme.py": b'one = "1.0.0"\ntwo = "1.0.0"\n'})
        shop = Shop(product, tmp_path)
        made = shop.make()
        tip = shop.somebody_pushes("develop", {"other.py": b""})
        merged = shop.builder.back_merge(made, tip) or ""
        assert shop.read(merged, "acme.py") == 'one = "1.1.0"\ntwo = "1.1.0"\n'
        assert shop.read(merged, "CHANGELOG.md") == shop.read(tip, "CHANGELOG.md")
