"""The single customer view: one person found by any identifier, shown, and explained."""

from kith.person.explain import explain
from kith.person.find import find_person
from kith.person.show import PersonView, show_person

__all__ = ["PersonView", "explain", "find_person", "show_person"]
