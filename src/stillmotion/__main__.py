"""`python -m stillmotion` is the command line."""

from stillmotion.cli import main

main()
