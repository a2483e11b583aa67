"""The fingerprints of lines: the vectors of github/codeql-action, and what they are for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipit.scans.sarif.fingerprints import line_hashes

FOUR = "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"
SIX = (
    "8b7cf3e952e7aeb2:1 b1ae1287ec4718d9:1 bff680108adb0fcc:1 c6805c5e1288b612:1 b86d3392aea1be30:1 "
    "e6ceba753e1a442:1"
)
SEVEN = (
    "e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1 b3edc88f2938467e:1 "
    "c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1"
)
REPEATED = (
    "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 "
    "a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 "
    "cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1"
)
CODE = (
    "e54938cc54b302f1:1 bb609acbe9138d60:1 1131fd5871777f34:1 5c482a0f8b35ea28:1 54517377da7028d2:1 "
    "2c644846cb18d53e:1 f1b89f20de0d133:1 c129715d7a2bc9a3:1"
)


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        pytest.param("", "c129715d7a2bc9a3:1", id="an empty file"),
        pytest.param(" a\nb\n  \t\tc\n d", FOUR, id="blanks and tabs"),
        pytest.param(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End", SIX, id="no end of the last line"),
        pytest.param(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", SEVEN, id="LF"),
        pytest.param(" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", SEVEN, id="CR"),
        pytest.param(" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", SEVEN, id="CRLF"),
        pytest.param(" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", SEVEN, id="all of them"),
        pytest.param("Lorem ipsum dolor sit amet.\n" * 10, REPEATED, id="repeated lines"),
        pytest.param("x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n", CODE, id="code"),
    ],
)
def test_the_vectors_of_githubs_action(text: str, hashes: str) -> None:
    assert line_hashes(text) == tuple(hashes.split())


def test_a_blank_between_cr_and_lf_makes_two_lines_of_it() -> None:
    assert len(line_hashes("a\r \nb")) == 3
    assert len(line_hashes("a\r\n b")) == 2


def test_a_hundred_characters_count_and_no_more() -> None:
    [long], [longer] = line_hashes("x" * 100), line_hashes("x" * 100 + "yz")
    assert long == longer
    assert line_hashes("x" * 99)[0] != long


def test_a_character_beyond_the_first_plane_counts_as_two() -> None:
    text = "\N{GRINNING FACE}" * 50
    assert line_hashes(text) == line_hashes(f"{text}more")
    assert line_hashes(text[1:]) != line_hashes(f"{text[1:]}more")


@given(above=st.lists(st.text("abc \t", max_size=9)), line=st.text("de(){}", min_size=1), below=st.text("fgh\n"))
def test_a_line_keeps_its_fingerprint_whatever_is_put_above_it(above: list[str], line: str, below: str) -> None:
    alone = line_hashes(f"{line}\n{below}")[0]
    assert line_hashes("\n".join((*above, line, below)))[len(above)] == alone
