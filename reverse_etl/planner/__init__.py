"""The plan: what would be sent, decided in the warehouse, without any network."""
