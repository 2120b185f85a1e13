"""From a plan and images to numbers: training, cross-checks, scores, checkpoints."""
