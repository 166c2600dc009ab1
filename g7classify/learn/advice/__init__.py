"""What may be wrong with labelled rows, and which sentences to label next."""
