"""A release never goes back in silence: what files, tags and the index tell stands above it."""

from pathlib import Path

import pytest

from shipit.config import open_project
from shipit.errors import Refused, Unavailable
from shipit.release import status
from shipit.release.next_version import next_version
from shipit.release.outside import Outside
from shipit.release.survey import survey
from tests.unit.memory import TRUNK, Machine, Product


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def machine(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "here")


def refused(machine: Machine, **options: object) -> Refused:
    with pytest.raises(Refused) as caught:
        machine.release(dry_run=True, **options)
    return caught.value


def released(machine: Machine, **options: object) -> str:
    return machine.release(dry_run=True, **options)["version"]


def say_in_file(product: Product, version: str) -> None:
    product.commit("develop", "chore: number\n", {"pyproject.toml": product.pyproject(version)})


class TestFiles:
    def test_above_the_version_refuse_it(self, product: Product, machine: Machine) -> None:
        say_in_file(product, "1.4.0")
        error = refused(machine)
        assert error.what == "the next version would be 1.1.0, but 1.4.0 is there already"
        assert error.evidence == ("pyproject.toml:project.version says 1.4.0",)

    @pytest.mark.parametrize("version", ["1.1.0", "1.1.0.dev0", "2.0.0.dev1", "1.0.0.post1", "1.1.0rc3", "0!1.0.0"])
    def test_with_the_version_itself_or_none_that_binds_do_not(
        self, product: Product, machine: Machine, version: str
    ) -> None:
        say_in_file(product, version)
        assert released(machine) == "1.1.0"

    def test_of_main_above_the_version_refuse_it(self, product: Product, machine: Machine) -> None:
        product.commit("main", "chore: number\n", {"pyproject.toml": product.pyproject("2.0.0")})
        assert refused(machine).evidence == ("pyproject.toml:project.version in main says 2.0.0",)

    def test_give_way_to_a_version_that_a_person_named(self, product: Product, machine: Machine) -> None:
        say_in_file(product, "1.4.0")
        assert released(machine, exact="1.2.0", reason="1.4.0 was a mistake") == "1.2.0"

    def test_without_any_tag_name_the_key_to_count_from(self, tmp_path: Path) -> None:
        product = Product(TRUNK, released=False)
        product.commit("main", "chore: number\n", {"pyproject.toml": product.pyproject("1.4.0")})
        error = refused(Machine(product, tmp_path / "here"))
        assert error.what == "the next version would be 0.1.0, but 1.4.0 is there already"
        assert 'version.initial = "1.4.0"' in (error.hint or "")

    def test_that_are_no_text_are_left_to_the_preparation(self, product: Product, machine: Machine) -> None:
        product.commit("develop", "chore: binary\n", {"pyproject.toml": b"\xff"})
        assert refused(machine).what == "pyproject.toml is not UTF-8"


