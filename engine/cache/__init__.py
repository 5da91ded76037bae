"""The feature cache: what was measured of a file is measured once. It can never change an answer."""

from tagmetry.cache.care import CacheFacts, check_cache, clear_cache, describe_cache
from tagmetry.cache.place import cache_folder
from tagmetry.cache.store import FeatureCache, open_cache

__all__ = [
    "CacheFacts",
    "FeatureCache",
    "cache_folder",
    "check_cache",
    "clear_cache",
    "describe_cache",
    "open_cache",
]
