"""The audit log: complete, without secrets, and as its schema says."""
