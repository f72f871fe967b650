"""The command `kith`, and what concerns people: identity tools, demo sources, the single customer view."""

__version__ = "0.1.0"
