"""The templates of the pages: what they may show, and the policy (CSP) that a page carries."""

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from tagmetry.api import visible

_OWN_POLICY: Final = "trusted-types tagmetry"
_NO_POLICY: Final = "trusted-types 'none'"


@lru_cache(maxsize=1)
def environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )


def _source(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _seen(value: object) -> object:
    """The last guard over everything that a template shows: no text with hidden characters, no lone surrogate.

    What bears `__html__` is the output of our own macros.
    """
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def content_security_policy(style: str, script: str, *, chunked: bool = False, external: bool = False) -> str:
    """Nothing but our own style and script, by their hashes, and pictures inside the page; no markup from strings.

    A `chunked` page also loads the scripts beside it, whose names go through one policy of its own; of an
    `external` one style and script lie there too.
    """
    styles = "'self'" if external else f"'{_digest(style)}'"
    scripts = "'self'" if external else f"'self' '{_digest(script)}'" if chunked else f"'{_digest(script)}'"
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src {styles}",
            f"script-src {scripts}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            _OWN_POLICY if chunked else _NO_POLICY,
        )
    )


def _digest(name: str) -> str:
    """The hash of a style or script as the page holds it: rendered like any template, which it includes."""
    text = environment().get_template(name).render()
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
