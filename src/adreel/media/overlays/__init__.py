"""Words laid over the frames of a clip before they are encoded."""
