"""The variables of dbt_project.yml under `vars: kith:`, held to their kinds before dbt reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reverse_etl.config.lines import Document, Location, read_document
from reverse_etl.config.problems import Problem, nearest
from reverse_etl.settings import Settings

BASE: Location = ("vars", "kith")
Minutes = Annotated[int, Field(ge=0)]
Words = list[str]
Loader = Literal["fivetran", "airbyte", "segment", "rudderstack", "snowplow", "ga4", "dlt", "native"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SystemColumns(_Strict):
    """Where a loader of the company's own keeps what a known one keeps in its system columns."""

    loaded_at: list[str] = []
    deleted: list[str] = []


class SourceVariable(_Strict):
    """One source: on or off, where it lies, by which loader it came, what is named otherwise."""

    enabled: bool = True
    database: str | None = None
    schema_name: Annotated[str | None, Field(alias="schema")] = None
    loader: Loader | None = None
    tables: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    system_columns: SystemColumns = SystemColumns()


class ProjectVariables(_Strict):
    """What is no source's."""

    now: str | None = None
    source_models: dict[str, Any]
    loaders: dict[str, dict[str, list[str]]]
    load_overlap_minutes: Minutes
    future_tolerance_minutes: Minutes
    base_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    default_country_code: Annotated[str, Field(pattern="^[1-9][0-9]{0,2}$")]
    national_number_length: Annotated[int, Field(ge=4, le=14)] | None = None
    null_words: Words
    placeholder_emails: Words
    placeholder_email_domains: Words
    placeholder_birth_dates: Words
    session_minutes: Annotated[int, Field(ge=1)]
    cart_minutes: Minutes
    contact_verdicts: bool
    identity_max_rounds: Annotated[int, Field(ge=1)]


def check_variables(
    settings: Settings, declared: Mapping[str, Mapping[str, Any]], overrides: Mapping[str, Any]
) -> list[Problem]:
    """What is wrong with the project's variables and with those that were given over them.

    Args:
        settings: where the dbt project is.
        declared: source → its declaration (`_<source>__sources.yml`), whose `meta.options` names variables
            that only this source has.
        overrides: as `--vars` gives them; they need not be whole.
    """
    path = settings.dbt_project / "dbt_project.yml"
    document = read_document(path, str(path.relative_to(settings.root)))
    given = document.data.get("vars", {}).get("kith")
    if not isinstance(given, dict):
        return [document.problem(BASE, "`vars: kith:` is required: restore it.")]
    found = list(_problems(document, BASE, given, declared))
    if found or not overrides:
        return found
    return list(_problems(Document("--vars", dict(overrides), {}), (), {**given, **overrides}, declared))


def _problems(
    document: Document,
    base: Location,
    given: Mapping[str, Any],
    declared: Mapping[str, Mapping[str, Any]],
) -> Iterator[Problem]:
    rest = {key: value for key, value in given.items() if key not in declared}
    yield from _checked(ProjectVariables, document, base, rest, [*declared, *_names(ProjectVariables)])
    for name in declared.keys() & given.keys():
        if given[name] is not None:
            yield from _source_problems(document, (*base, name), given[name], declared[name])


def _source_problems(
    document: Document, location: Location, value: Any, declaration: Mapping[str, Any]
) -> Iterator[Problem]:
    options = (declaration.get("config") or {}).get("meta", {}).get("options", [])
    if isinstance(value, dict):
        value = {key: part for key, part in value.items() if key not in options}
    yield from _checked(SourceVariable, document, location, value, [*_names(SourceVariable), *options])
    tables = [table["name"] for table in declaration.get("tables", [])]
    for key in ("tables", "columns"):
        named = value.get(key) if isinstance(value, dict) else None
        for table in named if isinstance(named, dict) else ():
            if table not in tables:
                message = f"`{location[-1]}` has no table `{table}`.{nearest(table, tables)}"
                yield document.problem((*location, key, table), message)


def _checked(
    model: type[BaseModel], document: Document, base: Location, value: Any, known: list[str]
) -> Iterator[Problem]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            location = (*base, *item["loc"])
            key = ".".join(str(part) for part in location[2 if base[:2] == BASE else 0 :])
            yield document.problem(location, _sentence(key, dict(item), known))


def _sentence(key: str, item: dict[str, Any], known: list[str]) -> str:
    if item["type"] == "extra_forbidden":
        return f"unknown variable `{key}`.{nearest(str(item['loc'][-1]), known)}"
    if item["type"] == "missing":
        return f"the variable `{key}` is required: restore it."
    text = item["msg"]
    return f"`{key}`: {text[0].lower()}{text[1:]}."


def _names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]
