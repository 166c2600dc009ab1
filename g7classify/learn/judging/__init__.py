"""How well a model tags labelled rows, and whether another does better."""
