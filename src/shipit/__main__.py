"""python -m shipit."""

from shipit.cli.startup import main

main()
