"""`python -m tagmetry`. The current folder is taken off the path first: a dataset must not bring modules along."""

import sys

if sys.path and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from tagmetry.cli import main

if __name__ == "__main__":
    main()
