"""The dbt project's models, and the syncs that carry them on."""
