"""What must not hang or grow out of proportion, without judging the machine: the quickest of a few tries counts."""

import time

TRIES = 5


def answers_within(seconds, call):
    """Whether one of a few calls takes less than that much processor time, so that a busy machine fails no test."""
    for _ in range(TRIES):
        start = time.process_time()
        call()
        if time.process_time() - start < seconds:
            return True
    return False
