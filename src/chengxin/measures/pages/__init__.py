"""Pages of joint measures: tasks, figures, the admission check, and why something follows for a subject."""
