"""Cards of models: what each learned from, how well it does, what its limits are."""
