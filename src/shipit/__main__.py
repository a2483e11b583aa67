"""python -m shipit."""

from shipit.cli import main

main()
