"""The photo studio of the example pictures: geometry, materials, light, camera, denoiser and the three products."""
