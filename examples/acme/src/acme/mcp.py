"""A server of the Model Context Protocol: JSON-RPC 2.0 on standard input and output, a message a line."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from acme import __version__
from acme.health import HealthPage
from acme.store import Note, Store

PROTOCOLS = ("2025-06-18", "2025-03-26", "2024-11-05")
PARSE_ERROR, INVALID_REQUEST, NO_SUCH_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602

TOOLS: tuple[dict[str, Any], ...] = (
    {
        "name": "add_note",
        "description": "Write a note down",
        "inputSchema": {
            "type": "object",
            "properties": {
                "text": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["text"],
        },
    },
    {
        "name": "find_notes",
        "description": "Find the newest notes that contain a text",
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": {"type": "string"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            },
            "required": ["query"],
        },
    },
)


class RpcError(Exception):
    """What JSON-RPC calls an error: a code and a message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Server:
    """Answers one message at a time; it has no state of its own besides the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._methods: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "initialize": _initialize,
            "ping": lambda _: {},
            "tools/list": lambda _: {"tools": list(TOOLS)},
            "tools/call": self._call,
        }
        self._tools: dict[str, Callable[[Mapping[str, Any]], str]] = {
            "add_note": self._add_note,
            "find_notes": self._find_notes,
        }

    def serve(self, lines: Iterable[str], out: TextIO) -> None:
        """Answer line by line until the input ends."""
        for line in lines:
            if line.strip() and (answer := self.answer(line)):
                out.write(json.dumps(answer) + "\n")
                out.flush()

    def answer(self, line: str) -> dict[str, Any] | None:
        """The answer to one message; None to a notification, which wants none."""
        try:
            message = json.loads(line)
        except json.JSONDecodeError as error:
            return _failure(None, RpcError(PARSE_ERROR, f"not JSON: {error}"))
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return _failure(None, RpcError(INVALID_REQUEST, "a request is an object with a method"))
        if "id" not in message:
            return None
        try:
            result = self._dispatch(message["method"], message.get("params", {}))
        except RpcError as error:
            return _failure(message["id"], error)
        return {"jsonrpc": "2.0", "id": message["id"], "result": result}

    def _dispatch(self, name: str, params: object) -> dict[str, Any]:
        method = self._methods.get(name)
        if method is None:
            raise RpcError(NO_SUCH_METHOD, f"no such method: {name}")
        if not isinstance(params, dict):
            raise RpcError(INVALID_PARAMS, "params is an object")
        return method(params)

    def _call(self, params: Mapping[str, Any]) -> dict[str, Any]:
        tool = self._tools.get(params.get("name", ""))
        if tool is None:
            raise RpcError(INVALID_PARAMS, f"no such tool: {params.get('name')}")
        try:
            text, failed = tool(params.get("arguments", {})), False
        except (KeyError, TypeError, ValueError) as error:
            text, failed = f"wrong arguments: {error}", True
        return {"content": [{"type": "text", "text": text}], "isError": failed}

    def _add_note(self, arguments: Mapping[str, Any]) -> str:
        text = str(arguments["text"]).strip()
        if not text:
            raise ValueError("a note needs a text")
        note = self._store.add_note(text, [str(tag) for tag in arguments.get("tags", [])])
        return f"noted as {note.id}"

    def _find_notes(self, arguments: Mapping[str, Any]) -> str:
        limit = min(max(int(arguments.get("limit", 10)), 1), 100)
        found = self._store.find_notes(str(arguments["query"]), limit)
        return "\n".join(map(_describe, found)) or "no notes found"


def _initialize(params: Mapping[str, Any]) -> dict[str, Any]:
    wanted = params.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in PROTOCOLS else PROTOCOLS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "acme", "version": __version__},
    }


def _describe(note: Note) -> str:
    return " ".join([f"[{note.id}]", note.body, *(f"#{tag}" for tag in note.tags)])


def _failure(id_: object, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": error.code, "message": str(error)}}


def main() -> None:
    """Serve standard input and output."""
    parser = argparse.ArgumentParser(prog="acme-mcp", description="notes for language models")
    parser.add_argument("--database", type=Path, default=os.environ.get("ACME_DATABASE", "acme.sqlite3"))
    parser.add_argument("--version", action="version", version=f"acme-mcp {__version__}")
    parser.add_argument("--health-port", type=int, help="answer GET /healthz there")
    options = parser.parse_args()
    if options.health_port is not None:
        HealthPage(options.health_port).begin()
    Server(Store(Path(options.database))).serve(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
