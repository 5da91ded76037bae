"""Set up and run Tagmetry from a fresh clone: `python3 dev.py demo`, `python3 dev.py test`.

Needs only Python 3.11 or later and its package index. Makes `.venv` beside this file, installs into it when
pyproject.toml changed, runs the command there and passes its exit code on.

    demo [ARGS]    the main job on the sample dataset (arguments go to `tagmetry demo`)
    test [--all]   the tests; --all adds the slow ones; other arguments go to pytest
    check          linters, types, import contracts and generated pages
    docs           writes the generated pages anew
    texts          brings new texts into the catalogues of the languages, to be translated there
    run ARGS       any `tagmetry` command, for example: python3 dev.py run check my-dataset
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed-from"
ORDINARY = ROOT / "build" / "ordinary"


def run(*command: str | Path, **environment: str) -> int:
    sys.stdout.flush()
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=os.environ | environment).returncode


def need(code: int) -> None:
    if code != 0:
        raise SystemExit(code)


def set_up() -> None:
    """`.venv` with the package and its tools; a second call does nothing while pyproject.toml stays the same."""
    stamp = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == stamp:
        return
    print("setting up .venv (once; takes a minute) ...", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SystemExit(
            f"could not make a virtual environment: {error}\n"
            "On Debian and Ubuntu it comes with the package python3-venv."
        ) from error
    need(run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[dev]"))
    STAMP.write_text(stamp, encoding="ascii")


def install_ordinary() -> None:
    """The package as users get it: type checker and import contracts cannot see through an editable install."""
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # what an interrupted build left would fail the next one
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    need(run(*pip, "--no-deps", "--target", ORDINARY, "."))


def check() -> int:
    need(run(BIN / "ruff", "check", "."))
    need(run(BIN / "ruff", "format", "--check", "."))
    install_ordinary()
    need(run(PYTHON, "-m", "mypy", "-p", "tagmetry", MYPYPATH=str(ORDINARY)))
    need(run(BIN / "lint-imports", PYTHONPATH=str(ORDINARY)))
    return run(PYTHON, "-m", "tagmetry.documentation", "--check", "docs")


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        raise SystemExit(f"Tagmetry needs Python 3.11 or later; this is {sys.version.split()[0]}")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command not in ("demo", "test", "check", "docs", "texts", "run"):
        print(__doc__)
        return 0 if command in ("", "-h", "--help") else 2
    set_up()
    if command == "test":
        marks = ["--hypothesis-profile", "search"] if "--all" in rest else ["-m", "not slow"]
        # Tests start the command hundreds of times: compiled anew each time, half of that would be compiling.
        compiled = {"PYTHONDONTWRITEBYTECODE": ""}
        rest = [part for part in rest if part != "--all"]
        return run(PYTHON, "-m", "pytest", "-n", "auto", *marks, *rest, **compiled)
    if command == "check":
        return check()
    if command == "docs":
        return run(PYTHON, "-m", "tagmetry.documentation", "docs")
    if command == "texts":
        return run(PYTHON, "-m", "tagmetry.documentation", "--texts", "engine/locale")
    if command == "demo":
        return run(PYTHON, "-m", "tagmetry", "demo", *rest)
    return run(PYTHON, "-m", "tagmetry", *rest)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
