"""The dbt profile's output for a target, so that Python and dbt connect to the same place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings

PROFILE = "kith"


def profiles_file(settings: Settings) -> Path:
    """The profiles file in use: DBT_PROFILES_DIR's, the project's profiles.yml, else the example."""
    folder = settings.environment.get("DBT_PROFILES_DIR")
    if folder:
        return Path(folder) / "profiles.yml"
    own = settings.root / "profiles.yml"
    return own if own.is_file() else settings.root / "profiles.example.yml"


def read_output(settings: Settings) -> dict[str, Any]:
    """The settings of the target's output, environment variables filled in.

    Raises:
        ConfigurationError: no file, malformed YAML, no such target, or a variable that is not set.
    """
    path = profiles_file(settings)
    outputs = _outputs(path)
    if settings.target not in outputs:
        known = ", ".join(sorted(outputs))
        raise ConfigurationError(
            f"{path.name}: the profile `{PROFILE}` has no output `{settings.target}` (KITH_TARGET).",
            f"It has: {known}.",
        )
    rendered: dict[str, Any] = _render(outputs[settings.target], settings, path)
    return rendered


def _outputs(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is absent.", "Copy profiles.example.yml to profiles.yml.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}  is no YAML: {error.problem}.", "Mend that line.") from None
    try:
        outputs: dict[str, Any] = document[PROFILE]["outputs"]
    except (KeyError, TypeError):
        raise ConfigurationError(
            f"{path}  has no `{PROFILE}: outputs:`.", "See profiles.example.yml."
        ) from None
    return outputs


def _render(value: Any, settings: Settings, path: Path) -> Any:
    if isinstance(value, dict):
        return {key: _render(item, settings, path) for key, item in value.items()}
    if not isinstance(value, str) or "{{" not in value:
        return value

    def env_var(name: str, default: str | None = None) -> str:
        found = settings.environment.get(name, default)
        if found is None:
            raise ConfigurationError(f"{path.name} reads {name}, which is not set.", f"Set {name}.")
        return found

    jinja = SandboxedEnvironment(undefined=StrictUndefined)
    jinja.filters.update(as_number=int, as_text=str, as_bool=lambda text: str(text).lower() == "true")
    return jinja.from_string(value).render(env_var=env_var)
