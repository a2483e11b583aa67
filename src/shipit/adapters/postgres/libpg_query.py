"""The C library with PostgreSQL's grammar, as postgast ships it: three calls, each a text in and an answer out.

Only the module with the C declarations is loaded. postgast's public functions give trees as protocol buffers: these
cost twice as much to read as the library's JSON, and their classes add 60 ms to every start. msgspec reads that
JSON in less than half the time of the json module, with the same RecursionError for what is too deep.

The library writes the trees by recursion without a limit, so an expression of very many terms ends the process. A
level takes 128 bytes of stack (measured) and two characters of the text at the least: a text long enough for that
is first read by a child, which may die of it.
"""

import importlib.util
import resource
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.json import decode

from shipit.adapters import process
from shipit.errors import UsageError

_USUAL_STACK = 8 * 1024 * 1024  # bytes
_OF_STACK = 256  # bytes of it for each of the text: four times what a level takes
_CHILD = (
    "import sys; from shipit.adapters.postgres import libpg_query;"
    " libpg_query.read_and_forget(sys.stdin.buffer.read(), sys.argv[1])"
)
TOO_DEEP = "PostgreSQL's grammar cannot read this, since it is nested too deeply: split it into shorter expressions"


class Fault(Struct, frozen=True):
    """`position` counts characters from 1 and is 0 where the library has none; `function` raised it."""

    message: str
    position: int
    function: str
    context: str


def _library() -> Any:
    package = importlib.util.find_spec("postgast")
    if package is None or package.origin is None:
        raise UsageError("postgast is not installed", hint='pip install "shipit-release[postgres]"')
    native = importlib.util.spec_from_file_location("_postgast_native", Path(package.origin).with_name("native.py"))
    if native is None or native.loader is None:  # pragma: no cover - a file that ends in .py has a loader
        raise UsageError("postgast cannot be loaded")
    module = importlib.util.module_from_spec(native)
    native.loader.exec_module(module)
    return module.lib


_lib = _library()


def parse(text: bytes) -> list[dict[str, Any]] | Fault:
    """The statements with their trees; without trees where one is too deep to be read."""
    if not _is_readable(text, "pg_query_parse"):
        _, start = _longest(text)
        blank = len(text[start:]) - len(text[start:].lstrip())
        return Fault(TOO_DEEP, len(text[: start + blank].decode()) + 1, "", "")
    result = _lib.pg_query_parse(text)
    try:
        if result.error:
            return _fault(result.error.contents)
        found: list[dict[str, Any]] = decode(result.parse_tree).get("stmts", [])
    except RecursionError:
        return _split(text)
    finally:
        _lib.pg_query_free_parse_result(result)
    return found


def parse_plpgsql(text: bytes) -> Fault | None:
    """What is wrong with the body of a function; the library's JSON of a right one is not always valid."""
    if not _is_readable(text, "pg_query_parse_plpgsql"):
        return Fault(TOO_DEEP, 0, "plpgsql_yyerror", "")
    result = _lib.pg_query_parse_plpgsql(text)
    try:
        return _fault(result.error.contents) if result.error else None
    finally:
        _lib.pg_query_free_plpgsql_parse_result(result)


def _is_readable(text: bytes, call: str) -> bool:
    """Whether this process survives that."""
    stack, _ = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _USUAL_STACK if stack == resource.RLIM_INFINITY else min(stack, _USUAL_STACK)
    harmless = stack // _OF_STACK
    if len(text) <= harmless or _longest(text)[0] <= harmless:
        return True
    return process.run([sys.executable, "-P", "-c", _CHILD, call], data=text).code >= 0


def read_and_forget(text: bytes, call: str) -> None:
    """What the child does; it leaves no core file behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    getattr(_lib, call)(text)


def _longest(text: bytes) -> tuple[int, int]:
    """Length and start in bytes of the longest statement, or of the whole text where the scanner finds none."""
    result = _lib.pg_query_split_with_scanner(text)
    try:
        each = [result.stmts[number].contents for number in range(result.n_stmts)]
        spans = [(one.stmt_len or len(text) - one.stmt_location, one.stmt_location) for one in each]
    finally:
        _lib.pg_query_free_split_result(result)
    return max(spans, default=(len(text), 0))


def _split(text: bytes) -> list[dict[str, Any]]:
    result = _lib.pg_query_split_with_parser(text)
    try:
        each = [result.stmts[number].contents for number in range(result.n_stmts)]
        return [{"stmt_location": one.stmt_location, "stmt_len": one.stmt_len} for one in each]
    finally:
        _lib.pg_query_free_split_result(result)


def _fault(error: Any) -> Fault:
    return Fault(
        error.message.decode(), error.cursorpos, (error.funcname or b"").decode(), (error.context or b"").decode()
    )
