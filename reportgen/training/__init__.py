"""From a plan and images to numbers: training, cross-checks, scores, checkpoints."""

import warnings

# where semaphores can't be had `schedule` says so in words; joblib says it as it is imported, by scikit-learn
warnings.filterwarnings("ignore", ".*joblib will operate in serial mode", UserWarning)
