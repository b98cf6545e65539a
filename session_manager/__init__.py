"""The Session Manager: drives one charging session at a time per connector, and pays out."""
