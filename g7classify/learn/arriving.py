"""Labels that a model does not have yet, learned beside rows that were labelled before there were these labels.

Such rows, the replay, say of a new label that it does not hold, or nothing: see joining.py. Where they say nothing
there may be many that hold it, and none is marked: learning from positive and unlabelled rows. What share of them does
is estimated first, and then how probable it is of each (Elkan & Noto 2008, "Learning classifiers from only positive and
unlabeled data"; the share by the EM of Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to
new a priori probabilities").

A new label may also lean on the old ones: their scores are features of it, and are folded into its weights. A model
that tells actors, and all sorts of them but companies, knows much of what a company is.

Eight pairs of sub-types were made new, with 200 rows of each; 5,000 of 12,000 rows of before were the replay, which
held the new labels and did not say so; figures are of 17,400 other rows. Of the F1 of a training from scratch that was
told these labels of all 12,000 rows, an update reached .851 without either, .871 with the hidden labels, .880 leaning,
.890 with both, and .953 told of all replayed rows. Two pairs on which nothing was chosen went from .836 and .906 to
.848 and .923; where no row of before held the new labels, from 1.095 and .965 to 1.087 and .961. The shares were
estimated at .29, .14, .53, .58, .08, .93, .39, .69, .55, .24, .17 and were .31, .19, .58, .52, .08, .86, .41, .61, .66,
.20, .22.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from g7classify.learn import linear, solver
from g7classify.learn.dataset import Dataset
from g7classify.learn.linear import Linear

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# How large an old label's score is as a feature. Of training from scratch, best F1 of five of those pairs reached .851
# without, .884, .888, .884, .869 at .003, .005, .01, .02, and less yet beyond, as scores of rows that the model has
# learned from are too good to lean on.
LEAN: Final = 0.005
HIDDEN: Final = (
    0.1  # what a guess weighs, in labelled rows; at .05, .1, .3 best F1 of those five reached .886, .890, .882
)
ENOUGH: Final = 5  # rows of each sort, to tell from how a score is distributed
ROUNDS: Final = 200  # of EM, on one number


def fit(
    prior: Linear,
    counts: csr_array,
    targets: NDArray[np.float32],
    costs: NDArray[np.float32],
    *,
    epochs: int,
    seed: int,
    lean: float = LEAN,
) -> Linear:
    """New labels alone, on the norms of a prior that has others; the first two arguments after it as in linear.fit.

    Args:
        prior: of labels to lean on.
        counts: (n, d)
        targets: (n, k) of the new labels, as 0 and 1 or probabilities.
        costs: (n, k), what each label of each row weighs; 0 where nothing is known.
        epochs: visits of each row.
        seed: of the order of the rows.
        lean: how large the scores of the prior's labels are, as features; 0 leaves them out.
    """
    weighed = linear.weigh(counts, prior.idf, prior.norm_step, prior.pivot)
    if lean:
        scores = (lean * (weighed @ prior.weights.T)).astype(np.float32)
        features = csr_array(hstack((weighed, csr_array(scores)), format="csr"))
    else:
        features = weighed
    found, bias = solver.fit(features, targets, costs, epochs=epochs, seed=seed)
    buckets = len(prior.idf)
    weights = found[:buckets].T.astype(np.float64)
    if lean:
        weights += lean * found[buckets:].T @ prior.weights
    return Linear(prior.idf, prior.norm_step, prior.pivot, weights, bias.astype(np.float64))


def hidden(scores: Floats, rows: Dataset, known: Bools, *, new: int, old: int) -> Floats:
    """How probable it is of each row of the replay that it holds a new label that nobody looked for: (n, k).

    NaN where a label is known, or nothing can be told: too few rows of a sort, or scores that do not tell the new rows
    that hold the label from rows of before that hold a sibling, which are taken for negatives.

    Args:
        scores: (n, k) of the k new labels, by models that did not learn from these rows.
        rows: n labelled sentences, the new ones first, with the old labels first.
        known: which labels are known of each (n, old + k).
        new: how many rows are.
        old: how many labels are.
    """
    found = np.full(scores.shape, np.nan)
    before = np.arange(len(rows)) >= new
    for column in range(scores.shape[1]):
        parent = int(rows.codebook.parents[old + column])
        about = rows.labels[:, parent] if parent >= 0 else rows.labels[:, :old].any(axis=1)
        told = known[:, old + column]
        unknown, lacking = before & ~told, before & told & about
        holding = ~before & rows.labels[:, old + column]
        if min(unknown.sum(), lacking.sum(), holding.sum()) < ENOUGH:
            continue
        sides = np.concatenate((scores[holding, column], scores[lacking, column]))[:, None]
        outcome = np.repeat([1, 0], [holding.sum(), lacking.sum()])
        curve = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-8).fit(sides, outcome)
        if curve.coef_[0, 0] <= 0:
            continue
        odds = curve.decision_function(scores[unknown, column][:, None]) - np.log(holding.sum() / lacking.sum())
        found[unknown, column] = expit(odds + logit(share(odds)))
    return found


def share(odds: Floats) -> float:
    """What part of rows (n,) holds a label, from how many times likelier the score of each is where it does, in logs.

    Above 0 and below 1.
    """
    found = 0.5
    for _ in range(ROUNDS):
        found = float(np.clip(expit(odds + logit(found)).mean(), 1e-4, 1 - 1e-4))
    return found


def spread(probabilities: Floats) -> Bools:
    """Labels (n,) of which as many hold as the probabilities (n,) add up to, at each height of them."""
    order = np.argsort(probabilities, kind="stable")
    reached = np.floor(np.cumsum(probabilities[order]) + 0.5)
    labels = np.zeros(len(order), dtype=bool)
    labels[order] = np.diff(reached, prepend=0) > 0
    return labels
