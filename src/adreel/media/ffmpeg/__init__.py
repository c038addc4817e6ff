"""FFmpeg: arguments and filters as data, one process runner."""
