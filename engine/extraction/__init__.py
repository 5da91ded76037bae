"""Measuring image files once, safely, in worker processes."""

from tagmetry.extraction.limits import Limits
from tagmetry.extraction.pool import Store, available_jobs, extract, pixel_digests, thumbnails
from tagmetry.extraction.records import CODES, FileStamp, Measured, Record, Unusable
from tagmetry.extraction.supervision import ExtractionError
from tagmetry.extraction.table import FeatureFailure, Table, table_of

__all__ = [
    "CODES",
    "ExtractionError",
    "FeatureFailure",
    "FileStamp",
    "Limits",
    "Measured",
    "Record",
    "Store",
    "Table",
    "Unusable",
    "available_jobs",
    "extract",
    "pixel_digests",
    "table_of",
    "thumbnails",
]
