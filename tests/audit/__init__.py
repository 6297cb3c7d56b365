"""The audit log: complete, the same in every sink, without secrets, and as its schema says."""
