"""Commands start without what only some runs need."""

import subprocess
import sys


def test_loading_all_plugins_does_not_start_scipy():
    code = (
        "import sys; import tagmetry.cli.check; from tagmetry.plugins import load_plugins; "
        "load_plugins(foreign=False); print(sorted(name for name in sys.modules if name.split('.')[0] == 'scipy'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert run.stdout == "[]\n"
