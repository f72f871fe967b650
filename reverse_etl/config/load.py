"""Reads destinations.yml and every sync file, and checks each by itself: no warehouse, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from reverse_etl.config.lines import Document, Location, read_document
from reverse_etl.config.models import SyncFile
from reverse_etl.config.problems import Problem, nearest, refuse
from reverse_etl.config.sentences import problems_of
from reverse_etl.destinations import Capabilities, DestinationConfig, kinds
from reverse_etl.errors import UsageError
from reverse_etl.settings import Settings

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Sync:
    """A sync file by its name, with the lines that its mistakes are told by.

    Attributes:
        can: what the destination's object can do; None while there is no such destination or object.
    """

    name: str
    file: SyncFile
    document: Document
    can: Capabilities | None = None

    def problem(self, location: Location, message: str) -> Problem:
        """A mistake at that place of the file."""
        return self.document.problem(location, message)


@dataclass
class Definitions:
    """All that the files say.

    Attributes:
        destinations: by name, in the file's order.
        syncs: by name (the file's), in order.
        problems: every mistake found; a sync or destination with one is absent above.
        broken: names of destinations that are absent for a mistake of their own.
    """

    destinations: dict[str, DestinationConfig] = field(default_factory=dict)
    syncs: dict[str, Sync] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def sync(self, name: str, settings: Settings) -> Sync:
        """One sync by name.

        Raises:
            UsageError: there is no such file, or it (or destinations.yml) has mistakes.
        """
        shown = {shown_path(settings.syncs / f"{name}{end}", settings) for end in (".yml", ".yaml")}
        shared = shown_path(settings.destinations, settings)
        refuse(problem for problem in self.problems if problem.path in shown | {shared})
        if name not in self.syncs:
            raise UsageError(f"There is no sync `{name}`.{nearest(name, self.syncs)}")
        return self.syncs[name]


def load_definitions(settings: Settings) -> Definitions:
    """Read every file; mistakes are collected, none is raised."""
    found = Definitions()
    _read_destinations(settings, found)
    for path in _sync_files(settings, found.problems):
        try:
            document = read_document(path, shown_path(path, settings))
        except UsageError as error:
            found.problems.append(_reread(error))
            continue
        parsed = _parse(SyncFile, document, (), document.data, found.problems)
        if parsed is not None:
            found.syncs[path.stem] = Sync(path.stem, parsed, document, _abilities(parsed, found))
    return found


def _sync_files(settings: Settings, problems: list[Problem]) -> Iterator[Path]:
    """One file a name: of x.yml and x.yaml neither is the sync x."""
    ends = (".yml", ".yaml")
    paths = sorted(path for path in settings.syncs.glob("*") if path.suffix in ends)
    times = Counter(path.stem for path in paths)
    for path in paths:
        if times[path.stem] == 1:
            yield path
            continue
        others = " and ".join(f"`{path.stem}{end}`" for end in ends)
        text = f"{others} are both the sync `{path.stem}`, which has one file: rename or delete one."
        problems.append(Problem(shown_path(path, settings), 1, text))


def _abilities(file: SyncFile, definitions: Definitions) -> Capabilities | None:
    config = definitions.destinations.get(file.destination)
    return kinds()[config.kind].objects.get(file.object) if config else None


def shown_path(path: Path, settings: Settings) -> str:
    """Relative to the project's folder where it lies in it."""
    return str(path.relative_to(settings.root)) if path.is_relative_to(settings.root) else str(path)


def _read_destinations(settings: Settings, found: Definitions) -> None:
    try:
        document = read_document(settings.destinations, shown_path(settings.destinations, settings))
    except UsageError as error:
        found.problems.append(_reread(error))
        return
    for name, entry in document.data.items():
        parsed = _destination(document, name, entry, found.problems)
        if parsed is None:
            found.broken.add(name)
        else:
            found.destinations[name] = parsed


def _destination(
    document: Document, name: str, entry: Any, problems: list[Problem]
) -> DestinationConfig | None:
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if kind is None:
        text = f"`{name}` has no kind. Write `kind:`, one of: {', '.join(kinds())}."
    elif not isinstance(kind, str) or kind not in kinds():
        text = f"there is no kind of destination `{kind}`.{nearest(str(kind), kinds())}"
    else:
        parsed = _parse(kinds()[kind].config, document, (name,), entry, problems)
        most = kinds()[kind].limits.batch
        if parsed is None or parsed.batch is None or parsed.batch <= most:
            return parsed
        text = f"batch {parsed.batch:,} is more than `{kind}` takes in a request: at most {most:,}."
        problems.append(document.problem((name, "batch"), text))
        return None
    problems.append(document.problem((name, "kind"), text))
    return None


def _parse(
    model: type[Model], document: Document, base: Location, data: Any, problems: list[Problem]
) -> Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, model, document, base, data)
        return None


def _reread(error: UsageError) -> Problem:
    """A file that could not be read at all, as a problem among the others."""
    place, _, message = error.message.partition("  ")
    path, _, line = place.rpartition(":")
    return Problem(path, int(line), message)
