"""What was acknowledged: the journal on this machine, the tables in the warehouse."""
