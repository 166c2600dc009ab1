"""A teacher: multilingual-e5-small fine-tuned on the labelled rows, whose scores a light model learns from.

`encoder` runs what g7classify.deep.base unpacks, `batches` and `finetune` train it, `score` has it read.
Needs the extra `teacher`; nothing of it is shipped.
"""
