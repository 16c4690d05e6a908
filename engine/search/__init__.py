"""The searches. Each proves on boxes, within a budget of steps, and shows a customer for whatever it denies."""
