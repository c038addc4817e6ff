"""``python -m adreel``."""

from adreel.cli.main import main

if __name__ == "__main__":
    main()
