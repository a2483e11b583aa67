"""Words written by hand, reasons, newcomers, templates, maintenance branches and packages in the release commit."""

from pathlib import Path

import pytest

from shipit.errors import Refused, UsageError
from shipit.release.model import Release
from shipit.release.preparation import Signature
from shipit.release.survey import survey
from shipit.versioning.bump import forced
from shipit.versioning.decision import Question, decide
from shipit.versioning.units import Reading
from tests.fakes import ADA
from tests.unit.memory import GITFLOW, NOW, TRUNK, Machine, Product

BY_HAND = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- by hand\n\n## [1.0.0] - 2025-03-03\n\n- first word\n"


@pytest.fixture
def product() -> Product:
    return Product()


def make(machine: Machine, branch: str, pre: str | None = None, named: str | None = None) -> Release:
    outside = machine.outside
    seen = machine.survey(branch)
    decision = decide(
        Question(
            seen.commits,
            seen.tags,
            outside.config.version,
            kind="auto",
            pre=pre,
            forced=forced(named, "because") if named else None,
            branch=branch,
        )
    )
    return outside.builder.make(seen, decision, Signature(ADA, NOW))


def read(machine: Machine, commit: str, path: str = "CHANGELOG.md") -> str:
    return (machine.objects.read(commit, path) or b"").decode()


class TestWordsWrittenByHand:
    def test_become_part_of_section_and_notes_on_every_branch(self, product: Product, tmp_path: Path) -> None:
        product.commit("develop", "docs: tell\n", {"CHANGELOG.md": BY_HAND.encode()})
        machine = Machine(product, tmp_path / "a")
        made = make(machine, "develop")
        assert made.notes.startswith("### Added\n\n- by hand\n\n### Features")
        assert made.section.endswith("### Added\n\n- by hand")
        for commit in (made.commit, made.tagged_commit, machine.outside.builder.back_merge(made, made.base) or ""):
            text = read(machine, commit)
            order = [text.index(words) for words in ("[Unreleased]", "[1.1.0]", "- by hand", "[1.0.0]")]
            assert order == sorted(order)

    def test_go_to_main_also_where_main_has_a_hot_fix_of_its_own(self, product: Product, tmp_path: Path) -> None:
        product.commit("develop", "docs: tell\n", {"CHANGELOG.md": BY_HAND.encode()})
        log = product.read("refs/heads/main", "CHANGELOG.md")
        hot = log.replace("## [1.0.0]", "## [1.0.1] - 2025-04-01\n\n- hot\n\n## [1.0.0]")
        product.tag("v1.0.1", product.commit("main", "chore(release): v1.0.1\n", {"CHANGELOG.md": hot.encode()}))
        machine = Machine(product, tmp_path / "a")
        text = read(machine, make(machine, "develop").tagged_commit)
        order = [text.index(words) for words in ("[1.1.0]", "- by hand", "[1.0.1]", "- hot", "[1.0.0]")]
        assert order == sorted(order)

    def test_wait_for_the_final_release(self, product: Product, tmp_path: Path) -> None:
        product.commit("develop", "docs: tell\n", {"CHANGELOG.md": BY_HAND.encode()})
        machine = Machine(product, tmp_path / "a")
        made = make(machine, "develop", pre="rc")
        assert "by hand" not in made.notes + made.section
        text = read(machine, made.commit)
        assert text.index("- by hand") < text.index("[1.1.0-rc.1]")

    def test_of_develop_are_no_part_of_a_hot_fix(self, product: Product, tmp_path: Path) -> None:
        product.commit("develop", "docs: tell\n", {"CHANGELOG.md": BY_HAND.encode()})
        product.commit("main", "fix: hot\n", {"hot.py": b""})
        machine = Machine(product, tmp_path / "a")
        made = make(machine, "main")
        machine.survey("develop")
        text = read(machine, machine.outside.builder.back_merge(made, product.refs["refs/heads/develop"]) or "")
        order = [text.index(words) for words in ("[Unreleased]", "- by hand", "[1.0.1]", "- hot", "[1.0.0]")]
        assert order == sorted(order)


def test_a_paragraph_is_one_line_on_the_forge_and_stays_wrapped_in_the_file(
    product: Product, tmp_path: Path
) -> None:
    by_hand = BY_HAND.replace("by hand", "by hand\n  and heart")
    text = "fix!: it\n\nBREAKING CHANGE: words\nand more\n"
    product.commit("develop", text, {"CHANGELOG.md": by_hand.encode(), "acme.py": b"word = 5\n"})
    made = make(Machine(product, tmp_path / "a"), "develop")
    assert "- by hand and heart\n" in made.notes
    assert "- words and more (" in made.notes
    assert "- words\n  and more (" in made.section


class TestPeople:
    def test_newcomers_are_told_on_the_forge_and_not_in_the_file(self, product: Product, tmp_path: Path) -> None:
        message = "feat: together\n\nCo-authored-by: Bea <bea@example.com>\n"
        product.commit("develop", message, {"acme.py": b"word = 4\n"})
        made = make(Machine(product, tmp_path / "a"), "develop")
        assert "- Ada Acme\n- Bea made their first contribution" in made.notes
        assert "Contributors" not in made.section

    def test_nobody_is_new_before_the_first_release(self, tmp_path: Path) -> None:
        made = make(Machine(Product(released=False), tmp_path / "a"), "develop")
        assert "first contribution" not in made.notes


