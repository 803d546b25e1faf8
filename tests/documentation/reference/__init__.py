"""The pages of the reference, made from the code for the site; the repository does not have them.

Each module makes one page, with `page()`.
"""
