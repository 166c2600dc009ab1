"""Training: labelled rows in, model out.

`dataset.Dataset.read` reads and checks rows, `recipe.Recipe` holds every choice, `fit.train` trains, and
`evaluate.evaluate` compares a tagger's tags with labels. `fit` needs the extra: pip install 'g7classify[train]'.
"""
