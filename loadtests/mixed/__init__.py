"""A mixed run: the same messages once in order and once disturbed, and what customers see compared byte for byte."""
