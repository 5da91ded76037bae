"""What the benchmarks share: the clock, the memory of processes, and the csv files that docs/performance.md shows.

A file docs/measured/NAME.csv has the columns what, value, unit and wanted; its last row says on what it was measured:
processor cores, Python and library versions. No host names and no dates.
"""

import csv
import importlib.metadata
import os
import platform
import sys
import time
from pathlib import Path

MEASURED = Path(os.environ.get("TAGMETRY_MEASURED") or Path(__file__).resolve().parents[2] / "docs" / "measured")
"""Where the tables are kept; tests of a benchmark name a folder of their own."""
LIBRARIES = ("numpy", "scipy", "pillow")


def seconds_of(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def peak_megabytes(*, children=False):
    """The most memory that this process, or the largest of its ended children, has held; NaN on Windows."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def highest_megabytes():
    """The most memory that this process itself has held; NaN where the system does not tell.

    What `getrusage` says counts the process that started it as well, up to the moment of its own program.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return float("nan")


def own_megabytes():
    """The memory that this process holds now; NaN where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        return float("nan")


def machine():
    """The machine in words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return f"{cores} cores ({_processor()}), {platform.system()}, Python {platform.python_version()}, {libraries}"


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def measured(name, rows):
    """Print the rows (what, value, unit, what is wanted) and write them to docs/measured/NAME.csv."""
    shown = [(what, _figure(value), unit, wanted) for what, value, unit, wanted in rows]
    for what, value, unit, wanted in shown:
        print(f"{what}: {value} {unit}".rstrip() + (f" (wanted: {wanted})" if wanted else ""))
    MEASURED.mkdir(exist_ok=True)
    with (MEASURED / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("what", "value", "unit", "wanted"))
        writer.writerows(shown)
        writer.writerow(("machine", machine(), "", ""))


def _figure(value):
    """Three figures that count; whole numbers whole."""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)
