import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "hamming_index.py"


def test_benchmark_runs_and_finds_the_pairs_of_comparing_all_with_all(tmp_path):
    command = [sys.executable, SCRIPT, "--n", "6000"]
    env = os.environ | {"TAGMETRY_MEASURED": str(tmp_path)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "6,000 hashes: pairs within a distance" in run.stdout
    assert "largest cluster 3,000" in run.stdout
    table = (tmp_path / "hamming-index.csv").read_text(encoding="utf-8")
    assert table.startswith("what,value,unit,wanted\nhashes,6000,,\n")
