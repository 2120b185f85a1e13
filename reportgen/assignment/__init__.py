"""What is asked: an assignment's specification, its networks counted by hand-style arithmetic, and the plan for a roll."""
