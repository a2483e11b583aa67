"""An HTTP client without a socket: what it gets is said beforehand."""

import httpx

from shipit.adapters.http.client import Client, Dialect, Request

ROOT = "https://forge.invalid/api"


class Bench:
    """A client whose answers come from a list: the last one is given again and again."""

    def __init__(self, *answers: httpx.Response | Exception, dialect: Dialect | None = None) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.client = Client(
            ROOT,
            dialect or Dialect(name="Forge"),
            headers={"Authorization": "Bearer token"},
            transport=httpx.MockTransport(self._answer),
            pause=self.pauses.append,
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, path: str = "/thing") -> httpx.Response:
        return self.client.ask(Request(method="GET", path=path))

    def post(self) -> httpx.Response:
        return self.client.ask(Request(method="POST", path="/thing", json={"a": 1}))


def answer(status: int, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, json={"message": f"said {status}"})


OK = httpx.Response(200, json={"fine": True})
