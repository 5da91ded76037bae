"""Measuring image files once, safely, in worker processes."""

from tagmetry.extraction.columns import FeatureFailure, columns_of, feature_failures
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.pool import available_jobs, extract, pixel_digests, thumbnails
from tagmetry.extraction.records import CODES, FileStamp, Measured, Record, Unusable
from tagmetry.extraction.supervision import ExtractionError

__all__ = [
    "CODES",
    "ExtractionError",
    "FeatureFailure",
    "FileStamp",
    "Limits",
    "Measured",
    "Record",
    "Unusable",
    "available_jobs",
    "columns_of",
    "extract",
    "feature_failures",
    "pixel_digests",
    "thumbnails",
]
