"""``python -m adreel``."""

from adreel.cli import main

if __name__ == "__main__":
    main()
