"""Progress events: log, bus, wakeups between processes."""
