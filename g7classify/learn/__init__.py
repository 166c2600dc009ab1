"""Training: labelled rows in, model out. Needs the extra `train`."""
