"""The spoken prompts of the product, and the tools that make them."""
