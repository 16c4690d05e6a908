"""What people run: commands, reading, positions, waivers and reports around the engine."""

VERSION = "0.1.0"
