"""The service as people meet it: a real browser before a real service with the demonstration province."""
