"""The local engine: studio camera and light from a still, with no account, GPU or download."""
