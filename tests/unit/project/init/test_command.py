"""shipit init from its command down: what is written, refused and left to others."""

import pytest

from shipit.errors import LiveDiffers, Refused
from shipit.output.reporter import Declined
from shipit.project.init import command, stamps
from shipit.project.init.model import Ask, Clone, Proposal
from shipit.project.init.stamps import Author
from tests.unit.project.init.memory import LIBRARY, TOP, Memory, documents

RELEASE, TESTS = ".github/workflows/release.yml", ".github/workflows/tests.yml"


class Scene:
    """A command in a repository in memory, with what it said."""

    def __init__(self, memory: Memory, ask: Ask | None = None) -> None:
        self.memory, self.ask = memory, ask
        self.shown: list[Proposal] = []
        self.said: list[str] = []

    @property
    def job(self) -> command.Job:
        return command.Job(
            top=TOP,
            documents=documents(self.memory.files),
            repository=self.memory,
            ask=self.ask,
            show=self.shown.append,
            say=self.said.append,
        )


def test_what_was_written_once_is_not_written_again() -> None:
    scene = Scene(Memory({**LIBRARY}))
    command.init(scene.job, yes=True)
    assert scene.memory.written[-1] == "pyproject.toml"  # it says that a run was complete
    assert "8 files written" in scene.said[-1]
    scene.memory.written.clear()
    command.init(scene.job, yes=True)
    command.check(scene.job)
    assert (scene.memory.written, scene.shown[-1].written) == ([], [])


def test_a_person_who_says_no_has_it_as_before() -> None:
    scene = Scene(Memory({**LIBRARY}), lambda question, _: "Write" not in question)
    with pytest.raises(Declined):
        command.init(scene.job, yes=False)
    assert scene.memory.written == []


def test_a_person_who_says_yes_and_nobody_at_all() -> None:
    nobody = Scene(Memory({**LIBRARY}))
    command.init(nobody.job, yes=False)
    assert (nobody.memory.written, "nothing was written" in nobody.said[0]) == ([], True)
    somebody = Scene(Memory({**LIBRARY}), lambda *_: True)
    command.init(somebody.job, yes=False)
    assert len(somebody.memory.written) == 8


@pytest.mark.parametrize("path", ["pyproject.toml", RELEASE])
def test_a_file_that_changes_while_a_person_thinks_is_not_overwritten(path: str) -> None:
    memory = Memory({**LIBRARY})

    def ask(question: str, _: bool) -> bool:
        memory.files[path] = "somebody\n"
        return True

    with pytest.raises(Refused, match="was changed meanwhile"):
        command.init(Scene(memory, ask).job, yes=False)
    assert memory.files[path] == "somebody\n"


def test_something_unreadable_in_the_place_of_a_workflow_stays() -> None:
    scene = Scene(Memory({**LIBRARY}, blocked=(RELEASE,)))
    command.init(scene.job, yes=True)
    assert RELEASE not in scene.memory.written
    assert f"{RELEASE} was there and stays" in "\n".join(scene.shown[0].notes)


def test_check_counts_what_is_missing_old_edited_or_of_no_use_but_not_what_is_of_others() -> None:
    scene = Scene(Memory({**LIBRARY, RELEASE: "name: theirs\n"}))
    with pytest.raises(LiveDiffers, match="7 files are not"):
        command.check(scene.job)
    command.init(scene.job, yes=True)
    command.check(scene.job)
    scene.memory.files[TESTS] += "# mine\n"
    scene.memory.files[".github/workflows/build.yml"] = stamps.stamped("name: build\n")
    with pytest.raises(LiveDiffers) as caught:
        command.check(scene.job)
    assert caught.value.evidence == (
        f"{TESTS}: changed by hand",
        ".github/workflows/build.yml: of no use any more",
    )
    assert caught.value.hint == "shipit init shows the difference, and writes it"
    command.init(scene.job, yes=True)
    assert ".github/workflows/build.yml" not in scene.memory.files
    with pytest.raises(LiveDiffers, match="1 file is not") as edited:
        command.check(scene.job)
    assert "init shows" not in str(edited.value.hint)  # it neither shows nor writes what people changed
    assert "delete its first line to make it yours" in str(edited.value.hint)
    assert "delete its first line to make it yours" in "\n".join(scene.shown[-1].notes)


@pytest.mark.parametrize("is_edited", [True, False])
def test_what_stays_as_people_have_it_is_not_said_to_be_as_init_writes_it(*, is_edited: bool) -> None:
    scene = Scene(Memory({**LIBRARY} if is_edited else {**LIBRARY, TESTS: "name: theirs\n"}))
    command.init(scene.job, yes=True)
    scene.memory.files[TESTS] += "# mine\n"
    command.init(scene.job, yes=True)
    first = "nothing to write: everything but what is left to you is as shipit init writes it"
    assert scene.said[-1].splitlines() == [first, "", "hint: shipit release --dry-run shows the next release"]
    if not is_edited:
        command.check(scene.job)
        assert scene.said[-1] == "everything but what is left to you is as shipit init writes it"


@pytest.mark.parametrize(
    ("others", "said"), [((), "8 files written; look at them"), ((TESTS,), "1 file written; look at it")]
)
def test_it_ends_with_where_to_look_and_the_next_command(others: tuple[str, ...], said: str) -> None:
    scene = Scene(Memory({**LIBRARY}))
    if others:
        command.init(scene.job, yes=True)
        del scene.memory.files[TESTS]
    command.init(scene.job, yes=True)
    first, _, last = scene.said[-1].splitlines()
    assert first.startswith(f"{said} with `git status` and `git diff`, and commit ")
    assert last == "hint: shipit release --dry-run shows the next release"


def test_a_stamp_survives_other_line_ends_and_nothing_else() -> None:
    text = stamps.stamped("a: 1\nb: 2\n")
    assert stamps.author(text) is stamps.author(text.replace("\n", "\r\n")) is Author.INIT
    assert stamps.author(text + "c: 3\n") is Author.EDITOR
    assert stamps.author("a: 1\n") is Author.SOMEBODY


def test_a_text_that_shipit_would_write_needs_no_stamp() -> None:
    scene = Scene(Memory({**LIBRARY}))
    command.init(scene.job, yes=True)
    for path in (RELEASE, TESTS):
        scene.memory.files[path] = scene.memory.files[path].partition("\n")[2]
    scene.memory.written.clear()
    command.init(scene.job, yes=True)
    assert scene.memory.written == []


def test_the_only_remote_has_the_shared_history() -> None:
    assert (Clone().remote, Clone(remotes=("b", "origin")).remote, Clone(remotes=("b",)).remote) == (
        "",
        "origin",
        "b",
    )
