"""What readers see and send: one file per resource, as JSON and as pages."""
