"""How the shipped vectors of n-grams are made: a transformer reads unlabelled sentences, n-grams learn its vectors."""
