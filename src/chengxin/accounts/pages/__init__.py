"""The pages of accounts: sign-in, the own account, users, keys, access codes, the table of permissions."""
