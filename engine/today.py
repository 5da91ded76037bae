"""The day of a run, which ends suppressions."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime

from tagmetry.errors import UsageError
from tagmetry.messages import message


def today(environment: Mapping[str, str] = os.environ) -> date:
    """The local day, or that of SOURCE_DATE_EPOCH (seconds, in UTC) for builds that are to be reproducible.

    Source: https://reproducible-builds.org/specs/source-date-epoch/. Raises UsageError for what is no such number.
    """
    told = environment.get("SOURCE_DATE_EPOCH", "").strip()
    if not told:
        return datetime.now().astimezone().date()
    try:
        return datetime.fromtimestamp(int(told), tz=UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            message("SOURCE_DATE_EPOCH is {value}, which is no time", value=told[:80]),
            message("it counts seconds since 1970, as: date +%s"),
        ) from error
