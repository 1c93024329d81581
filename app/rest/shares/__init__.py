"""Public tracking links: `managing.py` for those who may make them, `tracking.py` for whoever was given one."""
