"""Small random worlds, in which every customer can be tried: what the engine says is held against what is true."""
