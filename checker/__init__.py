"""What people run: commands, reading, positions, waivers and reports around the engine."""
