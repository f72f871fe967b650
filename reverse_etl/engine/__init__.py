"""Sends a plan: paced, retried, acknowledged record by record, journaled batch by batch."""
