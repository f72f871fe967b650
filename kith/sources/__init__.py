"""What the sources are declared to hold, and whether the warehouse has it."""

from kith.sources.check import SourceCheck, check_sources, require_sources
from kith.sources.declarations import DeclaredColumn, DeclaredSource, DeclaredTable, read_sources

__all__ = [
    "DeclaredColumn",
    "DeclaredSource",
    "DeclaredTable",
    "SourceCheck",
    "check_sources",
    "read_sources",
    "require_sources",
]
