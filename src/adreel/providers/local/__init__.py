"""The local engine: studio camera moves and light from a still photo, without an account, a GPU or a download."""
