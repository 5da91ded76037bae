"""Reports of datasets in memory: what the tests of all reporters share.

Authors of plugins have the same functions as `tagmetry.testing`, where they are described.
"""

from tagmetry.testing import context, files, report_of

__all__ = ["context", "files", "report_of"]
