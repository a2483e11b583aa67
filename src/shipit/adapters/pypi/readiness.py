"""What stands in the way of a project on an index, as far as its pages tell."""

from collections.abc import Iterator

from shipit.adapters.pypi.reader import Reader
from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError

_CLOSED = {
    "archived": "unarchive the project in its settings on the index",
    "quarantined": "ask the administrators of the index; until then nobody can install it either",
}
"""Statuses in which an index takes no upload (PEP 792), and what to do; a deprecated project still takes some."""


def reading_problems(reader: Reader, project: str, guessed_from: str | None) -> Iterator[Problem]:
    """Find out whether the index can be read and takes uploads of this project.

    `guessed_from` is the upload address where nobody has said where the simple index is: a guess is proven.
    """
    try:
        yield from _problems(reader, project, guessed_from)
    except ExternalError as error:
        yield Problem(error.what, "; ".join(error.evidence), error.hint or "")


def _problems(reader: Reader, project: str, guessed_from: str | None) -> Iterator[Problem]:
    try:
        page = reader.page(project)
    except Denied:
        if guessed_from is None or reader.is_index(reader.url):
            raise
        page = None
    if page is None:
        if guessed_from is not None and not reader.is_index(reader.url):
            yield _wrong_guess(reader, guessed_from)
    elif page.status in _CLOSED:
        what = f"the project {project} is {page.status} on {reader.name}: it takes no upload"
        yield Problem(what, page.reason, _CLOSED[page.status])


def _wrong_guess(reader: Reader, upload_url: str) -> Problem:
    other = f"{upload_url.rstrip('/')}/+simple/"
    hint = "set index.simple to the address that pip takes as --index-url"
    if reader.is_index(other):
        hint = f'set index.simple = "{other}"'
    return Problem(
        f"index.simple is not set, and {reader.url} is no simple index", "it is a guess from index.url", hint
    )
