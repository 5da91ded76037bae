import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "preview.py"


def test_benchmark_runs():
    run = subprocess.run([sys.executable, SCRIPT, "--n", "2000"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "kohya: 2,000 images in" in run.stdout
