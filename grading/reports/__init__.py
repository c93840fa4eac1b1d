"""What people and services read, each made from the results (grading/grader/result.py) alone."""
