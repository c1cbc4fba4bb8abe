"""The commands of the program ``kmock`` that this package adds: ``kmock serve``."""