class TestTemplate:
    SETTINGS = GITFLOW + 'changelog.template = "notes.jinja"\n'

    def test_is_the_one_of_the_commit_that_is_released(self, tmp_path: Path) -> None:
        product = Product(self.SETTINGS)
        product.commit("develop", "docs: notes\n", {"notes.jinja": b"{{ tag }} after {{ previous }}"})
        made = make(Machine(product, tmp_path / "a"), "develop")
        assert made.notes == made.section == "v1.1.0 after v1.0.0"

    def test_keeps_its_own_line_ends(self, tmp_path: Path) -> None:
        product = Product(self.SETTINGS)
        product.commit("develop", "docs: notes\n", {"notes.jinja": b"one\ntwo"})
        assert make(Machine(product, tmp_path / "a"), "develop").notes == "one\ntwo"

    def test_that_is_wrong_or_missing_is_refused(self, tmp_path: Path) -> None:
        product = Product(self.SETTINGS)
        with pytest.raises(Refused, match=r"notes\.jinja is not there, but changelog\.template names it"):
            make(Machine(product, tmp_path / "a"), "develop")
        product.commit("develop", "docs: notes\n", {"notes.jinja": b"\n{{ wrong }}"})
        with pytest.raises(UsageError) as caught:
            make(Machine(product, tmp_path / "b"), "develop")
        assert caught.value.where == "notes.jinja:2"


def test_the_reason_of_a_named_version_stands_in_commit_and_decision(product: Product, tmp_path: Path) -> None:
    machine = Machine(product, tmp_path / "a")
    made = make(machine, "develop", named="3.0.0")
    assert machine.objects.at(made.commit).message.strip() == "chore(release): v3.0.0\n\nbecause"
    assert (made.version, made.reason, made.package) == ("3.0.0", "because", "")


def test_a_maintenance_branch_goes_neither_to_main_nor_to_develop(product: Product, tmp_path: Path) -> None:
    product.server.refs["refs/heads/1.x"] = product.server.objects.peel(product.refs["refs/tags/v1.0.0"])
    product.commit("1.x", "fix: old\n", {"old.py": b""})
    machine = Machine(product, tmp_path / "a")
    made = make(machine, "1.x")
    assert (made.version, made.main, made.develop) == ("1.0.1", "1.x", None)
    assert (made.tagged_commit, made.main_before) == (made.commit, product.refs["refs/heads/1.x"])


class TestLinks:
    def test_the_heading_leads_to_the_comparison(self, tmp_path: Path) -> None:
        product = Product(forge=True)
        machine = Machine(product, tmp_path / "a")
        made = make(machine, "develop")
        where = "https://github.com/acme/acme/compare/v1.0.0...v1.1.0"
        assert f"## [1.1.0]({where}) - 2025-06-15\n" in read(machine, made.commit)
        assert where in made.notes
        assert where not in made.section


LOCK = '[[package]]\nname = "a-tool"\nversion = "0.0.0"\nsource = { editable = "tools/a" }\n'


class TestPackages:
    SETTINGS = TRUNK + 'packages.a = {{ path = "tools/a" }}\n'

    @pytest.fixture
    def machine(self, tmp_path: Path) -> Machine:
        product = Product(self.SETTINGS)
        own = b'[project]\nname = "a-tool"\nversion = "0.0.0"\n'
        product.commit("main", "feat: a tool\n", {"tools/a/pyproject.toml": own, "uv.lock": LOCK.encode()})
        product.commit("main", "feat: no tool\n", {"acme.py": b"word = 9\n"})
        machine = Machine(product, tmp_path / "a")
        folder = machine.outside.top / "tools" / "a"
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_bytes(own)
        return machine

    def test_only_the_package_s_own_files_and_changes_are_in_it(self, machine: Machine) -> None:
        outside = machine.outside.of("a")
        seen = survey(machine.remote, machine.objects, outside.config, "main", outside.project.folder)
        reading = Reading(folder=outside.project.folder, touched=seen.touched)
        decision = decide(Question(seen.commits, seen.tags, outside.config.version, reading=reading))
        made = outside.builder.make(seen, decision, Signature(ADA, NOW))
        assert (made.tag, made.package, made.branch) == ("a-v0.1.0", "a", "release/a-v0.1.0")
        assert [subject for _, subject in made.commits] == ["feat: a tool"]
        assert 'version = "0.1.0"' in read(machine, made.commit, "tools/a/pyproject.toml")
        assert 'version = "0.1.0"' in read(machine, made.commit, "uv.lock")
        assert "- a tool" in read(machine, made.commit, "tools/a/CHANGELOG.md")
        assert "no tool" not in made.notes
        assert read(machine, made.commit, "pyproject.toml") == read(machine, made.base, "pyproject.toml")

    def test_the_outside_of_a_package_shares_everything_else(self, machine: Machine) -> None:
        whole = machine.outside
        one = whole.of("a")
        assert (one.project.name, one.project.folder) == ("a-tool", "tools/a")
        assert (whole.project.name, whole.project.folder) == ("acme", "")
        assert one.of("a") is one
        assert one.of("").project.name == "acme"
        assert one.remote is whole.remote
