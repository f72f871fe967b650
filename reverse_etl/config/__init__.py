"""Syncs and destinations as files: read, checked, and every mistake told with its file and line."""

from reverse_etl.config.load import Definitions, load_definitions
from reverse_etl.config.models import FieldRule, Guards, SyncFile
from reverse_etl.config.problems import Problem

__all__ = ["Definitions", "FieldRule", "Guards", "Problem", "SyncFile", "load_definitions"]
