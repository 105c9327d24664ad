"""The workbench: its navigation and each role's home. The pages themselves live in the rooms below."""
