"""Dagster: assets, checks, gates, schedules."""
