"""The Perspective API's place taken: Google's shapes over our scorer, for sites whose clients cannot be changed.

Nothing of a text that is analyzed is kept; a suggested score keeps its text, since that is what it is for.
"""