class TestTags:
    def test_of_another_spelling_in_the_history_refuse_it(self, product: Product, machine: Machine) -> None:
        product.tag("2.0.0", product.refs["refs/heads/develop"])
        error = refused(machine)
        assert error.what == "the next version would be 1.1.0, but 2.0.0 is there already"
        assert error.evidence == ("the tag 2.0.0 is in the history",)
        assert "tag-format" in (error.hint or "")

    def test_on_another_line_of_history_do_not(self, product: Product, machine: Machine) -> None:
        far = product.commit("next", "feat: far\n", {"far.py": b""})
        product.tag("2.0.0", far)
        assert released(machine) == "1.1.0"

    def test_of_another_package_do_not(self, product: Product, machine: Machine) -> None:
        product.tag("other-v2.0.0", product.refs["refs/heads/develop"])
        assert released(machine) == "1.1.0"

    def test_in_main_that_develop_lacks_refuse_it(self, product: Product, machine: Machine) -> None:
        product.tag("v1.2.0", product.commit("main", "feat: hot\n", {"hot.py": b""}))
        error = refused(machine)
        assert error.what == "the next version would be 1.1.0, but 1.2.0 is there already"
        assert error.evidence == ("v1.2.0 is in the history of main",)
        assert (error.hint or "").startswith("merge main into the branch that you release first; or name")

    def test_in_main_below_the_version_do_not(self, product: Product, machine: Machine) -> None:
        product.tag("v1.0.1", product.commit("main", "fix: hot\n", {"hot.py": b""}))
        assert released(machine) == "1.1.0"

    def test_of_another_spelling_in_main_refuse_it(self, product: Product, machine: Machine) -> None:
        product.tag("release-1.1", product.commit("main", "feat: hot\n", {"hot.py": b""}))
        assert refused(machine).evidence == ("the tag release-1.1 is in the history",)

    def test_of_another_spelling_that_are_only_in_this_clone_refuse_it(
        self, product: Product, machine: Machine
    ) -> None:
        machine.checkout.refs["refs/tags/2.0.0"] = product.refs["refs/heads/develop"]
        assert refused(machine).evidence == ("the tag 2.0.0 is in the history",)

    def test_on_release_branches_refuse_a_first_release(self, tmp_path: Path) -> None:
        product = Product(TRUNK, released=False)
        product.tag("v1.1.0", product.commit("rel", "feat: far\n", {"far.py": b""}))
        error = refused(Machine(product, tmp_path / "here"))
        assert error.evidence == ("v1.1.0 is on another line of history",)

    def test_of_the_same_line_elsewhere_refuse_it(self, product: Product, machine: Machine) -> None:
        product.tag("v1.5.0", product.commit("rel", "feat: far\n", {"far.py": b""}))
        assert refused(machine).evidence == ("v1.5.0 is on another line of history",)

    def test_that_are_only_in_this_clone_refuse_it(self, product: Product, machine: Machine) -> None:
        machine.checkout.refs["refs/tags/v1.0.1"] = product.refs["refs/heads/develop"]
        error = refused(machine)
        assert error.what == "the tag v1.0.1 is only in this clone, not on origin"
        assert error.evidence == ("the last release on origin is v1.0.0",)
        assert error.hint == "git push origin v1.0.1; or, if it is a mistake: git tag -d v1.0.1"

    def test_that_are_only_in_this_clone_before_the_first_release_refuse_it(self, tmp_path: Path) -> None:
        product = Product(TRUNK, released=False)
        machine = Machine(product, tmp_path / "here")
        machine.checkout.refs["refs/tags/v1.0.0"] = product.refs["refs/heads/main"]
        assert refused(machine).evidence == ("the last release on origin is none",)

    def test_that_are_only_in_this_clone_and_lead_elsewhere_or_below_do_not(
        self, product: Product, machine: Machine
    ) -> None:
        machine.checkout.refs["refs/tags/v0.9.0"] = product.refs["refs/heads/develop"]
        machine.checkout.refs["refs/tags/v3.0.0"] = "f" * 40
        assert released(machine) == "1.1.0"


class TestIndex:
    def test_is_not_asked_for_a_project_without_a_name(self, tmp_path: Path) -> None:
        product = Product(TRUNK)
        product.index.files["acme-2.0.0.tar.gz"] = b"other"
        machine = Machine(product, tmp_path / "here")
        (tmp_path / "here" / "pyproject.toml").write_text("[tool.shipit]\nversion.files = []\n")
        nameless = Outside(open_project(tmp_path / "here"), {})
        vars(nameless).update(
            {name: vars(machine.outside)[name] for name in ("remote", "objects", "checkout", "index")}
        )
        seen = survey(machine.remote, machine.objects, nameless.config, "main")
        assert next_version(nameless, seen).version == "1.1.0"

    def test_with_a_version_that_no_tag_knows_refuses_it(self, product: Product, machine: Machine) -> None:
        product.index.files["acme-2.0.0.tar.gz"] = b"other"
        error = refused(machine)
        assert error.what == "the next version would be 1.1.0, but 2.0.0 is there already"
        assert "has 2.0.0" in error.evidence[0]

    def test_with_a_version_that_has_a_tag_elsewhere_does_not(self, product: Product, machine: Machine) -> None:
        product.tag("v2.0.0", product.commit("next", "feat: far\n", {"far.py": b""}))
        product.index.files["acme-2.0.0.tar.gz"] = b"other"
        assert released(machine) == "1.1.0"

    def test_that_does_not_answer_is_left_to_pre_flight(
        self, product: Product, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(project: str) -> list[str]:
            raise Unavailable("the index is away")

        monkeypatch.setattr(product.index, "versions", fail)
        assert released(machine) == "1.1.0"


def test_the_status_does_not_ask_the_index(product: Product, machine: Machine) -> None:
    product.index.files["acme-2.0.0.tar.gz"] = b"other"
    assert list(status.report(machine.outside, json=False))[4].startswith("next        1.1.0")


def test_the_status_says_what_is_refused_and_goes_on(product: Product, machine: Machine) -> None:
    say_in_file(product, "1.4.0")
    lines = list(status.report(machine.outside, json=False))
    assert lines[1] == "released    v1.0.0"
    assert lines[4] == "next        refused: the next version would be 1.1.0, but 1.4.0 is there already"
