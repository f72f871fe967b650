"""The plan: what would be sent, decided in the warehouse, without any network."""

from reverse_etl.planner.plan import Plan, make_plan

__all__ = ["Plan", "make_plan"]
