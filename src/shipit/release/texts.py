"""The files of a commit as text."""

from functools import cache

from shipit.errors import Refused
from shipit.release.ports import Objects
from shipit.versioning.lock_files import Read


def reader(objects: Objects, commit: str) -> Read:
    """Reads files of a commit or tree, by path, each once; raises Refused for what is not UTF-8."""

    @cache
    def read(path: str) -> str | None:
        data = objects.read(commit, path)
        return None if data is None else _decoded(data, path)

    return read


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8", evidence=[str(error)], hint="convert it") from None
