"""One module a command: options in, a function called, its data printed."""
