"""The engine: a plan and policies in, verdicts out. It reads no file, prints nothing and knows no clock."""
