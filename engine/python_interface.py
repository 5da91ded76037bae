"""`tagmetry.audit`: what `tagmetry check` does, for Python programs, without printing."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tagmetry.report import Report


def audit(
    path: "str | Path | Iterable[str | Path]",
    policy: str | None = None,
    jobs: int = 0,
    *,
    settings: Iterable[str] = (),
    plugins: bool = True,
    baseline: "str | Path | None" = None,
    tag_lists: "Iterable[str | Path]" = (),
    **overrides: Any,
) -> "Report":
    """Audit a dataset and return the report.

    `path` is a folder, a trainer's config, or several of them; `policy` a file or name, by default the one that the
    command line would find. `jobs` 0 measures in this process, where a decoder that crashes takes the program with
    it; `jobs` N starts worker processes. `overrides` are keys of the profile (`base_model="sdxl"`), `settings` texts
    as of `--set`. `baseline` is an earlier JSON report, whose findings are known; `tag_lists` are files as of
    `--tag-list`. Nothing is cached. Raises UsageError for a dataset or policy that cannot be used.
    """
    from tagmetry.baseline import read_report
    from tagmetry.configs.sources import policy_paths, sources_of
    from tagmetry.plugins import load_plugins
    from tagmetry.policy.flags import flag_layer, with_flags
    from tagmetry.policy.kinds.defining import with_defined
    from tagmetry.policy.loader import folder_that_holds, load_policy
    from tagmetry.runner import Request, run
    from tagmetry.tag_list import read_tag_lists

    paths = (Path(path),) if isinstance(path, str | Path) else tuple(Path(one) for one in path)
    loaded = load_plugins(foreign=plugins)
    chosen = load_policy(policy, loaded, beside=folder_that_holds(policy_paths(sources_of(paths), paths)))
    loaded = with_defined(loaded, chosen.defined)
    layer, _ = flag_layer(loaded, profile=overrides, settings=tuple(settings))
    known = read_report(Path(baseline)) if baseline is not None else None
    effective = with_flags(chosen, layer, loaded)
    tag_list = read_tag_lists(Path(file) for file in tag_lists)
    return run(Request(paths, effective, loaded, jobs=jobs, baseline=known, tag_list=tag_list))
