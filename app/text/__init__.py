"""Pure functions over what people type: cleaned, its characters checked, its markup rendered."""
