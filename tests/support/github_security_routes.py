"""What the stand-in for GitHub does with uploads of SARIF, and with comments on pull requests."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.github_call import Answer, Call, Refusal
from tests.support.github_security_state import Note, Sarif

LONGEST = 65_536


def _upload(call: Call) -> Answer:
    security, body = call.repository.security, call.body
    if security.refusals:
        raise Refusal(*security.refusals.popleft())
    if len(body["sarif"]) > security.largest:
        raise Refusal(413, "Payload Too Large")
    log = json.loads(gzip.decompress(base64.b64decode(body["sarif"], validate=True)))
    number = f"{call.state.new_id():08x}-0000-11f0-9000-000000000000"
    errors = [*security.errors, *_problems(call, log)]
    security.uploads.append(Sarif(number, {**body, "sarif": ""}, log, security.pending, errors))
    address = f"{call.shapes.api}/repos/{call.repository.name}/code-scanning/sarifs/{number}"
    return Answer(202, {"id": number, "url": address})


def _problems(call: Call, log: Mapping[str, Any]) -> Iterator[str]:
    """What GitHub finds out only while it processes an upload."""
    names = [run["automationDetails"]["id"] for run in log["runs"]]
    if len(names) != len(set(names)):
        yield "multiple runs with the same category"
    for run in log["runs"]:
        if not all(one["executionSuccessful"] for one in run["invocations"]):
            yield "unsuccessful execution"
    if call.repository.sha(f"{call.body['commit_sha']}^{{commit}}") is None:
        yield "commit not found"


def _processing(call: Call) -> Answer:
    for one in call.repository.security.uploads:
        if one.id == call.parameters["sarif_id"]:
            one.looks += 1
            if one.looks <= one.pending:
                return Answer(200, {"processing_status": "pending"})
            state = "failed" if one.errors else "complete"
            return Answer(200, {"processing_status": state, "errors": one.errors or None})
    raise Refusal(404, "Not Found")


def _list(call: Call) -> Answer:
    number = int(call.parameters["issue_number"])
    found = [note for note in call.repository.security.notes if note.issue == number]
    shown = [call.shapes.comment(call.repository, note) for note in found]
    return call.page(shown, f"/repos/{call.repository.name}/issues/{number}/comments")


def _create(call: Call) -> Answer:
    number, security, token = int(call.parameters["issue_number"]), call.repository.security, call.token
    if not 0 < number <= len(call.repository.pulls):
        raise Refusal(404, "Not Found")
    if security.is_locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")
    note = Note(call.state.new_id(), number, _body(call), token.account, token.installation)
    security.notes.append(note)
    security.made += 1
    return Answer(201, call.shapes.comment(call.repository, note))


def _update(call: Call) -> Answer:
    note = _find(call)
    note.body = _body(call)
    return Answer(200, call.shapes.comment(call.repository, note))


def _delete(call: Call) -> Answer:
    call.repository.security.notes.remove(_find(call))
    return Answer(204)


def _find(call: Call) -> Note:
    for note in call.repository.security.notes:
        if note.id == int(call.parameters["comment_id"]):
            return note
    raise Refusal(404, "Not Found")


def _body(call: Call) -> str:
    text = str(call.body["body"])
    if len(text) > LONGEST:
        raise Refusal(422, "Body is too long (maximum is 65536 characters)", resource="IssueComment", code="custom")
    return text


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    "code-scanning/upload-sarif": _upload,
    "code-scanning/get-sarif": _processing,
    "issues/list-comments": _list,
    "issues/create-comment": _create,
    "issues/update-comment": _update,
    "issues/delete-comment": _delete,
}
