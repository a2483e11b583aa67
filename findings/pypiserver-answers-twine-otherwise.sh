#!/usr/bin/env bash
# pypiserver 2.4.2 answers an upload of a file that it has with another status to twine than to everybody else.
# Seen: the same form posted twice is 409 Conflict the second time, but 400 Bad Request where the User-Agent holds the
# word twine, whatever comes before or behind it. Who tells "there already" from "malformed" by the status sees it right
# in a test with an HTTP library and wrong behind twine. Fails if this changes.
set -euo pipefail

work=$(mktemp -d)
trap '[ ! -e "$work/pid" ] || kill "$(cat "$work/pid")"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pypiserver==2.4.2 2>/dev/null
mkdir "$work/packages"
printf 'anything' >"$work/demo-1.0.0.tar.gz"
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/venv/bin/pypi-server" run --interface 127.0.0.1 --port "$port" --authenticate . --passwords . \
  "$work/packages" >"$work/log" 2>&1 &
echo $! >"$work/pid"
for _ in $(seq 100); do curl --silent --output /dev/null "http://127.0.0.1:$port/" && break; sleep 0.1; done

post() { # USER-AGENT: the status
  curl --silent --output /dev/null --write-out '%{http_code}' --user-agent "$1" --form ':action=file_upload' \
    --form name=demo --form version=1.0.0 --form "content=@$work/demo-1.0.0.tar.gz" "http://127.0.0.1:$port/"
}
first=$(post curl) again=$(post curl) twine=$(post 'twine/7.0.0') within=$(post 'my-twine-like/1')
printf 'first %s   again %s   again as twine/7.0.0 %s   again as my-twine-like/1 %s\n' "$first" "$again" "$twine" "$within"
[ "$first $again $twine $within" = "200 409 400 400" ]
echo "as described"
