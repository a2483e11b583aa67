#!/usr/bin/env bash
# One module, one line with the version, four build backends with their defaults for a version in a Python file: which
# lines they take. A checker asks for the second line, older code has the fourth, and only the first is read by all.
# Seen (+ builds a wheel of 1.4.0, - ends with an error):
#                                    hatchling  pdm-backend  scikit-build-core  flit_core
#                                    1.33.0     2.5.0        1.1.2              4.2.0
#   __version__ = "1.4.0"                +          +               +               +
#   __version__: str = "1.4.0"           -          -               +               +
#   __version__: Final[str] = "1.4.0"    -          -               -               +
#   __version__ = VERSION = "1.4.0"      -          -               -               +
#   VERSION = "1.4.0"                    +          +               +               -
#   Version = "1.4.0"                    +          -               +               -
# What hatchling itself writes where it makes the file, __version__ = VERSION = …, is among what its own default
# pattern does not read. Fails if it changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet hatchling==1.33.0 pdm-backend==2.5.0 scikit-build-core==1.1.2 flit_core==4.2.0 \
  2>/dev/null

builds() { # MODULE SETTINGS LINE: + or -
  rm -rf "$work/project"
  mkdir -p "$work/project/demo" "$work/project/out"
  cd "$work/project"
  printf '"""A demo."""\n\n%s\n' "$3" >demo/__init__.py
  printf '[project]\nname = "demo"\ndescription = "A demo"\ndynamic = ["version"]\n\n%s\n' "$2" >pyproject.toml
  "$work/venv/bin/python" -c "from $1 import build_wheel; build_wheel('out')" >log 2>&1 || true
  if ls out/demo-1.4.0-*.whl >log 2>&1; then echo +; else echo -; fi
}

hatchling='[tool.hatch.version]
path = "demo/__init__.py"'
pdm='[tool.pdm.version]
source = "file"
path = "demo/__init__.py"'
scikit='[tool.scikit-build]
wheel.cmake = false
metadata.version.provider = "scikit_build_core.metadata.regex"
metadata.version.input = "demo/__init__.py"'

expect() { # LINE ANSWERS
  local found
  found="$(builds hatchling.build "$hatchling" "$1")$(builds pdm.backend "$pdm" "$1")"
  found+="$(builds scikit_build_core.build "$scikit" "$1")$(builds flit_core.buildapi "" "$1")"
  printf '%-36s %s\n' "$1" "$found"
  [ "$found" = "$2" ]
}

echo "$(printf '%-36s' '') hatchling, pdm-backend, scikit-build-core, flit_core"
expect '__version__ = "1.4.0"' ++++
expect '__version__: str = "1.4.0"' --++
expect '__version__: Final[str] = "1.4.0"' ---+
expect '__version__ = VERSION = "1.4.0"' ---+
expect 'VERSION = "1.4.0"' +++-
expect 'Version = "1.4.0"' +-+-
echo "as described"
