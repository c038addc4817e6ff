"""The file format of a script: TOML for people, JSON for programs, both read strictly."""
