"""Tests of policies: small inline datasets, and what a policy is expected to say of them."""

from tagmetry.policy_tests.cases import Case, CaseFile, files_with_cases, read_case_file
from tagmetry.policy_tests.coverage import Coverage, coverage_of
from tagmetry.policy_tests.running import CaseResult, run_case

__all__ = [
    "Case",
    "CaseResult",
    "Coverage",
    "CaseFile",
    "coverage_of",
    "read_case_file",
    "run_case",
    "files_with_cases",
]
