"""Dagster: assets, checks, gates, schedules, alerts."""
