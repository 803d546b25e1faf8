"""The form of a trigger: its controls, and how what they hold becomes the fields of a TriggerSpec, and back."""
