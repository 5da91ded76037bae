"""Where the user's settings lie. Apart from their reading, since every command asks first whether there are any."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

ENVIRONMENT: Final = "TAGMETRY_SETTINGS"
FILE_NAME: Final = "settings.yaml"


def settings_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that holds them, None where there is none. What the environment names is there or an error later."""
    chosen = environment.get(ENVIRONMENT)
    if chosen is not None:
        return Path(chosen) if chosen else None
    usual = usual_path()
    return usual if os.path.lexists(usual) else None


def usual_path() -> Path:
    """The place where a user's settings are looked for."""
    return Path(platformdirs.user_config_dir("tagmetry", appauthor=False)) / FILE_NAME
