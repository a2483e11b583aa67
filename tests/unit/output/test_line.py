import pytest
from rich.text import Text

from shipit.output.line import columns, cut, fitted, plain, stripped

LINE = (("→", "cyan"), (" 3/14  ", "dim"), ("枝 branch", "bold"), ("  a long summary", ""))


@pytest.mark.parametrize("width", range(1, 40))
def test_it_is_cut_where_rich_would_cut_it(width: int) -> None:
    text = Text.assemble(*LINE)
    text.truncate(width, overflow="ellipsis")
    assert plain(cut(LINE, width)) == text.plain
    assert columns(cut(LINE, width)) <= width


@pytest.mark.parametrize("word", ["", "a", "eleven char", "枝枝枝枝枝枝枝枝", "a longer one than that"])
def test_a_cell_is_filled_or_cut_as_rich_does_it(word: str) -> None:
    text = Text(word)
    text.truncate(11, overflow="ellipsis", pad=True)
    assert fitted(word, 11) == text.plain


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        ([], ()),
        ([("  ", "dim"), (" ", "")], ()),
        ([("a ", "b"), ("  ", "dim")], (("a", "b"),)),
        ([(" a", "b"), ("", "")], ((" a", "b"),)),
    ],
)
def test_spaces_at_the_end_go(pieces: list[tuple[str, str]], left: object) -> None:
    assert stripped(pieces) == left
