"""Who contributes for the first time, and what a template of somebody's own gets."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes, render, values
from shipit.changelog.people import Contributor, contributors, newcomers, renamed
from shipit.model import Change, Identity

ANN, BEA = Identity("Ann", "Ann@Example.com"), Identity("Bea", "bea@example.com")
CHANGES = (Change("a" * 40, "feat", "", "it", author=ANN, co_authors=(BEA,)),)
STYLE = NotesOptions({"feat": "Features"}, Links("https://x/o/r"), people=True)


def test_those_are_new_whose_address_is_not_in_the_history() -> None:
    assert newcomers(CHANGES, frozenset({"ann@example.com"})) == {"bea@example.com"}
    assert newcomers(CHANGES, frozenset()) == {"ann@example.com", "bea@example.com"}


@pytest.mark.parametrize(
    "known",
    [
        {"ann@example.com"},
        {"ann", "ann@old.example"},
        {"ann-web@users.noreply.github.com"},
        {"7+ann-web@users.noreply.github.com"},
    ],
)
def test_who_is_known_by_name_or_account_is_not_new(known: set[str]) -> None:
    web = Identity("Ann", "7+Ann-Web@users.noreply.github.com")
    some = (Change("a" * 40, "feat", "", "it", author=web), *CHANGES)
    new = newcomers(some, frozenset(known))
    assert "- Ann\n- Bea made their first contribution" in render(ReleaseNotes(some, newcomers=new), STYLE)


def test_the_same_address_account_or_name_is_one_person() -> None:
    people = [
        Identity("Cem", "7+cem@users.noreply.github.com"),
        Identity("C. Em", "cem@users.noreply.github.com"),
        Identity("cem ", "cem@example.com"),
        Identity("C. Em", "c@example.com"),
        Identity("Dan", "c@example.com"),
    ]
    found = contributors([Change("a" * 40, "fix", "", "it", author=one) for one in people], frozenset())
    assert found == (Contributor("Cem"),)


def test_co_authors_are_renamed_once_each_and_authors_are_left() -> None:
    old = Identity("bea", "bea@old.example")
    names = {old: BEA, BEA: BEA}
    asked: list[Identity] = []

    def known_as(people: Sequence[Identity]) -> Sequence[Identity]:
        asked.extend(people)
        return [names[one] for one in people]

    made = replace(CHANGES[0], co_authors=(old, BEA))
    assert renamed((made, CHANGES[0], replace(made, co_authors=())), known_as) == (
        *CHANGES,
        *CHANGES,
        replace(made, co_authors=()),
    )
    assert asked == [old, BEA]
    assert renamed((replace(made, co_authors=()),), known_as) == (replace(made, co_authors=()),)
    assert asked == [old, BEA]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com"),
        ("renovate-bot", "bot@renovateapp.com"),
        ("Renovate", "bot@renovateapp.com"),
        ("github-actions", "41898282+github-actions@users.noreply.github.com"),
        ("semantic-release-bot", "x@example.org"),
        ("Some Helper", "some-bot@example.org"),
        ("Claude Code", "x@example.org"),
        ("Assistant 4", "noreply@anthropic.com"),
        ("Copilot", "175728472+Copilot@users.noreply.github.com"),
    ],
)
def test_programs_are_no_contributors(name: str, email: str) -> None:
    made = Change("a" * 40, "fix", "", "it", author=ANN, co_authors=(Identity(name, email),))
    assert contributors([made], frozenset({email.lower()})) == (Contributor("Ann"),)
    assert email.lower() not in newcomers([made], frozenset())


@pytest.mark.parametrize(("name", "email"), [("Anna Bot", "anna@example.org"), ("Talbot", "robot@example.org")])
def test_people_whose_names_sound_like_it_are_contributors(name: str, email: str) -> None:
    made = Change("a" * 40, "fix", "", "it", author=Identity(name, email))
    assert contributors([made]) == (Contributor(name),)


def test_the_notes_tell_of_them() -> None:
    edition = ReleaseNotes(CHANGES, newcomers=frozenset({"ann@example.com"}))
    assert "- Ann made their first contribution\n- Bea" in render(edition, STYLE)


def test_the_file_leaves_the_comparison_to_its_heading() -> None:
    edition = ReleaseNotes(CHANGES, "v2.0.0", "2.0.0", "v1.0.0")
    assert "compare/v1.0.0...v2.0.0" in render(edition, STYLE)
    assert "compare" not in render(
        edition, NotesOptions({"feat": "Features"}, Links("https://x/o/r"), compare=False)
    )


def test_a_template_gets_the_data_and_the_comparison() -> None:
    found = values(ReleaseNotes(CHANGES, "v2.0.0", "2.0.0", "v1.0.0"), STYLE)
    assert found["compare"] == "https://x/o/r/compare/v1.0.0...v2.0.0"
    assert found["version"] == "2.0.0"
    assert values(ReleaseNotes(CHANGES), STYLE)["compare"] is None
