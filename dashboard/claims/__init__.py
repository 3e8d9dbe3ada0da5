"""Claims: what each claimant published about a period, and how several claims stand side by side."""
