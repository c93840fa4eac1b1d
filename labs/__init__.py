"""The labs, and the tools that cut them from the tree."""
