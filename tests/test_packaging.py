"""The package as users get it: the wheel holds the four folders under their import names, whole and nothing else."""

import ast
import configparser
import email
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PLACES = {
    "engine": "tagmetry",
    "rules": "tagmetry/rules",
    "policies": "tagmetry/policies",
    "reporters": "tagmetry/reporters",
}


def in_tree():
    """Every file of the four folders by its name in the package. What Python and editors leave behind is none."""
    found = {}
    for folder, place in PLACES.items():
        for path in (ROOT / folder).rglob("*"):
            relative = path.relative_to(ROOT / folder)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            if path.is_file() and not hidden:
                found[str(PurePosixPath(place, *relative.parts))] = path
    return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """A wheel of a clean copy, since setuptools would pack what an earlier build left in `build/`."""
    copy = tmp_path_factory.mktemp("source")
    for folder in PLACES:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy / name)
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index"]
    built = subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = place.iterdir()
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def dist_info(wheel):
    return {
        name.partition("/")[2]: data for name, data in wheel.items() if ".dist-info/" in name.partition("/")[0] + "/"
    }


def test_the_wheel_holds_every_file_of_the_tree_under_its_import_name_and_nothing_else(wheel):
    assert {name for name in wheel if ".dist-info/" not in name} == set(in_tree())


def test_the_files_of_the_wheel_are_those_of_the_tree(wheel):
    differing = [name for name, path in in_tree().items() if wheel.get(name) != path.read_bytes()]
    assert differing == []


def test_nothing_of_it_is_importable_but_tagmetry(wheel):
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tagmetry"}
    assert dist_info(wheel)["top_level.txt"].decode().split() == ["tagmetry"]


def test_data_that_is_read_at_run_time_is_there(wheel):
    assert "tagmetry/py.typed" in wheel
    for folder, suffix in (
        ("tagmetry/policies", ".yaml"),
        ("tagmetry/policies/vocabulary", ".yaml"),
        ("tagmetry/reporters/html", ".html"),
        ("tagmetry/reporters/html", ".css"),
        ("tagmetry/reporters/html", ".js"),
    ):
        assert any(PurePosixPath(name).parent == PurePosixPath(folder) and name.endswith(suffix) for name in wheel), (
            folder
        )


def test_the_list_of_packages_is_that_of_the_folders():
    packages = {PurePosixPath(name).parent for name in in_tree() if name.endswith("/__init__.py")}
    assert PYPROJECT["tool"]["setuptools"]["packages"] == sorted(str(path).replace("/", ".") for path in packages)


def test_every_folder_with_modules_is_a_package():
    modules = [name for name in in_tree() if name.endswith(".py")]
    assert {str(PurePosixPath(name).parent / "__init__.py") for name in modules} <= set(modules)


def test_the_folders_are_mapped_where_the_imports_expect_them():
    mapped = PYPROJECT["tool"]["setuptools"]["package-dir"]
    assert {folder: package.replace(".", "/") for package, folder in mapped.items()} == PLACES


def test_the_wheel_announces_the_command_and_the_plugins(wheel):
    announced = configparser.ConfigParser(delimiters=("=",))
    announced.optionxform = str
    announced.read_string(dist_info(wheel)["entry_points.txt"].decode())
    told = {group: dict(announced[group]) for group in announced.sections()}
    declared = PYPROJECT["project"]
    assert told == {"console_scripts": declared["scripts"], **declared["entry-points"]}
    names = set(wheel)
    for target in [value for entries in told.values() for value in entries.values()]:
        module = target.partition(":")[0].replace(".", "/")
        assert {f"{module}.py", f"{module}/__init__.py"} & names, target


def test_every_rule_group_has_an_entry_point():
    groups = {path.name for path in (ROOT / "rules").iterdir() if (path / "__init__.py").is_file()}
    entries = PYPROJECT["project"]["entry-points"]["tagmetry"]
    assert {name for name in entries if name.startswith("tagmetry.rules.")} == {
        f"tagmetry.rules.{name}" for name in groups
    }
    assert all(name == target for name, target in entries.items())


def test_the_metadata_says_what_it_is_and_under_which_licence(wheel):
    metadata = email.message_from_string(dist_info(wheel)["METADATA"].decode("utf-8"))
    assert (metadata["Name"], metadata["Version"]) == ("tagmetry", PYPROJECT["project"]["version"])
    assert (metadata["Requires-Python"], metadata["License-Expression"]) == (">=3.11", "Apache-2.0")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert sorted(metadata.get_all("License-File")) == ["LICENSE", "NOTICE"]
    for name in ("LICENSE", "NOTICE"):
        assert dist_info(wheel)[f"licenses/{name}"] == (ROOT / name).read_bytes()


def test_what_is_imported_is_declared():
    """Also what another dependency would bring along: it may stop to."""
    project = PYPROJECT["project"]
    # Extras for users count; what only the development needs does not.
    extras = [text for name, texts in project["optional-dependencies"].items() if name != "dev" for text in texts]
    declared = {_normal(re.split(r"[^\w.-]", text)[0]) for text in (*project["dependencies"], *extras)}
    provided = importlib.metadata.packages_distributions()
    wanted = {}
    for path in in_tree().values():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: imports are absolute"
                names = [node.module]
            for name in names:
                wanted.setdefault(name.partition(".")[0], path)
    foreign = {name: path for name, path in wanted.items() if name not in (*sys.stdlib_module_names, "tagmetry")}
    for name, path in foreign.items():
        distributions = {_normal(one) for one in provided.get(name, [name])}
        assert distributions & declared, f"{path} imports {name}, which pyproject.toml does not declare"


def _normal(distribution):
    return re.sub(r"[-_.]+", "-", distribution).lower()
