"""What stands between this checkout and a good run."""

from kith.doctor.checks import Check, examine

__all__ = ["Check", "examine"]
