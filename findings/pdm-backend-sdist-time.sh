#!/usr/bin/env bash
# pdm-backend 2.5.0 obeys SOURCE_DATE_EPOCH for the files in an sdist, but not for the gzip around them.
# Seen: the same tree built twice, more than a second apart, with the same SOURCE_DATE_EPOCH gives two sdists of
# different sha256, whose bytes 4 to 7 (the time of RFC 1952) differ and whose uncompressed tar files are equal;
# hatchling 1.33.0 and flit_core 4.2.0 give equal ones. Fails if this changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet build==1.6.1 pdm-backend==2.5.0 hatchling==1.33.0 flit_core==4.2.0 2>/dev/null

built() { # BACKEND FOLDER
  mkdir -p "$work/$1/demo"
  printf '"""A demo."""\n' >"$work/$1/demo/__init__.py"
  printf '[build-system]\nrequires = []\nbuild-backend = "%s"\n[project]\nname = "demo"\nversion = "1.0.0"\n%s\n' \
    "$1" 'description = "A demo"' >"$work/$1/pyproject.toml"
  (cd "$work/$1" && SOURCE_DATE_EPOCH=1700000000 "$work/venv/bin/python" -m build --sdist --no-isolation \
    --outdir "$work/$2" . >"$work/log" 2>&1)
}
for backend in pdm.backend hatchling.build flit_core.buildapi; do
  built "$backend" first
  sleep 2
  built "$backend" second
  one=$work/first/demo-1.0.0.tar.gz two=$work/second/demo-1.0.0.tar.gz
  tars=$(cmp -s <(gunzip -c "$one") <(gunzip -c "$two") && echo equal || echo different)
  files=$(cmp -s "$one" "$two" && echo equal || echo different)
  bytes=$(cmp -l "$one" "$two" | awk '{print $1 - 1}' | tr '\n' ' ' || true)
  printf '%-20s sdists %s, tar files inside %s, bytes that differ: %s\n' "$backend" "$files" "$tars" "$bytes"
  [ "$tars" = equal ]
  case $backend in
    pdm*) [ "$files" = different ] && [ -z "$(tr -d '4567 ' <<<"$bytes" | tr -d '\n')" ] ;;
    *) [ "$files" = equal ] ;;
  esac
  rm -r "$work/first" "$work/second"
done
echo "as described"
