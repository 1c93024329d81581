"""Locust users, one for each kind of reader the service is made for."""
