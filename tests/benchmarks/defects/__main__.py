"""`python tests/benchmarks/defects`: see `command.py`."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

from benchmarks.defects.command import main  # noqa: E402 - found only from here on

if __name__ == "__main__":
    raise SystemExit(main())
