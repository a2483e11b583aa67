import io
import json
from pathlib import Path
from typing import Any

import pytest

import acme
from acme import mcp
from acme.store import Store


@pytest.fixture
def server(tmp_path: Path) -> mcp.Server:
    return mcp.Server(Store(tmp_path / "acme.sqlite3"))


def ask(server: mcp.Server, method: str, params: object = None) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {} if params is None else params}
    answer = server.answer(json.dumps(message))
    assert answer is not None
    assert answer["id"] == 7
    return answer


def call(server: mcp.Server, tool: str, **arguments: object) -> tuple[str, bool]:
    result = ask(server, "tools/call", {"name": tool, "arguments": arguments})["result"]
    return result["content"][0]["text"], result["isError"]


def test_the_handshake_agrees_on_a_protocol_and_tells_the_version(server: mcp.Server) -> None:
    old = ask(server, "initialize", {"protocolVersion": "2024-11-05"})["result"]
    unknown = ask(server, "initialize", {"protocolVersion": "1999-01-01"})["result"]

    assert old["protocolVersion"] == "2024-11-05"
    assert unknown["protocolVersion"] == mcp.PROTOCOLS[0]
    assert old["serverInfo"] == {"name": "acme", "version": acme.__version__}


def test_every_tool_that_is_listed_can_be_called(server: mcp.Server) -> None:
    for tool in ask(server, "tools/list")["result"]["tools"]:
        needed = dict.fromkeys(tool["inputSchema"]["required"], "x")
        assert not call(server, tool["name"], **needed)[1]


def test_a_note_that_was_added_is_found(server: mcp.Server) -> None:
    said, _ = call(server, "add_note", text="buy milk", tags=["home"])

    id_ = said.removeprefix("noted as ")
    assert call(server, "find_notes", query="milk") == (f"[{id_}] buy milk #home", False)


def test_nothing_found_is_said(server: mcp.Server) -> None:
    assert call(server, "find_notes", query="milk", limit=3) == ("no notes found", False)


@pytest.mark.parametrize("arguments", [{}, {"text": "  "}, {"text": "x", "tags": 3}])
def test_wrong_arguments_are_an_error_of_the_tool(server: mcp.Server, arguments: dict[str, object]) -> None:
    text, failed = call(server, "add_note", **arguments)

    assert failed
    assert text.startswith("wrong arguments")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", mcp.PARSE_ERROR),
        ("[]", mcp.INVALID_REQUEST),
        ('{"id": 1, "method": "nothing"}', mcp.NO_SUCH_METHOD),
        ('{"id": 1, "method": "ping", "params": []}', mcp.INVALID_PARAMS),
        ('{"id": 1, "method": "tools/call", "params": {"name": "nothing"}}', mcp.INVALID_PARAMS),
    ],
)
def test_what_is_no_request_gets_an_error(server: mcp.Server, line: str, code: int) -> None:
    answer = server.answer(line)

    assert answer is not None
    assert answer["error"]["code"] == code


def test_a_session_over_standard_input_and_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ['{"id": 1, "method": "ping"}', "", '{"method": "notifications/initialized"}']
    monkeypatch.setattr("sys.argv", ["acme-mcp", "--database", str(tmp_path / "acme.sqlite3")])
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))

    mcp.main()

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"jsonrpc": "2.0", "id": 1, "result": {}}
    ]
