"""The space of all customers: attributes cut into cells, conditions as unions of boxes."""
