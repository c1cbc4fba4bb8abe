"""The subcommands of the program ``kmock``."""
