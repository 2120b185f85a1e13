"""What is asked: specifications of assignments, networks counted by hand-style arithmetic, the plan for a roll."""
