"""Work that outlives its process: flows over a durable engine, who runs them, and what is done when somebody dies."""
