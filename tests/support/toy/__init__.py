"""A toy provider of video models: the package that adding a provider takes. Its list of jobs is in memory."""
