"""Media processing: frames, sound and text. Independent of users, sessions and providers."""
