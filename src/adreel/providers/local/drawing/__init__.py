"""Rasterisation: geometry, layers, camera, YUV."""
