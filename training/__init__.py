"""What we trained and on what: the seeds, the recipes and the steps that make the shipped models. Not shipped."""
