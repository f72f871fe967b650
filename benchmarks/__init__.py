"""How fast staging and events are built, held against one query written by hand."""
