"""Asking systems that own data, over HTTP: bounded in time, in tries and in bytes, and not at all while they are down."""
