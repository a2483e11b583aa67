"""What the stand-in for GitHub does with deployments and what is said of them."""

from collections.abc import Callable, Mapping

from tests.support.github_call import Answer, Call, Refusal
from tests.support.github_state import Deployment

LONGEST = 140


def _list(call: Call) -> Answer:
    environment = call.query.get("environment")
    kept = [
        one
        for one in reversed(call.repository.deployments)
        if environment in {None, one.asked.get("environment", "production")}
    ]
    told = [call.shapes.deployment(call.repository, one) for one in kept]
    return call.page(told, f"/repos/{call.repository.name}/deployments")


def _create(call: Call) -> Answer:
    body, repository = call.body, call.repository
    if repository.sha(f"{body['ref']}^{{commit}}") is None:
        raise Refusal(422, f"No ref found for: {body['ref']}")
    if body.get("auto_merge", True) or body.get("required_contexts") != []:
        raise Refusal(
            409,
            "Conflict: the branch would be merged first, or its checks are not green",
        )
    made = Deployment(call.state.new_id(), body)
    repository.deployments.append(made)
    return Answer(201, call.shapes.deployment(repository, made))


def _list_statuses(call: Call) -> Answer:
    made = _find(call)
    told = [call.shapes.deployment_status(number, asked) for number, asked in reversed(made.statuses)]
    return call.page(told, f"/repos/{call.repository.name}/deployments/{made.id}/statuses")


def _create_status(call: Call) -> Answer:
    made, body = _find(call), call.body
    if len(body.get("description", "")) > LONGEST:
        raise Refusal(
            422,
            "Validation Failed",
            resource="DeploymentStatus",
            code="custom",
            field="description",
        )
    made.statuses.append((call.state.new_id(), body))
    return Answer(201, call.shapes.deployment_status(*made.statuses[-1]))


def _find(call: Call) -> Deployment:
    wanted = int(call.parameters["deployment_id"])
    for made in call.repository.deployments:
        if made.id == wanted:
            return made
    raise Refusal(404, "Not Found")


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    "repos/list-deployments": _list,
    "repos/create-deployment": _create,
    "repos/list-deployment-statuses": _list_statuses,
    "repos/create-deployment-status": _create_status,
}
