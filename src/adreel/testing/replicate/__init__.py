"""A stand-in for Replicate: the same HTTP protocol, little films that cost nothing, a bill, and faults on request.

Start it with ``python -m adreel.testing.replicate --port 8900``. It shares no code with adreel's own adapter.
"""
