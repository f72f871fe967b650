"""Emulators of the destinations over real HTTP on loopback, with faults, that remember what they got."""

from reverse_etl.sandbox.faults import Faults, read_faults
from reverse_etl.sandbox.server import Sandbox

__all__ = ["Faults", "Sandbox", "read_faults"]
