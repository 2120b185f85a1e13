"""What code and report of a submission say of the rubric's checks."""
