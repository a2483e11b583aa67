#!/usr/bin/env bash
# PostgreSQL 15.20 (Debian 15.20-0+deb12u1) keeps an option of its own, pg_attver, in pg_attribute.attoptions of every
# column that a user makes. Seen: the same CREATE TABLE in two databases gives two different values; pg_dump and \d+ do
# not show it; ALTER COLUMN … SET (pg_attver = 5) and RESET (pg_attver) end without an error and change nothing.
# Who compares schemas by attoptions::text sees a difference in each column after every restore. Fails if any of this
# changes.
set -euo pipefail

version=15.20-0+deb12u1
work=$(mktemp -d)
trap '[ ! -e "$work/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$work/data/postmaster.pid")"; sleep 1; rm -rf "$work"' EXIT
chmod 755 "$work"

mkdir -p "$work/archives/partial" "$work/root"
(cd "$work/archives" && apt-get download -qq "postgresql-15=$version" "postgresql-client-15=$version" "libpq5=$version")
apt-get install -qq --download-only -y -o Dir::Cache::archives="$work/archives" "postgresql-15=$version" >/dev/null
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
export LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu" PATH="$work/root/usr/lib/postgresql/15/bin:$PATH"
export PGHOST="$work" PGPORT=54321 PGUSER=someone

as_user() { # the server refuses to run as root
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}
[ "$(id -u)" != 0 ] || chown 65534 "$work"
as_user initdb --pgdata "$work/data" --username someone --auth trust >/dev/null
as_user pg_ctl --wait --pgdata "$work/data" --log "$work/log" -o "-p $PGPORT -k $work -c listen_addresses=" start >/dev/null

ask() { psql --no-psqlrc --tuples-only --no-align --quiet --dbname "$1" --command "$2"; }
options="SELECT attoptions FROM pg_attribute WHERE attrelid = 'goods'::regclass AND attname = 'label'"
for name in one two; do
  createdb "$name"
  ask "$name" "CREATE TABLE goods (id bigint PRIMARY KEY, label text)"
done
one=$(ask one "$options") two=$(ask two "$options")
ask one "ALTER TABLE goods ALTER label SET (pg_attver = 5)"
after_set=$(ask one "$options")
ask one "ALTER TABLE goods ALTER label RESET (pg_attver)"
after_reset=$(ask one "$options")

printf '%s\none: %s\ntwo: %s\nafter SET: %s\nafter RESET: %s\n' \
  "$(ask one 'SHOW server_version')" "$one" "$two" "$after_set" "$after_reset"
[[ $one =~ ^\{pg_attver=[0-9]+\}$ && $two =~ ^\{pg_attver=[0-9]+\}$ ]]
[ "$one" != "$two" ]
[ "$after_set" = "$one" ] && [ "$after_reset" = "$one" ]
! pg_dump --schema-only one | grep -q pg_attver
! psql --no-psqlrc --dbname one --command '\d+ goods' | grep -q pg_attver
echo "as described"
