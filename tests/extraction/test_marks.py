import multiprocessing
import threading
import time

import pytest

from tagmetry.extraction.marks import NO_MARK, Mark, Marks


@pytest.fixture
def marks():
    return Marks(4, multiprocessing.get_context("spawn"))


def test_a_mark_tells_process_and_file(marks):
    marks.clear(2)
    assert marks.read(2) == NO_MARK
    marks.at_file(2, 4711, 0)
    marks.at_file(2, 4711, 1)
    assert marks.read(2) == Mark(4711, 1, 0)
    marks.clear(2)
    assert marks.read(2) == NO_MARK


def test_somebody_who_came_to_work_is_remembered(marks):
    assert not marks.anybody_came
    marks.came_to_work()
    assert marks.anybody_came
    assert marks.read(3) == Mark(0, 0, 0)


def test_pictures_wait_until_there_is_room_for_their_pixels(marks):
    marks.claim(1, 60_000_000, at_most=100_000_000)
    assert marks.read(1).pixels == 60_000_000
    waiting = threading.Thread(target=marks.claim, args=(0, 50_000_000), kwargs={"at_most": 100_000_000})
    waiting.start()
    time.sleep(0.05)
    assert marks.read(0).waits
    marks.at_file(1, 4711, 1)
    waiting.join(timeout=5)
    assert marks.read(0).pixels == 50_000_000


def test_pictures_that_fit_together_do_not_wait(marks):
    marks.claim(1, 60_000_000, at_most=100_000_000)
    marks.claim(0, 40_000_000, at_most=100_000_000)
    assert not marks.read(0).waits


def test_a_lone_picture_has_room_whatever_its_size(marks):
    marks.claim(3, 500_000_000, at_most=100_000_000)
    assert marks.read(3).pixels == 500_000_000


def test_small_pictures_need_no_room(marks):
    marks.claim(1, 100_000_000, at_most=100_000_000)
    marks.claim(0, 1_999_999, at_most=100_000_000)
    assert marks.read(0).pixels == 0
