"""Departments' shared data: who said what of a project, what holds, what was decided."""
