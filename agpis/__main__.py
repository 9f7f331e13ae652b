"""`python -m agpis`."""

from agpis.cli import main

if __name__ == "__main__":
    main()
