"""How g7-deep is made: adapters are tuned for every fold and for all rows, then calibrated as they will run.

Its steps: `training.teacher.finetune --rank 40` writes one file a fold and one of all rows; `training.deep.build`
quantises them, has each score the fold that it did not see, fits the decisions on these scores and writes a candidate.
"""
