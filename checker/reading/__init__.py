"""From files to documents: a profile of YAML 1.2, and the place of everything in it."""
