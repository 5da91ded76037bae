"""Policies: reading, checking, layering, and the effective policy of a run."""
