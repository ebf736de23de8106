"""Departments' shared data: who said what of a project, which value holds, what a person decided."""
