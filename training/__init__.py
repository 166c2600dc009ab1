"""What we trained and how: recipes, build, gate, verify, publish. Imports g7classify; is not shipped."""
