"""Storage keys of users' files."""

from __future__ import annotations


def files_folder(user_id: str) -> str:
    """The folder of storage keys with all files that a user stored for brand kits and films."""
    return f"files/{user_id}/"
