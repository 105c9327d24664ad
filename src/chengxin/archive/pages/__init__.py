"""Pages of what is held on a subject: for staff (`held`), for itself (`own`), for auditors (`access_log`)."""
