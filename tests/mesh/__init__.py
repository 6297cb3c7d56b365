"""A real mesh on this machine, attacked: `make mesh` (README.md)."""
