"""The whole product on one machine: its servers, its processes, and a simulated network that feeds it."""
