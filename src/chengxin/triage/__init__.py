"""Triage: leads out of the supervision models wait for a person, who looks at the evidence and decides."""
