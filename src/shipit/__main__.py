"""python -m shipit."""

from shipit.plain import main

main()
