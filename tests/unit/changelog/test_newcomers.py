"""Who contributes for the first time, and what a template of somebody's own gets."""

from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes, render, values
from shipit.changelog.people import newcomers
from shipit.model import Change, Identity

ANN, BEA = Identity("Ann", "Ann@Example.com"), Identity("Bea", "bea@example.com")
CHANGES = (Change("a" * 40, "feat", "", "it", author=ANN, co_authors=(BEA,)),)
STYLE = NotesOptions({"feat": "Features"}, Links("https://x/o/r"), people=True)


def test_those_are_new_whose_address_is_not_in_the_history() -> None:
    assert newcomers(CHANGES, frozenset({"ann@example.com"})) == {"bea@example.com"}
    assert newcomers(CHANGES, frozenset()) == {"ann@example.com", "bea@example.com"}


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
