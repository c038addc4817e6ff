"""Third-party assets shipped with the package; see README.md beside this file for origin and licence."""
