"""Features that do what a decoder or a plugin should not do, on pictures of certain widths."""

import faulthandler
import os
import sys
import time

import numpy as np

from tagmetry.feature import Feature

CRASH, HANG, MEMORY, EXIT, RAISE, QUIT, PRINT, TEXT, ARRAY = range(101, 110)

odd = Feature("odd", version=1, unit="px")
pair = Feature("pair", version=1, unit="px", width=2)
counted = Feature("counted", version=1, unit="px", dtype=np.uint64)


@odd.measure
def measure(picture):
    width = picture.header.width
    if width == CRASH:
        faulthandler._sigsegv()
    if width == HANG:
        time.sleep(1000)
    if width == MEMORY:
        np.ones(1 << 34, dtype=np.uint8)
    if width == EXIT:
        sys.exit(5)
    if width == RAISE:
        raise KeyError("no such thing")
    if width == QUIT:
        os._exit(0)
    if width == PRINT:
        print("out", flush=True)
        os.write(2, b"libtiff says\n")
    if width == TEXT:
        return "sharp"
    if width == ARRAY:
        return [1.0, 2.0]
    return float(width)


@pair.measure
def measure_pair(picture):
    return picture.header.width, float("inf") if picture.header.width == 13 else picture.header.height


@counted.measure
def measure_counted(picture):
    return 2**64 - picture.header.width
