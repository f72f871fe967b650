"""From marts to tools: warehouse seam, syncs and destinations, planner, engine, state, sandbox."""
