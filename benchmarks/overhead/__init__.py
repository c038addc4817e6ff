"""What the orchestration costs beside the clips themselves."""
