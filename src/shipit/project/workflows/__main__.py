"""`python -m shipit.project.workflows FOLDER`: write the workflows of the product in a folder, for development."""

import sys
from pathlib import Path

from shipit.project.workflows.source import write

write(Path(sys.argv[1]))
